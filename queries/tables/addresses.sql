-- One row per distinct address text in `access_events`, forwarded hops included.
create table addresses (
  address            varchar   not null,  -- address text as logged
  address_form       varchar   not null check (address_form in ('full', 'suspect', 'range', 'truncated', 'masked', 'invalid')),  -- what the text is; suspect: ends in .0, or its low 80 bits are zero
  address_scope      varchar   check (address_scope in ('global', 'private', 'carrier_grade', 'loopback', 'link_local', 'documentation', 'reserved', 'multicast')),  -- block of the address
  canonical_address  varchar,             -- normal form (IPv4-mapped IPv6 as IPv4, zone id removed)
  country            varchar,             -- answer of the preferred database, ISO 3166-1 alpha-2
  city               varchar,             -- answer of the preferred database
  network_name       varchar,             -- operator of the network, by the preferred database
  network_kind       varchar   check (network_kind in ('hosting', 'anonymizer', 'mobile', 'residential')),  -- use of the network, where a database says so
  other_countries    varchar[],           -- differing answers of the other databases, ISO 3166-1 alpha-2
  database_names     varchar[],           -- databases asked, each with its build date
  asset_ids          varchar[] not null,  -- own networks around it (assets.address_range), whatever their dates -> assets
  ip_version         bigint,              -- 4 or 6
  autonomous_system  bigint,              -- number of the network's operator
  latitude           double,              -- center of the place, not of the person, degrees north
  longitude          double,              -- center of the place, not of the person, degrees east
  accuracy_radius_km double,              -- radius of the circle of uncertainty, kilometers
  constraint full_address_has_a_scope check (address_form not in ('full', 'suspect') or address_scope is not null),
  unique (address)
);
