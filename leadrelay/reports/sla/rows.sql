select
    clock.lead_id, lead.captured_ms, clock.started_ms,
    clock.kind, clock.kind || '.' || clock.policy as promise, clock.rep, clock.pool,
    clock.in_time, clock.in_time is null and clock.stopped_ms is null as open,
    case when clock.met_ms > clock.due_ms and not clock.in_time
        then (clock.met_ms - clock.due_ms) // 1000 end as late_seconds
from clock_rows as clock join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and clock.kind not in ('next_step', 'backlog')
