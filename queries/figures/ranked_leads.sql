/*
title = "Leads of the detections, the least likely sign-in first"
needs = ["access_events"]
[columns]
control_id = "Detection"
item       = "Item that needs a look"
item_at    = "Moment to which it belongs, UTC"
subject    = "User or account that it is about"
reason     = "Why it needs a look"
detail     = "What was found"
risk       = "How unlikely the sign-in is for this person, by the score of Freeman and others 2016; null: no sign-in, or too little is known"
leads      = "How many leads there are, shown or not"
scored     = "How many of them have a score"
*/
with
leads as (
  select
    outcomes.control_id,
    outcomes.item,
    outcomes.item_at,
    outcomes.subject,
    outcomes.reason,
    outcomes.detail,
    try_cast(outcomes.facts ->> '$.risk' as double) as risk,
    array_position(['critical', 'high', 'medium', 'low'], controls.severity) as rank
  from outcomes
  join controls on controls.id = outcomes.control_id
  where outcomes.control_id like 'DET-%' and outcomes.effective_outcome = 'manual'
)
select
  control_id,
  item,
  item_at,
  subject,
  reason,
  detail,
  risk,
  count(*) over () as leads,
  count(risk) over () as scored
from leads
qualify row_number() over (order by risk desc nulls last, rank, item_at, control_id, item) <= 40
order by risk desc nulls last, rank, item_at, control_id, item
