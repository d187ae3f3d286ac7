-- One row per login of people: who holds it, and what kind of login it is.
-- Mutation kept: `min(` to `max(` in `min(holder.person_id)` — used where there is one holder only
select
  holder.user_id,
  count(distinct holder.person_id) as people_count,
  min(holder.person_id) as person_id,    -- the holder, where there is one only
  bool_or(holder.kind = 'shared') as is_shared,
  bool_and(holder.kind = 'service') as is_service,
  bool_or(holder.kind in ('staff', 'contractor', 'vendor_staff')) as is_ours
from (select unnest(user_ids) as user_id, person_id, kind from people) as holder
group by holder.user_id
