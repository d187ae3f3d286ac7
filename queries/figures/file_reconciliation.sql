/*
title = "Every file that counts in the period, reconciled, and what IPE-01 says of it"
needs = ["loads"]
[columns]
item                   = "The file: table, part and path; its item in IPE-01"
load_id                = "Its load, under which rejects.csv has what was not loaded"
table_name             = "Table that it fills"
part                   = "Log, or part of the table"
file_name              = "Path from the project folder"
format                 = "Format by which it was read"
sha256                 = "SHA-256 of the file"
is_log                 = "It holds events"
times_loaded           = "Loads of the file: more than one where it grew or changed"
covers_from_at         = "Start of the span that the producer states, UTC"
covers_to_at           = "End of that span, not included, UTC"
first_at               = "Earliest event in it, UTC"
last_at                = "Latest event in it, UTC"
extracted_at           = "Moment the producer drew it, UTC"
last_found_at          = "Moment it was last found in its place, UTC"
rows_read              = "Source records read = loaded + duplicate + ignored + quarantined"
rows_loaded            = "Records that made rows"
rows_duplicate         = "Records that were loaded before"
rows_ignored           = "Records that are valid, but no access"
rows_quarantined       = "Records that could not be read"
is_reconciled          = "The records add up, and the producer's count is the same"
control_total          = "Records that the producer states"
total_difference       = "Records read less those that the producer states"
is_span_stated         = "The producer states from when to when it covers"
gap_before_seconds     = "Time that no file of the log covers before it, seconds"
gap_after_seconds      = "Time that no file of the log covers after it, to the end of the period, seconds"
overlap_before_seconds = "Time that files before it cover as well, seconds"
numbers_missing        = "Running numbers left out before events of the file in the period"
silent_hours           = "Hours without an event that usually have some, maintenance left out"
is_missing             = "It is no longer in its place"
was_rewritten          = "Earlier lines of it are no longer as they were"
equal_files            = "The same bytes, also loaded as another log or table"
outcome                = "Effective outcome in IPE-01; null: not judged"
reason                 = "Reason"
*/
select
  file.item,
  file.load_id,
  file.table_name,
  file.part,
  file.file_name,
  file.format,
  file.sha256,
  file.is_log,
  len(file.load_ids) as times_loaded,
  file.covers_from_at,
  file.covers_to_at,
  file.first_at,
  file.last_at,
  file.extracted_at,
  file.last_found_at,
  file.rows_read,
  file.rows_loaded,
  file.rows_duplicate,
  file.rows_ignored,
  file.rows_quarantined,
  file.rows_read = file.rows_accounted and coalesce(file.total_difference = 0, false) as is_reconciled,
  file.control_total,
  file.total_difference,
  file.is_span_stated,
  file.gap_before_seconds,
  file.gap_after_seconds,
  file.overlap_before_seconds,
  file.numbers_missing,
  file.silent_hours,
  file.is_missing,
  file.was_rewritten,
  file.equal_files,
  judged.effective_outcome as outcome,
  judged.reason
from file_reconciliation as file
left join outcomes as judged on judged.control_id = 'IPE-01' and judged.item = file.item
order by file.item
