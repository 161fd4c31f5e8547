-- One row per person and deal: see DEAL_ROWS. What was said of it last holds: a deal that was opened again is open.
WITH deals AS (
  SELECT lead_id, deal_id,
    min(at_ms) AS opened_ms,
    max_by(fact, rank) AS state,
    min(at_ms) FILTER (WHERE fact = 'DealWon') AS won_ms,
    max(at_ms) FILTER (WHERE fact = 'DealLost') AS lost_ms,
    max_by(coalesce(reason, ''), rank) FILTER (WHERE fact = 'DealLost') AS reason,
    max_by(amount, rank) FILTER (WHERE amount IS NOT NULL) AS amount,
    max_by(currency, rank) FILTER (WHERE amount IS NOT NULL AND currency IS NOT NULL) AS currency
  FROM facts
  WHERE fact IN ('DealOpened', 'DealWon', 'DealLost')
  GROUP BY lead_id, deal_id
),
owners AS ( -- who had it when the deal was opened
  SELECT deals.lead_id, deals.deal_id, owned.rep, owned.pool, row_number() OVER (
    PARTITION BY deals.lead_id, deals.deal_id ORDER BY owned.at_ms DESC, owned.rank DESC, owned.log) AS place
  FROM deals
  JOIN assignment_rows AS owned ON owned.lead_id = deals.lead_id AND owned.at_ms <= deals.opened_ms
)
SELECT deals.lead_id, deals.deal_id, deals.opened_ms,
  CASE WHEN state = 'DealWon' THEN deals.won_ms END AS won_ms,
  CASE WHEN state = 'DealLost' THEN deals.lost_ms END AS lost_ms,
  CASE WHEN state = 'DealLost' THEN nullif(deals.reason, '') END AS reason,
  deals.amount, deals.currency, owners.rep, owners.pool
FROM deals
LEFT JOIN owners ON owners.lead_id = deals.lead_id AND owners.deal_id = deals.deal_id AND owners.place = 1
