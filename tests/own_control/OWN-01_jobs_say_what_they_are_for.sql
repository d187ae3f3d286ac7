/*
id       = "OWN-01"
title    = "Every job says what it is for"
promise  = "(our own rule)"
source   = "Management"
severity = "low"
kind     = "data"
tests    = "one job"
needs    = ["jobs"]
limits   = "Sees listed jobs."
[clauses]
dpf = ["II.5.a"]
[parameters.least_letters]
type    = "integer"
default = 5
unit    = "letters"
source  = "management"
meaning = "Fewest letters of a purpose"
[reasons]
told   = "Says what it is for"
silent = "Does not say what it is for"
*/
select
  job_id as item,
  valid_from_at as item_at,
  input_store_id as subject,
  case when length(purpose) >= least_letters() then 'pass' else 'exception' end as outcome,
  case when length(purpose) >= least_letters() then 'told' else 'silent' end as reason,
  'purpose: ' || coalesce(purpose, 'none') as detail,
  null as cause,
  [origin] as lines
from jobs
