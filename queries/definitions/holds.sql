-- One row per legal hold: what it covers, from_on its first day, until_on the last day for what it kept (its release
-- and the grace after it; infinity while it is in force), both in the company's zone.
-- An unclear hold lacks its start or approver, ends before it starts, or shares its id with other facts. Without a
-- start it may have begun at any time; where start and end contradict each other, it may also last still.
with
spans as (
  select
    *,
    case when valid_from_at <= coalesce(valid_to_at, 'infinity') then valid_from_at else '-infinity' end as from_at,
    case
      when valid_to_at < as_of() and coalesce(valid_from_at, '-infinity') <= valid_to_at then valid_to_at
      else 'infinity'
    end as released_at
  from legal_holds
)
select
  account_id,
  person_id,
  store_id,
  backup_id,
  (from_at at time zone company_time_zone())::date as from_on,
  released_at,
  (released_at at time zone company_time_zone())::date + coalesce(hold_grace_days(), 0) as until_on,
  from_at = '-infinity' or approved_by_person_id is null or count(*) over (partition by legal_hold_id) > 1 as is_unclear,
  origin
from spans
