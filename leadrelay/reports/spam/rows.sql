select
    lead_id, touch_id, received_ms, source, parked_why as reason,
    coalesce(parked_why in ('address_limit', 'identity_limit', 'disposable_mail', 'blocked_mail'), false) as suspected,
    coalesce(identified_ms > parked_ms, false) as let_through
from touch_rows
where kind in ('submission', 'behaviour') and parked_why is distinct from 'test'
