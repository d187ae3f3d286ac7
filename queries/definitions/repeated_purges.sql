-- One row per purge_id that more than one purge on record bears; first_origin: the row of the one made first; lines: of all.
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
