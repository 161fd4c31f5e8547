SELECT deals.lead_id, deals.deal_id, leads.captured_ms, deals.opened_ms, deals.won_ms, deals.lost_ms,
  deals.amount, deals.currency, deals.rep, deals.pool, leads.segment, leads.first_source, leads.last_source
FROM deal_rows AS deals
JOIN lead_rows AS leads ON leads.lead_id = deals.lead_id
WHERE standing IN ('shadow', 'live')
