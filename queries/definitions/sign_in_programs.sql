/*
title = "Programs (user agents as logged) of sign-ins"
*/
-- One row per text, empty where none is logged, numbered so that a sign-in carries a number and not the text.
-- Mutation kept: direction of `agent` turned in `order by agent` — any order of the numbers tells programs apart
-- Mutation kept: `where event_action = 'sign_in'` dropped — further programs are asked for by no sign-in
select row_number() over (order by agent) as program, agent
from (select distinct coalesce(user_agent, '') as agent from access_events where event_action = 'sign_in')
