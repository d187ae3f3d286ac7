-- One row per line of an issued invoice.
create table invoices (
  invoice_line_id  varchar not null,  -- id of the line
  currency         varchar not null,  -- ISO 4217
  revenue_account  varchar not null,  -- general-ledger account
  plan             varchar,           -- plan sold, as in accounts.plan
  account_id       varchar,           -- customer who pays -> accounts
  vendor_id        varchar,           -- vendor who pays us -> vendors
  counterparty     varchar,           -- anyone else who pays, by name
  unit_price_cents bigint  not null,  -- price before discount, hundredths of the currency
  discount_percent double,            -- discount, percent
  issued_on        date    not null,  -- day of the invoice
  service_from_on  date    not null,  -- first day of the service
  service_to_on    date    not null,  -- day after the last day of the service
  constraint has_one_payer check (
    (account_id is not null)::integer
      + (vendor_id is not null)::integer
      + (counterparty is not null)::integer = 1
  ),
  unique (invoice_line_id)
);
