-- One row per cookie seen on one page in one scan; a page without cookies has one row without a name.
create table cookie_scans (
  scan_id                        varchar     not null,  -- id of the scan
  page_url                       varchar     not null,  -- page that was opened
  site_domain                    varchar     not null,  -- registrable domain of the page
  public_suffix_list_version     varchar     not null,  -- list by which domains were cut
  scan_config_sha256             varchar     not null,  -- SHA-256 of the crawler's settings, hexadecimal
  cookie_name                    varchar,               -- name of the cookie; null: the page set none
  cookie_domain                  varchar,               -- domain of the cookie, as set
  registrable_domain             varchar,               -- the cookie's own registrable domain
  set_by                         varchar,               -- host that set it
  resolved_host                  varchar,               -- host behind its DNS alias
  max_age_seconds                bigint,                -- lifetime, seconds; null: session cookie
  is_do_not_track_sent           boolean     not null,  -- the crawler sent Do Not Track
  is_global_privacy_control_sent boolean     not null,  -- the crawler sent Global Privacy Control
  is_http_only                   boolean,               -- the cookie's HttpOnly flag
  is_secure                      boolean,               -- the cookie's Secure flag
  scanned_at                     timestamptz not null,  -- moment of the scan, UTC
  unique (scan_id, page_url, cookie_domain, cookie_name)
);
