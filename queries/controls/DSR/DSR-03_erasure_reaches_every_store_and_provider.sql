/*
id         = "DSR-03"
title      = "A request for erasure is carried out in every store and at every service provider in time"
promise    = "that your personal information be erased from our possession and, by extension, all of our service providers"
source     = "Your rights with respect to your information"
severity   = "critical"
kind       = "data"
tests      = "one request for erasure and one place where the person's data may lie (request, store or vendor), whose last day falls in the period"
population = "select item_on::timestamptz as item_at from erasure_places"
needs      = ["privacy_requests", "request_actions", "purges", "stores", "data_classes", "vendors", "vendor_flows"]
may_use    = ["row_counts", "backups", "restores", "legal_holds", "data_fields", "retention_rules"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed stores and observed flows: a provider whose name no flow carries is SUB-01's. A store counts with the personal classes that lie in it on the last day, \
and each must be purged of the person, of the whole account, or of everything; what the register calls done proves nothing, nor does a count of zero. An exemption is believed, and so are a \
provider's confirmation and the register where it says that a store held nothing, unless a later count found rows. Denied and withdrawn requests are left out. Where no days to confirm are set, \
being told is enough; else a provider's item is due when they are over. Restores for tests and maintenance bring nobody back; of backups themselves BKP-01 keeps the age. Weekends, \
but no holidays, are looked at where the law would forgive."""
[clauses]
dpf  = ["II.6.a", "II.3.b"]
gdpr = ["17", "19", "12(3)"]
ccpa = ["1798.105(c)", "Regs 7022(b)", "Regs 7022(c)", "Regs 7022(d)"]
[parameters.clock_policy]
type    = "varchar"
default = "strictest"
source  = "policy"
meaning = "strictest: the shortest clock for everybody, since the policy gives all the same rights; by_law: each person's own"
[parameters.request_months]
type    = "integer"
default = 1
unit    = "months"
source  = "law"
meaning = "GDPR and UK: from the receipt to the last day to carry out a request"
[parameters.request_months_extended]
type    = "integer"
default = 3
unit    = "months"
source  = "law"
meaning = "GDPR and UK: the same after a notice of extension, from the receipt too"
[parameters.swiss_request_days]
type    = "integer"
default = 30
unit    = "days"
source  = "law"
meaning = "Switzerland: from the receipt to the last day to carry out a request"
[parameters.california_request_days]
type    = "integer"
default = 45
unit    = "days"
source  = "law"
meaning = "California: from the receipt to the last day to carry out a request"
[parameters.california_days_extended]
type    = "integer"
default = 90
unit    = "days"
source  = "law"
meaning = "California: the same after a notice of extension, from the receipt too"
[parameters.vendor_confirmation_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the day on which a service provider is told to erase to the last day on which it confirms; unset: no confirmation is asked for"
[parameters.backup_days]
type    = "integer"
default = 30
unit    = "days"
source  = "policy"
meaning = "From the day a backup is taken, which does not count, to the last day on which it may exist"
[parameters.hold_grace_days]
type     = "integer"
optional = true
unit     = "days"
source   = "management"
meaning  = "From the release of a legal hold to the last day for what it kept; unset: the day of the release"
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
erased            = "Erased by the last day, and no rows were seen since"
exempt            = "The register names a ground on which this place need not erase"
none_held         = "The register says that this place held no data of the person, and no count says otherwise"
hashed_list       = "Holds only the list of those who must stay erased, as salted hashes"
told              = "The service provider was told by the last day; no days to confirm are set"
confirmed         = "The service provider was told by the last day and confirmed in time"
late              = "Erased, or the provider told, only after the last day"
next_working_day  = "The last day was a Saturday or Sunday, and it was done by the Monday: too late for the promise, in time for the law"
extension_invalid = "In time only by an extension that was told too late or without a reason"
overdue           = { text = "Not erased, and the last day is over", stays_open = true }
unproven          = { text = "The register says that it is done, and no purge proves it", stays_open = true }
residue           = { text = "Rows remained or were found again", stays_open = true }
restored          = { text = "A restore brought the data back or used them, and they were not erased again", stays_open = true }
undone            = { text = "A recheck found that it did not hold", stays_open = true }
list_not_hashed   = { text = "The list of those who must stay erased keeps more than salted hashes", stays_open = true }
not_told          = { text = "The service provider was not told, and the last day is over", stays_open = true }
unconfirmed       = { text = "The service provider was told in time and has not confirmed in the days allowed", stays_open = true }
confirmed_late    = "The service provider confirmed after the days allowed"
held              = { text = "Kept by a legal hold placed by the last day", stays_open = true }
held_over         = "Erased, or the provider told, after the last day, by the one to which a legal hold moved it"
not_erased        = "Rows were deidentified or aggregated: the law accepts it, the policy promises erasure, somebody must judge"
not_counted       = { text = "Purged by the last day, but nobody counted what remained", stays_open = true }
hold_unclear      = { text = "A legal hold would excuse it, but its start, approver or dates are missing or contradict each other", stays_open = true }
restore_unclear   = { text = "Something was restored after the erasure, and the age of its data is not known", stays_open = true }
place_unclear     = { text = "Not carried out, and whether the place holds personal data is not known", stays_open = true }
place_unknown     = { text = "The register or a purge names a place that no list of stores or vendors has", stays_open = true }
list_unclear      = { text = "How the list of those who must stay erased keeps them is not known", stays_open = true }
undated           = { text = "Nobody knows when the request was received", stays_open = true }
contradiction     = { text = "Rows of the request, the place or the purge contradict each other or hold an unknown code", stays_open = true }
[columns]
due_on     = "Last day of the request"
confirm_on = "Service provider told in time: last day to confirm"
moved_on   = "Last day, as legal holds moved it; null: a hold is open"
done_on    = "Day on which the rows were gone for good, or the provider was told"
law_due_on = "Last day by the law of the person's own region"
*/
with
place_classes as (
  select
    request_id,
    place,
    person_id,
    account_id,
    store_id,
    received_at,
    due_on,
    (moved_on + 1)::timestamp at time zone company_time_zone() as over_at,
    unnest(data_class_ids) as data_class_id
  from erasure_places
  where received_at is not null
),
holders as (    -- a purge of the person, of the whole account, or of everybody
  select *, 'person ' || person_id as holder from place_classes
  union all
  select *, 'account ' || account_id from place_classes
  union all
  select *, 'all' from place_classes
),
candidates as (
  select
    holder.request_id,
    holder.place,
    holder.data_class_id,
    holder.over_at,
    purge.purge_id,
    purge.reason,
    purge.method,
    purge.purged_at,
    case when holder.holder <> 'all' then purge.rows_before end as rows_before,
    case when holder.holder <> 'all' or purge.rows_remaining = 0 then purge.rows_remaining end as rows_remaining,
    purge.origin
  from holders as holder
  join purges as purge
    on coalesce('person ' || purge.person_id, 'account ' || purge.account_id, 'all') = holder.holder
    and purge.store_id = holder.store_id
    and coalesce(purge.data_class_id, holder.data_class_id) = holder.data_class_id
  where purge.purged_at >= holder.received_at
    and purge.purged_at < as_of()
    and (purge.person_id is null or purge.account_id is null or purge.account_id is not distinct from holder.account_id)
),
ordered as (
  select
    *,
    purged_at < over_at as is_in_time,
    reason = 'restore' as is_repeat,
    coalesce(lag(rows_remaining > 0) over turn and (not is_repeat or lag(is_in_time or not is_repeat) over turn), false) as was_left    -- what a restore brought is the restore's
  from candidates
  window turn as (partition by request_id, place, data_class_id order by purged_at, purge_id)
),
class_purges as (
  select *, was_left or (not is_repeat and rows_before is distinct from 0) as is_needed
  from ordered
),
class_facts as (
  select
    request_id,
    place,
    data_class_id,
    case when bool_or(is_in_time) then
      max_by({purged_at: purged_at, rows_remaining: rows_remaining, method: method, origin: origin}, (purged_at, purge_id))
        filter (where is_in_time or is_repeat)
    end as kept,
    max_by({purged_at: purged_at, rows_remaining: rows_remaining, origin: origin}, (purged_at, purge_id)) as latest,
    coalesce(max(purged_at) filter (where is_in_time and rows_before is distinct from 0), min(purged_at)) as cleared_at,
    coalesce(max(purged_at) filter (where is_needed), min(purged_at)) as gone_at,
    coalesce(max(purged_at) filter (where rows_before is distinct from 0), min(purged_at)) as emptied_at,
    bool_or(not is_in_time and (was_left or (not is_repeat and greatest(rows_before, rows_remaining) > 0))) as is_found_again,
    bool_or(coalesce(rows_before > 0, false) or coalesce(rows_remaining > 0, false)) as is_found,
    bool_or(purge_id in (select purge_id from repeated_purges) or coalesce(method, '') not in ('erase', 'deidentify', 'aggregate')) as is_contradictory
  from class_purges
  group by request_id, place, data_class_id
),
sightings as (
  select class.request_id, class.place, class.data_class_id, max({seen_at: counted.counted_at, origin: counted.origin}) as last_seen
  from (select *, unnest(['person', 'account']) as holder from place_classes) as class
  join row_counts as counted
    on counted.store_id = class.store_id
    and case class.holder when 'person' then class.person_id else class.account_id end
      = case class.holder when 'person' then counted.person_id else counted.account_id end
    and (class.holder = 'person' or class.person_id is null)
    and coalesce(counted.data_class_id, class.data_class_id) = class.data_class_id
  left join class_facts as fact
    on fact.request_id = class.request_id and fact.place = class.place and fact.data_class_id = class.data_class_id
  where counted.row_count > 0
    and (counted.counted_at >= class.over_at or counted.counted_at > fact.kept.purged_at)
    and coalesce(counted.data_from_on <= class.due_on, true)
    and (class.holder = 'account' or counted.account_id is null or counted.account_id is not distinct from class.account_id)
  group by class.request_id, class.place, class.data_class_id
),
whole_counts as (    -- counts that would name a person's or an account's rows if there were any
  select
    store_id,
    data_class_id,
    case when person_id is not null then 'person' when account_id is not null then 'account' else 'all' end as named,
    max(counted_at) as counted_at
  from row_counts
  where data_from_on is null
    and data_to_on is null
    and address_form = 'any'
    and (person_id is not null or account_id is not null or row_count = 0)
  group by all
),
judged_classes as (
  select
    class.request_id,
    class.place,
    class.data_class_id,
    fact.latest is not null as is_purged,
    coalesce(
      coalesce(fact.kept.rows_remaining, 0) = 0
        and coalesce(sighting.last_seen.seen_at, '-infinity') <= fact.kept.purged_at
        and not fact.is_found_again,
      false
    ) as is_gone_in_time,
    fact.cleared_at,
    fact.gone_at,
    fact.emptied_at,
    fact.latest.purged_at as latest_at,
    coalesce(fact.latest.rows_remaining > 0, false) or coalesce(sighting.last_seen.seen_at > fact.latest.purged_at, false) as is_left,
    coalesce(sighting.last_seen.seen_at >= class.over_at, false) as is_seen,
    coalesce(fact.is_found, false) as is_found,
    coalesce(bool_or(fact.kept.rows_remaining is not null or counted.counted_at > fact.kept.purged_at), false) as is_counted,
    fact.kept.method = 'erase' as is_erased,
    fact.is_contradictory,
    [fact.kept.origin, fact.latest.origin, sighting.last_seen.origin] as lines
  from place_classes as class
  left join class_facts as fact
    on fact.request_id = class.request_id and fact.place = class.place and fact.data_class_id = class.data_class_id
  left join sightings as sighting
    on sighting.request_id = class.request_id and sighting.place = class.place and sighting.data_class_id = class.data_class_id
  left join whole_counts as counted
    on counted.store_id = class.store_id
    and coalesce(counted.data_class_id, class.data_class_id) = class.data_class_id
    and counted.named in ('all', case when class.person_id is null then 'account' else 'person' end)
  group by all
),
purged_places as (
  select
    request_id,
    place,
    bool_and(is_purged) as is_purged,
    case when bool_and(is_gone_in_time) then max(cleared_at) end as purged_at,
    case when bool_and(is_purged) and not bool_or(is_left) then max(case when is_gone_in_time then cleared_at else gone_at end) end as gone_at,
    bool_or(is_seen) as is_seen,
    bool_or(is_found) as is_found,
    bool_and(is_counted) as is_counted,
    bool_and(is_erased) as is_erased,
    bool_or(is_contradictory) as is_contradictory,
    list_sort(list_distinct(flatten(list(lines)))) as lines
  from judged_classes
  group by request_id, place
),
restored as (    -- data of a class came back to a place that was purged, or those of a place that waits for their next use were used
  select
    place.request_id,
    place.place,
    bool_and(copy.data_at is null) as is_unclear,
    list_sort(list(distinct restore.origin)) as lines
  from erasure_places as place
  join judged_classes as purged on purged.request_id = place.request_id and purged.place = place.place
  join restores as restore
    on restore.purpose not in ('test', 'maintenance')
    and coalesce(restore.account_id = place.account_id, restore.account_id is null or place.account_id is null)
    and restore.started_at < as_of()
  left join backup_copies as copy on copy.backup_id = restore.backup_id
  where case
      when place.exemption = 'backup_until_next_use'
        then copy.store_id = place.store_id and restore.started_at >= place.received_at and coalesce(purged.latest_at < restore.started_at, true)
      else place.store_id = restore.target_store_id
        and purged.latest_at < restore.started_at
        and coalesce(copy.data_at < purged.emptied_at, true)
    end
  group by place.request_id, place.place
),
facts as (
  select
    place.* exclude (is_contradictory, lines),
    place.is_contradictory or coalesce(purged.is_contradictory, false) as is_contradictory,
    coalesce(purged.is_purged, false) as is_purged,
    coalesce(purged.is_seen, false) as is_seen,
    coalesce(purged.is_found, false) as is_found,
    purged.is_counted,
    purged.is_erased,
    restored.is_unclear as is_restore_unclear,
    case
      when place.vendor_id is not null then coalesce(place.instructed_on, place.done_on)
      else (coalesce(purged.purged_at, purged.gone_at) at time zone company_time_zone())::date
    end as gone_on,
    purged.purged_at is not null or place.vendor_id is not null as is_for_good,
    list_concat(place.lines, purged.lines, restored.lines) as lines
  from erasure_places as place
  left join purged_places as purged on purged.request_id = place.request_id and purged.place = place.place
  left join restored on restored.request_id = place.request_id and restored.place = place.place
),
judged as (
  select
    *,
    case
      when is_unknown then 'place_unknown'
      when received_on is null then 'undated'
      when is_contradictory then 'contradiction'
      when is_undone then 'undone'
      when exemption not in ('no_data_held', 'backup_until_next_use') then 'exempt'
      when is_restore_unclear then 'restore_unclear'
      when not is_restore_unclear then 'restored'
      when exemption = 'no_data_held' and not is_seen and not is_found then 'none_held'
      when exemption = 'backup_until_next_use' then 'exempt'
      when has_list and not is_list_hashed then 'list_not_hashed'
      when has_list and is_list_hashed is null then 'list_unclear'
      when has_list and data_class_ids = [] then 'hashed_list'
      when is_for_good and not is_erased then 'not_erased'
      when is_for_good and not is_counted and gone_on <= due_on then 'not_counted'
      when vendor_id is not null and gone_on <= due_on then
        case
          when done_on > confirm_on then 'confirmed_late'
          when done_on is not null then 'confirmed'
          when confirm_on is not null then 'unconfirmed'
          else 'told'
        end
      when is_for_good and gone_on <= due_on then 'erased'
      when is_for_good and gone_on <= moved_on then 'held_over'
      when moved_on >= (as_of() at time zone company_time_zone())::date then 'held'
      when coalesce(gone_on, (as_of() at time zone company_time_zone())::date) <= possible_on then 'hold_unclear'
      when gone_on <= longest_on and extended_on is not null then 'extension_invalid'
      when isodow(due_on) >= 6 and gone_on <= date_trunc('week', due_on)::date + 7 and jurisdiction in ('EEA', 'UK') then 'next_working_day'
      when gone_on is not null then 'late'
      when is_purged or is_seen then 'residue'
      when is_unclear then 'place_unclear'
      when vendor_id is not null then 'not_told'
      when done_on is not null then 'unproven'
      else 'overdue'
    end as reason
  from facts
)
select
  request_id || ' / ' || place as item,
  item_on::timestamptz as item_at,
  request_id as subject,
  case
    when reason in ('erased', 'exempt', 'none_held', 'hashed_list', 'told', 'confirmed') then 'pass'
    when reason in (
      'late', 'next_working_day', 'extension_invalid', 'overdue', 'unproven', 'residue', 'restored', 'undone', 'list_not_hashed',
      'not_told', 'unconfirmed', 'confirmed_late'
    ) then 'exception'
    when reason in ('held', 'held_over') then 'deferred'
    when reason = 'not_erased' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'received {}, last day {}{}{}, {}{}{}',
    coalesce(received_on::varchar, 'on an unknown day'),
    coalesce(due_on::varchar, 'unknown'),
    case
      when due_on > base_on then format(' (extended on {} from {})', extended_on, base_on)
      when extended_on is not null then format(' (the extension of {} does not count)', extended_on)
      else ''
    end,
    case when moved_on = 'infinity' then ', held' when moved_on > due_on then ', moved by a hold to ' || moved_on else '' end,
    case when vendor_id is not null then 'told ' else 'erased ' end || coalesce(gone_on::varchar, 'not, or not for good'),
    case when vendor_id is not null then ', confirmed ' || coalesce(done_on::varchar, 'not') else '' end,
    case
      when exemption is not null then ', the register says ' || exemption
      when reason = 'next_working_day' then ', which the law forgives'
      else ''
    end
  ) as detail,
  case when outcome = 'exception' then coalesce(vendor_id, store_id) end as cause,
  lines,
  due_on,
  confirm_on,
  nullif(moved_on, 'infinity') as moved_on,
  gone_on as done_on,
  law_due_on
from judged
