-- One row per rule of the dictionary (key, reference, required cell, code) and load.
create table table_checks (
  load_id      varchar  not null,  -- load that was measured -> loads
  table_name   varchar  not null,  -- table of the load
  column_name  varchar  not null,  -- column, or columns, that the rule is about
  rule         varchar  not null,  -- what was measured: key, reference:TABLE, required, code, not_in_future
  rows_checked bigint   not null,  -- rows looked at
  rows_broken  bigint   not null,  -- rows that break the rule
  first_lines  bigint[] not null,  -- line numbers of the first hundred rows that break it
  constraint rule_is_known check (rule in ('key', 'required', 'code', 'not_in_future') or rule like 'reference:%'),
  unique (load_id, rule)
);
