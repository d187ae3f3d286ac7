-- One row per day that is no business day in one calendar; weekends are computed.
create table holidays (
  calendar         varchar not null,  -- calendar that the day belongs to, such as us_federal, california, uk_england
  calendar_version varchar not null,  -- edition of the list
  name             varchar not null,  -- name of the holiday
  holiday_on       date    not null,  -- day observed, in the calendar's own zone
  unique (calendar, holiday_on)
);
