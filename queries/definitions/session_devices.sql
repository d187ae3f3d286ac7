/*
title = "Sessions with accesses whose address and program are known, and whether both ever changed"
*/
-- One row per session. is_mixed: more than one address and more than one program. Texts are told apart by the least and
-- the greatest of their hashes, found ten times as fast as those of texts; two texts share a hash once in 10^19.
select
  session_id,
  count(*) as accesses,
  max(event_time) as seen_at,
  min(hash(source_ip)) <> max(hash(source_ip)) and min(hash(user_agent)) <> max(hash(user_agent)) as is_mixed
from access_events
where session_id is not null and source_ip is not null and user_agent is not null
group by session_id
