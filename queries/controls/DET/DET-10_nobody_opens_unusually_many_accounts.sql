/*
id         = "DET-10"
title      = "Nobody of ours opens far more customer accounts than colleagues with the same job"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one person of ours and UTC day with accesses that name a customer account (person / day); accounts count on the day on which the window ends"
needs      = ["access_events", "people", "access_grants"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """A lead, never certain: what no basis permits is ACC-01's exception. The window slides with each access; an access exactly one \
window before is inside. The yardstick is the peers' (same job title, not the person): the accounts that 95 % of their days with accesses \
stayed within, in the days before. Below the floor nothing is unusual, whatever the peers did; above it, with too few peers, the day is unknown. \
Accounts opened under an approved grant of the person that names no single account (for an incident, for example) are not counted; a ticket \
for each account changes nothing. Public rule sets: MITRE ATT&CK's detection strategy DET0500 and Microsoft Defender for Cloud Apps ask for a threshold \
or learn one for each user; peers as the yardstick are Microsoft Sentinel's UEBA's."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["5(1)(f)", "32(1)(d)", "32(4)"]
[parameters.many_accounts_hours]
type    = "integer"
default = 24
unit    = "hours"
source  = "management"
meaning = "Length of the window in which accounts are counted; a day, as in the hunting queries of Microsoft Sentinel"
[parameters.many_accounts_floor]
type    = "integer"
default = 10
unit    = "customer accounts"
source  = "management"
meaning = "Accounts in one window below which nothing is unusual"
[parameters.many_accounts_factor]
type    = "integer"
default = 3
unit    = "times"
source  = "management"
meaning = "More than this many times the peers' yardstick is unusual; between the 2 and the 5 times that public hunting queries take"
[parameters.peer_span_days]
type    = "integer"
default = 90
unit    = "days"
source  = "management"
meaning = "Days before that make the yardstick; as long as the activity that Microsoft Sentinel's UEBA compares for users"
[parameters.peer_days]
type    = "integer"
default = 20
unit    = "days with accesses, of all peers together"
source  = "management"
meaning = "Below it the yardstick is too short; of 20 days one may lie above the 95 %"
[parameters.peer_count]
type    = "integer"
default = 3
unit    = "peers"
source  = "management"
meaning = "Fewer peers with accesses in the span make no yardstick"
[reasons]
few_accounts  = "Fewer accounts than the floor in every window"
like_peers    = "Many accounts, but not unusual among the peers"
one_grant     = "Many accounts, but few beyond those under an approved grant that is not limited to one account"
many_accounts = "Far more accounts than the peers"
no_yardstick  = "More accounts than the floor, and too few peers or days of theirs to compare with"
[columns]
accounts  = "Most accounts in one window that ends on the day, without those that a grant for many covers"
first_at  = "First access of that window"
last_at   = "Last access of that window"
yardstick = "Accounts that 95 % of the peers' days stayed within; null: none was needed, or there is none"
peers     = "Peers with accesses in the span"
*/
with
covered as (    -- a grant that names no single account was approved for many
  select distinct work.event_id
  from staff_work as work
  join access_grants as permit
    on permit.person_id = work.person_id
    and permit.account_id is null
    and permit.approved_by_person_id <> permit.person_id
    and permit.valid_from_at <= work.event_time
    and least(permit.valid_to_at, permit.revoked_at) > work.event_time
),
accesses as (
  select
    work.person_id,
    work.account_id,
    case when covered.event_id is null then work.account_id end as counted_account_id,
    work.event_time,
    work.event_time::date as day,
    work.origin
  from staff_work as work
  left join covered using (event_id)
  where work.is_access and work.account_id is not null
),
days as (
  select person_id, day, count(distinct counted_account_id) as accounts, count(distinct account_id) as all_accounts
  from accesses
  group by person_id, day
),
reached as (    -- no window that ends on the day can hold more
  select
    *,
    sum(all_accounts) over (
      partition by person_id order by day range between to_days((many_accounts_hours() + 23) // 24) preceding and current row
    ) as most_accounts
  from days
),
busy as (    -- only they need the windows
  select distinct person_id
  from reached
  where most_accounts >= many_accounts_floor()
),
windows as (
  select
    accesses.*,
    count(distinct counted_account_id) over recent as accounts,
    count(distinct account_id) over recent as all_accounts,
    min(event_time) over recent as first_at
  from accesses
  semi join busy using (person_id)
  window recent as (partition by person_id order by event_time range between to_hours(many_accounts_hours()) preceding and current row)
),
fullest as (
  select person_id, day, accounts, first_at, event_time as last_at
  from windows
  where all_accounts >= many_accounts_floor()
  qualify row_number() over (partition by person_id, day order by accounts desc, event_time) = 1
),
titles as (
  select days.person_id, days.day, days.accounts, job.job_title
  from days
  asof join staff_jobs as job on job.person_id = days.person_id and job.started_on <= days.day
),
yardsticks as (
  select
    fullest.person_id,
    fullest.day,
    quantile_disc(peer.accounts, 0.95) as yardstick,
    count(*) as peer_days,
    count(distinct peer.person_id) as peers
  from fullest
  join titles as own using (person_id, day)
  join titles as peer
    on peer.job_title = own.job_title
    and peer.person_id <> own.person_id
    and peer.day < own.day
    and peer.day >= own.day - peer_span_days()
  group by fullest.person_id, fullest.day
),
shown as (
  select fullest.person_id, fullest.day, list(windows.origin order by windows.event_time, windows.origin) as origins
  from fullest
  join windows
    on windows.person_id = fullest.person_id
    and windows.event_time >= fullest.first_at
    and windows.event_time <= fullest.last_at
  group by fullest.person_id, fullest.day
),
judged as (
  select
    days.person_id,
    days.day,
    coalesce(fullest.accounts, days.accounts) as accounts,
    fullest.first_at,
    fullest.last_at,
    yardsticks.yardstick,
    yardsticks.peers,
    shown.origins,
    case
      when fullest.person_id is null then 'few_accounts'
      when fullest.accounts < many_accounts_floor() then 'one_grant'
      when yardsticks.peers >= peer_count() and yardsticks.peer_days >= peer_days() then
        case when fullest.accounts > many_accounts_factor() * yardsticks.yardstick then 'many_accounts' else 'like_peers' end
      else 'no_yardstick'
    end as reason
  from days
  left join fullest using (person_id, day)
  left join yardsticks using (person_id, day)
  left join shown using (person_id, day)
)
select
  format('{} / {}', person_id, day) as item,
  day::timestamptz as item_at,
  person_id as subject,
  case
    when reason in ('few_accounts', 'like_peers', 'one_grant') then 'pass'
    when reason = 'many_accounts' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  coalesce(
    format('{} accounts in {} hours, from {} to {}; {} peers, yardstick {}',
      accounts, many_accounts_hours(), first_at, last_at, coalesce(peers, 0), coalesce(yardstick::varchar, 'none')),
    format('{} accounts', accounts)) as detail,
  null as cause,
  origins as lines,
  accounts,
  first_at,
  last_at,
  yardstick,
  peers
from judged
