SELECT lead_id, captured_ms, mql_ms, lacks IS NULL AS complete,
  unnest(coalesce(string_split(lacks, ','), [NULL::VARCHAR])) AS lack,
  coalesce(accepted_ms, sal_ms, opportunity_ms, customer_ms) AS accepted_ms, first_source, last_source
FROM lead_rows
WHERE mql_ms IS NOT NULL AND standing IN ('shadow', 'live')
