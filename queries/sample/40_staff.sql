/*
What our own people did and why: cases, consents, grants, and the events of the support tool, the cloud console
and the bastion. One access of a customer account has one grant, and each grant its reason.
*/
create or replace table colleagues as
select
  staff.*,
  lower(replace(replace(name, ' ', '.'), '-', '')) || '@conferencing.example' as login,
  lower(substr(name, 1, 1) || regexp_replace(name, '^.* ', '')) as unix_name,
  address(prefixes.head, prefixes.version, 'colleague' || person_id) as home_address,
  numbered_agents.agent
from staff
join numbered_prefixes as prefixes
  on prefixes.country = staff.country and prefixes.place = pick('colleague', person_id, prefixes.places)
join numbered_agents on numbered_agents.place = pick('desk', person_id, 7);

create or replace table services as
select
  *,
  address('3.208', 4, person_id) as home_address
from (values
  ('svc-backup', 'Backup service', 'aws-sdk-go-v2/1.36.3 os/linux lang/go#1.24 api/rds#1.95'),
  ('svc-deploy', 'Deployment pipeline', 'APN/1.0 HashiCorp/1.0 Terraform/1.11.4 aws-sdk-go-v2/1.36.3'),
  ('svc-purge', 'Purge jobs', 'Boto3/1.38.2 md/Botocore#1.38.2 ua/2.1 os/linux md/arch#x86_64 lang/python#3.12')
) as listed(person_id, name, agent);

create or replace table customers as   -- lasting accounts, to be looked at in an incident or an abuse case
select
  number,
  account_id,
  created_at,
  row_number() over (order by created_at, number) as place
from accounts
where number % 3 = 0 and kind = 'customer' and plant is null;

/* Support tickets: a user who has just signed in writes; the owner agrees; a colleague at work looks. */
create or replace macro ticket_count() as least(greatest(36, (event_count() * 0.0071)::bigint), 4000);    -- more would make busy hours, and some of them silent by chance

create or replace table tickets as
with
written as (
  select
    range as ticket,
    (((range + fraction('ticket', range)) / ticket_count()) * session_count())::bigint as session
  from range(ticket_count())
),
opened as (
  select
    written.ticket,
    users.number,
    users.account_id,
    users.person_id as opened_by_person_id,
    sessions.started_at + seconds(300 + 1200 * fraction('writes', ticket)) as opened_at
  from written
  join sessions using (session)
  join users using (person)
  join accounts on accounts.number = users.number
  where accounts.kind = 'customer' and accounts.plant is null
    and (accounts.canceled_at is null or accounts.canceled_at > sessions.started_at + to_days(4) or accounts.reactivated_at < sessions.started_at)
    and sessions.started_at < last_moment() - to_days(4)
),
offered as (
  select
    opened.*,
    opened_at + to_minutes(25 + 60 * shift) as first_access_at,
    colleagues.person_id,
    shift,
    draw('takes', ticket || colleagues.person_id) as lot
  from opened
  cross join (values (0), (10), (20), (32), (48), (58)) as shifts(shift)
  join colleagues on colleagues.team = 'support'
    and colleagues.started_on < opened_at::date - 6
    and coalesce(colleagues.ended_on, date '2030-01-01') > opened_at::date + 4
    and hour((opened_at + to_minutes(25 + 60 * shift)) at time zone colleagues.time_zone) between 8 and 16
    and isodow((opened_at + to_minutes(25 + 60 * shift)) at time zone colleagues.time_zone) < 6
),
taken as (
  select *
  from offered
  qualify row_number() over (partition by ticket order by shift, lot) = 1
)
select
  taken.* exclude (shift, lot),
  owners.person_id as owner_person_id,
  'T-' || (10240 + row_number() over (order by opened_at, ticket)) as case_id,
  'c-' || token('consent', ticket)[:10] as consent_id,
  'g-' || token('grant', ticket)[:10] as grant_id,
  1 + pick('looks', ticket, 4) as looks,
  first_access_at - seconds(480 + 360 * fraction('agrees', ticket)) as consented_at,
  first_access_at - seconds(300 + 150 * fraction('requests', ticket)) as requested_at,
  first_access_at - seconds(120 + 120 * fraction('approves', ticket)) as approved_at,
  ['emp-0106', 'emp-0107', 'emp-0108'][1 + pick('lead', ticket, 3)] as approved_by_person_id,
  first_access_at + seconds(4 * 3600 + 80000 * fraction('closes', ticket)) as closed_at,
  pick('how', ticket, 10) as way
from taken
join users as owners on owners.number = taken.number and owners.seat = 0;

create or replace table incidents as
with
numbers as (
  select
    range as incident,
    first_moment() + seconds(86400 * (5 + 11.8 * range) + 800000 * fraction('incident', range)) as opened_at
  from range(60)
),
staffed as (
  select
    numbers.*,
    colleagues.person_id,
    row_number() over (partition by incident order by draw('on call', incident || colleagues.person_id)) as choice
  from numbers
  join colleagues on colleagues.team = 'operations' and colleagues.started_on < opened_at::date - 10
  where opened_at < last_moment() - to_days(12)
)
select
  staffed.* exclude (choice),
  'I-' || (101 + incident) as case_id,
  'g-' || token('incident grant', incident)[:10] as grant_id,
  ['recording transcoder', 'calendar sync', 'invoice run', 'search indexing', 'webhook delivery', 'transcript import'][1 + pick('process', incident, 6)] as process,
  opened_at + seconds(5400 + 40000 * fraction('repaired', incident)) as closed_at,
  opened_at + seconds(86400 * (2 + 8 * fraction('root cause', incident))) as root_cause_recorded_at,
  incident % 5 <> 3 as has_access,
  customers.account_id
from staffed
asof join customers as known on known.created_at < staffed.opened_at - to_days(2)
join customers on customers.place = 1 + pick('affected', incident, known.place)
where choice = 1;

create or replace table abuse_cases as
with
numbers as (
  select
    range as abuse,
    first_moment() + to_days((20 + 28 * range)::integer) + seconds(14 * 3600 + 18000 * fraction('abuse', range)) as opened_at
  from range(25)
)
select
  numbers.*,
  'A-' || (501 + abuse) as case_id,
  'g-' || token('abuse grant', abuse)[:10] as grant_id,
  case when pick('analyst', abuse, 2) = 0 or opened_at < timestamptz '2024-12-01' then 'emp-0129' else 'emp-0130' end as person_id,
  opened_at + seconds(3600 * (1 + 3 * fraction('looked', abuse))) as first_access_at,
  customers.account_id,
  abuse in (6, 15) as is_confirmed
from numbers
asof join customers as known on known.created_at < numbers.opened_at - to_days(2)
join customers on customers.place = 1 + pick('suspected', abuse, known.place)
where opened_at < last_moment() - to_days(10);

create or replace table warrants as
with
numbers as (
  select
    range as warrant,
    first_moment() + to_days((45 + 84 * range)::integer) + seconds(14 * 3600 + 14000 * fraction('warrant', range)) as received_at
  from range(8)
)
select
  numbers.*,
  'L-' || (11 + warrant) as legal_request_id,
  'g-' || token('legal grant', warrant)[:10] as grant_id,
  customers.account_id
from numbers
asof join customers as known on known.created_at < numbers.received_at - to_days(2)
join customers on customers.place = 1 + pick('sought', warrant, known.place)
where received_at < last_moment() - to_days(20);

create or replace table cases as
select
  case_id,
  'support' as kind,
  account_id,
  null::varchar as vendor_id,
  opened_by_person_id,
  opened_at,
  consented_at - seconds(60 + 90 * fraction('answers', ticket)) as first_responded_at,
  closed_at,
  null::varchar as process,
  null::varchar as root_cause_uri,
  null::timestamptz as root_cause_recorded_at,
  null::timestamptz as reported_at,
  null::varchar[] as event_providers,
  null::varchar[] as steps_before_access,
  null::varchar as outcome,
  null::varchar as reported_to
from tickets
union all
select case_id, 'incident', null, null, null, opened_at, null, closed_at, process,
  'https://wiki.conferencing.example/root-causes/' || case_id, root_cause_recorded_at, null, [], null, null, null
from incidents
union all
select case_id, 'abuse', account_id, null, person_id, opened_at, null, first_access_at + to_days(5), null, null, null,
  case when is_confirmed then first_access_at + to_days(7) end, null,
  ['reviewed the reports', 'asked the account owner', 'looked at billing data only'],
  case when is_confirmed then 'restricted_use_confirmed' else 'not_confirmed' end,
  case when is_confirmed then 'State Attorney General' end
from abuse_cases
union all
select
  'M-' || strftime(day, '%Y%m'), 'maintenance', null, null, null,
  day::timestamp at time zone 'UTC' + to_hours(4), null, day::timestamp at time zone 'UTC' + to_hours(6), null, null, null, null, ['bastion'], null, null, null
from (
  select month_on + ((14 - isodow(month_on)) % 7)::integer as day
  from (select unnest(generate_series(date '2024-10-01', date '2026-09-01', interval 1 month))::date as month_on)
);

create or replace table consents as
select
  consent_id,
  null::varchar as person_id,
  account_id,
  owner_person_id as given_by_person_id,
  'support_access' as purpose,
  'granted' as choice,
  null::varchar[] as scope,
  consented_at as given_at,
  consented_at as applied_at,
  null::timestamptz as withdrawn_at,
  case when way < 7 then 'click' else 'email_reply' end as method,
  case_id,
  null::varchar as document_id,
  case when way >= 7 then 'https://help.conferencing.example/tickets/' || case_id || '#reply' end as evidence_uri,
  case when way >= 7 then sha256('reply' || case_id) end as evidence_sha256
from tickets
union all
select 'd-' || token('terms', number)[:10], null, accounts.account_id, users.person_id, 'document', 'granted', null,
  accounts.created_at, accounts.created_at, null, 'click', null,
  case when accounts.created_at < timestamptz '2026-01-15 00:00:00+00' then 'policy-2024-01' else 'policy-2026-01' end, null, null
from accounts
join users using (number)
where users.seat = 0
union all
select 'm-' || token('marketing', person)[:10], users.person_id, users.account_id, null, 'marketing_email',
  case when pick('opts', person, 3) = 0 then 'denied' else 'granted' end, null,
  joined_at + to_minutes(4), joined_at + to_minutes(9), null, 'click', null, null, null, null
from users
where pick('mail', person, 9) = 0 and joined_at < last_moment() - to_hours(1);

create or replace table access_grants as
select
  grant_id,
  person_id,
  account_id,
  null::varchar as store_id,
  'support_consent' as basis,
  case_id,
  consent_id,
  null::varchar as legal_request_id,
  case when way % 3 = 0 then ['view_content', 'view_metadata', 'impersonate', 'run_query'] end as actions,
  person_id as requested_by_person_id,
  approved_by_person_id as granted_by_person_id,
  approved_by_person_id,
  approved_at as valid_from_at,
  approved_at + to_hours(8) as valid_to_at,
  requested_at,
  approved_at,
  null::timestamptz as revoked_at,
  false as is_break_glass
from tickets
union all
select grant_id, person_id, null, null, 'service_error', case_id, null, null, null, person_id, 'emp-0128', 'emp-0128',
  opened_at + to_minutes(14), opened_at + to_hours(14), opened_at + to_minutes(9), opened_at + to_minutes(14), null, false
from incidents
where has_access
union all
select grant_id, person_id, account_id, null, 'abuse_investigation', case_id, null, null, ['view_content', 'view_metadata'], person_id, 'emp-0131', 'emp-0131',
  first_access_at - to_minutes(30), first_access_at + to_days(2), first_access_at - to_minutes(90), first_access_at - to_minutes(30), null, false
from abuse_cases
union all
select grant_id, 'emp-0105', account_id, null, 'legal_requirement', null, null, legal_request_id, ['export', 'view_metadata'], 'emp-0105', 'emp-0104', 'emp-0104',
  received_at + to_days(3), received_at + to_days(6), received_at + to_days(2), received_at + to_days(3), null, false
from warrants;

create or replace table support_events as
with
looks as (
  select
    'T' || ticket as source,
    unnest(range(looks)) as look,
    person_id,
    account_id,
    grant_id,
    case_id,
    first_access_at,
    way
  from tickets
  union all
  select 'I' || incident, unnest(range(1 + 2)), person_id, account_id, grant_id, case_id, opened_at + to_minutes(16), 20
  from incidents
  where has_access
  union all
  select 'A' || abuse, unnest(range(1 + abuse % 2)), person_id, account_id, grant_id, case_id, first_access_at, 30
  from abuse_cases
  union all
  select 'L' || warrant, unnest(range(2)), 'emp-0105', account_id, grant_id, legal_request_id, received_at + to_days(4), 40
  from warrants
),
kinds as (
  select
    looks.*,
    case
      when way = 40 and look = 0 then 'view_metadata'
      when way = 40 then 'export'
      when way = 20 and look = 2 then 'run_query'
      when way < 20 and pick('what', source || look, 20) = 0 then 'run_query'
      when way < 20 and pick('what', source || look, 20) < 5 then 'impersonate'
      when look > 0 or pick('what', source || look, 20) < 15 then 'view_content'
      else 'view_metadata'
    end as action
  from looks
)
select
  'sa-' || token('look', source || look) as event_id,
  first_access_at + seconds(look * 150 + look * 900 * fraction('reads', source || look)) as event_time,
  kinds.person_id,
  colleagues.login as actor,
  case action when 'run_query' then 'db-shell' when 'impersonate' then 'impersonation' else 'console' end as tool,
  action,
  case when way = 20 and look = 2 then null else account_id end as account,
  case action when 'impersonate' then null when 'export' then 20000 + pick('rows', source, 9000) else 1 + pick('rows', source || look, 120) end as rows,
  case when pick('cites', source || look, 8) > 0 then grant_id end as grant_id,
  case when way < 20 then 'ticket ' || case_id when way = 20 then 'incident ' || case_id when way = 30 then 'abuse case ' || case_id else 'warrant ' || case_id end as reason,
  'sid-' || token('staff session', source)[:12] as sid,
  colleagues.home_address as ip,
  colleagues.agent,
  'success' as result,
  'staff' as kind,
  0 as skipped_numbers,
  false as is_unnumbered
from kinds
join colleagues using (person_id);

/* The cloud console: sign-ins of operations, changes of rights, services at work. */
create or replace table workdays as
select
  colleagues.person_id,
  colleagues.team,
  colleagues.login,
  colleagues.unix_name,
  colleagues.home_address,
  colleagues.agent,
  colleagues.time_zone,
  day::date as day,
  colleagues.person_id || day::date as key
from colleagues
cross join generate_series(timestamp '2024-10-01', timestamp '2026-09-30', interval 1 day) as days(day)
where isodow(day) < 6
  and colleagues.started_on < day::date - 2
  and coalesce(colleagues.ended_on, date '2030-01-01') >= day::date
  and not exists (from days_off where days_off.day = days.day::date and days_off.percent < 80);

create or replace macro uuid_of(salt, key) as
  regexp_replace(token(salt, key) || token(salt || ' too', key), '^(.{8})(.{4}).(.{3}).(.{3})(.{12}).*$', '\1-\2-4\3-8\4-\5');

create or replace table cloud_events as
select
  uuid_of('console', key) as event_id,
  date_trunc('second', (day + seconds(8.5 * 3600 + 8 * 3600 * fraction('console time', key))) at time zone time_zone) as event_time,
  'ConsoleLogin' as event_name,
  'signin.amazonaws.com' as event_source,
  login as user_name,
  'IAMUser' as user_type,
  home_address as ip,
  agent,
  true as is_success,
  null::varchar as parameters
from workdays
where team in ('operations', 'operations_lead', 'it', 'security') and fraction('console day', key) < least(0.05 + event_count() / 800000, 0.6)
union all
select
  uuid_of('backup', day || step),
  date_trunc('second', day at time zone 'UTC' + seconds(2 * 3600 + 120 + step * 330 + 240 * fraction('backup', day || step))),
  ['DescribeDBSnapshots', 'CreateDBSnapshot', 'DescribeDBSnapshots', 'CopyDBSnapshot', 'ListSnapshots', 'StartExportTask', 'DescribeExportTasks', 'DescribeDBSnapshots', 'DeleteDBSnapshot'][step],
  'rds.amazonaws.com', 'svc-backup', 'AssumedRole', services.home_address, services.agent, true, '{"dBInstanceIdentifier": "db-main"}'
from generate_series(timestamp '2026-05-04', timestamp '2026-09-30', interval 1 day) as days(day)
cross join range(1, 10) as steps(step)
join services on services.person_id = 'svc-backup'
union all
select
  uuid_of('deploy', number),
  date_trunc('second', (days[1 + len(days) * number // deploys] + to_hours(13) + seconds(9 * 3600 * (len(days) * number % deploys) / deploys)) at time zone 'UTC'),
  ['UpdateService', 'DescribeServices', 'RegisterTaskDefinition', 'DescribeTaskDefinition', 'DescribeStacks'][1 + pick('deploy', number, 5)],
  'ecs.amazonaws.com', 'svc-deploy', 'AssumedRole', services.home_address, services.agent, true, '{"cluster": "production"}'
from (select greatest(60, (event_count() * 0.01)::bigint) as deploys)
cross join (
  select list(day order by day) as days
  from generate_series(timestamp '2024-10-01', timestamp '2026-09-30', interval 1 day) as listed(day)
  where isodow(day) < 6
) as days
cross join lateral (select unnest(range(deploys)) as number) as numbers
join services on services.person_id = 'svc-deploy'
union all
select
  uuid_of('right', person_id),
  date_trunc('second', (greatest(started_on, date '2024-10-02') + to_hours(15) + seconds(3600 * fraction('right', person_id))) at time zone 'UTC'),
  'AttachUserPolicy', 'iam.amazonaws.com', 'peter.malloy@conferencing.example', 'IAMUser',
  (select home_address from colleagues where person_id = 'emp-0140'), (select agent from colleagues where person_id = 'emp-0140'), true,
  format('{{"userName": "{}", "policyArn": "arn:aws:iam::aws:policy/ReadOnlyAccess"}}', login)
from colleagues
where team in ('operations', 'security') and started_on > date '2024-10-01';

create or replace table bastion_events as
select
  'accepted' as kind,
  date_trunc('millisecond', (day + seconds(8.6 * 3600 + 9 * 3600 * fraction('shell', key || turn))) at time zone time_zone) as event_time,
  unix_name,
  home_address as ip,
  10000 + pick('process', key || turn, 50000) as process,
  40000 + pick('port', key || turn, 20000) as port,
  0 as repeats
from workdays
cross join range(3) as turns(turn)
where team in ('operations', 'engineering') and fraction('shell day', key || turn) < least(0.02 + event_count() / 2200000, 0.85);

insert into bastion_events
select
  'failed',
  event_time - to_seconds(9),
  unix_name,
  ip,
  process - 1,
  port - 2,
  0
from bastion_events
where pick('mistypes', unix_name || event_time::varchar, 30) = 0;
