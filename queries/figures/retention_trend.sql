/*
title = "What each control on retention found in this period and in the periods reported before"
needs = []
[columns]
run        = "Sealed run that reported it; null: this one"
since_on   = "First day of the period"
control_id = "Control"
exceptions = "Exceptions"
unknown    = "Items that could not be evaluated"
deferred   = "Items that a hold defers"
items      = "Items in all; null: not every row of that run is kept"
*/
with
now_found as (
  select
    null as run,
    since()::date as since_on,
    controls.id as control_id,
    controls.n_exception as exceptions,
    controls.n_unknown as unknown,
    controls.n_deferred as deferred,
    controls.population as items
  from controls
  where controls.population is not null
),
told as (
  select
    span.run,
    span.since_at::date as since_on,
    span.control_id,
    count(*) filter (where reported.outcome = 'exception') as exceptions,
    count(*) filter (where reported.outcome = 'unknown') as unknown,
    count(*) filter (where reported.outcome = 'deferred') as deferred,
    case when span.is_every_row_stored then count(reported.item) end as items
  from spans as span
  left join reported on reported.run = span.run and reported.control_id = span.control_id
  group by span.run, span.since_at, span.control_id, span.is_every_row_stored
)
select *
from (select * from now_found union all select * from told) as every_period
where regexp_matches(control_id, '^(RET|BKP|DIS|COL|DSR)-|^LOG-0[345]|^SEC-02')
order by control_id, since_on, run
