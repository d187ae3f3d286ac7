-- One row per canceled span of an account and store, with what is known of the copies that held its data: those whose
-- data were taken between the account's creation and the last removal of its rows from the store.
-- gone: the copy that went last, and its day (infinity: still there); free_until: that day, where a copy that sound legal
-- holds kept until it went counts only until they began; possible: copy and day if unclear holds were sound as well; remaining: the same
-- of the copies that are still there;
-- unclear: of the copies of the store of which it is not known when their data were taken, the last to go.
-- last_on: the last day of the store's rows, the earlier one where login rows have another; purged_on: day on which the rows went, in time and for good (null: not so).
-- Mutation kept: `union all` to `union` in `moments union all` — runs of another length or place are other runs
with recursive
copies as (
  select
    *,
    coalesce(not isfinite(data_at), true) or is_contradictory or is_origin_missing as is_unclear,
    case when gone_on <= moved_on then least(gone_on, held_from_on) else gone_on end as free_until,
    case when gone_on <= coalesce(possible_on, last_on) then least(gone_on, possible_from_on) else gone_on end as possible_until
  from backup_copies
),
moments as (
  select
    store_id,
    data_at,
    row_number() over (partition by store_id order by data_at) as place,
    max({until_on: gone_on, backup_id: backup_id}) as gone,
    max(free_until) as free_until,
    max({until_on: possible_until, backup_id: backup_id}) as possible,
    max({until_on: possible_until, backup_id: backup_id}) filter (where gone_on = 'infinity') as remaining
  from copies
  where not is_unclear
  group by store_id, data_at
),
runs as (    -- of 1, 2, 4, … moments in a row: two runs of a length cover any span, so that accounts never meet backups one by one
  select store_id, place, 1 as length, gone, free_until, possible, remaining
  from moments
  union all
  select
    half.store_id,
    half.place,
    half.length + other_half.length,
    greatest(half.gone, other_half.gone),
    greatest(half.free_until, other_half.free_until),
    greatest(half.possible, other_half.possible),
    greatest(half.remaining, other_half.remaining)
  from runs as half
  join runs as other_half on other_half.store_id = half.store_id and other_half.place = half.place + half.length
),
unclear_copies as (
  select store_id, max({until_on: gone_on, backup_id: backup_id}) as unclear
  from copies
  where is_unclear
  group by store_id
),
shared_stores as (    -- of rows of two kinds, such as login rows and others
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
    flatten(list(lines)) as lines
  from purged_stores
  where not is_only_side
  group by account_id, canceled_on, ended_at, created_at, store_id
),
stores_of_spans as (
  select * from shared_stores
  union all
  select
    account_id,
    canceled_on,
    store_id,
    created_at,
    ended_at,
    last_on,
    emptied_at,
    (purged_at at time zone company_time_zone())::date,
    is_contradictory,
    lines
  from purged_stores
  where is_only_side
),
days as (    -- so that moments are found by their day, without a look at each
  select
    day.store_id,
    day.day_on,
    coalesce(list(moment.data_at) filter (where moment.data_at is not null), []) as moments,
    (sum(count(moment.data_at)) over (partition by day.store_id order by day.day_on) - count(moment.data_at))::bigint as moments_before
  from (
    select store_id, unnest(generate_series(min(data_at)::date, max(data_at)::date, interval 1 day))::date as day_on
    from moments
    group by store_id
  ) as day
  left join moments as moment on moment.store_id = day.store_id and moment.data_at::date = day.day_on
  group by day.store_id, day.day_on
),
ends_of_stores as (
  select store_id, min(day_on) as first_on, max(day_on) as last_on
  from days
  group by store_id
),
spans_of_moments as (
  select
    span.*,
    early.moments_before + len(list_filter(early.moments, lambda moment: moment < coalesce(span.created_at, '-infinity'))) + 1 as early_place,
    late.moments_before + len(list_filter(late.moments, lambda moment: moment <= span.emptied_at)) as last_place,
    case when last_place >= early_place then 1 << floor(log2(last_place - early_place + 1))::integer end as length,
    last_place - length + 1 as late_place
  from stores_of_spans as span
  left join ends_of_stores as edge on edge.store_id = span.store_id
  left join days as early
    on early.store_id = span.store_id
    and early.day_on = least(greatest(coalesce(span.created_at, '-infinity')::date, edge.first_on), edge.last_on)
  left join days as late
    on late.store_id = span.store_id
    and late.day_on = least(greatest(span.emptied_at::date, edge.first_on), edge.last_on)
    and span.emptied_at is not null
)
select
  span.* exclude (created_at, emptied_at, early_place, last_place, late_place, length),
  greatest(early.gone, late.gone) as gone,
  greatest(early.free_until, late.free_until) as free_until,
  greatest(early.possible, late.possible) as possible,
  greatest(early.remaining, late.remaining) as remaining,
  unclear_copies.unclear
from spans_of_moments as span
left join runs as early
  on early.store_id = span.store_id and early.length = span.length and early.place = span.early_place
left join runs as late
  on late.store_id = span.store_id and late.length = span.length and late.place = span.late_place
left join unclear_copies on unclear_copies.store_id = span.store_id
