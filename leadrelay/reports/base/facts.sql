-- Every fact under whom it is about now. `log` is the lead whose log has it, `lead_id` who remains of that lead,
-- `own` whether that is the same one. `seq` is the order within a log, `rank` puts the log of who remains above those
-- that it absorbed. What a touch brought goes where the touch went; what was concluded from it, or from a merge that
-- was undone, is left out.
WITH aliases AS ( -- logs of leads that are part of another one now
  SELECT log, nullif(max_by(coalesce(merged_into, ''), version * 1000 + n), '') AS heir
  FROM once
  WHERE (fact = 'LeadMerged' AND merged_into IS NOT NULL) OR (fact = 'LeadUnmerged' AND remains IS NULL)
  GROUP BY log
),
gains AS ( -- whom a merge added, and who was left when two were parted
  SELECT log, version * 1000 + n AS seq, at_ms, member
  FROM once CROSS JOIN UNNEST(string_split(coalesce(absorbed, remains), ',')) AS t(member)
  WHERE fact IN ('LeadMerged', 'LeadUnmerged') AND coalesce(absorbed, remains) IS NOT NULL
),
parted AS (
  SELECT log, max(version * 1000 + n) AS seq FROM once WHERE fact = 'LeadUnmerged' AND remains IS NOT NULL GROUP BY log
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
  SELECT log, version * 1000 + n AS seq, other AS owner, touch
  FROM once CROSS JOIN UNNEST(string_split(moved, ',')) AS t(touch)
  WHERE fact = 'LeadUnmerged' AND remains IS NOT NULL
  UNION ALL
  SELECT log, version * 1000 + n AS seq, '' AS owner, touch_id AS touch FROM once WHERE fact = 'TouchErased'
),
moved AS ( -- the commits that worked on them
  SELECT heard.log, heard.version, max_by(undone.owner, undone.seq) AS owner
  FROM undone JOIN once AS heard
    ON heard.log = undone.log AND heard.touch_id = undone.touch AND heard.fact = 'TouchIdentified'
  GROUP BY heard.log, heard.version
),
void AS ( -- merges that were undone
  SELECT merges.log, merges.version
  FROM once AS merges
  LEFT JOIN people ON people.log = split_part(merges.absorbed, ',', 1)
  LEFT JOIN people AS mine ON mine.log = merges.log
  WHERE merges.fact = 'LeadMerged' AND merges.absorbed IS NOT NULL
    AND coalesce(people.person, '') <> coalesce(mine.person, merges.log)
  GROUP BY merges.log, merges.version
),
placed AS (
  SELECT once.*, once.version * 1000 + once.n AS seq,
    CASE
      WHEN moved.version IS NULL THEN once.said_of
      WHEN once.fact IN ('TouchIdentified', 'MessageHeard', 'ContactAttempted', 'DealOpened', 'DealWon', 'DealLost')
        OR (once.fact = 'StageChanged' AND (once.why = 'crm' OR once.why LIKE 'deal %')) THEN moved.owner
      WHEN once.fact IN ('StageChanged', 'LeadQualified') AND coalesce(once.why, '') <> 'merged' THEN ''
      ELSE once.said_of
    END AS owner,
    void.version IS NOT NULL AND once.fact = 'StageChanged' AND once.why = 'merged' AS undone
  FROM once
  LEFT JOIN moved ON moved.log = once.log AND moved.version = once.version
  LEFT JOIN void ON void.log = once.log AND void.version = once.version
)
SELECT placed.*,
  coalesce(people.person, placed.owner) AS lead_id,
  placed.log = coalesce(people.person, placed.owner) AS own,
  placed.seq + CASE WHEN placed.log = coalesce(people.person, placed.owner) THEN 1000000000000 ELSE 0 END AS rank
FROM placed
LEFT JOIN people ON people.log = placed.owner
WHERE NOT placed.undone AND (placed.owner IS NULL OR placed.owner <> '')
