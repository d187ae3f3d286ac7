-- One row per canceled span of an account, store on its last day, and kind of rows in that store: the login rows
-- (is_login), which LOG-04 judges in every store, and all others, which RET-01 judges in the stores in purge scope.
-- deadline_id numbers them; is_only_side: its store has no other kind of rows, and no other time.
-- last_on: last day on which rows may exist, by the policy's rule in force at the cancellation; moved_on: the same as
-- sound legal holds moved it (infinity: one is in force); possible_on: to where all holds would move it if the unclear
-- ones were sound as well (null: there are none). due_on: the day of the deadline; is_due: that day is over, and the
-- account was canceled throughout. Where nobody knows when it was canceled, the stores in scope at as_of() count.
-- Mutation kept: `union` to `union all` in `from side_rules union` — of two changes in one moment either finds the rules in force then
-- Mutation kept: `join` to `left join` before `holds` — a deadline without a hold has no day to move to
-- Mutation kept: `>` to `>=` in `hold.until_on > deadline.last_on` — a hold until the last day moves nothing
with
store_spans as (    -- where rows of one store overlap, the later one counts
  select
    *,
    coalesce(valid_from_at, '-infinity') as from_at,
    least(valid_to_at, lead(valid_from_at, 1, 'infinity') over history) as until_at,
    coalesce(lag(coalesce(valid_to_at, 'infinity')) over history > valid_from_at, false) as is_overlapping
  from stores
  window history as (partition by store_id order by valid_from_at nulls first, origin)
),
contents as (
  select
    *,
    is_in_purge_scope is null or is_overlapping as is_contradictory,
    unnest(coalesce(nullif(data_class_ids, []), [''])) as data_class_id
  from store_spans
),
sides as (    -- login rows must go from every store, in purge scope or not
  select
    row_number() over () as side_id,
    store_id,
    from_at,
    until_at,
    is_contradictory,
    data_class_id in (select data_class_id from data_classes where kind = 'login_log') as is_login,
    count(*) over (partition by store_id) = 1 as is_only_side,
    list(distinct data_class_id) as data_class_ids,
    any_value(origin) as origin
  from contents
  where is_in_purge_scope is distinct from false
    or is_overlapping
    or data_class_id in (select data_class_id from data_classes where kind = 'login_log')
  group by store_id, from_at, until_at, is_contradictory, is_login
),
side_rules as (
  select side.side_id, rule.max_days, rule.valid_from_at, coalesce(rule.valid_to_at, 'infinity') as valid_to_at
  from sides as side
  join retention_rules as rule
    on rule.store_id = side.store_id
    and list_contains(side.data_class_ids, rule.data_class_id)
  where rule.counts_from = 'account_cancellation' and rule.basis_kind = 'policy'
),
changes as (
  select valid_from_at as changed_at from side_rules
  union
  select valid_to_at from side_rules
),
rules as (    -- from each change of a rule to the next: the strictest rule of the policy in force
  select rule.side_id, change.changed_at, min(rule.max_days) as max_days
  from changes as change
  join side_rules as rule on rule.valid_from_at <= change.changed_at and rule.valid_to_at > change.changed_at
  group by rule.side_id, change.changed_at
),
spans as (
  select span.*, change.changed_at
  from canceled_spans as span
  asof left join changes as change on change.changed_at <= span.canceled_at
),
pairs as (
  select
    span.* exclude (is_contradictory, lines),
    side.* exclude (is_contradictory, origin),
    span.is_contradictory or side.is_contradictory as is_contradictory,
    list_append(span.lines, side.origin) as lines
  from spans as span
  cross join sides as side
),
clocks as (
  select pair.*, pair.canceled_on + coalesce(rule.max_days, purge_days()) as last_on
  from pairs as pair
  left join rules as rule on rule.side_id = pair.side_id and rule.changed_at = pair.changed_at
),
deadlines as materialized (
  select row_number() over () as deadline_id, *, coalesce((last_on + 1)::timestamp at time zone company_time_zone(), as_of()) as over_at
  from clocks
  where from_at < over_at and until_at >= over_at
),
covered as (
  select deadline.deadline_id, deadline.last_on, hold.from_on, hold.until_on, hold.origin, reading.is_possible
  from (select *, unnest([account_id, null]) as holder_id from deadlines) as deadline    -- a hold on it, or on all
  join holds as hold on hold.account_id is not distinct from deadline.holder_id
  cross join (select unnest([true, false]) as is_possible) as reading
  where hold.person_id is null
    and hold.backup_id is null
    and coalesce(hold.store_id, deadline.store_id) = deadline.store_id
    and hold.released_at > deadline.canceled_at
    and hold.until_on > deadline.last_on
    and (reading.is_possible or not hold.is_unclear)
),
linked as (    -- a hold counts if it began by the last day, or by the one to which the holds before it moved it
  select
    *,
    from_on <= coalesce(max(until_on) over (chain rows between unbounded preceding and 1 preceding), last_on) as is_linked
  from covered
  window chain as (partition by deadline_id, is_possible order by from_on)
),
counted as (
  select *, bool_and(is_linked) over (partition by deadline_id, is_possible order by from_on) as is_counted
  from linked
),
moved as (
  select
    deadline_id,
    max(until_on) filter (where not is_possible) as moved_on,
    max(until_on) as possible_on,
    list_sort(list(distinct origin)) as lines
  from counted
  where is_counted
  group by deadline_id
),
moved_deadlines as (
  select
    deadline.* exclude (side_id, changed_at, from_at, until_at, over_at, lines),
    coalesce(moved.moved_on, deadline.last_on) as moved_on,
    moved.possible_on,
    case when moved.moved_on < 'infinity' then moved.moved_on else deadline.last_on end as due_on,
    list_concat(deadline.lines, moved.lines) as lines
  from deadlines as deadline
  left join moved on moved.deadline_id = deadline.deadline_id
)
select
  *,
  due_on is null
    or (
      due_on < (as_of() at time zone company_time_zone())::date
      and (ended_at = 'infinity' or (ended_at at time zone company_time_zone())::date > moved_on)
    ) as is_due
from moved_deadlines
