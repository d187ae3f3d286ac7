-- One row per count of the rows in one store: of one account, person or all, one span of data days, one address form.
create table row_counts (
  store_id      varchar     not null,  -- store counted -> stores
  data_class_id varchar,               -- class of data counted; null: all together -> data_classes
  account_id    varchar,               -- account whose rows were counted; null: all together -> accounts
  person_id     varchar,               -- person whose rows were counted; null: all together -> people
  data_from_on  date,                  -- first day of the data counted; null: all days
  data_to_on    date,                  -- day after the last day of the data counted; null: all days
  address_form  varchar     not null check (address_form in ('any', 'full', 'truncated', 'hashed', 'none')),  -- form of the IP address in the rows counted; any: not looked at
  counted_by    varchar     not null check (counted_by in ('suite', 'store_owner', 'scanner')),  -- who counted
  row_count     bigint      not null,  -- rows found; zero: looked for and not found
  counted_at    timestamptz not null,  -- moment of the count, UTC; for a log its load's extracted_at
  unique (store_id, data_class_id, account_id, person_id, data_from_on, address_form, counted_at)
);
