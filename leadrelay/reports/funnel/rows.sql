SELECT lead_id, standing <> 'visitor' AS known, captured_ms, subscriber_ms, lead_ms, mql_ms, sal_ms, sql_ms,
  opportunity_ms, customer_ms, evangelist_ms
FROM lead_rows
WHERE standing IN ('visitor', 'shadow', 'live')
