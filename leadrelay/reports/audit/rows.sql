SELECT deals.lead_id, deals.deal_id, captured_ms, deals.won_ms, deals.lost_ms, deals.reason, deals.amount,
  deals.currency, deals.rep, deals.pool, segment, rule, first_source, last_source, paths.path, touches, first_score,
  mql_ms, rep_ms, contacted_ms, meeting_ms, attempts, hops, clocks.in_time
FROM deal_rows AS deals
JOIN lead_rows AS leads ON leads.lead_id = deals.lead_id
LEFT JOIN (
  SELECT lead_id, string_agg(coalesce("class", channel, source), ' ' ORDER BY received_ms, touch_id) AS path
  FROM touch_rows
  WHERE kind IN ('submission', 'behaviour') AND identified_ms IS NOT NULL
  GROUP BY lead_id
) AS paths ON paths.lead_id = deals.lead_id
LEFT JOIN (
  SELECT lead_id, min(CASE WHEN in_time THEN 1 ELSE 0 END) AS in_time
  FROM clock_rows
  WHERE kind = 'first_contact' AND in_time IS NOT NULL
  GROUP BY lead_id
) AS clocks ON clocks.lead_id = deals.lead_id
WHERE standing IN ('shadow', 'live') AND (deals.won_ms IS NOT NULL OR deals.lost_ms IS NOT NULL)
