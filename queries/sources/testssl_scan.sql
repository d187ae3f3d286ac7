/*
title      = "testssl.sh scan of public endpoints"
table      = "public_checks"
provider   = "testssl_scan"
records    = "json"
file_names = ["*testssl*"]
recognise  = "has_keys(text, ['id', 'ip', 'port', 'severity', 'finding'])"
origin     = "testssl.sh: which protocols an endpoint accepts, its certificate, and whether it asks browsers to stay with TLS."
export     = "`testssl.sh --jsonfile FILE HOST:PORT` (the flat list of findings) for each endpoint; the lists of many endpoints one after the other in one file. State as extracted_at when the scan was made: the list does not say."
limits     = "One row per host and port, at the line of its first finding; all its findings must stand in one file. checked_at is the file's extracted_at. A certificate is valid if its chain was trusted, its name fits and it was not expired. Whether plain HTTP is redirected is not tested by testssl.sh: is_redirected_to_https is empty. asset_id is not known: target is the host as scanned. Findings without a host (about testssl.sh itself) are ignored; a scan that failed leaves is_reachable false."
# Sample: made up for these tests (CC0)
*/
with
findings as (
  select
    line,
    object_of(text) as document,
    from_json(object_of(text), '{"id": "VARCHAR", "ip": "VARCHAR", "port": "VARCHAR", "severity": "VARCHAR", "finding": "VARCHAR"}') as finding
  from records
),
placed as (
  select
    *,
    split(finding.ip, '/')[1] as target,
    row_number() over (partition by finding.ip, finding.port order by line) as place
  from findings
),
endpoints as (
  select
    finding.ip as ip,
    finding.port as port,
    list(finding.id) filter (where finding.id in ('SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_2', 'TLS1_3') and starts_with(finding.finding, 'offered')) as accepted,
    bool_or(finding.id = 'scanProblem' and finding.severity in ('FATAL', 'WARN', 'CRITICAL')) as has_failed,
    bool_or(finding.id in ('SSLv2', 'SSLv3', 'TLS1', 'TLS1_1', 'TLS1_2', 'TLS1_3')) as has_protocols,
    min(finding.finding) filter (where finding.id like 'cert_notAfter%') as not_after,
    bool_and(starts_with(finding.finding, 'passed')) filter (where finding.id like 'cert_chain_of_trust%') as is_trusted,
    bool_and(starts_with(lower(finding.finding), 'ok')) filter (where finding.id like 'cert_trust%') as fits,
    bool_or(finding.finding = 'expired') filter (where finding.id like 'cert_expirationStatus%') as is_expired,
    bool_or(finding.id = 'HSTS_time') as has_hsts,
    bool_or(finding.id in ('HSTS', 'HSTS_time')) as tells_hsts,
    min(try_cast(finding.finding[:3] as integer)) filter (where finding.id = 'HTTP_status_code') as http_status
  from findings
  group by all
)
select
  line,
  target || ':' || finding.port || '/' || coalesce(strftime(file_extracted_at(), '%Y-%m-%dT%H:%M:%SZ'), 'undated') as public_check_id,
  target,
  'endpoint' as kind,
  file_extracted_at() as checked_at,
  moment(in_utc(replace(not_after, ' ', 'T') || ':00')) as certificate_expires_at,
  try_cast(finding.port as integer) as port,
  http_status,
  case when has_protocols then list_transform(
    list_sort(coalesce(accepted, [])),
    lambda id: case id when 'SSLv2' then 'SSLv2' when 'SSLv3' then 'SSLv3' when 'TLS1' then 'TLSv1.0' when 'TLS1_1' then 'TLSv1.1' when 'TLS1_2' then 'TLSv1.2' else 'TLSv1.3' end
  ) end as tls_versions,
  has_protocols and not has_failed as is_reachable,
  is_trusted and fits and not coalesce(is_expired, false) as is_certificate_valid,
  case when tells_hsts then has_hsts end as has_hsts,
  case
    when document is null then 'is no JSON object'
    when finding.id is null or finding.finding is null then 'is no finding: no id or no finding'
    when place = 1 and target <> '' and not regexp_full_match(finding.port, '\d{1,5}') then 'port is no whole number: ' || left(finding.port, 40)
  end as refused,
  case
    when coalesce(target, '') = '' then 'finding about the scanner'
    when place > 1 then 'finding told in the row of its endpoint'
  end as ignored
from placed
left join endpoints on endpoints.ip = finding.ip and endpoints.port = finding.port
