/*
id         = "LOG-06a"
title      = "Reviews for unauthorized access follow each other without gap or overlap, each completed after its period"
promise    = "so that we can always verify no unauthorized access has happened"
source     = "Geolocation data"
severity   = "high"
kind       = "data"
tests      = "one review for unauthorized access, whose period reviewed begins in the period: review"
needs      = ["reviews"]
rests_on   = ["IPE-01", "IPE-02"]
limits     = """Sees reviews on record. A period without a review shows as the gap before the next one, and not at all after the last. The first \
review on record has nothing to follow. Only completed reviews count as the one before; one whose facts are missing or contradict each other closes no gap. A \
review that a later one of the same period supersedes is no item: the later one is. Whether the reviewer looked well is not in the data."""
[clauses]
dpf  = ["II.4.a", "II.7.a.ii", "III.7"]
gdpr = ["32(1)(d)"]
ccpa = ["Regs 7123(c)(7)", "Regs 7123(c)(8)"]
[parameters.late_event_days]
type     = "integer"
unit     = "days"
source   = "management"
meaning  = "Days after the end of a period in which events of it still arrive: a review that draws its data before they are over is premature; unset: only one before the end of its period is"
optional = true
[parameters.company_time_zone]
type    = "varchar"
default = "UTC"
source  = "management"
meaning = "Zone in which the company's days begin and end"
[reasons]
follows       = "Completed, drawn when its period was over, and begins where the one before it ends"
first         = "Completed and drawn when its period was over; none before it is on record"
not_completed = { text = "Not completed", stays_open = true }
premature     = "Drew its data before its period, and the days in which late events arrive, were over"
gap           = "Begins after the one before it ends"
overlap       = "Begins before the one before it ends"
facts_missing = { text = "Its period, its reviewer or the moment its data was drawn is missing, ends before it begins, or it stands on record twice", stays_open = true }
[columns]
previous_to_at = "End of the period that the reviews before it cover, UTC"
*/
with
access_reviews as (    -- two rows of one id contradict each other: the first is shown, neither is believed
  select
    *,
    coalesce(
      count(*) over (partition by review_id) > 1
        or reviewed_by_person_id is null
        or covers_from_at >= covers_to_at
        or started_at > ended_at,
      true
    ) as is_unclear
  from (select *, coalesce(completed_at, 'infinity') as ended_at from reviews)
  where kind = 'unauthorized_access'
  qualify row_number() over (partition by review_id order by covers_from_at, origin) = 1
),
standing as (
  select review.*
  from access_reviews as review
  anti join access_reviews as later
    on later.supersedes_review_id = review.review_id
    and later.covers_from_at = review.covers_from_at
    and later.covers_to_at = review.covers_to_at
    and later.started_at > review.started_at
    and later.completed_at is not null
    and not later.is_unclear
),
followed as (
  select
    *,
    max(case when completed_at is not null and not is_unclear then covers_to_at end)
      over (order by covers_from_at, started_at, review_id rows between unbounded preceding and 1 preceding) as previous_to_at,
    greatest(
      covers_to_at,
      ((covers_to_at at time zone company_time_zone())::date + coalesce(late_event_days(), 0))::timestamp at time zone company_time_zone()
    ) as ripe_at
  from standing
),
judged as (
  select
    *,
    case
      when is_unclear then 'facts_missing'
      when completed_at is null then 'not_completed'
      when started_at < ripe_at then 'premature'
      when covers_from_at > previous_to_at then 'gap'
      when covers_from_at < previous_to_at then 'overlap'
      when covers_from_at = previous_to_at then 'follows'
      when previous_to_at is null then 'first'
    end as reason
  from followed
)
select
  review_id as item,
  covers_from_at as item_at,
  review_id as subject,
  case
    when reason in ('follows', 'first') then 'pass'
    when reason = 'facts_missing' then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('covers {} to {}, data drawn {}, completed {}, the one before ends {}',
    coalesce(strftime(covers_from_at, '%Y-%m-%d %H:%M'), 'an unknown moment'), coalesce(strftime(covers_to_at, '%Y-%m-%d %H:%M'), 'an unknown moment'),
    coalesce(strftime(started_at, '%Y-%m-%d %H:%M'), 'at an unknown moment'), coalesce(strftime(completed_at, '%Y-%m-%d %H:%M'), 'not'),
    coalesce(strftime(previous_to_at, '%Y-%m-%d %H:%M'), 'nowhere: none is on record')) as detail,
  null as cause,
  [origin] as lines,
  previous_to_at
from judged
