/*
title = "What each address text is: full, suspect, or what is wrong with it"
*/
-- One row per address text of the log; the reason is null where it can't be judged.
select
  address,
  case
    when address_form in ('invalid', 'masked', 'truncated', 'range') then address_form
    when address_scope <> 'global' then 'not_global'
    when address_form in ('full', 'suspect') and address_scope = 'global' then address_form
  end as reason
from addresses
