-- One row per row of purge_deadlines, with what purges and counts say of it.
-- purged_at: when the rows went, for good and by the last day as holds moved it (null: not so); gone_on: day on which
-- they were gone in the end (infinity: they are there); emptied_at: when they were last removed; is_purged: there was a
-- purge of each class; is_counted: a count found nothing left; is_erased: rows were erased, not deidentified or aggregated.
-- A purge of all accounts purges each; what remained of one it tells only if nothing at all remained.
-- A purge after a restore repeats one that was in time and left nothing: the rows that it finds are the restore's.
-- A class that no count names is counted with its store; an account that a count of its store does not name has no rows.
-- Mutation kept: `account_id is null` dropped from `account_id is null and person_id is null and store_id is not null` — more stores are weighed purge by purge; it would only be slow
-- Mutation kept: `and` to `or` in `account_id is null and person_id is null` — more stores are weighed purge by purge; it would only be slow
-- Mutation kept: `person_id is null` dropped from `account_id is null and person_id is null and store_id is not null` — more stores are weighed purge by purge; it would only be slow
-- Mutation kept: `and` to `or` in `person_id is null and store_id is not null` — more stores are weighed purge by purge; it would only be slow
-- Mutation kept: `where person_id is null` dropped — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `where row_count > 0` dropped — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `>` to `>=` in `row_count > 0` — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `0` to `(-1)` in `row_count > 0` — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `>` to `>=` in `count(*) > 1` — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `1` to `0` in `count(*) > 1` — more pairs are weighed purge by purge; it would only be slow
-- Mutation kept: `bool_or(` to `bool_and(` in `bool_or(is_special)` — of more than one facet the pair is special anyway
-- Mutation kept: `distinct` removed in `select distinct store_id` — what comes twice is joined away; it would only be slow
-- Mutation kept: `distinct` removed in `distinct counted.store_id` — a count that comes twice proves no more; it would only be slow
-- Mutation kept: `join` to `left join` before `store_classes` — a purge of a store without a deadline is asked for by none
-- Mutation kept: `join` to `left join` before `store_classes` (place 2) — a count of a store without a deadline is asked for by none
-- Mutation kept: `join` to `left join` before `purges` — without a purge there is no moment in the span
-- Mutation kept: `join` to `left join` before `general_purges` — without a purge there is no moment in the span
-- Mutation kept: `join` to `left join` before `row_counts` — without a count nothing was seen
-- Mutation kept: `union all` to `union` in `purge.person_id is null union all` — a purge that comes twice says no more
-- Mutation kept: `class.store_id = counted.store_id` dropped from `class.store_id = counted.store_id and … class.data_class_id)` — the row names the store that was counted; it would only be slow
with
general_stores as (
  select distinct store_id
  from purges
  where account_id is null and person_id is null and store_id is not null
),
facets as (
  select
    hash(account_id, store_id) as pair,
    data_class_id is not null
      or rows_remaining is null
      or coalesce(method, '') not in ('erase', 'deidentify', 'aggregate')
      or purge_id in (select purge_id from repeated_purges) as is_special
  from purges
  where person_id is null
  union all
  select hash(account_id, store_id), true
  from row_counts
  where row_count > 0
),
special_pairs as (    -- accounts and stores whose purges and counts must be weighed one by one; two of one hash both are
  select pair
  from facets
  group by pair
  having count(*) > 1 or bool_or(is_special)
),
plain_purges as (    -- the only one of an account in a store, of all its rows and counted after: most are
  select account_id, store_id, purged_at, rows_remaining, method, origin
  from purges
  where person_id is null
    and hash(account_id, store_id) not in (from special_pairs)
    and store_id not in (from general_stores)
),
class_deadlines as (
  select
    deadline_id,
    account_id,
    store_id,
    unnest(data_class_ids) as data_class_id,
    canceled_at,
    ended_at,
    moved_on,
    (moved_on + 1)::timestamp at time zone company_time_zone() as over_at
  from purge_deadlines
  where hash(account_id, store_id) in (from special_pairs) or store_id in (from general_stores)
),
store_classes as (
  select distinct store_id, data_class_id
  from class_deadlines
),
general_purges as (    -- of all accounts
  select
    class.store_id,
    class.data_class_id,
    purge.purge_id,
    purge.reason,
    purge.method,
    purge.purged_at,
    null::bigint as rows_before,
    case when purge.rows_remaining = 0 then 0 end as rows_remaining,
    purge.origin
  from purges as purge
  join store_classes as class
    on class.store_id = purge.store_id
    and class.data_class_id = coalesce(purge.data_class_id, class.data_class_id)
  where purge.account_id is null and purge.person_id is null
  qualify row_number() over (
    partition by class.store_id, class.data_class_id, purge.purged_at order by purge.purge_id desc
  ) = 1
),
candidates as (
  select
    class.*,
    purge.purge_id,
    purge.reason,
    purge.method,
    purge.purged_at,
    purge.rows_before,
    purge.rows_remaining,
    purge.origin
  from class_deadlines as class
  join purges as purge
    on purge.account_id = class.account_id
    and purge.store_id = class.store_id
    and coalesce(purge.data_class_id, class.data_class_id) = class.data_class_id
  where purge.person_id is null
  union all    -- of the purges of all, the last in time and the last of all tell enough
  select class.* exclude (before_at), purge.* exclude (store_id, data_class_id)
  from (select *, unnest([over_at, least(ended_at, as_of())]) as before_at from class_deadlines) as class
  asof join general_purges as purge
    on purge.store_id = class.store_id
    and purge.data_class_id = class.data_class_id
    and purge.purged_at < class.before_at
),
class_purges as (
  select *, purged_at < over_at as is_in_time, reason = 'restore' as is_repeat
  from candidates
  where purged_at >= canceled_at and purged_at < least(ended_at, as_of())
),
class_facts as (
  select
    deadline_id,
    account_id,
    store_id,
    data_class_id,
    ended_at,
    moved_on,
    case when bool_or(is_in_time) then
      max_by({purged_at: purged_at, rows_remaining: rows_remaining, method: method, origin: origin}, (purged_at, purge_id))
        filter (where is_in_time or is_repeat)
    end as kept,
    max_by({purged_at: purged_at, rows_remaining: rows_remaining, origin: origin}, (purged_at, purge_id)) as latest,
    coalesce(max(purged_at) filter (where is_in_time and rows_before is distinct from 0), min(purged_at)) as cleared_at,
    max(purged_at) filter (where is_repeat and rows_before is distinct from 0) as repeated_at,
    bool_or((rows_before > 0 or rows_remaining > 0) and not is_in_time and not is_repeat) as is_found_again,
    max_by(coalesce(rows_remaining, 0), (purged_at, purge_id)) filter (where is_in_time) as left_in_time,
    bool_or(purge_id in (select purge_id from repeated_purges) or coalesce(method, '') not in ('erase', 'deidentify', 'aggregate'))
      as is_contradictory
  from class_purges
  group by deadline_id, account_id, store_id, data_class_id, ended_at, moved_on
),
sightings as (
  select fact.deadline_id, fact.data_class_id, max({seen_at: counted.counted_at, origin: counted.origin}) as last_seen
  from class_facts as fact
  join row_counts as counted
    on counted.account_id = fact.account_id
    and counted.store_id = fact.store_id
    and coalesce(counted.data_class_id, fact.data_class_id) = fact.data_class_id
    and counted.row_count > 0
    and counted.counted_at < fact.ended_at
    and coalesce(counted.data_from_on <= fact.moved_on, true)
  group by fact.deadline_id, fact.data_class_id
),
whole_counts as (    -- counts that would name an account's rows if there were any
  select distinct counted.store_id, class.data_class_id, counted.counted_at
  from row_counts as counted
  join store_classes as class
    on class.store_id = counted.store_id
    and class.data_class_id = coalesce(counted.data_class_id, class.data_class_id)
  where counted.person_id is null
    and counted.data_from_on is null
    and counted.data_to_on is null
    and counted.address_form = 'any'
    and (counted.account_id is not null or counted.row_count = 0)
),
judged_classes as (
  select
    fact.*,
    coalesce(
      coalesce(fact.kept.rows_remaining, 0) = 0
        and fact.left_in_time = 0
        and coalesce(sighting.last_seen.seen_at, '-infinity') <= fact.kept.purged_at
        and not coalesce(fact.is_found_again, false),
      false
    ) as is_gone_in_time,
    fact.latest.rows_remaining > 0 or sighting.last_seen.seen_at > fact.latest.purged_at as is_left,
    fact.kept.rows_remaining is not null or coalesce(whole_count.counted_at < fact.ended_at, false) as is_counted,
    [fact.kept.origin, fact.latest.origin, sighting.last_seen.origin] as lines
  from class_facts as fact
  left join sightings as sighting
    on sighting.deadline_id = fact.deadline_id and sighting.data_class_id = fact.data_class_id
  asof left join whole_counts as whole_count
    on whole_count.store_id = fact.store_id
    and whole_count.data_class_id = fact.data_class_id
    and whole_count.counted_at > fact.kept.purged_at
),
stores_purged as (
  select
    deadline_id,
    count(*) as class_count,
    case when bool_and(is_gone_in_time) then max(cleared_at) end as purged_at,
    max(greatest(cleared_at, repeated_at)) as emptied_at,
    case when bool_or(is_left) then 'infinity' else (max(latest.purged_at) at time zone company_time_zone())::date end as gone_on,
    bool_and(is_counted) as is_counted,
    bool_and(kept.method = 'erase') as is_erased,
    bool_or(is_contradictory) as is_contradictory,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from judged_classes
  group by deadline_id
),
plainly_purged as (
  select
    deadline.*,
    plain.purged_at as plain_at,
    plain.purged_at < (deadline.moved_on + 1)::timestamp at time zone company_time_zone() as is_plain_in_time,
    plain.rows_remaining,
    plain.method,
    plain.origin
  from purge_deadlines as deadline
  left join plain_purges as plain
    on plain.account_id = deadline.account_id
    and plain.store_id = deadline.store_id
    and plain.purged_at >= deadline.canceled_at
    and plain.purged_at < least(deadline.ended_at, as_of())
)
select
  deadline.account_id,
  deadline.canceled_on,
  deadline.ended_at,
  deadline.created_at,
  deadline.store_id,
  deadline.is_login,
  deadline.is_only_side,
  deadline.last_on,
  deadline.moved_on,
  deadline.possible_on,
  deadline.due_on,
  deadline.is_due,
  deadline.is_contradictory or coalesce(purged.is_contradictory, false) as is_contradictory,
  case when deadline.plain_at is not null then true else purged.class_count = len(deadline.data_class_ids) end as is_purged,
  case
    when deadline.is_plain_in_time and deadline.rows_remaining = 0 then deadline.plain_at
    when is_purged then purged.purged_at
  end as purged_at,
  coalesce(deadline.plain_at, purged.emptied_at) as emptied_at,
  case
    when deadline.rows_remaining > 0 then 'infinity'::date
    when deadline.plain_at is not null then (deadline.plain_at at time zone company_time_zone())::date
    when is_purged then purged.gone_on
    else 'infinity'::date
  end as gone_on,
  coalesce(deadline.is_plain_in_time, purged.is_counted) as is_counted,
  case when deadline.is_plain_in_time then deadline.method = 'erase' else purged.is_erased end as is_erased,
  list_concat(deadline.lines, case when deadline.plain_at is not null then [deadline.origin] else purged.lines end) as lines
from plainly_purged as deadline
left join stores_purged as purged on purged.deadline_id = deadline.deadline_id
