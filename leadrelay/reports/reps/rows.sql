select
    given.lead_id, lead.captured_ms, given.at_ms as happened_ms, 'lead' as what, given.rep, given.pool, given.score,
    coalesce(lead.sql_ms <= given.at_ms, false) as was_sql,
    coalesce(lead.opportunity_ms <= given.at_ms, false) as was_opportunity,
    coalesce(lead.sql_ms > given.at_ms and lead.sql_ms <= coalesce(given.ended_ms, lead.sql_ms), false) as made_sql,
    coalesce(lead.opportunity_ms > given.at_ms and (made_sql
        or lead.opportunity_ms <= coalesce(given.ended_ms, lead.opportunity_ms)), false) as made_opportunity
from assignment_rows as given join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and given.rep is not null
union all
select
    done.lead_id, lead.captured_ms, done.at_ms,
    case when done.kind = 'meeting' then 'meeting' when done.channel in ('call', 'email') then done.channel
        else 'other' end,
    done.rep, done.pool, null, false, false, false, false
from activity_rows as done join lead_rows as lead using (lead_id)
where lead.standing in ('live', 'shadow') and done.rep is not null
