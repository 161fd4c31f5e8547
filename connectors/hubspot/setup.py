"""The set-up role: is the account ready, what is missing, create it, and who is in it. Used by the CLI only."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime

from connectors.hubspot.asking import Asking
from connectors.hubspot.census import Census
from connectors.hubspot.crm import connect
from connectors.hubspot.doctor import Doctor
from connectors.hubspot.fields import default_map
from connectors.hubspot.people import People
from connectors.hubspot.schema import Schema
from connectors.hubspot.transport import TIMEOUT, Timeout, Wire
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_pace import Pace
from leadrelay.ports.crm_setup import Check, CrmOwner, CrmSetup, PeoplePage, SchemaOp


class HubSpotSetup:
    """One account; every question is a read, only `apply` writes. See `leadrelay.ports.crm_setup.CrmSetup`."""

    def __init__(
        self,
        wire: Wire,
        fields: FieldMap,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        asking = Asking(wire, fields)
        self._schema = Schema(asking, fields)
        self._census = Census(asking, fields, People(wire, fields), sleep)
        self._doctor = Doctor(asking, fields, self._schema, self._census, now)

    def check(self) -> list[Check]:
        """Credentials, quota, clock, scopes, owners, fields, lists, stages, workflows; one line each, none raises."""
        return self._doctor.check()

    def plan(self) -> list[SchemaOp]:
        """The group and the properties of ours that the account lacks."""
        return self._schema.plan()

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Create what the plan names; what has appeared meanwhile is left as it is."""
        return self._schema.apply(ops)

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record, and those who no longer can."""
        return self._census.owners()

    def load(self) -> dict[str, int]:
        """Open contacts by owner id."""
        return self._census.load()

    def people(self, cursor: str | None) -> PeoplePage:
        """A page of contacts in the order of their ids, with their open deals."""
        return self._census.people(cursor)


def setup(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> CrmSetup:
    """The set-up of an account; arguments as for `connectors.hubspot.crm.crm`. Raises Misconfigured."""
    wire = connect(secret, endpoint, timeout, version, Pace(heed=False))
    return HubSpotSetup(wire, default_map().replaced(properties or {}))
