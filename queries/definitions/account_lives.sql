-- One row per account and uninterrupted time in one status: started_at (null: nobody knows), ended_at (infinity while it
-- lasts), next_status (null: none follows). Rows of one status that follow each other without a gap are one, whatever
-- their causes; status_cause is the first one's. is_contradictory: rows of the account overlap, or one ends before it
-- starts (then nobody knows its end, and it may last still).
-- Mutation kept: direction of `origin` turned in `order by valid_from_at, valid_to_at, origin` — only breaks ties of rows that contradict each other
-- Mutation kept: direction of `origin` turned in `order by valid_from_at, valid_to_at, origin` (place 2) — only breaks ties of rows that contradict each other
-- Mutation kept: `max(` to `min(` in `max(next_status)` — only the last row of a time has a next status
-- Mutation kept: `min(` to `max(` in `min(status_cause) filter (where is_continued is not true)` — only the first row of a time is not continued
with
spans as (
  select *, case when valid_to_at < valid_from_at then 'infinity' else coalesce(valid_to_at, 'infinity') end as until_at
  from accounts
),
histories as (
  select
    *,
    case when (lead(status) over history = status and lead(valid_from_at) over history = valid_to_at) is not true
      then lead(status) over history
    end as next_status,
    valid_to_at < valid_from_at
      or until_at > lead(valid_from_at) over history
      or max(until_at) over (history rows between unbounded preceding and 1 preceding) > valid_from_at as is_contradictory,
    lag(status) over history = status and lag(valid_to_at) over history = valid_from_at as is_continued
  from spans
  window history as (partition by account_id order by valid_from_at, valid_to_at, origin)
),
numbered as (
  select *, count(*) filter (where not is_continued) over (partition by account_id order by valid_from_at, valid_to_at, origin) as number
  from histories
)
select
  account_id,
  status,
  min(valid_from_at) as started_at,
  max(until_at) as ended_at,
  max(next_status) as next_status,
  min(status_cause) filter (where is_continued is not true) as status_cause,
  min(created_at) as created_at,
  min(trial_ends_at) as trial_ends_at,
  max(last_active_at) as last_active_at,
  min(plan) as plan,
  bool_or(is_contradictory) as is_contradictory,
  list_sort(list(origin)) as lines
from numbered
group by account_id, status, number
