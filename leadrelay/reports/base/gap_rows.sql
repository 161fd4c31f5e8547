-- One row per source, form and day: see GAP_ROWS. The newest count holds.
WITH counted AS (
  SELECT source, form, day, day_ms, theirs, ours, found, gone,
    row_number() OVER (PARTITION BY source, form, day ORDER BY at_ms DESC, seq DESC, fact_id DESC) AS place
  FROM facts
  WHERE fact = 'SourceGap'
)
SELECT CAST(NULL AS VARCHAR) AS lead_id, source, form, day, day_ms, theirs, ours, found, gone
FROM counted
WHERE place = 1
