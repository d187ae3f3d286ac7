-- One row per access or attempted access, as one log recorded it.
create table access_events (
  event_id             varchar     not null,  -- id that the source gives, else a hash of provider, line and occurrence number in the file (equal lines are separate accesses)
  load_id              varchar     not null,  -- file that the event came in -> loads
  event_time           timestamptz not null,  -- moment of the access, UTC
  event_ingested       timestamptz,           -- moment the log pipeline took the event in (ECS event.ingested), for late events and clock skew, UTC
  event_sequence       bigint,                -- running number of the event within its provider
  http_bytes           bigint,                -- size of the response, bytes
  record_count         bigint,                -- rows or files that the access touched, a count
  line                 bigint      not null,  -- line in the file, counted from 1
  event_dataset        varchar     not null check (event_dataset in ('auth', 'staff', 'http', 'signup', 'session')),  -- family of the log; session: a row of a session store
  event_provider       varchar     not null,  -- which log, as in stores.event_provider
  event_action         varchar     not null,  -- what was done, an open list; auth: sign_in, sign_out, second_factor, password_reset, password_change, email_change, second_factor_change, api_key_create; staff: view_content, view_metadata, impersonate, export, run_query, change_data, delete_data, right_grant, log_disable, log_delete, log_rule_change; http: request; signup: sign_up; session: session_start, session_end; …
  event_outcome        varchar     not null check (event_outcome in ('success', 'failure', 'unknown')),  -- how it ended
  event_reason         varchar,               -- why it failed, or the reason that staff entered
  user_kind            varchar     not null check (user_kind in ('customer', 'staff', 'service', 'subprocessor', 'anonymous')),  -- who acted, by kind
  user_id              varchar,               -- login that acted, as the log writes it
  user_effective_id    varchar,               -- login whose rights the actor assumed
  user_target_id       varchar,               -- login whose rights the actor changed (ECS user.target.id)
  account_id           varchar,               -- account touched; null: the log does not say, as in a database shell -> accounts
  session_id           varchar,               -- session of the access, in the source's words
  grant_id             varchar,               -- basis that the tool recorded -> access_grants
  is_mfa               boolean,               -- a second factor was used; null: not recorded
  source_ip            varchar,               -- client address as logged, never shortened
  network_forwarded_ip varchar,               -- forwarding header as logged, raw
  user_agent           varchar,               -- client program as logged
  http_method          varchar,               -- request method
  url_path             varchar,               -- path requested, without query string
  http_status          integer,               -- response code
  unique (event_id)
);
