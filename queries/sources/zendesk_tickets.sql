/*
title      = "Zendesk tickets as a connector's table"
table      = "cases"
provider   = "zendesk_tickets"
records    = "csv"
file_names = ["*ticket_data*", "*zendesk*ticket*.csv*", "tickets*.csv*"]
recognise  = "list_has_all(columns, ['id', 'created_at', 'status', 'requester_id', 'via_channel'])"
origin     = "Zendesk Support: tickets in the columns in which a connector (Fivetran and the like) lands them in a warehouse."
export     = "`select * from zendesk.ticket` as CSV, deleted tickets included. Times without a zone are UTC. State when it was drawn as extracted_at."
limits     = "account_id is the ticket's organization, as Zendesk has it: translate it in a source of your own where accounts have other ids. closed_at is the last change of a closed ticket; Zendesk closes days after it was solved, and the ticket's table does not tell when it was solved. first_responded_at stands in another table (ticket metrics) and is empty. opened_by_person_id is the submitter. Abuse cases look like all others. Deleted tickets are loaded: the row is there, the end is not known."
# Sample: made up for these tests (CC0)
*/
with
tickets as (
  select
    line,
    cells,
    regexp_matches(text, '\n\d+,\d{4}-\d\d-\d\d \d') as is_joined,
    in_utc(cells['created_at']) as created,
    in_utc(cells['updated_at']) as updated
  from records
)
select
  line,
  cells['id'] as case_id,
  'support' as kind,
  cells['organization_id'] as account_id,
  cells['submitter_id'] as opened_by_person_id,
  moment(created) as opened_at,
  case when cells['status'] = 'closed' then moment(updated) end as closed_at,
  case
    when cells['id'] is null then 'is no ticket: no id'
    when is_joined then 'is two tickets, as a quote between them is missing'
    when cells['status'] not in ('new', 'open', 'pending', 'hold', 'solved', 'closed', 'deleted') then 'has an unknown status: ' || left(cells['status'], 40)
    when time_fault(created) is not null then time_fault(created)
    when cells['status'] = 'closed' and updated is not null and moment(updated) is null then time_fault(updated)
  end as refused,
  null::varchar as ignored
from tickets
