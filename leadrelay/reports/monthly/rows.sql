SELECT lead_id, captured_ms, mql_ms AS at_ms, 'marketing' AS side, 'handover' AS promise, lacks IS NULL AS kept,
  FALSE AS open, rep, pool, first_source, last_source
FROM lead_rows
WHERE mql_ms IS NOT NULL AND standing IN ('shadow', 'live')
UNION ALL
SELECT clocks.lead_id, captured_ms, clocks.started_ms, 'sales', clocks.kind, clocks.in_time,
  clocks.in_time IS NULL AND clocks.stopped_ms IS NULL, clocks.rep, clocks.pool, first_source, last_source
FROM clock_rows AS clocks
JOIN lead_rows AS leads ON leads.lead_id = clocks.lead_id
WHERE clocks.kind NOT IN ('assignment', 'next_step', 'backlog') AND standing IN ('shadow', 'live')
