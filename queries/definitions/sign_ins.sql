/*
title = "Sign-ins and attempts in primary logs whose user is known"
*/
-- One row per event, made once for all who look at sign-ins. day_at: begin of its day, UTC. program: its number in
-- sign_in_programs. What a copied log recorded again is left out: counted with it, a sign-in would be two.
-- Mutation kept: `join` to `left join` before `sign_in_programs` — sign_in_programs has every program of a sign-in
select
  event.event_id,
  event.user_id,
  event.user_kind,
  event.event_time,
  make_timestamptz(epoch_us(event.event_time) // 86400000000 * 86400000000) as day_at,
  event.event_sequence,
  event.event_outcome,
  event.source_ip,
  program.program,
  event.load_id,
  event.line
from access_events as event
join sign_in_programs as program on program.agent = coalesce(event.user_agent, '')
where event.event_action = 'sign_in'
  and event.user_id is not null
  and event.event_provider not in (select event_provider from copied_logs)
