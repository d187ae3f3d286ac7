/*
title      = "Okta users"
table      = "people"
provider   = "okta_users"
records    = "json"
file_names = ["*okta*user*"]
recognise  = "has_keys(text, ['id', 'status', 'profile']) and (object_of(text)->'profile'->>'login') is not null"
origin     = "Okta: the users of the company's tenant, with what the HR system wrote into their profiles."
export     = "Users API `GET /api/v1/users?search=status pr` (deprovisioned users included), all pages, as one list or one after the other. State when they were drawn as extracted_at."
limits     = "kind is told by profile.userType where it says Employee, Contractor, Intern, Vendor or Service, else empty. started_on and ended_on are read where the profile has startDate and endDate or terminationDate, since Okta has none of its own: the day on which a user was deprovisioned is that of the login, not of the job. Training and functions are not told."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
users as (
  select
    line,
    document,
    from_json(document,
      '{"id": "VARCHAR", "status": "VARCHAR",
        "profile": {"login": "VARCHAR", "email": "VARCHAR", "title": "VARCHAR", "timezone": "VARCHAR", "userType": "VARCHAR", "employeeNumber": "VARCHAR",
          "startDate": "VARCHAR", "endDate": "VARCHAR", "terminationDate": "VARCHAR"}}') as person
  from documents
)
select
  line,
  coalesce(person.profile.employeeNumber, person.id) as person_id,
  case lower(person.profile.userType)
    when 'employee' then 'staff' when 'intern' then 'staff' when 'contractor' then 'contractor'
    when 'vendor' then 'vendor_staff' when 'service' then 'service'
  end as kind,
  list_sort(list_distinct(list_filter([person.profile.login, lower(person.profile.login), person.id], lambda login: login is not null))) as user_ids,
  person.profile.title as job_title,
  person.profile.timezone as time_zone,
  try_cast(left(person.profile.startDate, 10) as date) as started_on,
  try_cast(left(coalesce(person.profile.endDate, person.profile.terminationDate), 10) as date) as ended_on,
  case
    when document is null then 'is no JSON object'
    when person.id is null then 'is no user of Okta: no id'
    when person.profile.startDate is not null and try_cast(left(person.profile.startDate, 10) as date) is null then 'startDate is no day: ' || left(person.profile.startDate, 40)
    when coalesce(person.profile.endDate, person.profile.terminationDate) is not null and try_cast(left(coalesce(person.profile.endDate, person.profile.terminationDate), 10) as date) is null
      then 'endDate is no day: ' || left(coalesce(person.profile.endDate, person.profile.terminationDate), 40)
  end as refused,
  null::varchar as ignored
from users
