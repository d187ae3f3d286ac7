/*
What the controls of access and logging look at besides: counts of login rows by account and month, the review of the last quarter,
findings of the one before, and the statement about access in abuse cases.
*/
create or replace table login_months as
select number, date_trunc('month', started_at)::date as month, count(*) as rows
from sessions
join users using (person)
group by all
union all
select number, date_trunc('month', created_at)::date, 1
from accounts
where created_via in ('web', 'api', 'single_sign_on');

alter table row_counts add column data_from_on date;
alter table row_counts add column data_to_on date;
insert into row_counts by name    -- in July and in October, of every account that was not canceled in October
select
  'log-product' as store_id,
  accounts.account_id,
  login_months.month as data_from_on,
  (login_months.month + interval 1 month)::date as data_to_on,
  'any' as address_form,
  'store_owner' as counted_by,
  sum(login_months.rows)::bigint as row_count,
  counted_at
from login_months
join accounts using (number)
cross join (values (timestamptz '2026-07-03 12:00:00+00'), (timestamptz '2026-10-04 18:00:00+00')) as exports(counted_at)
where (accounts.canceled_at is null or accounts.reactivated_at is not null)
  and login_months.month + interval 1 month <= counted_at::date
  and not exists (    -- what was purged before the account came back is not there any more
    from purges
    where purges.number = accounts.number and store_id = 'log-product' and login_months.month < date_trunc('month', accounts.reactivated_at)
  )
group by all;

alter table reviews add column supersedes_review_id varchar;
insert into reviews by name
select
  'rv-access-202607' as review_id,
  'emp-0138' as reviewed_by_person_id,
  'unauthorized_access' as kind,
  timestamptz '2026-07-01 00:00:00+00' as covers_from_at,
  timestamptz '2026-10-01 00:00:00+00' as covers_to_at,
  timestamptz '2026-10-02 16:00:00+00' as started_at,
  timestamptz '2026-10-04 08:00:00+00' as completed_at,
  'satisfactory' as result;
update reviews set result = 'findings' where review_id = 'rv-access-202604';

create or replace table findings as
select
  'fi-' || finding as finding_id,
  'rv-access-202604' as review_id,
  control_id,
  reason,
  null::varchar as cause,
  null::varchar as item,
  subject_person_id,
  severity,
  timestamptz '2026-07-03 09:00:00+00' + to_minutes(finding * 10) as opened_at,
  closed_at,
  disposition,
  'emp-0139' as closed_by_person_id,
  null::varchar as case_id,
  'https://security.conferencing.example/findings/fi-' || finding as evidence_uri
from (values
  (1, 'DET-01', 'success_after_failures', null, 'high', timestamptz '2026-07-14 15:00:00+00', 'false_alarm'),
  (2, 'DET-09', 'outside_pattern', 'emp-0123', 'medium', '2026-07-15 10:00:00+00', 'authorized'),
  (3, 'ACC-01', 'no_basis', 'emp-0116', 'critical', '2026-07-08 09:00:00+00', 'unauthorized')
) as listed(finding, control_id, reason, subject_person_id, severity, closed_at, disposition);
create or replace view "findings.csv" as select * from findings order by opened_at, finding_id;

insert into attestations by name
select
  'at-ACC-04a-' || strftime(quarter, '%Y%m') as attestation_id,
  'ACC-04a' as control_id,
  'The case files of all accesses for abuse were read: each access was the last resort, and each confirmed case went to the authority in charge.' as statement,
  'General Counsel' as signer_title,
  'statement' as kind,
  'holds' as status,
  'emp-0104' as signed_by_person_id,
  'officer' as signer_role,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' + to_hours(66) as signed_at,
  quarter::timestamp at time zone 'UTC' as covers_from_at,
  (quarter + interval 3 month)::timestamp at time zone 'UTC' as covers_to_at,
  'https://board.conferencing.example/statements/' || strftime(quarter, '%Y%m') || '-abuse' as evidence_uri
from (select unnest(generate_series(date '2024-10-01', date '2026-07-01', interval 3 month))::date as quarter);
