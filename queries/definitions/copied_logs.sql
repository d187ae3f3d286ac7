/*
title = "Logs that record again what a primary log has: counted with it, an access would be two"
*/
-- One row per log.
-- Mutation kept: `distinct` removed in `distinct event_provider` — it is asked only whether a log is among them
select distinct event_provider
from stores
where log_role <> 'primary' and event_provider is not null
