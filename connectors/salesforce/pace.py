"""What Salesforce's answers say is left of the account's calls.

Salesforce counts calls over rolling 24 hours for everybody in the organisation together, and tells the count with most
answers (`Sforce-Limit-Info: api-usage=18/5000`). Stopping before the end keeps the account's other integrations alive.
"""

from __future__ import annotations

import re

from connectors.kit.crm_pace import DAY, KEPT_BACK, Hold

USAGE = re.compile(r"(?:^|[\s;,])api-usage=([0-9]{1,12})/([0-9]{1,12})")


def said(usage: str) -> Hold | None:
    """The wait that an answer's `Sforce-Limit-Info` ("" where there is none) asks for, None where enough is left."""
    found = USAGE.search(usage)
    used, most = (int(found[1]), int(found[2])) if found else (0, 0)
    if most and used >= most * (1 - KEPT_BACK):
        return DAY, "day", f"{used} of the account's {most} calls in 24 hours are used"
    return None
