"""The attendance role: which users are active, and how much everybody has open."""

from __future__ import annotations

from collections.abc import Mapping

from connectors.kit.crm_attendance import CrmAttendance
from connectors.kit.crm_fields import FieldProblem
from connectors.kit.crm_pace import Pace
from connectors.salesforce.asking import Asking
from connectors.salesforce.census import Census
from connectors.salesforce.crm import connect
from connectors.salesforce.door import TIMEOUT, Timeout
from connectors.salesforce.fields import moved_maps
from leadrelay.ports.attendance import Attendance
from leadrelay.ports.errors import Misconfigured


def attendance(
    secret: Mapping[str, str],
    endpoint: str | None,
    timeout: Timeout = TIMEOUT,
    properties: Mapping[str, str] | None = None,
) -> Attendance:
    """One account; `secret` as for the CRM role, `endpoint` a sandbox on this machine; `properties` places our words in
    other fields. Raises Misconfigured."""
    try:
        maps = moved_maps(properties or {})
    except FieldProblem as problem:
        raise Misconfigured(f"Salesforce fields: {problem}") from problem
    return CrmAttendance(Census(Asking(connect(secret, endpoint, timeout, None, Pace()), maps)))
