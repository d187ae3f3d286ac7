-- One row per look at one public page, link, mailbox or endpoint.
create table public_checks (
  public_check_id        varchar     not null,  -- id of the look
  target                 varchar     not null,  -- URL, e-mail address or host
  asset_id               varchar,               -- endpoint: the endpoint -> assets
  document_id            varchar,               -- document on the page, or with the link -> documents
  content_sha256         varchar,               -- SHA-256 of the page's text, hexadecimal
  kind                   varchar     not null check (kind in ('page', 'link', 'mailbox', 'endpoint')),  -- what was looked at
  checked_at             timestamptz not null,  -- moment of the look, UTC
  acknowledged_at        timestamptz,           -- mailbox: automatic reply, UTC
  certificate_expires_at timestamptz,           -- endpoint: end of its certificate, UTC
  port                   integer,               -- port asked
  http_status            integer,               -- response code
  tls_versions           varchar[],             -- endpoint: protocols that it accepts, as TLSv1.2; [] for plain HTTP
  is_reachable           boolean     not null,  -- it answered; mailbox: delivered
  is_certificate_valid   boolean,               -- chain and host name fit
  has_hsts               boolean,               -- the HSTS header was sent
  is_redirected_to_https boolean,               -- plain HTTP goes to HTTPS
  evidence_uri           varchar,               -- where the scanner's output and settings lie
  evidence_sha256        varchar,               -- SHA-256 of that proof, hexadecimal
  constraint endpoint_has_its_protocols check (kind <> 'endpoint' or tls_versions is not null),
  unique (public_check_id)
);
