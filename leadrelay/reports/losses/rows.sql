SELECT lead_id, captured_ms, 'rejected' AS kind, rejected_ms AS at_ms, rejected_reason AS reason,
  NULL::BIGINT AS amount, NULL::VARCHAR AS currency, rep, pool, first_source, last_source
FROM lead_rows
WHERE rejected_ms IS NOT NULL AND standing IN ('shadow', 'live')
UNION ALL
SELECT lead_id, captured_ms, 'recycled', recycled_ms, recycled_reason, NULL, NULL, rep, pool, first_source, last_source
FROM lead_rows
WHERE recycled_ms IS NOT NULL AND standing IN ('shadow', 'live')
UNION ALL
SELECT deals.lead_id, captured_ms, 'deal', deals.lost_ms, deals.reason, deals.amount, deals.currency, deals.rep,
  deals.pool, first_source, last_source
FROM deal_rows AS deals
JOIN lead_rows AS leads ON leads.lead_id = deals.lead_id
WHERE deals.lost_ms IS NOT NULL AND standing IN ('shadow', 'live')
