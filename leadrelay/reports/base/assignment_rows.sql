-- One row per assignment: see ASSIGNMENT_ROWS. What happened between two assignments of a log belongs to the first;
-- a contact to whoever had the lead when it was made, whenever we heard of it.
WITH steps AS (
  SELECT log, lead_id, seq, rank, at_ms, fact, hop, why, rule, pool, rep, queue, waits, counted, total, made_ms,
    sum(CASE WHEN fact IN ('LeadAssigned', 'LeadWaits', 'OwnerOverridden') THEN 1 ELSE 0 END)
      OVER (PARTITION BY log ORDER BY seq ROWS UNBOUNDED PRECEDING) AS held,
    sum(CASE WHEN fact IN ('LeadAssigned', 'LeadWaits') THEN 1 ELSE 0 END)
      OVER (PARTITION BY log ORDER BY seq ROWS UNBOUNDED PRECEDING) AS placed,
    max(CASE WHEN fact = 'LeadScored' THEN seq * 1000 + total END)
      OVER (PARTITION BY log ORDER BY seq ROWS UNBOUNDED PRECEDING) % 1000 AS score
  FROM facts
  WHERE fact IN ('LeadAssigned', 'LeadWaits', 'OwnerOverridden', 'OwnerNeeded', 'LeadScored', 'LeadAccepted',
    'LeadRejected', 'LeadRecycled', 'MeetingBooked', 'LeadMerged')
),
given AS (
  SELECT *, max(CASE WHEN fact <> 'OwnerOverridden' THEN pool END) OVER (PARTITION BY log, placed) AS the_pool,
    lead(at_ms) OVER (PARTITION BY log ORDER BY seq) AS next_ms
  FROM steps
  WHERE fact IN ('LeadAssigned', 'LeadWaits', 'OwnerOverridden')
),
needed AS ( -- an owner is needed from the first time somebody says so
  SELECT log, held, min(at_ms) AS needed_ms FROM steps WHERE fact = 'OwnerNeeded' GROUP BY log, held
),
became AS (
  SELECT log, held,
    min(at_ms) FILTER (WHERE fact = 'LeadAccepted') AS accepted_ms,
    min(at_ms) FILTER (WHERE fact = 'LeadRejected') AS rejected_ms,
    min(at_ms) FILTER (WHERE fact = 'LeadRecycled') AS recycled_ms,
    count(*) FILTER (WHERE fact = 'MeetingBooked') AS meetings
  FROM steps
  GROUP BY log, held
),
gone AS ( -- part of another lead since then
  SELECT log, max(at_ms) AS at_ms FROM facts
  WHERE fact = 'LeadMerged' AND absorbed IS NULL AND log <> lead_id GROUP BY log
),
held AS (
  SELECT given.*, needed.needed_ms, coalesce(given.next_ms, gone.at_ms) AS ended_ms,
    became.accepted_ms, became.rejected_ms, became.recycled_ms, became.meetings
  FROM given
  LEFT JOIN needed ON needed.log = given.log AND needed.held = given.held - 1
  LEFT JOIN became ON became.log = given.log AND became.held = given.held
  LEFT JOIN gone ON gone.log = given.log
),
reached AS (
  SELECT held.log, held.seq, min(tries.made_ms) AS contacted_ms, count(*) AS attempts
  FROM held
  JOIN facts AS tries ON tries.log = held.log AND tries.fact = 'ContactAttempted'
    AND tries.made_ms >= held.at_ms AND (held.ended_ms IS NULL OR tries.made_ms < held.ended_ms)
  GROUP BY held.log, held.seq
)
SELECT held.lead_id, held.hop, held.at_ms, held.why, held.rule, coalesce(held.pool, held.the_pool) AS pool, held.rep,
  held.queue, held.waits, held.counted, held.score, held.needed_ms, held.ended_ms, held.accepted_ms, held.rejected_ms,
  held.recycled_ms, reached.contacted_ms, coalesce(reached.attempts, 0) AS attempts, held.meetings, held.log, held.rank
FROM held
LEFT JOIN reached ON reached.log = held.log AND reached.seq = held.seq
