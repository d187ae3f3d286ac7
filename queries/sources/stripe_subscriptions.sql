/*
title      = "Stripe subscriptions as a connector's table"
table      = "accounts"
provider   = "stripe_subscriptions"
records    = "csv"
file_names = ["*subscription_data*", "*subscription_history*", "subscriptions*.csv*"]
recognise  = "list_has_all(columns, ['id', 'customer_id', 'status', 'start_date', 'ended_at', 'canceled_at'])"
origin     = "Stripe: subscriptions in the columns in which a connector (Fivetran and the like) lands them in a warehouse."
export     = "`select * from stripe.subscription` as CSV, or its history (superseded rows, `_fivetran_active` false, are ignored). Times without a zone are UTC. State when it was drawn as extracted_at."
limits     = "account_id is Stripe's customer. Only the present status is known: one row from the start, and a second one from ended_at of a canceled subscription; the cancellation begins when it took effect, not when it was asked for (canceled_at). What lay between, such as unpaid months, is lost: events tell it. A row that has ended and is not canceled contradicts itself: its status is empty, and a control says unknown. The first row of a canceled subscription has no status either: the table does not say whether it was a trial. status_cause, kind, created_via, created_at and use are not told."
# Sample: made up for these tests (CC0)
*/
with
subscriptions as (
  select
    line,
    cells,
    in_utc(cells['start_date']) as started,
    in_utc(cells['ended_at']) as ended,
    case cells['status']
      when 'trialing' then 'trial' when 'active' then 'active' when 'past_due' then 'active'
      when 'unpaid' then 'frozen' when 'paused' then 'paused' when 'canceled' then 'canceled'
    end as status
  from records
),
spans as (
  select *, case when ended is null then status end as told, moment(started) as valid_from_at, moment(ended) as valid_to_at from subscriptions
  union all
  select *, 'canceled', moment(ended), null from subscriptions where status = 'canceled' and ended is not null
)
select
  line,
  cells['customer_id'] as account_id,
  told as status,
  valid_from_at,
  valid_to_at,
  moment(in_utc(cells['trial_end'])) as trial_ends_at,
  case
    when cells['customer_id'] is null then 'has no customer_id'
    when time_fault(started) is not null then time_fault(started)
    when ended is not null and moment(ended) is null then time_fault(ended)
  end as refused,
  case
    when lower(cells['_fivetran_active']) = 'false' then 'superseded row of the history'
    when status is null then 'status ' || coalesce(cells['status'], 'missing')
  end as ignored
from spans
