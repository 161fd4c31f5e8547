"""The attendance role: which users are active, and how much everybody has open."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.crm_attendance import CrmAttendance
from connectors.kit.crm_pace import Pace
from connectors.salesforce.asking import Asking
from connectors.salesforce.census import Census
from connectors.salesforce.crm import connect
from connectors.salesforce.door import TIMEOUT, Timeout
from connectors.salesforce.fields import moved_maps
from leadrelay.ports.attendance import Attendance


def attendance(
    secret: Mapping[str, str],
    endpoint: str | None,
    timeout: Timeout = TIMEOUT,
    properties: Mapping[str, str] | None = None,
) -> Attendance:
    """One account; `secret` as for the CRM role, `endpoint` a sandbox on this machine; `properties` places our words in
    other fields. Raises Misconfigured."""
    return CrmAttendance(Census(Asking(connect(secret, endpoint, timeout, None, Pace()), moved_maps(properties or {}))))
