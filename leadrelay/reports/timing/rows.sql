with came as (
    select lead_id, ready_ms, identified_ms
    from touch_rows
    where lead_id is not null and identified_ms is not null
    qualify row_number() over (partition by lead_id order by received_ms, touch_id) = 1
)
select
    lead.lead_id, lead.captured_ms, lead.contacted_ms, lead.first_source, lead.last_source, lead.pool,
    (came.ready_ms - lead.captured_ms) / 1000.0 as fetch_seconds,
    (came.identified_ms - came.ready_ms) / 1000.0 as score_seconds,
    (lead.assigned_ms - lead.needed_ms) / 1000.0 as route_seconds,
    (lead.rep_ms - lead.assigned_ms) / 1000.0 as wait_seconds,
    (lead.synced_ms - lead.assigned_ms) / 1000.0 as deliver_seconds,
    (lead.contacted_ms - lead.rep_ms) / 1000.0 as contact_seconds,
    (lead.contacted_ms - lead.captured_ms) / 1000.0 as total_seconds
from lead_rows as lead left join came using (lead_id)
where lead.standing in ('live', 'shadow')
