/*
id         = "IPE-02"
title      = "Every file keeps the rules of the dictionary, and every account and person is in its register"
promise    = "(evidence accuracy)"
source     = "No promise of the policy: what every other control rests on"
severity   = "high"
kind       = "data"
tests      = "one file and rule of the dictionary (table/part/path / rule); also one account, person or login that rows name and its register does not (the id alone)"
repeats    = true
needs      = ["table_checks", "loads"]
may_use    = ["access_events", "access_grants", "accounts", "attestations", "backups", "cases", "complaints", "consents", "data_classes", "data_uses", "disclosures", "documents", "dpf_certifications", "entitlements", "findings", "invoices", "legal_holds", "legal_requests", "notices", "people", "privacy_requests", "purges", "records", "restores", "retention_rules", "reviews", "row_counts", "stores", "transfer_bases", "waivers"]
rests_on   = []
limits     = "A value can keep every rule and still be false. References to accounts and people are judged here id by id, not file by file; a login counts once it succeeded, so names that attackers try are none. Without a register of accounts or people, its ids are not looked for. A rule that had no row to look at is no item."
[clauses]
dpf  = ["III.7.e", "II.5.a"]
gdpr = ["5(1)(d)"]
[reasons]
kept             = "Every row keeps the rule"
repeated_key     = "Rows share a key that must be theirs alone, or lack it"
orphan           = "Rows name something that its table does not have"
missing_value    = "Rows lack a value that is required"
in_future        = "Rows bear a moment after the file was drawn"
unknown_code     = "Rows bear a code that the dictionary does not know"
unknown_rule     = "The rule measured is not one of the dictionary's kinds"
not_in_accounts  = "Rows name an account that the register of accounts does not have"
not_in_people    = "Rows name a person or login that the register of people does not have"
[columns]
rows_checked = "Rows looked at; of an id: tables that name it"
rows_broken  = "Rows that break the rule; of an id: empty"
*/
with
rules as (
  select
    file.item,
    file.extracted_at,
    file.table_name,
    checked.rule,
    sum(checked.rows_checked)::bigint as rows_checked,
    sum(checked.rows_broken)::bigint as rows_broken,
    flatten(list(list_transform(checked.first_lines, lambda line: checked.load_id || ':' || line) order by checked.load_id)) as origins,
    case
      when sum(checked.rows_broken) = 0 then 'kept'
      else
        case split_part(checked.rule, ':', 1)
          when 'key' then 'repeated_key'
          when 'reference' then 'orphan'
          when 'required' then 'missing_value'
          when 'not_in_future' then 'in_future'
          when 'code' then 'unknown_code'
          else 'unknown_rule'
        end
    end as reason
  from files_in_force as file
  join table_checks as checked on list_contains(file.load_ids, checked.load_id)
  where checked.rule not in ('reference:accounts', 'reference:people')
  group by file.item, file.extracted_at, file.table_name, checked.rule
  having sum(checked.rows_checked) > 0
),
strangers as (    -- ids that rows name and their register lacks
  select
    id,
    min(register) as register,
    count(distinct table_name) as tables,
    string_agg(distinct table_name, ', ' order by table_name) as table_names,
    list(origin order by origin) as origins
  from unregistered_ids
  where register in (select table_name from files_in_force)
  group by id
)
select
  item || ' / ' || rule as item,
  extracted_at as item_at,
  table_name as subject,
  case
    when reason = 'kept' then 'pass'
    when reason in ('unknown_code', 'unknown_rule') then 'unknown'
    else 'exception'
  end as outcome,
  reason,
  format('{} of {} rows break the rule {}', rows_broken, rows_checked, rule) as detail,
  null as cause,
  origins as lines,
  rows_checked,
  rows_broken
from rules
union all
select
  id as item,
  null as item_at,
  register as subject,
  'unknown' as outcome,
  'not_in_' || register as reason,
  format('named by {}, absent from {}', table_names, register) as detail,
  'register:' || register as cause,
  origins as lines,
  tables as rows_checked,
  null as rows_broken
from strangers
