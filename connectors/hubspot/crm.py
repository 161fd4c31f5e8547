"""The CRM role: HubSpot behind the `Crm` port. Operations of one kind go out together."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from connectors.hubspot.activities import Activities
from connectors.hubspot.batches import LARGEST
from connectors.hubspot.fields import default_map, description
from connectors.hubspot.memberships import Memberships
from connectors.hubspot.people import People
from connectors.hubspot.transport import TIMEOUT, Timeout, Wire, is_id
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_pace import Pace
from connectors.kit.crm_schedule import Schedule
from connectors.kit.crm_trouble import as_port_errors
from leadrelay.ports.crm import (
    Crm,
    Marked,
    Meter,
    PutNote,
    PutTask,
    RecordKey,
    SetMembership,
    Snapshot,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.errors import Misconfigured, Reject

TOGETHER = Schedule(LARGEST, kind=type)
"""HubSpot refuses a batch that names a record twice."""


class HubSpotCrm:
    """One HubSpot account; safe under threads."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._people = People(wire, fields)
        self._activities = Activities(wire, fields)
        self._carry_out: dict[type[WriteOp], Callable[[Any], list[WriteResult]]] = {
            UpsertPerson: self._people.upsert,
            PutTask: self._activities.put_tasks,
            PutNote: self._activities.put_notes,
            SetMembership: Memberships(wire, fields).set,
        }

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """See the port. A contact merged into another answers with the other's id."""
        with as_port_errors():
            return self._people.snapshots(keys)

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """See the port."""
        return TOGETHER.carried_out(ops, lambda group: self._carry_out[type(group[0])](group))

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """See the port. Raises Reject for an id that is none."""
        if not is_id(crm_id):
            raise Reject("VALIDATION", "not a HubSpot record id")
        with as_port_errors():
            return [mark for mark in self._activities.marks(crm_id) if mark.op_id in op_ids]


def connect(
    secret: Mapping[str, str], endpoint: str | None, timeout: Timeout, version: str | None, pace: Pace | None = None
) -> Wire:
    """The wire for an account. Raises Misconfigured where the secret holds no token."""
    token = secret.get("token", "").strip()
    if not token:
        raise Misconfigured('the HubSpot secret needs {"token": "…"}: create a Service Key in HubSpot and store it')
    return Wire(token, endpoint, timeout, version or secret.get("api_version") or description()["api"]["version"], pace)


def crm(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
    meter: Meter | None = None,
) -> Crm:
    """The CRM of an account. `secret` is {"token": …}; `endpoint` replaces HubSpot's public address (the sandbox);
    `timeout` is (connect, answer) in seconds; `version` is "v3" or a date version; `properties` places some of our
    words in other HubSpot properties than `connector.toml` does; `meter` is asked before each request. Raises
    Misconfigured."""
    fields = default_map().replaced(properties or {})
    return HubSpotCrm(connect(secret, endpoint, timeout, version, Pace(meter)), fields)
