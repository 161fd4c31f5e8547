-- One row per touch: see TOUCH_ROWS.
SELECT
  min(lead_id) FILTER (WHERE fact = 'TouchIdentified') AS lead_id,
  touch_id,
  coalesce(min(source) FILTER (WHERE fact = 'TouchReceived'), split_part(touch_id, '.', 1)) AS source,
  min(kind) AS kind,
  coalesce(min(at_ms) FILTER (WHERE fact = 'TouchReceived'), min(received_ms)) AS received_ms,
  min(at_ms) FILTER (WHERE fact = 'TouchReady') AS ready_ms,
  min(at_ms) FILTER (WHERE fact = 'TouchIdentified') AS identified_ms,
  min(source_channel) FILTER (WHERE fact = 'TouchIdentified') AS channel,
  min(channel_class) FILTER (WHERE fact = 'TouchIdentified') AS class,
  min(at_ms) FILTER (WHERE fact = 'TouchParked') AS parked_ms,
  min_by(reason, at_ms) FILTER (WHERE fact = 'TouchParked') AS parked_why
FROM facts
WHERE fact IN ('TouchReceived', 'TouchReady', 'TouchIdentified', 'TouchParked') AND touch_id IS NOT NULL
GROUP BY touch_id
