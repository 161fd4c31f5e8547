"""The CRM role: Salesforce behind the `Crm` port. Operations of one kind go out together, up to 200 in a call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.kit.crm_fields import FieldMap, FieldProblem
from connectors.kit.crm_pace import Pace
from connectors.kit.crm_schedule import Schedule
from connectors.kit.crm_trouble import as_port_errors
from connectors.salesforce.activities import Activities
from connectors.salesforce.door import TIMEOUT, Timeout
from connectors.salesforce.fields import Kind, description, moved_maps
from connectors.salesforce.login import Login
from connectors.salesforce.lookup import Lookup, kind_of
from connectors.salesforce.members import Members
from connectors.salesforce.people import People
from connectors.salesforce.rows import LARGEST
from connectors.salesforce.session import Org
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


def _travels_as(op: WriteOp) -> str:
    """Tasks and notes are records of one kind."""
    return "activity" if isinstance(op, (PutTask, PutNote)) else type(op).__name__


TOGETHER = Schedule(LARGEST, _travels_as, telling=15)
"""An id's first 15 characters tell it from all others, whichever of its two forms is used."""


class SalesforceCrm:
    """One Salesforce account; safe under threads."""

    def __init__(self, org: Org, maps: Mapping[Kind, FieldMap]) -> None:
        lookup = Lookup(org, maps)
        self._people = People(org, maps, lookup)
        self._activities = Activities(org, maps["Lead"], lookup)
        self._members = Members(org, maps["Lead"], lookup)

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """See the port. A record that was merged or converted into another answers with the other's id."""
        with as_port_errors():
            return self._people.snapshots(keys)

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """See the port."""
        return TOGETHER.carried_out(ops, self._carry_out)

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """See the port. Raises Reject for an id that is none."""
        if kind_of(crm_id) is None:
            raise Reject("VALIDATION", "not the id of a Salesforce lead or contact")
        with as_port_errors():
            return [mark for mark in self._activities.marks(crm_id) if mark.op_id in op_ids]

    def _carry_out(self, group: Sequence[WriteOp]) -> list[WriteResult]:
        """One group: all of a kind."""
        if isinstance(group[0], UpsertPerson):
            return self._people.upsert([op for op in group if isinstance(op, UpsertPerson)])
        if isinstance(group[0], SetMembership):
            return self._members.put([op for op in group if isinstance(op, SetMembership)])
        return self._activities.put([op for op in group if isinstance(op, (PutTask, PutNote))])


def connect(
    secret: Mapping[str, str], endpoint: str | None, timeout: Timeout, version: str | None, pace: Pace | None = None
) -> Org:
    """The way to an account. Raises Misconfigured where the secret is incomplete."""
    spoken = version or secret.get("api_version") or description()["api"]["version"]
    return Org(Login.of(secret), endpoint, timeout, spoken, pace or Pace())


def crm(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
    meter: Meter | None = None,
) -> Crm:
    """The CRM of an account. `secret` is {domain, consumer_key, consumer_secret} or {domain, username, consumer_key,
    private_key}; `endpoint` leads to a sandbox on this machine instead of Salesforce; `timeout` is (connect, answer) in
    seconds; `version` is the API's ("62.0"); `properties` places some of our words in other fields than
    `connector.toml` does (see `fields.moved_maps`); `meter` is asked before each request. Raises Misconfigured."""
    try:
        maps = moved_maps(properties or {})
    except FieldProblem as problem:
        raise Misconfigured(f"Salesforce fields: {problem}") from problem
    return SalesforceCrm(connect(secret, endpoint, timeout, version, Pace(meter)), maps)
