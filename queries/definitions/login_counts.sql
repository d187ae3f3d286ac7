/*
title = "Counts of login rows by account, as exports of the stores name them"
*/
-- One row per store of login data, account, span of data days (null: all days) and moment of the count: row_count.
-- A count of a whole store counts its login rows too. A count of zero for the whole store has no account_id.
-- An account that an export of its store does not name has no rows in it; counts of one person, or by form of the
-- address, say nothing of an account.
with
login_stores as (
  select store_id, data_class_id
  from (select store_id, unnest(data_class_ids) as data_class_id from stores)
  where data_class_id in (select data_class_id from data_classes where kind = 'login_log')
)
select
  counted.store_id,
  counted.account_id,
  counted.data_from_on,
  counted.data_to_on,
  counted.counted_at,
  sum(counted.row_count)::bigint as row_count,
  min(counted.origin) as origin
from row_counts as counted
semi join login_stores as store
  on store.store_id = counted.store_id
  and coalesce(counted.data_class_id, store.data_class_id) = store.data_class_id
where counted.person_id is null
  and counted.address_form = 'any'
  and (counted.account_id is not null or counted.row_count = 0)
group by all
