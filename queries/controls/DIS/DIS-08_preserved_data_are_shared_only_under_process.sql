/*
id         = "DIS-08"
title      = "Preserved data are shared only under process that compels us, and not before it came"
promise    = "We do not share preserved data unless absolutely required under the Stored Communications Act or compelled by a court order that we choose not to appeal."
source     = "When we access or share your information"
severity   = "critical"
kind       = "data"
tests      = "one disclosure from a preserved copy in the period: disclosure"
population = """
  select disclosed_at as item_at
  from disclosures
  where backup_id is not null
    and (
      backup_id not in (select backup_id from backups where backup_id is not null)
      or backup_id in (select backup_id from backups where coalesce(kind, '') not in ('scheduled', 'manual', 'dump', 'export'))
    )
    and coalesce(legal_request_id, '') not in (
      select coalesce(legal_request_id, 'none') from legal_requests where instrument in ('national_security_letter', 'fisa_order')
    )
  qualify row_number() over (partition by coalesce(disclosure_id, origin) order by origin) = 1"""
needs      = ["disclosures", "backups", "legal_requests"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed disclosures that name the preserved copy they came from. The process is the request for data that the disclosure cites, \
else one related to the preservation of its copy. A warrant and a criminal subpoena are process under the Act; a court order is one with counsel's note why it was not appealed; \
a civil subpoena is not, since the Act requires no sharing on one. A foreign paper compels only with the US paper behind it. \
Whether the paper covers the account and the classes of data shared is DIS-01's. Papers of which no details may leave the store are left out (DIS-05)."""
[clauses]
dpf  = ["II.7.a.ii", "III.16.a"]
gdpr = ["48"]
[reasons]
compelled        = "Shared after process that compels us had come"
no_process       = "Shared without process"
before_process   = "Shared before the process had come"
not_compelling   = "The paper behind it does not compel us: its form, its country, its service or its state"
no_counsel_note  = "Shared on a court order without counsel's note why it was not appealed"
paper_unclear    = { text = "The paper behind it is not on record, stands there twice, or its form, country, state or receipt is unknown", stays_open = true }
copy_unclear     = { text = "The copy that it came from is not on record, stands there twice, or was not there then", stays_open = true }
undated          = { text = "Nobody knows when the data were shared", stays_open = true }
contradiction    = { text = "The disclosure stands on record more than once, with different facts", stays_open = true }
[columns]
copy_id    = "Preserved copy that it came from"
process_id = "Request for data that decided"
process_at = "Moment at which that request came"
*/
with
papers as (    -- of two rows with one id neither is believed
  select
    *,
    count(*) over (partition by legal_request_id) > 1 as is_repeated,
    instrument in ('national_security_letter', 'fisa_order') as is_secret
  from legal_requests
),
copies as (
  select
    backup_id,
    bool_and(coalesce(kind, '') in ('scheduled', 'manual', 'dump', 'export')) as is_ordinary,
    count(*) > 1 or any_value(kind) is distinct from 'preserved_copy' as is_unclear,
    any_value(taken_at) as taken_at,
    any_value(destroyed_at) as destroyed_at,
    min(legal_request_id) as legal_request_id,
    list_sort(list(origin)) as lines
  from backups
  group by backup_id
),
shared as (
  select
    disclosure.*,
    coalesce(disclosure.disclosure_id, disclosure.origin) as item_id,
    count(*) over same > 1 as is_repeated,
    list_sort(list(disclosure.origin) over same) as lines
  from disclosures as disclosure
  window same as (partition by coalesce(disclosure.disclosure_id, disclosure.origin))
),
items as (
  select
    shared.* exclude (lines),
    copy.legal_request_id as preservation_id,
    coalesce(copy.is_unclear or copy.taken_at > shared.disclosed_at or copy.destroyed_at < shared.disclosed_at, copy.backup_id is null) as is_copy_unclear,
    exists (from papers where papers.legal_request_id = shared.legal_request_id and papers.kind = 'data') as is_process_cited,
    exists (from papers where papers.legal_request_id = shared.legal_request_id) as is_cited_known,
    list_concat(shared.lines, copy.lines) as lines
  from shared
  left join copies as copy on copy.backup_id = shared.backup_id
  where shared.backup_id is not null
    and not coalesce(copy.is_ordinary, false)
    and coalesce(shared.legal_request_id, '') not in (from (select coalesce(legal_request_id, 'none') from papers where is_secret))
  qualify row_number() over (partition by shared.item_id order by shared.origin) = 1
),
processes as (    -- what the disclosure cites, else what followed the preservation
  select
    item.item_id,
    paper.legal_request_id,
    paper.received_at,
    paper.origin,
    case
      when paper.is_repeated then 'paper_unclear'
      when paper.instrument in ('none', 'civil_subpoena', 'section_2703f', 'california_hold', 'emergency', 'cloud_act_agreement')
        or paper.status in ('rejected', 'withdrawn')
        or (paper.country <> 'US' and paper.us_instrument_reference is null)
        or not paper.is_properly_served
        then 'not_compelling'
      when paper.received_at > item.disclosed_at then 'before_process'
      when paper.instrument = 'court_order' and paper.counsel_note_uri is null then 'no_counsel_note'
      when paper.instrument in ('warrant', 'criminal_subpoena', 'court_order')
        and paper.status in ('open', 'complied')
        and (paper.country = 'US' or paper.us_instrument_reference is not null)
        and paper.received_at <= item.disclosed_at
        then 'compelled'
      else 'paper_unclear'
    end as reason
  from items as item
  join papers as paper
    on case when item.is_process_cited then paper.legal_request_id = item.legal_request_id else paper.related_legal_request_id = item.preservation_id end
  where paper.kind = 'data' and not coalesce(paper.is_secret, false)
),
decisive as (    -- the one that serves best; one that may serve comes next
  select
    item_id,
    min_by(
      {legal_request_id: legal_request_id, received_at: received_at, reason: reason, origin: origin},
      (
        list_position(['compelled', 'paper_unclear', 'no_counsel_note', 'before_process', 'not_compelling'], reason),
        received_at,
        origin
      )
    ) as process
  from processes
  group by item_id
),
judged as (
  select
    item.*,
    decisive.process,
    case
      when item.is_repeated then 'contradiction'
      when item.disclosed_at is null then 'undated'
      when item.is_copy_unclear then 'copy_unclear'
      when item.legal_request_id is not null and not item.is_cited_known then 'paper_unclear'
      when decisive.process is not null then decisive.process.reason
      when item.preservation_id is null then 'copy_unclear'
      else 'no_process'
    end as reason
  from items as item
  left join decisive on decisive.item_id = item.item_id
)
select
  item_id as item,
  disclosed_at as item_at,
  account_id as subject,
  case
    when reason = 'compelled' then 'pass'
    when reason in ('no_process', 'before_process', 'not_compelling', 'no_counsel_note') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    'shared with {} {} from copy {}; process {} received {}',
    coalesce(recipient, 'an unknown recipient'),
    coalesce(strftime(disclosed_at, '%Y-%m-%d %H:%M'), 'nobody knows when'),
    backup_id,
    coalesce(process.legal_request_id, 'none'),
    coalesce(strftime(process.received_at, '%Y-%m-%d %H:%M'), 'never')
  ) as detail,
  case when reason in ('before_process', 'not_compelling', 'no_counsel_note') then process.legal_request_id end as cause,
  list_append(lines, process.origin) as lines,
  backup_id as copy_id,
  process.legal_request_id as process_id,
  process.received_at as process_at
from judged
