/*
title      = "SCIM 2.0 users"
table      = "people"
provider   = "scim_users"
records    = "json"
lists      = ["Resources"]
file_names = ["*scim*"]
recognise  = "has_keys(text, ['id', 'userName']) and (contains(text, 'urn:ietf:params:scim:') or has_keys(text, ['meta']) or len(json_keys(object_of(text))) <= 3)"
origin     = "Any identity provider or HR system that speaks SCIM 2.0 (RFC 7643): Entra ID, Okta, OneLogin, Ping, Workday and others."
export     = "`GET /Users?startIndex=…&count=…`, all pages (each a ListResponse), one after the other in one file, or one user a line. Ask for all attributes. State when they were drawn as extracted_at."
limits     = "kind is told by userType where it says Employee, Contractor, Intern or Temp, else empty. SCIM has no first and last day in the job, no training: started_on, ended_on, is_training_required and privacy_trained_on are empty, and a deleted user is in no list. meta.created is when the login was made, not the job's first day. A login that is switched off (active false) is not shown as such: it has no day. Groups are not people and are ignored. functions are empty."
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
      '{"id": "VARCHAR", "userName": "VARCHAR", "externalId": "VARCHAR", "userType": "VARCHAR", "title": "VARCHAR", "timezone": "VARCHAR",
        "members": "JSON", "meta": {"resourceType": "VARCHAR"}, "emails": [{"value": "VARCHAR", "primary": "VARCHAR"}]}') as person
  from documents
)
select
  line,
  person.id as person_id,
  case lower(person.userType)
    when 'employee' then 'staff' when 'intern' then 'staff'
    when 'contractor' then 'contractor' when 'temp' then 'contractor' when 'external' then 'contractor'
  end as kind,
  list_sort(list_distinct(list_filter([person.userName, lower(person.userName)], lambda login: login is not null))) as user_ids,
  person.title as job_title,
  person.timezone as time_zone,
  case
    when document is null then 'is no JSON object'
    when person.meta.resourceType = 'Group' or person.members is not null then null
    when contains(document::varchar, 'scim:api:messages') then 'is a message of SCIM, no user'
    when person.id is null then 'is no user: no id'
  end as refused,
  case
    when person.meta.resourceType = 'Group' or person.members is not null then 'group'
    when person.userName is null and person.id is not null then 'no userName: a group, or a list that leaves it out'
  end as ignored
from users
