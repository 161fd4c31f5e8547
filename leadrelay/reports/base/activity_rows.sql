-- One row per attempt or meeting: see ACTIVITY_ROWS.
WITH done AS (
  SELECT lead_id, log, seq, coalesce(made_ms, at_ms) AS at_ms, channel,
    CASE fact WHEN 'MeetingBooked' THEN 'meeting' ELSE 'attempt' END AS kind
  FROM facts
  WHERE fact IN ('ContactAttempted', 'MeetingBooked')
),
owned AS ( -- who had the lead then, in the log that tells
  SELECT done.*, held.rep, held.pool,
    row_number() OVER (PARTITION BY done.log, done.seq ORDER BY held.at_ms DESC, held.rank DESC) AS place
  FROM done
  LEFT JOIN assignment_rows AS held ON held.log = done.log AND held.at_ms <= done.at_ms
    AND (held.ended_ms IS NULL OR done.at_ms < held.ended_ms)
)
SELECT lead_id, at_ms, kind, channel, rep, pool FROM owned WHERE place = 1
