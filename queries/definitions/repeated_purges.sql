-- One row per purge_id that more than one purge on record bears; first_origin: the row of the one made first; lines: of all.
-- Mutation kept: `having count(purge_id) > 1` dropped — a hash of one purge only holds one id only, which the last line leaves out; it would only be slow
-- Mutation kept: `>` to `>=` in `count(purge_id) > 1` — a hash of one purge only holds one id only, which the last line leaves out; it would only be slow
-- Mutation kept: `1` to `0` in `count(purge_id) > 1` — a hash of one purge only holds one id only, which the last line leaves out; it would only be slow
-- Mutation kept: `where hash(purge_id) in (from hashes)` dropped — ids borne once are left out by the last line; it would only be slow
-- Mutation kept: `having count(purge_id) > 1` dropped (place 2) — two ids share a hash too seldom for a case
-- Mutation kept: `>` to `>=` in `count(purge_id) > 1` (place 2) — two ids share a hash too seldom for a case
-- Mutation kept: `1` to `0` in `count(purge_id) > 1` (place 2) — two ids share a hash too seldom for a case
with
hashes as (    -- first by hashes, which are short
  select hash(purge_id) as id_hash
  from purges
  group by hash(purge_id)
  having count(purge_id) > 1
)
select purge_id, min_by(origin, (purged_at, origin)) as first_origin, list_sort(list(origin)) as lines
from purges
where hash(purge_id) in (from hashes)
group by purge_id
having count(purge_id) > 1
