/*
title      = "W3C extended log: IIS, HTTP.sys, CloudFront"
table      = "access_events"
provider   = "iis"
records    = "lines"
file_names = ["u_ex*.log*", "u_in*.log*", "ex??????.log*", "httperr*.log*", "access*log*"]
recognise  = '''regexp_matches(text, '^#(Software|Version|Date|Fields|Start-Date|Remark):|^(\d{4}-\d\d-\d\d[ \t])?\d\d:\d\d:\d\d[ \t].*[ \t](GET|POST|HEAD|PUT|DELETE|OPTIONS|PATCH|CONNECT|TRACE|PROPFIND|[A-Z]+_[A-Z_]+|- - -)[ \t]')'''
carries    = '''case when starts_with(text, '#Fields:') then 'fields' when starts_with(text, '#Date:') then 'date' end'''
origin     = "Microsoft IIS (`W3SVC1\\u_exYYMMDD.log`), HTTP.sys (`httperr1.log`), Amazon CloudFront, and other writers of the W3C extended log format. The fields are those that the last `#Fields` line names, in any order; a file may hold several."
export     = "Deliver the files as they are. Choose at least date, time, c-ip, cs-username, cs-method, cs-uri-stem, cs(User-Agent) and sc-status; add X-Forwarded-For as a custom field behind a proxy."
limits     = "Times are UTC, as the format says. Records without a date take that of the `#Date` line until midnight; later ones are refused. Records before any `#Fields` line, or with another number of fields than it names, are read only where number and kind of fields are those of a set that Windows writes by default. A forwarded address counts only where the host that connected is one of `own_proxies`. IIS writes a space as +, so a plus in a user agent becomes a space. Who signed in is taken for a customer. Status 400 and above is a failure."
# The sample: made for this project (CC0).
*/
with
written as (
  select line, text, true as is_carried from carried
  union all
  select line, text, false from records
),
headed as (
  select
    line,
    text,
    is_carried,
    'line ' || last_value(case when starts_with(text, '#Fields:') then line end ignore nulls) over (order by line) as header,
    last_value(case when starts_with(text, '#Date:') then left(trim(substr(text, 7)), 19) end ignore nulls) over (order by line) as begun
  from written
),
layouts as (
  select
    'line ' || line as layout,
    list_filter(split(lower(replace(substr(text, 9), chr(9), ' ')), ' '), lambda name: name <> '') as name
  from written
  where regexp_full_match(text, '#Fields:(\s*[A-Za-z][A-Za-z0-9().-]*)+\s*')
  union all
  select    -- what HTTP.sys, IIS 7, and IIS 8 and later write by default; the latter with a forwarded address; all fields, without and with it
    'default ' || len(name),
    name
  from (
    select split(fields, ' ') as name
    from (
      values
        ('date time c-ip c-port s-ip s-port cs-version cs-method cs-uri sc-status s-siteid s-reason s-queuename'),
        ('date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(user-agent) sc-status sc-substatus sc-win32-status time-taken'),
        ('date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(user-agent) cs(referer) sc-status sc-substatus sc-win32-status time-taken'),
        ('date time s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs(user-agent) cs(referer) sc-status sc-substatus sc-win32-status time-taken x-forwarded-for'),
        ('date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(user-agent) cs(cookie) cs(referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken'),
        ('date time s-sitename s-computername s-ip cs-method cs-uri-stem cs-uri-query s-port cs-username c-ip cs-version cs(user-agent) cs(cookie) cs(referer) cs-host sc-status sc-substatus sc-win32-status sc-bytes cs-bytes time-taken x-forwarded-for')
    ) as defaults(fields)
  )
),
places as (
  select
    layout,
    len(name) as field_count,
    list_position(name, 'date') as date_at,
    list_position(name, 'time') as time_at,
    list_position(name, 'c-ip') as client_at,
    list_position(name, 'cs-username') as user_at,
    list_position(name, 'cs-method') as method_at,
    coalesce(list_position(name, 'cs-uri-stem'), list_position(name, 'cs-uri')) as path_at,
    list_position(name, 'sc-status') as status_at,
    list_position(name, 'sc-bytes') as bytes_at,
    list_position(name, 'cs(user-agent)') as agent_at,
    list_position(list_transform(name, lambda one: contains(one, 'forwarded-for')), true) as forwarded_at,
    list_position(name, 's-reason') as reason_at,
    list_position(name, 's-port') as port_at
  from layouts
),
worded as (
  select
    line,
    text,
    header,
    begun,
    starts_with(text, '#') as is_directive,
    list_filter(split(text, case when contains(text, chr(9)) then chr(9) else ' ' end), lambda word: word <> '') as word
  from headed
  where not is_carried
),
matched as (    -- the fields that the header names; where their number is another one, those of a default set with that number
  select
    worded.*,
    stated.field_count as stated_count,
    stated.field_count is not distinct from len(word) as is_stated,
    case when stated.field_count is not distinct from len(word) then header else 'default ' || len(word) end as layout
  from worded
  left join places as stated on stated.layout = header
),
fields as (
  select
    matched.line,
    text,
    is_directive,
    is_stated,
    stated_count,
    len(word) as word_count,
    begun,
    coalesce(word[date_at], left(begun, 10)) as day,
    date_at is null as is_undated,
    word[time_at] as clock,
    nullif(word[client_at], '-') as client,
    nullif(word[user_at], '-') as login,
    nullif(word[method_at], '-') as method,
    nullif(word[path_at], '-') as path,
    nullif(word[status_at], '-') as status_text,
    nullif(word[bytes_at], '-') as bytes_text,
    nullif(word[agent_at], '-') as agent,
    nullif(replace(word[forwarded_at], '+', ' '), '-') as forwarded,
    nullif(word[reason_at], '-') as reason,
    word[port_at] as port
  from matched
  left join places on not is_directive and places.layout = matched.layout
),
accesses as (
  select
    *,
    zoned(day || ' ' || clock || '+00') as event_time,
    host(client) as remote,
    try_cast(status_text as integer) as http_status,
    is_stated
      or regexp_full_match(port, '\d{1,5}') and regexp_full_match(status_text, '\d{3}') and regexp_matches(client, '[.:]')
      and regexp_full_match(method, '[A-Za-z0-9_]+') and regexp_full_match(clock, '\d\d:\d\d:\d\d') as is_known
  from fields
)
select
  line,
  event_time,
  'http' as event_dataset,
  file_provider() as event_provider,
  'request' as event_action,
  case when http_status < 400 then 'success' when http_status is null then 'unknown' else 'failure' end as event_outcome,
  reason as event_reason,
  case when login is null then 'anonymous' else 'customer' end as user_kind,
  login as user_id,
  case
    when forwarded is not null and is_own_proxy(remote) then
      coalesce(
        list_filter(
          list_reverse(list_transform(split(forwarded, ','), lambda hop: host(hop))), lambda hop: hop is not null and not is_own_proxy(hop)
        )[1],
        remote
      )
    else remote
  end as source_ip,
  forwarded as network_forwarded_ip,
  case when contains(text, chr(9)) then replace(agent, '%20', ' ') else replace(agent, '+', ' ') end as user_agent,
  method as http_method,
  split(path, '?')[1] as url_path,
  http_status,
  try_cast(bytes_text as bigint) as http_bytes,
  case
    when text like '#Date:%' and not regexp_full_match(text, '#Date:\s*\d{4}-\d\d-\d\d( \d\d:\d\d:\d\d)?\s*') then 'is no whole #Date line'
    when text like '#Fields:%' and not regexp_full_match(text, '#Fields:(\s*[A-Za-z][A-Za-z0-9().-]*)+\s*') then 'is no whole #Fields line'
    when is_directive and regexp_matches(text, '\d{4}-\d\d-\d\d \d\d:\d\d:\d\d \S') then 'is a directive and a record in one line'
    when is_directive then null
    when is_known is not true and stated_count is null then 'stands before any #Fields line, and is in no set of fields that Windows writes by default'
    when is_known is not true then format('has {} fields, its #Fields line names {}', word_count, stated_count)
    when clock is null then 'has no time: its #Fields line names none'
    when day is null then 'has no date, and no #Date line is above it'
    when event_time is null then 'no moment: ' || left(day || ' ' || clock, 40)
    when is_undated and event_time < try_cast(begun || '+00' as timestamptz) then 'has no date, and is past the midnight after its #Date line'
    when status_text is not null and (http_status is null or http_status not between 0 and 999) then 'has no status code'
  end as refused,
  case
    when refused is null and is_directive then 'a directive of the log'
    when refused is null and method is null and status_text is null then 'a connection without a request'
  end as ignored
from accesses
