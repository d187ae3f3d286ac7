/* How the faults name what they touch: an account, its owner, an item as READINGS.md has it, a file of the tables. */
create or replace macro planted(name) as (select any_value(account_id) from accounts where plant = name);
create or replace macro planted_owner(name) as (select any_value(person_id) from users join accounts using (number) where plant = name and seat = 0);
create or replace macro planted_login(name) as (select any_value(user_id) from users join accounts using (number) where plant = name and seat = 0);
create or replace macro canceled_day(name) as (select any_value(canceled_at)::date::varchar from accounts where plant = name);
create or replace macro purge_item(name, store) as planted(name) || ' / ' || canceled_day(name) || ' / ' || store;
create or replace macro span_item(name) as planted(name) || ' / ' || canceled_day(name);
create or replace macro path_of(name) as
  format('{}/{}/inputs/tables/{}', string_split(name, '.')[1], coalesce(nullif(string_split(name, '.')[-2], string_split(name, '.')[1]), 'all'), name);
