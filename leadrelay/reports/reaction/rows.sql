with answered as (
    select lead_id, rep, owner_seconds
    from clock_rows
    where kind = 'first_contact' and met_ms is not null
    qualify row_number() over (partition by lead_id order by met_ms, hop) = 1
)
select
    lead.lead_id, lead.captured_ms, lead.rep_ms, lead.contacted_ms,
    case when lead.contacted_ms >= lead.captured_ms
        then (lead.contacted_ms - lead.captured_ms) // 1000 end as elapsed_seconds,
    answered.owner_seconds as business_seconds,
    coalesce(answered.rep, lead.rep) as rep, lead.temperature, lead.first_source, lead.last_source,
    lead.meeting_ms, lead.sql_ms
from lead_rows as lead left join answered using (lead_id)
where lead.standing in ('live', 'shadow')
