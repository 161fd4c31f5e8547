select
    given.lead_id, lead.captured_ms, given.at_ms, given.rule, given.why, given.pool, given.queue, given.rep,
    (given.at_ms - given.needed_ms) / 1000.0 as assign_seconds,
    (given.contacted_ms - given.at_ms) / 1000.0 as contact_seconds,
    given.meetings > 0 as met,
    coalesce(lead.sql_ms >= given.at_ms, false) as sql,
    coalesce(lead.opportunity_ms >= given.at_ms, false) as opportunity,
    coalesce(coalesce(lead.won_ms, lead.customer_ms) >= given.at_ms, false) as won
from assignment_rows as given join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and given.waits is null
