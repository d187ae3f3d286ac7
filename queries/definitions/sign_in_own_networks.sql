/*
title = "Addresses of the company's own offices and VPN exits, and when they were"
*/
-- One row per address, own office or VPN network around it, and time.
-- Mutation kept: `join` to `left join` before `assets` — the WHERE drops networks that are in no row of assets
select held.address, asset.network_use, asset.valid_from_at, asset.valid_to_at
from (select address, unnest(asset_ids) as asset_id from addresses) as held
join assets as asset on asset.asset_id = held.asset_id
where asset.network_use in ('office', 'vpn')
