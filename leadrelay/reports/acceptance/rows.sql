SELECT lead_id, captured_ms, mql_ms, coalesce(accepted_ms, sal_ms, opportunity_ms, customer_ms) AS accepted_ms,
  coalesce(accepted_ms, sal_ms, opportunity_ms, customer_ms, rejected_ms, recycled_ms) AS judged_ms,
  CASE
    WHEN coalesce(accepted_ms, sal_ms, opportunity_ms, customer_ms) IS NOT NULL THEN 'accepted'
    WHEN rejected_ms IS NOT NULL THEN 'rejected'
    WHEN recycled_ms IS NOT NULL THEN 'recycled'
    ELSE 'pending'
  END AS verdict,
  coalesce(rejected_reason, recycled_reason) AS reason,
  mql_score, rep, pool, first_source, last_source
FROM lead_rows
WHERE mql_ms IS NOT NULL AND standing IN ('shadow', 'live')
