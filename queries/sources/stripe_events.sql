/*
title      = "Stripe subscription events"
table      = "accounts"
provider   = "stripe_events"
records    = "json"
lists      = ["data"]
file_names = ["*stripe*event*"]
recognise  = "(object_of(text)->>'object') = 'event' and (object_of(text)->>'type') is not null"
origin     = "Stripe: the life of subscriptions as its webhooks or its event list tell it: begun, changed, canceled."
export     = "All `customer.subscription.*` events of the whole life of the accounts, in one file, in any order: what the webhook received, or `GET /v1/events?types[]=…` (Stripe keeps 30 days). State when they were drawn as extracted_at."
limits     = "account_id is Stripe's customer: translate it in a source of your own where accounts have other ids; a customer with two subscriptions at once gives two overlapping rows. A status begins with its event and ends with the next one of that subscription in the file, within some 30 MB. A cancellation begins when it took effect (ended_at), not when it was asked for (canceled_at). A failed payment (past_due) leaves the account active, unpaid is frozen; an incomplete subscription is ignored. Who canceled is told since 2022 only. kind, created_via, created_at and use Stripe does not tell. All other events are ignored."
# Sample: made up for these tests (CC0)
*/
with
documents as (
  select line, object_of(text) as document from records
),
events as (
  select
    line,
    document,
    document->>'type' as kind,
    document->>'id' as id,
    epoch_moment(document->>'created') as told_at,
    from_json(document->'data'->'object',
      '{"id": "VARCHAR", "object": "VARCHAR", "customer": "VARCHAR", "status": "VARCHAR", "start_date": "VARCHAR", "ended_at": "VARCHAR", "canceled_at": "VARCHAR", "trial_end": "VARCHAR",
        "plan": {"id": "VARCHAR"}, "items": {"data": [{"price": {"id": "VARCHAR"}}]}, "cancellation_details": {"reason": "VARCHAR"}}') as subscription
  from documents
),
states as (
  select
    *,
    case subscription.status
      when 'trialing' then 'trial'
      when 'active' then 'active'
      when 'past_due' then 'active'
      when 'unpaid' then 'frozen'
      when 'paused' then 'paused'
      when 'canceled' then 'canceled'
    end as status,
    kind in ('customer.subscription.created', 'customer.subscription.updated', 'customer.subscription.deleted', 'customer.subscription.paused', 'customer.subscription.resumed') as tells_status
  from events
),
told as (
  select
    *,
    case
      when status = 'canceled' then coalesce(epoch_moment(subscription.ended_at), told_at)
      when kind = 'customer.subscription.created' then coalesce(epoch_moment(subscription.start_date), told_at)
      else told_at
    end as valid_from_at
  from states
),
changes as (
  select
    *,
    lag(status) over (partition by subscription.id, tells_status and status is not null order by told_at, valid_from_at, id) as before
  from told
),
spans as (
  select
    *,
    lead(valid_from_at) over (partition by subscription.id, tells_status and status is not null and status is distinct from before order by told_at, valid_from_at, id) as valid_to_at
  from changes
)
select
  line,
  subscription.customer as account_id,
  status,
  case when status = 'canceled' then case subscription.cancellation_details.reason when 'cancellation_requested' then 'owner' when 'payment_failed' then 'automatic' when 'payment_disputed' then 'automatic' end end as status_cause,
  valid_from_at,
  valid_to_at,
  epoch_moment(subscription.trial_end) as trial_ends_at,
  coalesce(subscription.plan.id, subscription.items.data[1].price.id) as plan,
  case
    when document is null then 'is no JSON object'
    when kind is null then 'is no event of Stripe: no type'
    when tells_status and told_at is null then 'no moment: created ' || coalesce(left(document->>'created', 40), 'is missing')
    when tells_status and subscription.customer is null then 'has no customer'
  end as refused,
  case
    when not tells_status then 'event ' || kind
    when status is null then 'status ' || coalesce(subscription.status, 'missing')
    when status = before then 'the status did not change'
  end as ignored
from spans
