/*
id         = "DET-13"
title      = "Nobody switches logging off, deletes a log or changes its rules"
promise    = "We log all access to all accounts by full IP address so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "critical"
kind       = "data"
tests      = "one log, login and UTC day with attempts, made or failed, to switch logging off, delete a log or change its rules (log / login / day)"
population = """
  select date_trunc('day', event_time) as item_at
  from access_events
  where event_action in ('log_disable', 'log_delete', 'log_rule_change')
  group by event_provider, user_id, date_trunc('day', event_time)
"""
needs      = ["access_events"]
may_use    = ["cases"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Certain (exception): logging was switched off outside an announced maintenance of that log, or a log was deleted. Leads (manual): \
rules changed, and what was tried in vain. Sees what reaches a log: who stops the log that should tell of it may leave the silence only, which LOG-01d \
judges hour by hour. The silence after a change is measured to the log's next event; it is unusual where the same span a week before held \
the events that make an hour usual in LOG-01d, and not known where the log does not reach back a week or has no later event. Which log of several a \
trail feeds is not in the events. Public rule sets: Sigma 4db60cc0-36fb-42b7-9b58-a5b53019fb74 (AWS CloudTrail Important Change) and Chronicle's \
aws_cloudtrail_logging_tampered alert on success and failure alike, Panther's AWS.CloudTrail.Stopped and Elastic's rules AWS CloudTrail Log \
Suspended, Deleted and Updated and AWS EC2 Flow Log Deletion on success only; MITRE ATT&CK T1562.008, Disable or Modify Cloud Logs, and T1070, \
Indicator Removal."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["5(1)(f)", "32(1)(b)", "32(1)(d)"]
ccpa = ["Regs 7123(c)(7)"]
[parameters.silence_minutes]
type    = "integer"
default = 30
unit    = "minutes"
source  = "management"
meaning = "Silence after a change of a log's rules that is looked at; twice the 15 minutes within which AWS says CloudTrail usually delivers"
[parameters.usual_events]
type    = "integer"
default = 7
unit    = "events"
source  = "management"
meaning = "Events usual in an hour that make its silence tell something"
[reasons]
switched_off        = "Logging was switched off outside an announced maintenance"
deleted             = "A log was deleted"
changed_then_silent = "A log's rules were changed, and the log was silent for unusually long after it"
rules_changed       = "A log's rules were changed outside an announced maintenance"
tried               = "Tried without success"
announced           = "Switched off or changed during a maintenance that names the log"
unclear             = { text = "Nobody knows whether the attempt succeeded", stays_open = true }
[columns]
succeeded      = "Attempts that succeeded"
tried          = "Attempts that failed"
actions        = "What was done or tried"
first_at       = "First attempt of the day"
last_at        = "Last attempt of the day"
silent_minutes = "Longest silence of the log after a success; null: not known"
*/
with
changes as (
  select
    event_id,
    event_provider,
    user_id,
    event_time::date as day,
    event_time,
    event_action,
    event_outcome,
    origin
  from access_events
  where event_action in ('log_disable', 'log_delete', 'log_rule_change')
),
announced as (
  select distinct change.event_id
  from changes as change
  join cases as maintenance
    on maintenance.kind = 'maintenance'
    and list_contains(maintenance.event_providers, change.event_provider)
    and change.event_time >= maintenance.opened_at
    and change.event_time < coalesce(maintenance.closed_at, 'infinity')
),
others as (    -- what else the same logs recorded
  select event_provider, event_time
  from access_events
  semi join changes using (event_provider)
  where event_action is null or event_action not in ('log_disable', 'log_delete', 'log_rule_change')
),
silences as (
  select change.event_id, change.event_provider, change.event_time as from_at, other.event_time as to_at
  from changes as change
  asof join others as other on other.event_provider = change.event_provider and other.event_time > change.event_time
  where change.event_outcome = 'success'
),
unusual as (
  select silence.event_id
  from silences as silence
  join others as other
    on other.event_provider = silence.event_provider
    and other.event_time >= silence.from_at - interval 168 hours
    and other.event_time < silence.to_at - interval 168 hours
  where silence.to_at >= silence.from_at + to_minutes(silence_minutes())
  group by silence.event_id
  having count(*) >= usual_events()
),
facts as (
  select
    changes.*,
    date_diff('minute', silences.from_at, silences.to_at) as silent_minutes,
    case
      when changes.event_outcome = 'failure' then 'tried'
      when changes.event_outcome <> 'success' then 'unclear'
      when changes.event_action = 'log_delete' then 'deleted'
      when announced.event_id is not null then 'announced'
      when changes.event_action = 'log_disable' then 'switched_off'
      when unusual.event_id is not null then 'changed_then_silent'
      else 'rules_changed'
    end as reason
  from changes
  left join announced using (event_id)
  left join silences using (event_id)
  left join unusual using (event_id)
),
judged as (
  select
    event_provider,
    user_id,
    day,
    arg_min(reason, list_position(
      ['switched_off', 'deleted', 'unclear', 'changed_then_silent', 'rules_changed', 'tried', 'announced'], reason)) as reason,
    count(*) filter (where event_outcome = 'success') as succeeded,
    count(*) filter (where event_outcome = 'failure') as tried,
    list_sort(list(distinct event_action)) as actions,
    min(event_time) as first_at,
    max(event_time) as last_at,
    max(silent_minutes) as silent_minutes,
    list(origin order by event_time, origin) as origins
  from facts
  group by event_provider, user_id, day
)
select
  format('{} / {} / {}', event_provider, coalesce(user_id, 'unknown login'), day) as item,
  day::timestamptz as item_at,
  user_id as subject,
  case
    when reason = 'announced' then 'pass'
    when reason in ('switched_off', 'deleted') then 'exception'
    when reason = 'unclear' then 'unknown'
    else 'manual'
  end as outcome,
  reason,
  format('{}: {} succeeded, {} tried in vain, from {} to {}; {}',
    array_to_string(actions, ', '), succeeded, tried, first_at, last_at,
    coalesce(format('then silent for up to {} minutes', silent_minutes), 'silence after it not known')) as detail,
  user_id as cause,
  origins as lines,
  succeeded,
  tried,
  actions,
  first_at,
  last_at,
  silent_minutes
from judged
