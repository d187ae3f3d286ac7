/*
title = "Where each request for erasure must be carried out"
*/
-- One row per request for erasure, denied and withdrawn ones apart, and place whose last day is over: each store that holds
-- personal data on the request's last day, each service provider to whom personal data flowed by then or whom the register
-- names, and each place in the register of steps or among its purges that no list of stores or vendors has (is_unknown).
-- item_on: last day of the place; for a provider that was told in time the last day to confirm, where management set days.
-- data_class_ids: classes that must be erased from the store; is_unclear: whether the place holds personal data is not known.
-- is_list_hashed: its list of those who must stay erased holds salted hashes only (null: there is no list, or that is not known).
with
requests as (
  select *, coalesce((due_on + 1)::timestamp at time zone company_time_zone(), as_of()) as over_at
  from request_deadlines
  where is_erasure
),
classes as (
  select data_class_id, bool_or(is_personal) as is_personal, bool_or(kind = 'suppression_list') as is_list
  from data_classes
  group by data_class_id
),
lists as (    -- whoever is on it is known by hashes alone
  select store_id, bool_and(value_form = 'salted_hash') as is_hashed, bool_or(value_form is null) as is_unclear
  from data_fields
  where data_class_id in (select data_class_id from classes where is_list)
    and coalesce(starts_with(data_category, 'user'), true)
  group by store_id
),
held_classes as (
  select *, unnest(data_class_ids) as data_class_id
  from (select store_id, valid_from_at, valid_to_at, origin, data_class_ids from stores)
),
store_facts as (
  select
    held.store_id,
    held.valid_from_at,
    held.valid_to_at,
    held.origin,
    coalesce(list(distinct held.data_class_id) filter (where class.is_personal is distinct from false and class.is_list is not true), []) as data_class_ids,
    coalesce(bool_or(class.is_personal), false) as is_personal,
    bool_or(class.is_list) as has_list
  from held_classes as held
  left join classes as class on class.data_class_id = held.data_class_id
  group by all
  having bool_or(class.is_personal is distinct from false)
),
store_places as (    -- where two rows of a store hold on one day, all classes of both count
  select
    request.request_id,
    fact.store_id,
    list_sort(list_distinct(flatten(list(fact.data_class_ids)))) as data_class_ids,
    not bool_or(fact.is_personal) as is_unclear,
    bool_or(fact.has_list) as has_list,
    count(*) > 1 as is_contradictory,
    list_sort(list(fact.origin)) as lines
  from requests as request
  join store_facts as fact
    on coalesce(fact.valid_from_at < request.over_at, true)
    and coalesce(fact.valid_to_at >= request.over_at, true)
  group by request.request_id, fact.store_id
),
steps as (
  select
    action.privacy_request_id as request_id,
    action.store_id,
    action.vendor_id,
    min(action.instructed_at) as instructed_at,
    max(action.done_at) as done_at,
    bool_and(action.is_still_done) as is_still_done,
    max(action.exemption) as exemption,
    bool_or(
      action.done_at < action.instructed_at
      or least(action.instructed_at, action.done_at) < request.received_at
      or coalesce(action.exemption, 'security') not in
        ('legal_obligation', 'legal_claims', 'public_interest', 'free_expression', 'security', 'backup_until_next_use', 'no_data_held')
      or action.request_action_id in (select request_action_id from request_actions group by request_action_id having count(*) > 1)
    ) as is_contradictory,
    list_sort(list(action.origin)) as lines
  from request_actions as action
  join requests as request on request.request_id = action.privacy_request_id
  where coalesce(action.action, '') not in ('correct', 'restrict')
  group by action.privacy_request_id, action.store_id, action.vendor_id
),
flows as (
  select
    vendor_id,
    first_seen_at,
    origin,
    coalesce(
      is_personal,
      case
        when list_has_any(data_class_ids, (select list(data_class_id) from classes where is_personal)) then true
        when list_has_all((select list(data_class_id) from classes where not is_personal), data_class_ids) then false
      end
    ) as is_personal
  from vendor_flows
),
receivers as (
  select
    vendor_id,
    min(first_seen_at) as first_seen_at,
    min(first_seen_at) filter (where is_personal) as personal_from_at,
    min_by(origin, (is_personal is not true, first_seen_at, origin)) as origin
  from flows
  where is_personal is distinct from false
  group by vendor_id
),
named_vendors as (
  select request.request_id, receiver.vendor_id, coalesce(receiver.personal_from_at >= request.over_at, true) as is_unclear, receiver.origin
  from requests as request
  join receivers as receiver on receiver.first_seen_at < request.over_at
  union all
  select request_id, vendor_id, false, null
  from steps
  where vendor_id is not null
),
roles as (    -- what the vendor is on the request's last day, or was last
  select
    named.request_id,
    named.vendor_id,
    max_by(vendor.role, (coalesce(vendor.valid_from_at < request.over_at, true), vendor.valid_from_at, vendor.origin)) as role,
    max_by(vendor.origin, (coalesce(vendor.valid_from_at < request.over_at, true), vendor.valid_from_at, vendor.origin)) as origin
  from (select distinct request_id, vendor_id from named_vendors) as named
  join requests as request on request.request_id = named.request_id
  join vendors as vendor on vendor.vendor_id = named.vendor_id
  group by named.request_id, named.vendor_id
),
vendor_places as (
  select
    named.request_id,
    named.vendor_id,
    role.request_id is null as is_unknown,
    bool_and(named.is_unclear) as is_unclear,
    coalesce(any_value(role.role) not in ('processor', 'sub_vendor'), false) as is_contradictory,
    list_sort(list_distinct(list_append(list(named.origin), any_value(role.origin)))) as lines
  from named_vendors as named
  left join roles as role on role.request_id = named.request_id and role.vendor_id = named.vendor_id
  where coalesce(role.role, '') not in ('third_party', 'none') and named.vendor_id is not null
  group by named.request_id, named.vendor_id, role.request_id is null
),
lost_stores as (
  select request_id, store_id, null as origin
  from steps
  union
  select purge.privacy_request_id, purge.store_id, purge.origin
  from purges as purge
  semi join requests as request on request.request_id = purge.privacy_request_id
),
places as (
  select request_id, store_id, null::varchar as vendor_id, data_class_ids, false as is_unknown, is_unclear, has_list, is_contradictory, lines
  from store_places
  union all
  select request_id, null, vendor_id, null, is_unknown, is_unclear, false, is_contradictory, lines
  from vendor_places
  union all
  select request_id, store_id, null, null, true, false, false, false, list_sort(list(origin))
  from lost_stores
  where store_id is not null and store_id not in (select store_id from stores)
  group by request_id, store_id
),
dated as (
  select
    request.request_id,
    request.person_id,
    request.account_id,
    request.jurisdiction,
    request.received_at,
    request.received_on,
    request.base_on,
    request.longest_on,
    request.due_on,
    request.law_due_on,
    request.extended_on,
    place.store_id,
    place.vendor_id,
    case when place.vendor_id in (select store_id from stores) then 'vendor ' || place.vendor_id else coalesce(place.store_id, place.vendor_id) end as place,
    place.data_class_ids,
    place.is_unknown,
    place.is_unclear,
    place.has_list,
    case when not lists.is_unclear or not lists.is_hashed then lists.is_hashed end as is_list_hashed,
    request.is_contradictory or place.is_contradictory or coalesce(step.is_contradictory, false) as is_contradictory,
    step.instructed_at,
    step.done_at,
    step.exemption,
    coalesce(not step.is_still_done, false) as is_undone,
    (step.instructed_at at time zone company_time_zone())::date as instructed_on,
    (step.done_at at time zone company_time_zone())::date as done_on,
    case when instructed_on <= request.due_on and step.exemption is null and place.vendor_id is not null then instructed_on + vendor_confirmation_days() end as confirm_on,
    coalesce(confirm_on, request.due_on) as item_on,
    coalesce(hold.moved_on, rest.moved_on, request.due_on) as moved_on,
    case when hold.request_id is null then rest.possible_on else hold.possible_on end as possible_on,
    list_concat(request.lines, place.lines, step.lines, coalesce(hold.lines, rest.lines)) as lines
  from places as place
  join requests as request on request.request_id = place.request_id
  left join steps as step
    on step.request_id = place.request_id
    and step.store_id is not distinct from place.store_id
    and step.vendor_id is not distinct from place.vendor_id
  left join lists on lists.store_id = place.store_id
  left join request_holds as hold on hold.request_id = place.request_id and hold.store_id = place.store_id
  left join request_holds as rest on rest.request_id = place.request_id and rest.store_id is null
)
select *
from dated
where coalesce(item_on < (as_of() at time zone company_time_zone())::date, true)
