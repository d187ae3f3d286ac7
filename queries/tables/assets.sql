-- One row per piece of infrastructure and time in which its facts hold.
create table assets (
  asset_id             varchar     not null,  -- id of the asset
  kind                 varchar     not null check (kind in ('database', 'volume', 'bucket', 'system', 'endpoint', 'edge_cache', 'network')),  -- what it is; system: staff sign in to it
  country              varchar,               -- where it stands, ISO 3166-1 alpha-2
  store_id             varchar,               -- store that it carries -> stores
  provider             varchar,               -- hosting company
  region               varchar,               -- the hosting company's name of its region
  host                 varchar,               -- endpoint: host name
  address_range        varchar,               -- network: its addresses, CIDR
  network_use          varchar     check (network_use in ('own_proxy', 'office', 'vpn', 'monitoring')),  -- network: what it is for
  network_zone         varchar     check (network_zone in ('public', 'private', 'management')),  -- others: how they can be reached
  is_encrypted_at_rest boolean,               -- disk is encrypted; null: not known
  is_public            boolean,               -- readable without signing in; null: not known
  is_in_scope          boolean,               -- endpoint: serves the product
  valid_from_at        timestamptz not null,  -- from when this row's facts hold, UTC
  valid_to_at          timestamptz,           -- until when they hold, not included, UTC; null: still
  constraint stands_in_a_country check (kind = 'network' or country is not null),
  constraint kind_has_its_address check (
    case kind
      when 'endpoint' then host is not null
      when 'network' then address_range is not null and network_use is not null
      else network_zone is not null
    end
  ),
  constraint endpoint_scope_is_known check (kind <> 'endpoint' or is_in_scope is not null),
  unique (asset_id, valid_from_at)
);
