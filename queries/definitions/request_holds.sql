/*
title = "Legal holds that keep the data of requests for erasure"
*/
-- One row per request for erasure that a hold covers, and store that such a hold names (store_id null: every other place):
-- moved_on, the last day as sound legal holds moved it (infinity: one is in force), and possible_on, the same if unclear
-- holds were sound as well. A hold counts if it began by the last day, or by the one to which the holds before it moved it.
-- A hold on one person does not keep a whole account's data; a hold on a backup keeps no live data.
-- Mutation kept: `join` to `left join` before `holds` — a request without a hold has no day until which one lasts
-- Mutation kept: `request.is_erasure` dropped from `request.is_erasure and hold.backup_id … and hold.until_on > request.due_on` — whoever reads this asks for requests for erasure
with
covering as (
  select
    request.request_id,
    request.due_on,
    hold.store_id,
    hold.from_on,
    hold.until_on,
    hold.is_unclear,
    hold.origin
  from request_deadlines as request
  join holds as hold
    on coalesce(hold.person_id = request.person_id, hold.person_id is null)
    and coalesce(hold.account_id = request.account_id, hold.account_id is null or hold.person_id is not null)
  where request.is_erasure
    and hold.backup_id is null
    and hold.released_at > request.received_at
    and hold.until_on > request.due_on
),
places as (
  select request_id, due_on, store_id from covering
  union
  select request_id, due_on, null from covering
),
chains as (
  select
    place.request_id,
    place.store_id,
    reading.is_possible,
    list_reduce(
      list({from_on: covering.from_on, until_on: covering.until_on} order by covering.from_on),
      lambda reached, hold: {
        from_on: reached.from_on,
        until_on: case when hold.from_on <= reached.until_on then greatest(reached.until_on, hold.until_on) else reached.until_on end
      },
      {from_on: any_value(place.due_on), until_on: any_value(place.due_on)}
    ).until_on as moved_on,
    list({from_on: covering.from_on, origin: covering.origin}) as holds
  from places as place
  join covering
    on covering.request_id = place.request_id
    and coalesce(covering.store_id = place.store_id, covering.store_id is null)
  cross join (select unnest([true, false]) as is_possible) as reading
  where reading.is_possible or not covering.is_unclear
  group by place.request_id, place.store_id, reading.is_possible
),
moved as (
  select
    request_id,
    store_id,
    any_value(moved_on) filter (where not is_possible) as moved_on,
    max(moved_on) as possible_on,
    max_by(holds, is_possible) as holds
  from chains
  group by request_id, store_id
)
select
  request_id,
  store_id,
  moved_on,
  possible_on,
  list_sort([hold.origin for hold in holds if hold.from_on <= possible_on]) as lines
from moved
