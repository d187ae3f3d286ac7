/*
title = "How many verdicts turn if the days were counted otherwise"
needs = ["accounts", "stores", "purges"]
[columns]
place      = "Order in which a reader wants them"
reading    = "Code of the way of counting; as_judged: as the controls count"
unit       = "stores: one account in one store, as RET-01 and LOG-04 judge; copies: one account purged in time, as BKP-02 judges"
in_time    = "Items gone by the last day"
late       = "Items gone later, or still there after it"
open       = "Items still there, whose last day in this reading is not over"
to_late    = "Items in time as judged that are late in this reading"
to_in_time = "Items late as judged that are in time, or not due yet, in this reading"
*/
with
looked_from as (
  select (as_of() at time zone company_time_zone())::date as today
),
items as (    -- what went by the day to which a hold moved it is deferred in any reading
  select
    span.canceled_at,
    purged.canceled_on,
    purged.last_on,
    purged.moved_on,
    purged.gone_on,
    coalesce(purged.purged_at, purged.emptied_at) as gone_at,
    purged.gone_on <= purged.moved_on as is_in_time
  from purged_stores as purged
  join canceled_spans as span on span.account_id = purged.account_id and span.canceled_on = purged.canceled_on
  where purged.is_due
    and not purged.is_contradictory
    and purged.moved_on < 'infinity'
    and (purged.moved_on = purged.last_on or purged.gone_on <= purged.last_on)
    and purged.due_on >= since()::date
    and purged.due_on < until()::date
),
readings as (    -- zones of a fixed offset, so that their days need no calendar
  select 'one_day_less' as reading, 2 as place, -1 as more_days, null as zone_hours
  union all
  select 'one_day_more', 3, 1, null
  union all
  select 'utc', 4, 0, 0
  union all
  select 'zone_west', 5, 0, -12
  union all
  select 'zone_east', 6, 0, 14
),
totals as (
  select count(*) filter (where is_in_time) as in_time, count(*) filter (where not is_in_time) as late
  from items
),
close_items as (    -- another zone moves the two ends the same way, and so their distance by no more than a day
  select
    *,
    moved_on - canceled_on as days_allowed,
    (gone_at at time zone company_time_zone())::date = gone_on as is_datable
  from items
  where gone_on between moved_on and moved_on + 1
),
turned as (
  select
    reading.reading,
    count(*) filter (where item.is_in_time and not is_in_time_there) as to_late,
    count(*) filter (where not item.is_in_time and is_in_time_there) as to_in_time
  from readings as reading
  cross join close_items as item
  cross join lateral (
    select case
      when reading.zone_hours is null or not item.is_datable then item.gone_on <= item.moved_on + reading.more_days
      else (epoch_ms(item.gone_at) + 3600000 * reading.zone_hours) // 86400000
        <= (epoch_ms(item.canceled_at) + 3600000 * reading.zone_hours) // 86400000 + item.days_allowed
    end as is_in_time_there
  ) as counted_otherwise
  group by reading.reading
),
newest as (    -- the number of today's policy, where a rule in force at the cancellation had another
  select
    count(*) filter (where is_in_time and gone_on > canceled_on + purge_days()) as to_late,
    count(*) filter (where not is_in_time and gone_on <= canceled_on + purge_days()) as to_in_time,
    count(*) as items
  from items
  where last_on = moved_on and last_on - canceled_on <> purge_days()
),
copied as (
  select
    max(last_on) as strict_on,
    max(greatest(last_on, purged_on)) + backup_days() as mild_on,
    coalesce(max(gone.until_on), '-infinity') as gone_on
  from store_copies
  where canceled_on is not null
  group by account_id, canceled_on, ended_at
  having bool_and(purged_on is not null)
    and not bool_or(is_contradictory)
    and (ended_at at time zone company_time_zone())::date > max(last_on)
    and max(last_on) >= since()::date
    and max(last_on) < until()::date
    and max(last_on) < (select today from looked_from)
),
copies as (
  select
    count(*) filter (where gone_on <= strict_on) as in_time,
    count(*) filter (where gone_on > strict_on) as late,
    count(*) filter (where gone_on <= mild_on) as mild_in_time,
    count(*) filter (where gone_on > mild_on and mild_on < today) as mild_late,
    count(*) filter (where gone_on > mild_on and mild_on >= today) as mild_open
  from copied
  cross join looked_from
)
select 1 as place, 'as_judged' as reading, 'stores' as unit, in_time, late, 0 as open, 0 as to_late, 0 as to_in_time
from totals
union all
select
  reading.place,
  reading.reading,
  'stores',
  totals.in_time - coalesce(turned.to_late, 0) + coalesce(turned.to_in_time, 0),
  totals.late + coalesce(turned.to_late, 0) - coalesce(turned.to_in_time, 0),
  0,
  coalesce(turned.to_late, 0),
  coalesce(turned.to_in_time, 0)
from readings as reading
cross join totals
left join turned on turned.reading = reading.reading
union all
select
  7,
  'newest_rule',
  'stores',
  totals.in_time - newest.to_late + newest.to_in_time,
  totals.late + newest.to_late - newest.to_in_time,
  0,
  newest.to_late,
  newest.to_in_time
from totals
cross join newest
where newest.items > 0
union all
select 8, 'as_judged', 'copies', in_time, late, 0, 0, 0
from copies
union all
select 9, 'two_steps', 'copies', mild_in_time, mild_late, mild_open, 0, late - mild_late
from copies
order by place
