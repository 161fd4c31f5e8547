select lead_id, day_ms + 43200000 as noon_ms, day, source, nullif(form, '') as form, theirs, ours, found, gone
from gap_rows
