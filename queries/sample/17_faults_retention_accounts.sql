/* Accounts in whose cancellation, trash and use afterwards faults and traps are planted (79_faults_retention.sql). */
insert into planted_accounts
select
  (select max(number) from planted_accounts) + row_number() over (order by plant),
  plant,
  1 + pick('planted market', plant, 3),
  opened_at + seconds(7200 * fraction('planted', plant)),
  canceled_at + seconds(14400 * fraction('planted end', plant)),
  null
from (values
  ('outstays trial', timestamptz '2026-07-06 15:00:00+00', null::timestamptz),
  ('outstays frozen', '2025-11-17 15:00:00+00', null),
  ('outstayed trial', '2026-05-25 15:00:00+00', '2026-08-05 09:00:00+00'),
  ('outstayed unused', '2023-05-15 15:00:00+00', '2026-09-01 09:00:00+00'),
  ('trial undated', '2026-05-26 15:00:00+00', null),
  ('trial in time', '2026-07-07 15:00:00+00', '2026-08-20 19:00:00+00'),
  ('reads after', '2025-09-15 15:00:00+00', '2026-08-12 09:00:00+00'),
  ('invoices after', '2025-09-17 15:00:00+00', '2026-08-14 09:00:00+00'),
  ('record open', '2025-09-16 15:00:00+00', '2026-09-22 09:00:00+00'),
  ('record unclear', '2025-09-18 15:00:00+00', '2026-09-23 09:00:00+00'),
  ('trash', '2025-09-22 15:00:00+00', null)
) as listed(plant, opened_at, canceled_at);
