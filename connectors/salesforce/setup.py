"""The set-up role: is the account ready, what is missing, create it, and who is in it. Used by the CLI only.

Written after Salesforce's guides and held against a sandbox with the real client; no live org has confirmed it yet.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from connectors.kit.crm_fields import FieldProblem
from connectors.kit.crm_pace import Pace
from connectors.salesforce.asking import Asking
from connectors.salesforce.census import Census
from connectors.salesforce.crm import connect
from connectors.salesforce.doctor import Doctor
from connectors.salesforce.door import TIMEOUT, Timeout
from connectors.salesforce.fields import moved_maps
from connectors.salesforce.schema import Schema
from leadrelay.ports.crm_setup import Check, CrmOwner, CrmSetup, PeoplePage, SchemaOp
from leadrelay.ports.errors import Misconfigured


class SalesforceSetup:
    """One account; every question is a read, only `apply` writes. See `leadrelay.ports.crm_setup.CrmSetup`."""

    def __init__(
        self,
        asking: Asking,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._schema = Schema(asking, sleep)
        self._census = Census(asking)
        self._doctor = Doctor(asking, self._schema, self._census, now)

    def check(self) -> list[Check]:
        """Login, calls left, clock, rights, owners, fields, lists, who else decides; one line each, none raises."""
        return self._doctor.check()

    def plan(self) -> list[SchemaOp]:
        """The fields, the permission set and the views of ours that the account lacks."""
        return self._schema.plan()

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Deploy what the plan names and assign the permission set; what is there already stays."""
        return self._schema.apply(ops)

    def owners(self) -> list[CrmOwner]:
        """Users and queues."""
        return self._census.owners()

    def load(self) -> dict[str, int]:
        """Open leads and contacts by owner id."""
        return self._census.load()

    def people(self, cursor: str | None) -> PeoplePage:
        """A page of leads, then contacts, in the order of their ids, with their open deals."""
        return self._census.people(cursor)


def asking(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> Asking:
    """An account to ask, with the fields where its rules place them. Raises Misconfigured."""
    try:
        maps = moved_maps(properties or {})
    except FieldProblem as problem:
        raise Misconfigured(f"Salesforce fields: {problem}") from problem
    return Asking(connect(secret, endpoint, timeout, version, Pace(heed=False)), maps)


def setup(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> CrmSetup:
    """The set-up of an account; arguments as for `connectors.salesforce.crm.crm`. Raises Misconfigured."""
    return SalesforceSetup(asking(secret, endpoint, timeout, version, properties))
