"""The attendance role: who has left HubSpot, and how many open contacts everybody else has there.

Whether somebody is out of office is not among what HubSpot's API tells of its users.
"""

from __future__ import annotations

import time
from collections.abc import Mapping

from connectors.hubspot.asking import Asking
from connectors.hubspot.census import Census
from connectors.hubspot.crm import connect
from connectors.hubspot.fields import default_map
from connectors.hubspot.people import People
from connectors.hubspot.transport import TIMEOUT, Timeout
from connectors.kit.crm_attendance import CrmAttendance
from connectors.kit.crm_pace import Pace
from leadrelay.ports.attendance import Attendance


def attendance(
    secret: Mapping[str, str],
    endpoint: str | None,
    timeout: Timeout = TIMEOUT,
    properties: Mapping[str, str] | None = None,
) -> Attendance:
    """One account. `secret` has the `token`; `endpoint` replaces HubSpot's address; `properties` places our words in
    other properties. Raises Misconfigured."""
    wire, fields = connect(secret, endpoint, timeout, None, Pace()), default_map().replaced(properties or {})
    return CrmAttendance(Census(Asking(wire, fields), fields, People(wire, fields), time.sleep))
