-- One row per canceled span of an account and store, with what is known of the copies that held its data: those whose
-- data were taken between the account's creation and the last removal of its rows from the store.
-- gone: the copy that went last, and its day (infinity: still there); free_until: that day, where a copy that sound legal
-- holds kept until it went counts only until they began; possible: copy and day if unclear holds were sound as well;
-- unclear: of the copies of the store of which it is not known when their data were taken, the last to go.
-- last_on: the last day of the store's rows, the earlier one where login rows have another; purged_on: day on which the rows went, in time and for good (null: not so).
-- Mutation kept: `union all` to `union` in `moments union all` — runs of another length or place are other runs
with recursive
copies as (
  select
    *,
    data_at is null or is_contradictory or is_origin_missing as is_unclear,
    case when gone_on <= moved_on then least(gone_on, held_from_on) else gone_on end as free_until,
    case when gone_on <= possible_on then least(gone_on, possible_from_on) else gone_on end as possible_until
  from backup_copies
),
moments as (
  select
    store_id,
    data_at,
    row_number() over (partition by store_id order by data_at) as place,
    max({until_on: gone_on, backup_id: backup_id}) as gone,
    max(free_until) as free_until,
    max({until_on: possible_until, backup_id: backup_id}) as possible
  from copies
  where not is_unclear
  group by store_id, data_at
),
runs as (    -- of 1, 2, 4, … moments in a row: two runs of a length cover any span, so that accounts never meet backups one by one
  select store_id, place, 1 as length, gone, free_until, possible
  from moments
  union all
  select
    half.store_id,
    half.place,
    half.length + other_half.length,
    greatest(half.gone, other_half.gone),
    greatest(half.free_until, other_half.free_until),
    greatest(half.possible, other_half.possible)
  from runs as half
  join runs as other_half on other_half.store_id = half.store_id and other_half.place = half.place + half.length
),
unclear_copies as (
  select store_id, max({until_on: gone_on, backup_id: backup_id}) as unclear
  from copies
  where is_unclear
  group by store_id
),
stores_of_spans as (
  select
    account_id,
    canceled_on,
    store_id,
    created_at,
    ended_at,
    min(last_on) as last_on,
    max(emptied_at) as emptied_at,
    case when bool_and(purged_at is not null) then (max(purged_at) at time zone company_time_zone())::date end as purged_on,
    bool_or(is_contradictory) as is_contradictory,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from purged_stores
  group by account_id, canceled_on, ended_at, created_at, store_id
),
spans_of_moments as (
  select
    span.*,
    early.place as early_place,
    case when late.place >= early.place then 1 << floor(log2(late.place - early.place + 1))::integer end as length,
    late.place - length + 1 as late_place
  from stores_of_spans as span
  asof left join moments as early
    on early.store_id = span.store_id and early.data_at >= coalesce(span.created_at, '-infinity')
  asof left join moments as late
    on late.store_id = span.store_id and late.data_at <= span.emptied_at
)
select
  span.* exclude (created_at, emptied_at, early_place, late_place, length),
  greatest(early.gone, late.gone) as gone,
  greatest(early.free_until, late.free_until) as free_until,
  greatest(early.possible, late.possible) as possible,
  unclear_copies.unclear
from spans_of_moments as span
left join runs as early
  on early.store_id = span.store_id and early.length = span.length and early.place = span.early_place
left join runs as late
  on late.store_id = span.store_id and late.length = span.length and late.place = span.late_place
left join unclear_copies on unclear_copies.store_id = span.store_id
