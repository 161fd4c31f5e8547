-- Every fact once, under whom it is about now. `log` is the lead whose log has it, `lead_id` who remains of that lead,
-- `own` whether that is the same one. `seq` is the order within a log, `rank` puts the log of who remains above those
-- that it absorbed. What a touch brought goes where the touch went; what was concluded from it, or from a merge that
-- was undone, is left out.
WITH once AS (
  SELECT fact, fact_id, log, version, n, version * 1000 + n AS seq, lead_id AS said_of, at_ms, touch_id, source, kind,
    after, why, rule, rep, pool, queue, waits, counted, hop, policy, channel, reason, deal_id, amount, currency, in_time,
    owner_seconds, lead_seconds, segment, persona, icp, qualification, sequence, what, standing, temperature,
    source_channel, channel_class, partner, merged_into, other, form, day, day_ms, theirs, ours, found, gone, total,
    fit, engagement, intent, product, campaign, attributes, captured_ms, touched_ms, received_ms, made_ms, started_ms,
    due_ms, clock_kind, clock_hop, clock_policy, clock_started_ms, clock_due_ms, absorbed, remains, moved, missing, fields,
    row_number() OVER (PARTITION BY fact_id ORDER BY at_ms) AS copy
  FROM lake
),
known AS (SELECT * FROM once WHERE copy = 1),
aliases AS ( -- logs of leads that are part of another one now
  SELECT log, nullif(max_by(coalesce(merged_into, ''), seq), '') AS heir
  FROM known
  WHERE (fact = 'LeadMerged' AND merged_into IS NOT NULL) OR (fact = 'LeadUnmerged' AND remains IS NULL)
  GROUP BY log
),
gains AS ( -- whom a merge added, and who was left when two were parted
  SELECT log, seq, at_ms, member
  FROM known CROSS JOIN UNNEST(string_split(coalesce(absorbed, remains), ',')) AS t(member)
  WHERE fact IN ('LeadMerged', 'LeadUnmerged') AND coalesce(absorbed, remains) IS NOT NULL
),
parted AS (
  SELECT log, max(seq) AS seq FROM known WHERE fact = 'LeadUnmerged' AND remains IS NOT NULL GROUP BY log
),
heirs AS ( -- who remains of each: has it, and is no alias
  SELECT gains.member, max_by(gains.log, gains.at_ms) AS heir
  FROM gains
  LEFT JOIN parted ON parted.log = gains.log
  LEFT JOIN aliases ON aliases.log = gains.log
  WHERE aliases.heir IS NULL AND gains.member <> '' AND (parted.seq IS NULL OR gains.seq >= parted.seq)
  GROUP BY gains.member
),
people AS (
  SELECT aliases.log, coalesce(heirs.heir, aliases.heir) AS person
  FROM aliases LEFT JOIN heirs ON heirs.member = aliases.log
  WHERE aliases.heir IS NOT NULL
),
undone AS ( -- touches that were another's all along, or that were erased
  SELECT log, seq, other AS owner, touch
  FROM known CROSS JOIN UNNEST(string_split(moved, ',')) AS t(touch)
  WHERE fact = 'LeadUnmerged' AND remains IS NOT NULL
  UNION ALL
  SELECT log, seq, '' AS owner, touch_id AS touch FROM known WHERE fact = 'TouchErased'
),
moved AS ( -- the commits that worked on them
  SELECT heard.log, heard.version, max_by(undone.owner, undone.seq) AS owner
  FROM undone JOIN known AS heard
    ON heard.log = undone.log AND heard.touch_id = undone.touch AND heard.fact = 'TouchIdentified'
  GROUP BY heard.log, heard.version
),
void AS ( -- merges that were undone
  SELECT merges.log, merges.version
  FROM known AS merges
  LEFT JOIN people ON people.log = split_part(merges.absorbed, ',', 1)
  LEFT JOIN people AS mine ON mine.log = merges.log
  WHERE merges.fact = 'LeadMerged' AND merges.absorbed IS NOT NULL
    AND coalesce(people.person, '') <> coalesce(mine.person, merges.log)
  GROUP BY merges.log, merges.version
),
placed AS (
  SELECT known.*,
    CASE
      WHEN moved.version IS NULL THEN known.said_of
      WHEN known.fact IN ('TouchIdentified', 'MessageHeard', 'ContactAttempted', 'DealOpened', 'DealWon', 'DealLost')
        OR (known.fact = 'StageChanged' AND (known.why = 'crm' OR known.why LIKE 'deal %')) THEN moved.owner
      WHEN known.fact IN ('StageChanged', 'LeadQualified') AND coalesce(known.why, '') <> 'merged' THEN ''
      ELSE known.said_of
    END AS owner,
    void.version IS NOT NULL AND known.fact = 'StageChanged' AND known.why = 'merged' AS undone
  FROM known
  LEFT JOIN moved ON moved.log = known.log AND moved.version = known.version
  LEFT JOIN void ON void.log = known.log AND void.version = known.version
)
SELECT placed.*,
  coalesce(people.person, placed.owner) AS lead_id,
  placed.log = coalesce(people.person, placed.owner) AS own,
  placed.seq + CASE WHEN placed.log = coalesce(people.person, placed.owner) THEN 1000000000000 ELSE 0 END AS rank
FROM placed
LEFT JOIN people ON people.log = placed.owner
WHERE NOT placed.undone AND (placed.owner IS NULL OR placed.owner <> '')
