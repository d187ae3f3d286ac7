-- One row per line that could not be read.
create table quarantine (
  load_id varchar not null,  -- file of the line -> loads
  text    varchar not null,  -- the line as it stood
  reason  varchar not null,  -- what is wrong with it
  line    bigint  not null,  -- line in the file, counted from 1
  unique (load_id, line)
);
