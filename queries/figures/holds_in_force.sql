/*
title = "Legal holds that kept something in the period or are in force, who answers for them, and what they keep"
needs = ["legal_holds"]
[columns]
legal_hold_id         = "Hold"
basis                 = "Law or matter"
approved_by_person_id = "Who agreed, and so answers for it"
account_id            = "Account that it covers; null: all"
person_id             = "Person that it covers; null: all"
store_id              = "Store that it covers; null: all"
backup_id             = "Backup that it covers; null: all"
placed_on             = "Day on which it was placed; null: not on record"
released_on           = "Day on which it was released; null: in force"
days                  = "Days for which it has been in force"
deferred              = "Items of the controls that it defers in this run"
unclear               = "Items that it would defer if its facts were complete"
holds                 = "How many such holds there are, shown or not"
*/
with
secret_papers as (    -- of these no details may leave the store
  select legal_request_id from legal_requests where instrument in ('national_security_letter', 'fisa_order') and legal_request_id is not null
),
kept as (
  select
    origin,
    count(*) filter (where effective_outcome = 'deferred') as deferred,
    count(*) filter (where effective_outcome = 'unknown') as unclear
  from (
    select effective_outcome, unnest(lines) as origin
    from outcomes
    where effective_outcome = 'deferred' or (effective_outcome = 'unknown' and reason = 'hold_unclear')
  ) as lines_of_items
  group by origin
)
select
  hold.legal_hold_id,
  case when hold.legal_request_id in (from secret_papers) then 'its basis may not leave the store' else hold.basis end as basis,
  hold.approved_by_person_id,
  hold.account_id,
  hold.person_id,
  hold.store_id,
  hold.backup_id,
  (hold.valid_from_at at time zone company_time_zone())::date as placed_on,
  case when hold.valid_to_at < as_of() then (hold.valid_to_at at time zone company_time_zone())::date end as released_on,
  (least(coalesce(hold.valid_to_at, as_of()), as_of()) at time zone company_time_zone())::date - placed_on as days,
  coalesce(kept.deferred, 0) as deferred,
  coalesce(kept.unclear, 0) as unclear,
  count(*) over () as holds
from legal_holds as hold
left join kept using (origin)
where hold.valid_from_at is null
  or (hold.valid_from_at < as_of() and coalesce(hold.valid_to_at >= since(), true))
  or kept.origin is not null
qualify row_number() over (order by deferred + unclear desc, released_on is not null, placed_on, hold.legal_hold_id) <= 200
order by deferred + unclear desc, released_on is not null, placed_on, hold.legal_hold_id
