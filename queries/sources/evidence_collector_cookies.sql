/*
title      = "Cookies seen by the EDPS Website Evidence Collector"
table      = "cookie_scans"
provider   = "evidence_collector_cookies"
records    = "json"
file_names = ["inspection*.json"]
recognise  = "has_keys(text, ['uri_ins', 'cookies', 'start_time', 'script'])"
origin     = "Website Evidence Collector of the European Data Protection Supervisor: a headless browser that visits a page and writes down what it sets and loads."
export     = "`website-evidence-collector --json URL` writes `inspection.json`: deliver one per page, one after the other in one file. State when it was made as extracted_at."
limits     = "The tool does not cut domains by the public suffix list: site_domain, registrable_domain and public_suffix_list_version are empty, so that a control says unknown; cut them in a source of your own. It sends no Global Privacy Control. resolved_host is not told. A page without cookies has one row without a name. Lifetime is counted from when the cookie was seen being set, else from the start."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
scans as (
  select
    line,
    document,
    from_json(document,
      '{"uri_ins": "VARCHAR", "start_time": "VARCHAR", "browser": {"extra_headers": {"dnt": "VARCHAR"}}, "script": {"config": "JSON"},
        "cookies": [{"name": "VARCHAR", "domain": "VARCHAR", "expires": "VARCHAR", "session": "VARCHAR", "httpOnly": "VARCHAR", "secure": "VARCHAR",
          "log": {"timestamp": "VARCHAR", "stack": [{"fileName": "VARCHAR"}]}}]}') as scan
  from documents
),
cookies as (
  select *, unnest(case when len(scan.cookies) > 0 then scan.cookies else [null] end) as cookie from scans
)
select
  line,
  scan.uri_ins || '@' || scan.start_time as scan_id,
  scan.uri_ins as page_url,
  sha256(scan.script.config::varchar) as scan_config_sha256,
  cookie.name as cookie_name,
  cookie.domain as cookie_domain,
  split(split(cookie.log.stack[1].fileName, '://')[2], '/')[1] as set_by,
  case
    when cookie.session is distinct from 'true' and coalesce(try_cast(cookie.expires as double), epoch(moment(cookie.expires))) > 0
      then round(coalesce(try_cast(cookie.expires as double), epoch(moment(cookie.expires))) - epoch(coalesce(moment(cookie.log.timestamp), moment(scan.start_time))))::bigint
  end as max_age_seconds,
  coalesce(try_cast(scan.script.config->>'dnt' as boolean), false) or coalesce(scan.browser.extra_headers.dnt = '1', false) as is_do_not_track_sent,
  false as is_global_privacy_control_sent,
  try_cast(cookie.httpOnly as boolean) as is_http_only,
  try_cast(cookie.secure as boolean) as is_secure,
  moment(scan.start_time) as scanned_at,
  case
    when document is null then 'is no JSON object'
    when scan.uri_ins is null then 'is no inspection: no uri_ins'
    when time_fault(scan.start_time) is not null then time_fault(scan.start_time)
  end as refused,
  null::varchar as ignored
from cookies
