/*
id         = "LOG-06b"
title      = "Every finding of a review for unauthorized access is closed with a disposition, by somebody else than its subject, a critical one in time"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one finding of a review for unauthorized access, opened in the period: finding"
needs      = ["findings", "reviews"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees findings on record: what a review saw and did not write down is not here. Findings of other reviews are left out; one whose review is \
not on record may be of any kind and is unknown. Only critical findings have a deadline, and only where management set its days; any other that is still open needs a person. \
A finding without a subject is nobody's act, so anybody may close it; a reviewer may be the subject if somebody else closes it. Whether the disposition is true is not in the data."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
ccpa = ["Regs 7123(c)(7)", "Regs 7123(c)(8)"]
[parameters.critical_finding_days]
type     = "integer"
unit     = "days"
source   = "management"
meaning  = "From the day a critical finding is opened, which does not count, to the last day on which it may be open; unset: its time is not judged"
optional = true
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
closed            = "Closed with a disposition by somebody else than its subject, a critical one by its last day where days are set"
closed_by_subject = "Closed by the person whose act it is"
no_disposition    = "Closed, and nobody says what became of it"
late              = "Critical, and closed after its last day"
overdue           = { text = "Critical, still open, and its last day is over", stays_open = true }
open              = { text = "Still open, and no last day is over: somebody must look", stays_open = true }
undated           = { text = "Nobody knows when it was opened", stays_open = true }
closer_unnamed    = { text = "Closed, and nobody is named who closed it", stays_open = true }
review_missing    = { text = "Its review is not on record, so its kind is not known", stays_open = true }
facts_unclear     = { text = "It stands on record twice, was closed before it was opened, has a disposition and no close, or a severity or disposition that the dictionary does not know", stays_open = true }
[columns]
severity = "How grave it is"
due_on   = "Last day for a critical finding; empty: none"
*/
with
kinds as (    -- a review that stands there twice counts if either row is one for unauthorized access
  select review_id, bool_or(kind = 'unauthorized_access') as is_access_review
  from reviews
  group by review_id
),
access_findings as (    -- two rows of one id contradict each other: the first is shown, neither is believed
  select finding.* exclude (reason), kinds.review_id is null as is_review_missing, count(*) over (partition by finding.finding_id) > 1 as is_repeated
  from findings as finding
  left join kinds on kinds.review_id = finding.review_id
  where kinds.is_access_review is distinct from false
  qualify row_number() over (partition by finding.finding_id order by finding.opened_at, finding.origin) = 1
),
clock as (
  select
    *,
    case when severity = 'critical' then (opened_at at time zone company_time_zone())::date + critical_finding_days() end as due_on,
    (closed_at at time zone company_time_zone())::date as closed_on
  from access_findings
),
judged as (
  select
    *,
    case
      when is_repeated
        or closed_at < opened_at
        or (closed_at is null and disposition is not null)
        or coalesce(severity, '') not in ('critical', 'high', 'medium', 'low')
        or disposition not in ('unauthorized', 'authorized', 'false_alarm', 'fixed', 'accepted') then 'facts_unclear'
      when is_review_missing then 'review_missing'
      when opened_at is null then 'undated'
      when closed_at is null and due_on < (as_of() at time zone company_time_zone())::date then 'overdue'
      when closed_at is null then 'open'
      when closed_by_person_id = subject_person_id then 'closed_by_subject'
      when disposition is null then 'no_disposition'
      when closed_on > due_on then 'late'
      when closed_by_person_id is null then 'closer_unnamed'
      when closed_at >= opened_at then 'closed'
    end as reason
  from clock
)
select
  finding_id as item,
  opened_at as item_at,
  coalesce(subject_person_id, finding_id) as subject,
  case
    when reason = 'closed' then 'pass'
    when reason in ('closed_by_subject', 'no_disposition', 'late', 'overdue') then 'exception'
    when reason = 'open' then 'manual'
    else 'unknown'
  end as outcome,
  reason,
  format('{} finding of {}, opened {}, closed {} by {} as {}, last day {}',
    coalesce(severity, 'ungraded'), coalesce(control_id, 'an unnamed control'),
    coalesce(strftime(opened_at, '%Y-%m-%d %H:%M'), 'at an unknown moment'), coalesce(strftime(closed_at, '%Y-%m-%d %H:%M'), 'not'),
    coalesce(closed_by_person_id, 'nobody named'), coalesce(disposition, 'nothing'), coalesce(due_on::varchar, 'not set')) as detail,
  null as cause,
  [origin] as lines,
  severity,
  due_on
from judged
