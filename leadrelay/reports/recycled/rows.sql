SELECT leads.lead_id, captured_ms, recycled_ms,
  CASE WHEN reactivated_ms >= recycled_ms THEN reactivated_ms END AS back_ms,
  recycled_reason AS reason, leads.rep, leads.pool, first_source, last_source,
  deals.opened_ms, deals.won_ms, deals.amount, deals.currency
FROM lead_rows AS leads
LEFT JOIN deal_rows AS deals ON deals.lead_id = leads.lead_id AND deals.opened_ms >= leads.recycled_ms
WHERE recycled_ms IS NOT NULL AND standing IN ('shadow', 'live')
