/*
id         = "DET-01"
title      = "No sign-in follows a burst of failed ones on the same user"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one user and UTC day with sign-ins, tried or made (user / day); a burst counts on the day of the sign-in that ends it"
needs      = ["access_events"]
may_use    = ["addresses", "stores"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = "A lead, never a verdict: people mistype too. The window slides with each sign-in, an event exactly one window before it is inside, and a success in between does not start the count anew. Counts primary logs, whatever the address, so guessing spread over many addresses is seen; guessing over many users, or slower than the window, is not. A failed second factor is no failed sign-in. Needs no baseline: that people mistype is known of all. Spraying is DET-03's, guessing from many addresses without a success DET-04's."
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
[parameters.guess_failures]
type    = "integer"
default = 5
unit    = "failed sign-ins"
source  = "management"
meaning = "Failed sign-ins before the success that make a burst; as in Microsoft Sentinel's rule on brute force against the Azure portal (5 in 20 minutes); Elastic's on SSH asks 10 in 15 seconds, the example of Sigma's correlation rules 10 in 5 minutes"
[parameters.guess_minutes]
type    = "integer"
default = 20
unit    = "minutes"
source  = "management"
meaning = "Length of the window that ends with the success; from the same rule"
[reasons]
no_burst      = "No sign-in of the day had so many failures before it"
after_guesses = "A sign-in succeeded after a burst of failed ones"
unclear       = "How some sign-ins ended is not known; they may make a burst"
[columns]
sign_ins = "Successful sign-ins of the day"
bursts   = "Sign-ins of the day that ended a burst"
failures = "Most failed sign-ins before one of them"
risk     = "How unlikely the sign-in is for this person, by the score of Freeman and others 2016 (definition sign_in_risk): leads with the highest come first; empty where it can't be said"
*/
with
targets as (    -- only they can show a burst, and windows over few rows are cheap
  select user_id
  from sign_ins
  where event_outcome <> 'success'
  group by user_id
  having count(*) >= guess_failures()
),
attempts as (
  select *, load_id || ':' || line as origin, event_outcome = 'success' as is_success, event_outcome = 'failure' as is_failure
  from sign_ins
  semi join targets using (user_id)
),
counted as (    -- failures in the window up to this moment, less those of the moment that arrived later
  select
    attempts.*,
    count(*) filter (where is_failure) over recent - count(*) filter (where is_failure) over later as failures,
    count(*) filter (where not is_success) over recent - count(*) filter (where not is_success) over later
      - (not is_success)::integer as possible_failures,
    count(*) filter (where is_failure) over earlier as failure_number
  from attempts
  window
    recent as (
      partition by user_id order by event_time
      range between to_minutes(guess_minutes()) preceding and current row
    ),
    later as (
      partition by user_id, event_time order by event_sequence, load_id, line
      rows between 1 following and unbounded following
    ),
    earlier as (
      partition by user_id order by event_time, event_sequence, load_id, line
      rows between unbounded preceding and current row
    )
),
bursts as (
  select
    user_id,
    day_at,
    count(*) filter (where is_burst) as bursts,
    max(failures) filter (where is_burst) as failures,
    min(event_time) filter (where is_burst) as first_at,
    min(failure_number) filter (where is_burst) as failure_number,
    max(risk.risk) filter (where is_burst) as risk,
    list(origin order by event_time, origin) filter (where is_burst) as origins
  from (select *, is_success and failures >= guess_failures() as is_burst from counted)
  left join (select event_id, risk from sign_in_risk) as risk using (event_id)
  where not is_failure and possible_failures >= guess_failures()
  group by user_id, day_at
),
tries as (    -- the failures that made the first burst of the day
  select bursts.user_id, bursts.day_at, list(counted.origin order by counted.failure_number) as origins
  from bursts
  join counted
    on counted.user_id = bursts.user_id
    and counted.is_failure
    and counted.failure_number > bursts.failure_number - guess_failures()
    and counted.failure_number <= bursts.failure_number
  group by bursts.user_id, bursts.day_at
),
days as (
  select user_id, day_at, count(*) filter (where event_outcome = 'success') as sign_ins, count(*) as attempts
  from sign_ins
  group by user_id, day_at
),
judged as (
  select
    days.user_id,
    days.sign_ins,
    days.attempts,
    days.day_at,
    coalesce(bursts.bursts, 0) as bursts,
    bursts.failures,
    bursts.first_at,
    bursts.risk,
    list_concat(bursts.origins, tries.origins) as origins,
    case
      when bursts.bursts is null then 'no_burst'
      when bursts.bursts > 0 then 'after_guesses'
      else 'unclear'
    end as reason
  from days
  left join bursts using (user_id, day_at)
  left join tries using (user_id, day_at)
)
select
  format('{} / {}', user_id, day_at::date) as item,
  day_at as item_at,
  user_id as subject,
  case
    when reason = 'no_burst' then 'pass'
    when reason = 'after_guesses' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  case
    when bursts > 0 then format('{} of {} sign-ins ended a burst, the first at {}; up to {} failures in {} minutes before it',
      bursts, sign_ins, first_at, failures, guess_minutes())
    else format('{} sign-ins, {} attempts', sign_ins, attempts)
  end as detail,
  null as cause,
  origins as lines,
  sign_ins,
  bursts,
  failures,
  round(risk, 2) as risk
from judged
