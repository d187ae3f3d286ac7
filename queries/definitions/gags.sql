-- One row per nondisclosure order and paper of which it forbids us to speak: the paper that it names, and, where that is
-- process, the preservation before it. from_on, until_on: its first and last day in the company's zone (infinity: it is
-- in force at as_of()); checked_at: for an order without end, the last moment at which somebody saw that it
-- holds (infinity: it has an end). A mere wish binds nobody, nor does an order that was rejected or withdrawn.
-- is_unclear: its law, state or start is missing or unknown, it ends before it starts (then it may have begun at any time,
-- and last still), or its id stands twice.
-- Mutation kept: `coalesce(legal_basis, '')` to `legal_basis` — null is not sound either way
-- Mutation kept: `coalesce(status, '')` to `status` — null is not sound either way
-- Mutation kept: `union all` to `union` in `spans union all` — a paper that comes twice says no more
-- Mutation kept: `join` to `left join` before `legal_requests` — a paper that is not there is no process
with
orders as (
  select
    related_legal_request_id as legal_request_id,
    valid_to_at,
    rechecked_at,
    case when coalesce(valid_to_at, 'infinity') >= coalesce(valid_from_at, received_at) then coalesce(valid_from_at, received_at) end as from_at,
    coalesce(legal_basis, '') not in ('18_usc_2705_b', '18_usc_2709_c', 'other_statute')
      or coalesce(status, '') not in ('open', 'complied')
      or count(*) over (partition by legal_request_id) > 1 as is_doubtful,
    origin
  from legal_requests
  where kind = 'nondisclosure_order'
    and legal_basis is distinct from 'none'
    and coalesce(status, '') not in ('rejected', 'withdrawn')
),
spans as (
  select
    *,
    case when valid_to_at < as_of() and from_at is not null then valid_to_at else 'infinity' end as ended_at,
    case when valid_to_at is null then greatest(rechecked_at, from_at) else 'infinity' end as checked_at
  from orders
),
concerned as (
  select *, legal_request_id as paper_id
  from spans
  union all
  select span.*, paper.related_legal_request_id
  from spans as span
  join legal_requests as paper on paper.legal_request_id = span.legal_request_id
  where paper.kind = 'data'
)
select
  paper_id as legal_request_id,
  (coalesce(from_at, '-infinity') at time zone company_time_zone())::date as from_on,
  (ended_at at time zone company_time_zone())::date as until_on,
  checked_at,
  is_doubtful or from_at is null as is_unclear,
  origin
from concerned
