select lead_id, captured_ms, mql_ms, first_score, score, fit, engagement, first_source, last_source, segment
from lead_rows
where standing in ('live', 'shadow')
