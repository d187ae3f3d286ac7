/*
title = "Age of each backup tested, at its destruction or on the day of the audit"
needs = ["backups"]
[columns]
kind         = "Kind of backup"
outcome      = "Effective outcome in BKP-01"
reason       = "Reason"
is_destroyed = "It has been destroyed"
days         = "Days from its making to its destruction, or to the day of the audit; null where nobody knows when it was taken"
backups      = "How many"
*/
select
  backups.kind,
  outcomes.effective_outcome as outcome,
  outcomes.reason,
  backups.destroyed_at is not null as is_destroyed,
  coalesce(backups.destroyed_at, as_of())::date - backups.taken_at::date as days,
  count(*) as backups
from outcomes
join backups on backups.backup_id = outcomes.item
where outcomes.control_id = 'BKP-01'
group by all
order by all
