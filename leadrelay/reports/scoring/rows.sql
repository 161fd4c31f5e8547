with won as (
    select lead_id, list({'won_ms': won_ms, 'amount': amount, 'currency': currency} order by won_ms, deal_id) as deals
    from deal_rows
    where won_ms is not null
    group by lead_id
)
select
    lead.lead_id, lead.captured_ms, coalesce(lead.mql_ms, lead.captured_ms) as judged_ms,
    coalesce(lead.mql_score, lead.top_score) as score,
    lead.sql_ms, lead.opportunity_ms, coalesce(lead.won_ms, lead.customer_ms) as won_ms, won.deals,
    lead.first_source, lead.last_source, lead.first_campaign, lead.last_campaign, lead.first_form, lead.last_form
from lead_rows as lead left join won using (lead_id)
where lead.standing in ('live', 'shadow')
