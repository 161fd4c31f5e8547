-- One row per clock: see CLOCK_ROWS. What is said of a clock is said of the newest that ran under its kind and hop in
-- that log, or in the log of a lead that was absorbed with its clock running: who remains without a lead clock of its
-- own takes over that of the other.
WITH said AS (
  SELECT lead_id, log, seq, clock_kind AS kind, clock_hop AS hop, clock_policy AS policy,
    clock_started_ms AS started_ms, clock_due_ms AS due_ms
  FROM facts
  WHERE clock_kind IS NOT NULL
),
started AS (
  SELECT lead_id, log, kind, hop, started_ms, min(seq) AS seq, max(seq) AS last_seq, max_by(policy, seq) AS policy,
    max_by(due_ms, seq) AS due_ms
  FROM said
  GROUP BY lead_id, log, kind, hop, started_ms
),
clocks AS (
  SELECT *, lead(started_ms) OVER (PARTITION BY log, kind ORDER BY seq) AS replaced_ms,
    max(CASE WHEN log = lead_id THEN 1 ELSE 0 END) OVER (PARTITION BY lead_id, kind) AS remains
  FROM started
),
events AS ( -- of several clocks of one hop the one is meant that is named, else the newest
  SELECT clocks.log, clocks.kind, clocks.hop, clocks.started_ms, clocks.last_seq, told.log AS told_log, told.fact,
    told.seq AS told_seq, told.at_ms,
    told.in_time, told.owner_seconds, told.lead_seconds, told.why, told.due_ms,
    row_number() OVER (PARTITION BY told.log, told.seq
      ORDER BY CASE WHEN clocks.log = told.log THEN 0 ELSE 1 END, clocks.started_ms DESC, clocks.seq DESC) AS place
  FROM facts AS told
  JOIN clocks ON clocks.lead_id = told.lead_id AND clocks.kind = told.kind AND clocks.hop = told.hop
    AND (told.started_ms IS NULL OR told.started_ms = clocks.started_ms)
    AND ((clocks.log = told.log AND clocks.seq <= told.seq)
      OR (clocks.log <> told.log AND clocks.started_ms <= told.at_ms))
  WHERE told.fact IN ('SlaWarned', 'SlaBreached', 'SlaMet', 'ClockStopped', 'ClockResumed')
),
became AS (
  SELECT log, kind, hop, started_ms,
    min(at_ms) FILTER (WHERE fact = 'SlaWarned') AS warned_ms,
    min(at_ms) FILTER (WHERE fact = 'SlaBreached') AS breached_ms,
    min(at_ms) FILTER (WHERE fact = 'SlaMet') AS met_ms,
    max_by(in_time, told_seq) FILTER (WHERE fact = 'SlaMet') AS in_time,
    max_by(owner_seconds, told_seq) FILTER (WHERE fact = 'SlaMet') AS owner_seconds,
    max_by(lead_seconds, told_seq) FILTER (WHERE fact = 'SlaMet') AS lead_seconds,
    min(at_ms) FILTER (WHERE fact = 'ClockStopped' AND (told_log <> log OR told_seq > last_seq)) AS stopped_ms,
    min_by(why, told_seq) FILTER (WHERE fact = 'ClockStopped' AND (told_log <> log OR told_seq > last_seq))
      AS stopped_why,
    max_by(due_ms, told_seq) FILTER (WHERE fact = 'ClockResumed') AS due_ms
  FROM events
  WHERE place = 1
  GROUP BY log, kind, hop, started_ms
),
ends AS ( -- what ends all clocks of a lead; a step that is planned without one ends that of the former step
  SELECT log, seq, at_ms, CASE fact WHEN 'NextStepPlanned' THEN 'next_step' END AS kind,
    CASE fact WHEN 'LeadMerged' THEN 'merged' WHEN 'RecordDeleted' THEN 'deleted' WHEN 'LeadErased' THEN 'erased'
      WHEN 'LeadRetired' THEN 'retired' ELSE 'replaced' END AS why
  FROM facts
  WHERE fact IN ('RecordDeleted', 'LeadErased', 'LeadRetired') OR (fact = 'LeadMerged' AND absorbed IS NULL)
    OR (fact = 'NextStepPlanned' AND clock_kind IS NULL)
),
ended AS (
  SELECT clocks.log, clocks.kind, clocks.hop, clocks.started_ms, min(ends.at_ms) AS at_ms,
    min_by(ends.why, ends.seq) AS why
  FROM clocks
  JOIN ends ON ends.log = clocks.log AND ends.seq > clocks.last_seq
    AND (ends.kind IS NULL OR ends.kind = clocks.kind)
    AND NOT (ends.why = 'merged' AND clocks.kind = 'lead' AND clocks.remains = 0)
  GROUP BY clocks.log, clocks.kind, clocks.hop, clocks.started_ms
),
owners AS (
  SELECT log, hop, max_by(coalesce(rep, ''), rank) AS rep, max_by(coalesce(pool, ''), rank) AS pool
  FROM assignment_rows
  GROUP BY log, hop
),
stops AS (
  SELECT clocks.*, became.warned_ms, became.breached_ms, became.met_ms, became.in_time, became.owner_seconds,
    became.lead_seconds, became.due_ms AS resumed_due_ms, became.stopped_ms, became.stopped_why,
    ended.at_ms AS ended_ms, ended.why AS ended_why,
    least(coalesce(became.stopped_ms, 9999999999999), coalesce(clocks.replaced_ms, 9999999999999),
      coalesce(ended.at_ms, 9999999999999)) AS over_ms
  FROM clocks
  LEFT JOIN became ON became.log = clocks.log AND became.kind = clocks.kind AND became.hop = clocks.hop
    AND became.started_ms = clocks.started_ms
  LEFT JOIN ended ON ended.log = clocks.log AND ended.kind = clocks.kind AND ended.hop = clocks.hop
    AND ended.started_ms = clocks.started_ms
)
SELECT stops.lead_id, stops.kind, stops.hop, stops.policy, nullif(owners.rep, '') AS rep,
  nullif(owners.pool, '') AS pool, stops.started_ms, coalesce(stops.resumed_due_ms, stops.due_ms) AS due_ms,
  stops.warned_ms, stops.breached_ms, stops.met_ms,
  CASE WHEN stops.met_ms IS NOT NULL THEN stops.in_time WHEN stops.breached_ms IS NOT NULL THEN FALSE END AS in_time,
  stops.owner_seconds, stops.lead_seconds,
  CASE WHEN stops.met_ms IS NULL AND stops.over_ms < 9999999999999 THEN stops.over_ms END AS stopped_ms,
  CASE WHEN stops.met_ms IS NOT NULL OR stops.over_ms = 9999999999999 THEN NULL
    WHEN stops.over_ms = stops.stopped_ms THEN stops.stopped_why
    WHEN stops.over_ms = stops.ended_ms THEN stops.ended_why
    ELSE 'replaced' END AS stopped_why
FROM stops
LEFT JOIN owners ON owners.log = stops.log AND owners.hop = stops.hop
