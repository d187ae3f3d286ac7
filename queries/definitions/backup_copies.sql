-- One row per backup, preserved copies apart.
-- data_at: when its data were taken, of a copy (or copy of a copy) when its original was; last_on: last day on which it
-- may exist, by the policy's rule in force at data_at; moved_on: the same as sound legal holds moved it (infinity: one
-- is in force); possible_on: to where all holds would move it if the unclear ones were sound as well (null: there are none).
-- held_from_on: first day of the sound holds that kept it without a gap until it went, whether they moved its last day or not;
-- possible_from_on: the same of all holds; held_lines: these. due_on: the day of the deadline; is_due: that day is over.
-- gone_on: day on which it was destroyed, base_gone_on: day on which the last base of its chain was, base_id: that base
-- (infinity: still there). A hold on that base, on the store or on everything holds the backup.
-- Mutation kept: `union all` to `union` in `copied_from_backup_id is null union all` — each copy has one original, so none comes twice
-- Mutation kept: `union all` to `union` in `base_backup_id is null union all` — each increment has one base, so none comes twice
-- Mutation kept: `join` to `left join` before `retention_rules` — a backup without a rule has no days of its own
-- Mutation kept: `join` to `left join` before `holds` — a backup without a hold has no day to move to
-- Mutation kept: `>` to `>=` in `until_on > last_on` — a hold until the last day moves nothing
with recursive
named as (
  select *, coalesce(backup_id, origin) as copy_id
  from backups
),
copies as (    -- of two rows with one id the first is shown
  select
    copy_id as backup_id,
    store_id,
    job_id,
    taken_at,
    case when destroyed_at < as_of() then destroyed_at else 'infinity' end as gone_at,
    base_backup_id,
    copied_from_backup_id,
    bool_or(kind is distinct from 'preserved_copy') over same as is_backup,
    count(*) over same > 1
      or coalesce(destroyed_at < taken_at, false)
      or coalesce(kind, '') not in ('scheduled', 'manual', 'dump', 'export', 'preserved_copy') as is_contradictory,
    list_sort(list(origin) over same) as lines
  from named
  window same as (partition by copy_id)
  qualify row_number() over (partition by copy_id order by origin) = 1
),
originals as (
  select backup_id, taken_at as data_at
  from copies
  where copied_from_backup_id is null
  union all
  select copy.backup_id, original.data_at
  from originals as original
  join copies as copy on copy.copied_from_backup_id = original.backup_id
),
chains as (
  select backup_id, gone_at, null::varchar as base_id, '-infinity'::timestamptz as base_gone_at
  from copies
  where base_backup_id is null
  union all
  select
    increment.backup_id,
    increment.gone_at,
    case when chain.gone_at >= chain.base_gone_at then chain.backup_id else chain.base_id end,
    greatest(chain.gone_at, chain.base_gone_at)
  from chains as chain
  join copies as increment on increment.base_backup_id = chain.backup_id
),
dated as (
  select
    copy.*,
    case when original.backup_id is null then copy.taken_at else original.data_at end as data_at,
    original.backup_id is null or chain.backup_id is null as is_origin_missing,
    coalesce(original.data_at > copy.taken_at, false) as is_before_original,
    chain.base_id,
    chain.base_gone_at
  from copies as copy
  left join originals as original on original.backup_id = copy.backup_id
  left join chains as chain on chain.backup_id = copy.backup_id
  where copy.is_backup
),
rules as (    -- the strictest rule of the policy in force when the data were taken
  select dated.backup_id, min(rule.max_days) as max_days
  from dated
  join retention_rules as rule
    on rule.store_id = dated.store_id
    and dated.data_at >= rule.valid_from_at
    and dated.data_at < coalesce(rule.valid_to_at, 'infinity')
  where rule.counts_from = 'copy_taken' and rule.basis_kind = 'policy'
  group by dated.backup_id
),
deadlines as (
  select
    dated.*,
    (data_at at time zone company_time_zone())::date as data_on,
    data_on + coalesce(rule.max_days, backup_days()) as last_on,
    (gone_at at time zone company_time_zone())::date as gone_on
  from dated
  left join rules as rule on rule.backup_id = dated.backup_id
),
covered as (
  select
    deadline.backup_id,
    deadline.last_on,
    deadline.gone_on,
    hold.from_on,
    hold.until_on,
    hold.origin,
    reading.is_possible
  from (select *, unnest([backup_id, base_id, null]) as holder_id from deadlines) as deadline    -- a hold on it, or on all
  join holds as hold on hold.backup_id is not distinct from deadline.holder_id
  cross join (select unnest([true, false]) as is_possible) as reading
  where hold.account_id is null
    and hold.person_id is null
    and coalesce(hold.store_id, deadline.store_id) = deadline.store_id
    and hold.released_at > deadline.data_at
    and (reading.is_possible or not hold.is_unclear)
),
linked as (    -- a hold counts if it began by the last day, or by the one to which the holds before it moved it
  select
    *,
    from_on <= coalesce(max(until_on) over (chain rows between unbounded preceding and 1 preceding), last_on) as is_linked
  from covered
  where until_on > last_on
  window chain as (partition by backup_id, is_possible order by from_on)
),
counted as (
  select *, bool_and(is_linked) over (partition by backup_id, is_possible order by from_on) as is_counted
  from linked
),
moved as (
  select
    backup_id,
    max(until_on) filter (where not is_possible) as moved_on,
    max(until_on) as possible_on,
    list_sort(list(distinct origin)) as lines
  from counted
  where is_counted
  group by backup_id
),
ordered as (
  select *, coalesce(from_on > max(until_on) over (chain rows between unbounded preceding and 1 preceding), true) as is_after_a_gap
  from covered
  window chain as (partition by backup_id, is_possible order by from_on)
),
spells as (    -- holds without a gap between them
  select *, count(*) filter (where is_after_a_gap) over (partition by backup_id, is_possible order by from_on) as spell
  from ordered
),
last_spells as (    -- the spell in which the copy went, or in which it still is
  select backup_id, is_possible, min(from_on) as from_on, list(origin) as lines
  from spells
  group by backup_id, is_possible, spell, gone_on
  having gone_on between min(from_on) and max(until_on)
),
held as (
  select
    backup_id,
    any_value(from_on) filter (where not is_possible) as held_from_on,
    any_value(from_on) filter (where is_possible) as possible_from_on,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from last_spells
  group by backup_id
)
select
  deadline.backup_id,
  deadline.store_id,
  deadline.job_id,
  deadline.data_at,
  deadline.data_on,
  deadline.gone_on,
  deadline.base_id,
  (deadline.base_gone_at at time zone company_time_zone())::date as base_gone_on,
  deadline.is_contradictory or deadline.is_before_original as is_contradictory,
  deadline.is_origin_missing,
  deadline.last_on,
  coalesce(moved.moved_on, deadline.last_on) as moved_on,
  moved.possible_on,
  held.held_from_on,
  held.possible_from_on,
  held.lines as held_lines,
  case when moved.moved_on < 'infinity' then moved.moved_on else deadline.last_on end as due_on,
  coalesce(due_on < (as_of() at time zone company_time_zone())::date, true) as is_due,
  list_concat(deadline.lines, moved.lines) as lines
from deadlines as deadline
left join moved on moved.backup_id = deadline.backup_id
left join held on held.backup_id = deadline.backup_id
