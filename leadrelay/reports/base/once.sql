-- Every fact once, with what base tables are made of. All copies of a fact say the same. `said_of` is the lead that
-- it was said of.
SELECT fact, fact_id, log, version, n, lead_id AS said_of, at_ms, touch_id, source, kind,
  after, why, rule, rep, pool, queue, waits, counted, hop, policy, channel, reason, deal_id, amount, currency, in_time,
  owner_seconds, lead_seconds, segment, persona, icp, qualification, sequence, what, standing, temperature,
  source_channel, channel_class, partner, merged_into, other, form, day, day_ms, theirs, ours, found, gone, total,
  fit, engagement, intent, product, campaign, attributes, captured_ms, touched_ms, received_ms, made_ms, started_ms,
  due_ms, clock_kind, clock_hop, clock_policy, clock_started_ms, clock_due_ms, absorbed, remains, moved, missing,
  fields
FROM (SELECT *, row_number() OVER (PARTITION BY fact_id ORDER BY at_ms) AS copy FROM lake) AS told
WHERE copy = 1
