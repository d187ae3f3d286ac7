/*
title = "Programs (user agents as logged) of sign-ins"
*/
-- One row per text that says something, numbered in alphabetical order, so that a sign-in carries a number and not the text.
select row_number() over (order by agent) as program, agent
from (select distinct user_agent as agent from access_events where event_action = 'sign_in')
where agent <> ''
