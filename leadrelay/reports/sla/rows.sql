with owned as (select distinct lead_id, at_ms as found_ms from assignment_rows where waits is null),
told as ( -- the wait for an owner is over when there is one
    select
        clock.* exclude (met_ms, in_time), coalesce(clock.met_ms, owned.found_ms) as met_ms,
        coalesce(clock.in_time, owned.found_ms <= clock.due_ms) as in_time
    from clock_rows as clock
    left join owned on clock.kind = 'assignment' and owned.lead_id = clock.lead_id
        and owned.found_ms = clock.stopped_ms
)
select
    told.lead_id, lead.captured_ms, told.started_ms, told.kind, told.kind || '.' || told.policy as promise,
    told.rep, told.pool, told.in_time, told.in_time is null and told.stopped_ms is null as open,
    case when told.met_ms > told.due_ms and not told.in_time
        then (told.met_ms - told.due_ms) // 1000 end as late_seconds
from told join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and told.kind not in ('next_step', 'backlog')
