-- One row per copy preserved for an authority or court: the last day of its preservation, and the last on which it may exist.
-- A renewal counts if it was received by the lapse of what it renews and was not rejected or withdrawn; where nobody knows
-- that lapse, none counts.
with
papers as (    -- two rows of one id contradict each other: neither is believed
  select *, (received_at at time zone company_time_zone())::date as received_on
  from legal_requests
  qualify count(*) over (partition by legal_request_id) = 1
),
renewals as (    -- in order; a renewal received after the lapse revives nothing, nor does any later one
  select
    related_legal_request_id as legal_request_id,
    list({'received_on': received_on, 'until_on': preserve_until_on} order by received_on, legal_request_id)
      [:coalesce(max_renewals(), 1)] as received
  from papers
  where kind = 'preservation_renewal' and status in ('open', 'complied')
  group by related_legal_request_id
),
copies as (
  select *, count(*) over (partition by backup_id) > 1 as is_repeated
  from backups
  where kind = 'preserved_copy'
  qualify row_number() over (partition by backup_id order by origin) = 1
),
lapses as (
  select
    copy.*,
    paper.status as paper_status,
    paper.received_on,
    paper.legal_request_id is not null as has_paper,
    paper.origin as paper_origin,
    list_reduce(
      list_prepend(
        {
          'received_on': null,
          'until_on': case
            when copy.is_repeated then null
            when paper.instrument = 'civil_subpoena' then paper.preserve_until_on
            when paper.instrument <> 'civil_subpoena' then paper.received_on + preservation_days()
          end
        },
        renewal.received
      ),
      lambda lapse, renewal: {
        'received_on': renewal.received_on,
        'until_on': case
          when (renewal.received_on <= lapse.until_on) is not true then lapse.until_on    -- too late, or nobody knows whether it came in time
          else greatest(
            lapse.until_on + case when paper.instrument = 'civil_subpoena' then 0 else preservation_days() end, renewal.until_on
          )
        end
      }
    ).until_on as lapse_on
  from copies as copy
  left join papers as paper using (legal_request_id)
  left join renewals as renewal using (legal_request_id)
)
select *, lapse_on + coalesce(preservation_grace_days(), 0) as due_on
from lapses
