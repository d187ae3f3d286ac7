-- One row per read on the customer's side in an account that was ever canceled (record_id is null), and per read of a
-- record by one of its paths, from the moment on at which it was put in trash or its account was canceled, until it
-- was deleted. A read is a request or other use of the product, signing in and out not among them, that succeeded or of
-- which nobody knows how it ended (event_outcome), under a path that shows content.
-- Mutation kept: `200` to `201` in `coalesce(http_status, 200) between 200 and 299` — a read without a status counts, whichever good one stands for it
-- Mutation kept: `(account_id in (from canceled_accounts) … in (select url_path from pages))` dropped from `event_outcome in ('success', 'unknown') … starts_with(url_path, start))) = 0` — other reads are joined away; it would only be slow
-- Mutation kept: `where account_id in (from canceled_accounts)` dropped — other accounts have no span to be joined to; it would only be more rows
-- Mutation kept: `union all` to `union` in `account_id in (from canceled_accounts) union all` — who reads this counts each event once
-- Mutation kept: `join` to `left join` before `pages` — a read without a page names neither record nor account
-- Mutation kept: `read.event_time >= page.from_at` dropped from `page.url_path = read.url_path and … and read.event_time < page.until_at` — who reads this begins with the trashing or the cancellation; it would only be more rows
with
canceled_accounts as (
  select account_id
  from canceled_spans
),
pages as (
  select
    record_id,
    account_id,
    case when account_id in (from canceled_accounts) then '-infinity' else trashed_at end as from_at,
    coalesce(deleted_at, 'infinity') as until_at,
    unnest(url_paths) as url_path
  from records
  where trashed_at is not null or account_id in (from canceled_accounts)
),
reads as (
  select event_id, event_time, event_outcome, account_id, url_path, origin
  from access_events
  where event_outcome in ('success', 'unknown')
    and user_kind in ('customer', 'anonymous')
    and event_dataset not in ('auth', 'signup', 'session')
    and coalesce(http_method, 'GET') = 'GET'
    and (coalesce(http_status, 200) between 200 and 299 or http_status = 304)
    and (account_id in (from canceled_accounts) or url_path in (select url_path from pages))
    and len(list_filter(paths_without_content(), lambda start: starts_with(url_path, start))) = 0
)
select null::varchar as record_id, account_id, event_id, event_time, event_outcome, origin
from reads
where account_id in (from canceled_accounts)
union all
select page.record_id, page.account_id, read.event_id, read.event_time, read.event_outcome, read.origin
from reads as read
join pages as page
  on page.url_path = read.url_path
  and read.event_time >= page.from_at
  and read.event_time < page.until_at
