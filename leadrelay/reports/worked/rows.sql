SELECT lead_id, captured_ms, rep_ms, contacted_ms, meeting_ms, attempts, least(attempts, 6) AS tried, rep, pool,
  temperature, first_source, last_source
FROM lead_rows
WHERE standing IN ('shadow', 'live')
