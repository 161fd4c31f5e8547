select
    lead_id, captured_ms, coalesce(mql_ms, captured_ms) as judged_ms, coalesce(mql_score, top_score) as score,
    sql_ms, opportunity_ms, coalesce(won_ms, customer_ms) as won_ms,
    won_amount, currency, first_source, last_source, first_campaign, last_campaign, first_form, last_form
from lead_rows
where standing in ('live', 'shadow')
