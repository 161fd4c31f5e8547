SELECT lead_id, captured_ms, rep_ms, contacted_ms, status,
  rep IS NOT NULL AND coalesce(disposition, 'accepted') = 'accepted' AND retired_ms IS NULL
    AND stage NOT IN ('customer', 'evangelist', 'disqualified', 'recycled') AS open,
  coalesce(disposition, '') IN ('rejected', 'recycled') AS given_back, reason,
  lost_ms IS NOT NULL AND won_ms IS NULL AS deal_lost, lost_reason,
  needed_ms, assigned_ms, next_step, next_step_due_ms, rep, pool, first_source, last_source
FROM lead_rows
WHERE standing IN ('shadow', 'live')
