SELECT leads.lead_id, captured_ms, mql_ms, sql_ms, opportunity_ms, customer_ms,
  first_source, first_channel, first_class, first_campaign, first_form,
  last_source, last_channel, last_class, last_campaign, last_form,
  deals.opened_ms, deals.won_ms, deals.amount, deals.currency
FROM lead_rows AS leads
LEFT JOIN deal_rows AS deals ON deals.lead_id = leads.lead_id
WHERE standing IN ('shadow', 'live')
