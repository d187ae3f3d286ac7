/* The cloud provider's audit trail, one file of Records a month. */
with
records as (
  select
    event_time,
    event_id,
    format('{{"eventVersion":"1.11","userIdentity":{},"eventTime":"{}","eventSource":"{}","eventName":"{}","awsRegion":"us-east-1","sourceIPAddress":"{}","userAgent":"{}","requestParameters":{},"responseElements":{},"additionalEventData":{},{}"eventID":"{}","readOnly":{},"eventType":"{}","managementEvent":true,"recipientAccountId":"111122223333"}}',
      case user_type
        when 'IAMUser' then format('{{"type":"IAMUser","principalId":"AIDA{}","arn":"arn:aws:iam::111122223333:user/{}","accountId":"111122223333","userName":"{}"}}', upper(token('principal', user_name)), user_name, user_name)
        else format('{{"type":"AssumedRole","principalId":"AROA{}:{}","arn":"arn:aws:sts::111122223333:assumed-role/{}/{}","accountId":"111122223333","sessionContext":{{"sessionIssuer":{{"type":"Role","arn":"arn:aws:iam::111122223333:role/{}","userName":"{}"}}}}}}',
          upper(token('principal', user_name)), user_name, user_name, user_name, user_name, user_name)
      end,
      strftime(event_time, '%Y-%m-%dT%H:%M:%SZ'),
      event_source,
      event_name,
      ip,
      agent,
      case when event_name <> 'ConsoleLogin' then coalesce(parameters, 'null') else 'null' end,
      case when event_name = 'ConsoleLogin' then format('{{"ConsoleLogin":"{}"}}', case when is_success then 'Success' else 'Failure' end) else 'null' end,
      case when event_name = 'ConsoleLogin' then format('{{"LoginTo":"https://console.aws.amazon.com/console/home","MobileVersion":"No","MFAUsed":"{}"}}', coalesce(parameters->>'$.factor', 'Yes')) else 'null' end,
      case when not is_success then '"errorMessage":"Failed authentication",' else '' end,
      event_id,
      (event_name like 'Describe%' or event_name like 'List%')::varchar,
      case when event_name = 'ConsoleLogin' then 'AwsConsoleSignIn' else 'AwsApiCall' end
    ) as text
  from cloud_events
  where event_time >= month_at() and event_time < month_at() + interval 1 month
)
select
  case place when 1 then '{"Records":[' else '' end || text || case when place = total then ']}' else ',' end as line
from (
  select
    *,
    row_number() over (order by event_time, event_id) as place,
    count(*) over () as total
  from records
)
order by place
