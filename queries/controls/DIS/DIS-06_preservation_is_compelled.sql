/*
id         = "DIS-06"
title      = "Customer data are preserved for others only where US law compels it, and as they were at the request"
promise    = "a request to preserve data, we refuse unless compelled by either the US Federal Stored Communications Act, 18 U.S.C. Section 2703(f) or a properly served US subpoena for civil matters"
source     = "When we access or share your information"
severity   = "high"
kind       = "data"
tests      = "one preservation request received in the period: request (of a copy without a request on record: request named or 'no request', copy)"
needs      = ["legal_requests", "backups"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees listed requests and copies: a request counts as refused if no preserved copy names it, whatever the register says of it. \
Section 2703(f) binds to what was there at the receipt, so a copy with newer records has grown; a civil subpoena may want more. \
A hold by California's law enforcement is lawful, but the policy does not name it: an exception, until a waiver with counsel's note covers it. \
Warrants and court orders compel disclosure, not preservation. Renewals are no items. Papers of which no details may leave the store are left out (DIS-05). \
Whether a copy was destroyed in time is DIS-09's."""
[clauses]
dpf  = ["II.7.a.ii", "II.5.b"]
gdpr = ["48", "5(1)(e)"]
ccpa = ["1798.145(a)(1)(B)"]
[reasons]
no_copy         = "No copy was made"
compelled       = "Compelled by Section 2703(f) or a properly served US civil subpoena"
not_compelled   = "A copy was made, and neither Section 2703(f) nor a US civil subpoena compelled it"
california_hold = "A copy was made for California's law enforcement, a lawful basis that the policy does not name"
badly_served    = "A copy was made on a civil subpoena that was not properly served"
grown           = "The copy holds records newer than the receipt, which Section 2703(f) does not cover"
growth_unknown  = { text = "Whether the copy holds records newer than the receipt is not known", stays_open = true }
paper_unclear   = { text = "The paper, its sender's country or its service is not known", stays_open = true }
paper_missing   = { text = "The preservation request behind the copy is not on record", stays_open = true }
undated         = { text = "Nobody knows when it was received", stays_open = true }
contradiction   = { text = "The rows of the request or of its copy contradict each other", stays_open = true }
[columns]
instrument       = "Form of the paper"
copy_id          = "Preserved copy, the first of them"
newest_record_at = "Newest customer record in the copies"
*/
with
papers as (    -- of two rows with one id the first is shown, and neither believed
  select
    *,
    coalesce(legal_request_id, origin) as request_id,
    count(*) over same > 1 as is_repeated,
    bool_or(kind = 'preservation') over same as is_preservation,
    coalesce(bool_or(instrument in ('national_security_letter', 'fisa_order')) over same, false) as is_secret,
    list_sort(list(origin) over same) as lines
  from legal_requests
  window same as (partition by coalesce(legal_request_id, origin))
  qualify row_number() over (partition by coalesce(legal_request_id, origin) order by origin) = 1
),
copies as (
  select *, coalesce(backup_id, origin) as copy_id, count(*) over (partition by coalesce(backup_id, origin)) > 1 as is_repeated
  from backups
  where kind = 'preserved_copy'
),
copies_of_papers as (
  select
    legal_request_id,
    min(copy_id) as copy_id,
    min(taken_at) as first_taken_at,
    max(newest_record_at) as newest_record_at,
    bool_or(newest_record_at is null) as is_newest_unknown,
    bool_or(is_repeated) as is_repeated,
    list_sort(list(origin)) as lines
  from copies
  group by legal_request_id
),
judged as (
  select
    paper.* exclude (lines),
    copy.copy_id,
    copy.newest_record_at,
    list_concat(paper.lines, copy.lines) as lines,
    case
      when paper.is_repeated or copy.is_repeated or copy.first_taken_at < paper.received_at then 'contradiction'
      when paper.received_at is null then 'undated'
      when copy.legal_request_id is null then 'no_copy'
      when paper.instrument = 'california_hold' then 'california_hold'
      when paper.instrument in ('none', 'warrant', 'criminal_subpoena', 'court_order', 'emergency', 'cloud_act_agreement')
        or paper.country <> 'US'
        or (paper.instrument = 'section_2703f' and paper.authority_kind in ('foreign', 'civil_party', 'private'))
        then 'not_compelled'
      when paper.instrument = 'civil_subpoena' and not paper.is_properly_served then 'badly_served'
      when paper.instrument = 'section_2703f' and copy.newest_record_at > paper.received_at then 'grown'
      when paper.country is null then 'paper_unclear'
      when paper.instrument = 'civil_subpoena' and paper.is_properly_served then 'compelled'
      when paper.instrument = 'section_2703f' and copy.is_newest_unknown then 'growth_unknown'
      when paper.instrument = 'section_2703f' then 'compelled'
      else 'paper_unclear'
    end as reason
  from papers as paper
  left join copies_of_papers as copy on copy.legal_request_id = paper.request_id
  where paper.is_preservation and not paper.is_secret
  union all by name
  select
    concat_ws(' / ', coalesce(copy.legal_request_id, 'no request'), copy.copy_id) as request_id,
    any_value(copy.account_id) as account_id,
    copy.copy_id,
    max(copy.newest_record_at) as newest_record_at,
    list_sort(list(copy.origin)) as lines,
    'paper_missing' as reason
  from copies as copy
  anti join (from papers where is_preservation or is_secret) as paper on paper.request_id = copy.legal_request_id
  group by copy.legal_request_id, copy.copy_id
)
select
  request_id as item,
  received_at as item_at,
  account_id as subject,
  case
    when reason in ('no_copy', 'compelled') then 'pass'
    when reason in ('not_compelled', 'california_hold', 'badly_served', 'grown') then 'exception'
    else 'unknown'
  end as outcome,
  reason,
  format(
    '{} of {} received {}, {}; {}, newest record {}',
    coalesce(instrument, 'paper'),
    coalesce(authority, 'an unknown sender'),
    coalesce(strftime(received_at, '%Y-%m-%d %H:%M'), 'nobody knows when'),
    coalesce(status, 'state unknown'),
    coalesce('copy ' || copy_id, 'no copy'),
    coalesce(strftime(newest_record_at, '%Y-%m-%d %H:%M'), 'unknown')
  ) as detail,
  case when reason in ('not_compelled', 'california_hold', 'badly_served', 'grown') then letter_reference end as cause,
  lines,
  instrument,
  copy_id,
  newest_record_at
from judged
