-- One row per canceled span of an account: account_id, canceled_on (a day in the company's zone; null: nobody knows).
-- Canceled rows that follow each other without a gap are one span, whatever their causes. A span ends with the
-- account's next status, also with `merged`; ended_at is infinity while it lasts. An unknown status may mean
-- canceled, so its rows are spans too, as contradictions. Contradictory rows give no end: neither is to be relied on.
with
histories as (
  select
    account_id,
    status,
    valid_from_at,
    coalesce(valid_to_at, 'infinity') as valid_to_at,
    created_at,
    origin,
    lead(valid_from_at, 1, 'infinity') over history as next_from_at,
    max(coalesce(valid_to_at, 'infinity')) over (history rows between unbounded preceding and 1 preceding) as reached_at
  from accounts
  window history as (partition by account_id order by valid_from_at, valid_to_at)
),
canceled as (
  select
    *,
    coalesce(
      status <> 'canceled' or valid_to_at < valid_from_at or valid_to_at > next_from_at or reached_at > valid_from_at,
      status is null
    ) as is_contradictory,
    lag(valid_to_at) over (partition by account_id, status order by valid_from_at, valid_to_at) <> valid_from_at as has_gap
  from histories
  where coalesce(status, '') not in ('trial', 'active', 'paused', 'frozen', 'suspended', 'merged')
),
numbered as (
  select *, count(*) filter (where has_gap) over (partition by account_id, status order by valid_from_at, valid_to_at) as number
  from canceled
),
spans as (
  select
    account_id,
    min(valid_from_at) as canceled_at,
    max(valid_to_at) as ended_at,
    min(created_at) as created_at,
    bool_or(is_contradictory) as is_contradictory,
    list(origin) as lines
  from numbered
  group by account_id, status, number
)
select
  account_id,
  (canceled_at at time zone company_time_zone())::date as canceled_on,
  max(canceled_at) as canceled_at,    -- of two spans of one day the later: the earlier ended before it
  case when bool_or(is_contradictory) then 'infinity' else max(ended_at) end as ended_at,
  min(created_at) as created_at,
  bool_or(is_contradictory) as is_contradictory,
  list_sort(flatten(list(lines))) as lines
from spans
group by account_id, canceled_on
