-- One row per person: see LEAD_ROWS. What happened is counted over all logs of a person, what holds now is read from
-- the log of who remains (`rank`).
WITH heard AS ( -- touches in order; a submission tells where somebody came from, else what they did first
  SELECT lead_id, touched_ms, touch_id, received_ms, kind, temperature, intent, product, attributes,
    coalesce(source, split_part(touch_id, '.', 1)) AS source, source_channel, channel_class, campaign, form, partner,
    row_number() OVER (PARTITION BY lead_id ORDER BY attributes IS NULL, touched_ms, touch_id) AS first,
    row_number() OVER (PARTITION BY lead_id ORDER BY attributes IS NULL, touched_ms DESC, touch_id DESC) AS last
  FROM facts
  WHERE fact = 'TouchIdentified' AND kind NOT IN ('crm_change', 'enrichment')
),
came AS (
  SELECT lead_id,
    count(*) AS touches,
    max(source) FILTER (WHERE first = 1) AS first_source,
    max(source_channel) FILTER (WHERE first = 1) AS first_channel,
    max(channel_class) FILTER (WHERE first = 1) AS first_class,
    max(campaign) FILTER (WHERE first = 1) AS first_campaign,
    max(form) FILTER (WHERE first = 1) AS first_form,
    min_by(partner, lpad(CAST(touched_ms AS VARCHAR), 15, '0') || touch_id) FILTER (WHERE partner IS NOT NULL)
      AS first_partner,
    max(source) FILTER (WHERE last = 1) AS last_source,
    max(source_channel) FILTER (WHERE last = 1) AS last_channel,
    max(channel_class) FILTER (WHERE last = 1) AS last_class,
    max(campaign) FILTER (WHERE last = 1) AS last_campaign,
    max(form) FILTER (WHERE last = 1) AS last_form,
    max_by(partner, lpad(CAST(touched_ms AS VARCHAR), 15, '0') || touch_id) FILTER (WHERE partner IS NOT NULL)
      AS last_partner,
    max(intent) FILTER (WHERE last = 1) AS intent,
    max(product) FILTER (WHERE last = 1) AS product,
    min(temperature) AS temperature -- "hot" before "warm"
  FROM heard
  GROUP BY lead_id
),
standing AS ( -- who was let go comes back with the next touch
  SELECT lead_id, CASE max(CASE standing WHEN 'live' THEN 3 WHEN 'shadow' THEN 2 WHEN 'imported' THEN 1 ELSE 0 END)
    WHEN 3 THEN 'live' WHEN 2 THEN 'shadow' WHEN 1 THEN 'imported' ELSE 'gone' END AS standing
  FROM (
    SELECT lead_id, standing, fact,
      sum(CASE WHEN fact IN ('RecordDeleted', 'LeadErased') THEN 1 ELSE 0 END)
        OVER (PARTITION BY lead_id ORDER BY rank DESC) AS later
    FROM facts
    WHERE log = lead_id AND fact IN ('TouchIdentified', 'LeadMerged', 'LeadUnmerged', 'RecordDeleted', 'LeadErased')
  ) AS told
  WHERE later = 0 OR fact IN ('RecordDeleted', 'LeadErased')
  GROUP BY lead_id
),
scored AS ( -- the score that held when it became MQL
  SELECT lead_id, min_by(held, at_ms) FILTER (WHERE fact = 'StageChanged') AS mql_score
  FROM (
    SELECT lead_id, fact, after, at_ms,
      max(CASE WHEN fact = 'LeadScored' THEN seq * 1000 + total END) OVER (PARTITION BY log ORDER BY seq) % 1000 AS held
    FROM facts WHERE fact = 'LeadScored' OR (fact = 'StageChanged' AND after = 'mql')
  ) AS told
  GROUP BY lead_id
),
qualified AS (
  SELECT lead_id, '{' || string_agg('"' || qualification || '":' || CAST(at_ms AS VARCHAR), ',' ORDER BY qualification)
    || '}' AS qualifications
  FROM (
    SELECT lead_id, qualification, min(at_ms) AS at_ms FROM facts WHERE fact = 'LeadQualified'
    GROUP BY lead_id, qualification
  ) AS firsts
  GROUP BY lead_id
),
bought AS (
  SELECT lead_id,
    count(*) AS deals,
    min(opened_ms) AS deal_opened_ms,
    min(won_ms) AS won_ms,
    max(lost_ms) AS lost_ms,
    max_by(coalesce(reason, ''), lost_ms) FILTER (WHERE lost_ms IS NOT NULL) AS lost_reason,
    CAST(sum(amount) FILTER (WHERE won_ms IS NULL AND lost_ms IS NULL AND currency = latest) AS BIGINT) AS open_amount,
    CAST(sum(amount) FILTER (WHERE won_ms IS NOT NULL AND currency = latest) AS BIGINT) AS won_amount,
    max(latest) AS currency
  FROM (
    SELECT deal_rows.*, first_value(currency) OVER (
      PARTITION BY lead_id ORDER BY currency IS NULL, opened_ms DESC, deal_id DESC) AS latest
    FROM deal_rows
  ) AS deals
  GROUP BY lead_id
),
told AS (
  SELECT lead_id,
    min(coalesce(captured_ms, received_ms)) AS captured_ms,
    count(*) FILTER (WHERE fact = 'LeadErased') > 0 AS erased,
    nullif(max_by(coalesce(segment, ''), rank) FILTER (WHERE own AND fact = 'LeadScored'), '') AS segment,
    nullif(max_by(coalesce(persona, ''), rank) FILTER (WHERE own AND fact = 'LeadScored'), '') AS persona,
    max_by(icp, rank) FILTER (WHERE own AND fact = 'LeadScored') AS icp,
    nullif(max_by(coalesce(fields, ''), rank) FILTER (WHERE own AND fact = 'LeadScored'), '') AS fields,
    min_by(total, at_ms) FILTER (WHERE fact = 'LeadScored') AS first_score,
    max_by(total, rank) FILTER (WHERE own AND fact = 'LeadScored') AS score,
    max(total) FILTER (WHERE fact = 'LeadScored') AS top_score,
    max_by(fit, rank) FILTER (WHERE own AND fact = 'LeadScored') AS fit,
    max_by(engagement, rank) FILTER (WHERE own AND fact = 'LeadScored') AS engagement,
    max_by(after, rank) FILTER (WHERE own AND fact = 'StageChanged') AS stage,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'subscriber') AS subscriber_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'lead') AS lead_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'mql') AS mql_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'sal') AS sal_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'sql') AS sql_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'opportunity') AS opportunity_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'customer') AS customer_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'evangelist') AS evangelist_ms,
    min(at_ms) FILTER (WHERE fact = 'StageChanged' AND after = 'disqualified') AS disqualified_ms,
    min(at_ms) FILTER (WHERE fact = 'OwnerNeeded') AS needed_ms,
    min(at_ms) FILTER (WHERE fact = 'CrmSynced') AS synced_ms,
    min(made_ms) FILTER (WHERE fact = 'ContactAttempted') AS contacted_ms,
    count(*) FILTER (WHERE fact = 'ContactAttempted') AS attempts,
    min(at_ms) FILTER (WHERE fact = 'MeetingBooked') AS meeting_ms,
    max_by(after, rank) FILTER (WHERE own AND fact = 'StatusChanged') AS status,
    max_by(fact, rank)
      FILTER (WHERE own AND fact IN ('LeadAccepted', 'LeadRejected', 'LeadRecycled', 'LeadReactivated')) AS disposed,
    max_by(coalesce(reason, ''), rank)
      FILTER (WHERE own AND fact IN ('LeadAccepted', 'LeadRejected', 'LeadRecycled', 'LeadReactivated')) AS reason,
    max_by(coalesce(reason, ''), rank) FILTER (WHERE fact = 'LeadRejected') AS rejected_reason,
    max_by(coalesce(reason, ''), rank) FILTER (WHERE fact = 'LeadRecycled') AS recycled_reason,
    min_by(missing, at_ms) FILTER (WHERE fact = 'HandoverLacks') AS lacks,
    min(at_ms) FILTER (WHERE fact = 'LeadAccepted') AS accepted_ms,
    min(at_ms) FILTER (WHERE fact = 'LeadRejected') AS rejected_ms,
    min(at_ms) FILTER (WHERE fact = 'LeadRecycled') AS recycled_ms,
    min(at_ms) FILTER (WHERE fact = 'LeadReactivated') AS reactivated_ms,
    max_by(CASE WHEN fact = 'LeadRetired' THEN at_ms ELSE 0 END, rank) FILTER (WHERE own AND fact IN
      ('LeadAccepted', 'LeadRejected', 'LeadRecycled', 'LeadReactivated', 'LeadRetired')) AS retired_ms,
    max_by(coalesce(what, ''), rank) FILTER (WHERE own AND fact IN ('NextStepPlanned', 'LeadRetired', 'LeadErased'))
      AS next_step,
    max_by(coalesce(due_ms, 0), rank) FILTER (WHERE own AND fact IN ('NextStepPlanned', 'LeadRetired', 'LeadErased'))
      AS next_step_due_ms,
    max_by(CASE WHEN fact = 'NurtureEnrolled' THEN sequence ELSE '' END, rank)
      FILTER (WHERE own AND fact IN ('NurtureEnrolled', 'NurtureEnded', 'LeadErased')) AS enrolled
  FROM facts
  WHERE lead_id IS NOT NULL
  GROUP BY lead_id
),
owned AS (
  SELECT lead_id,
    nullif(max_by(coalesce(rep, ''), rank) FILTER (WHERE log = lead_id), '') AS rep,
    nullif(max_by(coalesce(pool, ''), rank) FILTER (WHERE log = lead_id), '') AS pool,
    nullif(max_by(coalesce(queue, ''), rank) FILTER (WHERE log = lead_id), '') AS queue,
    nullif(max_by(coalesce(rule, ''), rank) FILTER (WHERE log = lead_id), '') AS rule,
    max_by(hop, rank) FILTER (WHERE log = lead_id) AS hops,
    min(at_ms) FILTER (WHERE rep IS NOT NULL OR queue IS NOT NULL) AS assigned_ms,
    min(at_ms) FILTER (WHERE rep IS NOT NULL) AS rep_ms
  FROM assignment_rows
  GROUP BY lead_id
)
SELECT
  told.lead_id,
  told.captured_ms,
  CASE WHEN standing.standing IN ('live', 'shadow') AND told.stage IS NULL THEN 'visitor'
    ELSE coalesce(standing.standing, 'imported') END AS standing,
  told.erased,
  coalesce(came.touches, 0) AS touches,
  first_source, first_channel, first_class, first_campaign, first_form, first_partner,
  last_source, last_channel, last_class, last_campaign, last_form, last_partner,
  intent, product, temperature,
  told.segment, told.persona, coalesce(told.icp, FALSE) AS icp, told.fields,
  -- a score of 0 is not told until it was another
  CASE WHEN standing.standing IN ('live', 'shadow') THEN coalesce(first_score, 0) ELSE first_score END AS first_score,
  CASE WHEN mql_ms IS NOT NULL THEN coalesce(mql_score, 0) END AS mql_score,
  CASE WHEN standing.standing IN ('live', 'shadow') THEN coalesce(score, 0) ELSE score END AS score,
  CASE WHEN standing.standing IN ('live', 'shadow') THEN coalesce(top_score, 0) ELSE top_score END AS top_score,
  CASE WHEN standing.standing IN ('live', 'shadow') THEN coalesce(told.fit, 0) ELSE told.fit END AS fit,
  CASE WHEN standing.standing IN ('live', 'shadow') THEN coalesce(told.engagement, 0) ELSE told.engagement END
    AS engagement,
  coalesce(told.stage, 'visitor') AS stage,
  subscriber_ms, lead_ms, mql_ms, sal_ms, sql_ms, opportunity_ms, customer_ms, evangelist_ms, disqualified_ms,
  qualifications,
  owned.rep, owned.pool, owned.queue, owned.rule, coalesce(owned.hops, 0) AS hops,
  needed_ms, assigned_ms, rep_ms, synced_ms, contacted_ms, attempts, meeting_ms,
  coalesce(told.status, 'new') AS status,
  CASE disposed WHEN 'LeadAccepted' THEN 'accepted' WHEN 'LeadRejected' THEN 'rejected'
    WHEN 'LeadRecycled' THEN 'recycled' END AS disposition,
  accepted_ms, rejected_ms, recycled_ms, reactivated_ms,
  CASE WHEN disposed IN ('LeadRejected', 'LeadRecycled') THEN nullif(told.reason, '') END AS reason,
  nullif(told.rejected_reason, '') AS rejected_reason,
  nullif(told.recycled_reason, '') AS recycled_reason,
  nullif(told.lacks, '') AS lacks,
  nullif(retired_ms, 0) AS retired_ms,
  nullif(next_step, '') AS next_step,
  nullif(next_step_due_ms, 0) AS next_step_due_ms,
  nullif(enrolled, '') AS enrolled,
  coalesce(bought.deals, 0) AS deals, deal_opened_ms, won_ms, lost_ms, nullif(lost_reason, '') AS lost_reason,
  open_amount, won_amount, bought.currency
FROM told
LEFT JOIN came ON came.lead_id = told.lead_id
LEFT JOIN standing ON standing.lead_id = told.lead_id
LEFT JOIN scored ON scored.lead_id = told.lead_id
LEFT JOIN qualified ON qualified.lead_id = told.lead_id
LEFT JOIN owned ON owned.lead_id = told.lead_id
LEFT JOIN bought ON bought.lead_id = told.lead_id
