/* Accounts in whose sign-ins faults and traps are planted (46_faults_sign_ins.sql). */
insert into planted_accounts
select
  (select max(number) from planted_accounts) + row_number() over (order by plant),
  plant,
  1 + pick('planted market', plant, 3),
  opened_at + seconds(7200 * fraction('planted', plant)),
  null,
  null
from (values
  ('new place', timestamptz '2026-01-20 15:00:00+00'),
  ('dormant', '2026-01-21 15:00:00+00'),
  ('rested', '2026-01-22 15:00:00+00'),
  ('taken over', '2026-01-26 15:00:00+00'),
  ('moved', '2026-01-27 15:00:00+00'),
  ('updated', '2026-01-28 15:00:00+00'),
  ('spread', '2026-01-29 15:00:00+00'),
  ('forgetful', '2026-02-02 15:00:00+00')
) as listed(plant, opened_at);
