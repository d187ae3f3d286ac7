/*
title = "Sign-ins and attempts in primary logs whose user is known"
*/
-- One row per event, made once for all who look at sign-ins. day_at: begin of its day, UTC. program: its number in
-- sign_in_programs, null where none is logged. What a copied log recorded again is left out: counted with it, a sign-in
-- would be two.
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
left join sign_in_programs as program on program.agent = event.user_agent
where event.event_action = 'sign_in'
  and event.user_id is not null
  and event.event_provider not in (select event_provider from copied_logs)
