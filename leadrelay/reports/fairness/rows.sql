select
    given.lead_id, lead.captured_ms, given.at_ms, given.pool, given.rep, given.counted, given.score,
    given.ended_ms is null and lead.retired_ms is null
        and coalesce(lead.disposition, '') not in ('rejected', 'recycled')
        and lead.stage not in ('customer', 'evangelist', 'disqualified') as open
from assignment_rows as given join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and given.rep is not null
