"""Is the account ready? One line per question, each with what mends it; none raises, and nothing is changed.

Scopes for writing can only be tried: an empty batch writes nothing, and HubSpot looks at the scopes first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.hubspot.asking import Asking
from connectors.hubspot.batches import API, items
from connectors.hubspot.census import DEALS, OBJECTS, Census
from connectors.hubspot.fields import OWNER_PROPERTY, STAGE, description
from connectors.hubspot.lookup import CONTACTS
from connectors.hubspot.schema import MANY, Schema, fits, options
from connectors.hubspot.workflows import Workflows
from connectors.kit.crm_doctor import CREATE, Look, clock, findings, listed
from connectors.kit.crm_fields import FieldMap
from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Reject

USAGE = "/account-info/v3/api-usage/daily/private-apps"
KINDS = (CONTACTS, "tasks", "notes", "companies", DEALS)
TODAY = (
    'in Contacts add a view "Today": filters "Contact owner is Me" and "Next step due at is today or earlier", '
    'sorted by "Urgency", highest first; and for the manager a view "Call list": filter "Call list of is today"; '
    "HubSpot lets no app make views"
)


class Doctor:
    """Looks at one account. `now` is our clock (UTC)."""

    def __init__(
        self, asking: Asking, fields: FieldMap, schema: Schema, census: Census, now: Callable[[], datetime]
    ) -> None:
        self._asking = asking
        self._fields = fields
        self._schema = schema
        self._census = census
        self._now = now

    def check(self) -> list[Check]:
        """Every finding; what cannot be looked at is one too."""
        looks: Sequence[Look] = (
            ("token and quota", self._quota),
            ("clock", self._clock),
            *((kind, partial(self._readable, kind)) for kind in KINDS),
            ("scopes", self._scopes),
            ("owners", self._owners_there),
            ("fields", self._fields_there),
            ("field types", self._fields_fit),
            ("list values", self._values_there),
            ("stage order", self._stages_ordered),
            ("workflows", self._workflows),
            ("view", lambda: Check("view", ok=True, detail=TODAY)),
        )
        return findings(looks, description()["docs"])

    def _quota(self) -> Check:
        try:
            results = items(self._asking.get(USAGE), "results")
        except Reject as refusal:
            if refusal.reason != "NOT_FOUND":
                raise
            return Check("token and quota", ok=True, detail="the token works; HubSpot shows no daily count for it")
        usage: Mapping[str, Any] = results[0] if results else {}
        left = int(usage.get("usageLimit", 0)) - int(usage.get("currentUsage", 0))
        fix = "wait until midnight in the account's time zone, or add a capacity pack"
        return Check("token and quota", left > 0, f"{left:,} calls left today", "" if left > 0 else fix)

    def _clock(self) -> Check:
        told = self._asking.call(OBJECTS, "get_page", CONTACTS, limit=1).headers.get("date", "")
        return clock("HubSpot", told, self._now())

    def _readable(self, kind: str) -> Check:
        self._asking.call(OBJECTS, "get_page", kind, limit=1)
        return Check(kind, ok=True, detail="readable")

    def _scopes(self) -> Check:
        """Misconfigured names the scope that is missing; any other refusal of nothing at all is beside the point."""
        for api, verb in ((API, "update"), (MANY, "create")):
            try:
                self._asking.call(api, verb, CONTACTS, {"inputs": []})
            except Reject:
                continue
        return Check("scopes", ok=True, detail="contacts and their properties may be written")

    def _owners_there(self) -> Check:
        active = [owner for owner in self._census.owners() if owner.active]
        return Check("owners", bool(active), f"{len(active)} can own records", "" if active else "add users in HubSpot")

    # -- fields

    def _fields_there(self) -> Check:
        missing = [op.name for op in self._schema.plan()]
        return listed("fields", "missing", missing, "all there", CREATE)

    def _fields_fit(self) -> Check:
        """A property of the right name and the wrong kind cannot be changed by us."""
        there, ours = self._schema.properties(), self._fields.fields.values()
        wrong = [known.name for known in ours if (found := there.get(known.name)) and not fits(known, found)]
        return listed("field types", "unfit", wrong, "as declared", "delete or rename them in HubSpot, then " + CREATE)

    def _values_there(self) -> Check:
        """Those of properties that are there: one that we would make brings its own."""
        there = self._schema.properties()
        missing = [
            f"{known.name}={value}"
            for known in self._fields.fields.values()
            if known.name in there or not known.label
            for value in dict.fromkeys(known.values.values())
            if value not in options(there.get(known.name, {}))
        ]
        fix = "add these options to the property in HubSpot, or change the field map"
        return listed("list values", "missing", missing, "all there", fix)

    def _stages_ordered(self) -> Check:
        known = self._fields.of(STAGE)
        theirs = options(self._schema.properties().get(known.name, {}))
        shared = [stage for stage in theirs if stage in known.order]
        ours = [stage for stage in known.order if stage in shared]
        custom = [stage for stage in theirs if stage not in known.order]
        said = f"; stages of the account's own, which we leave alone: {', '.join(custom)}" if custom else ""
        if shared == ours:
            return Check("stage order", ok=True, detail=f"as ours{said}")
        fix = f"order them in HubSpot (Settings > Objects > Contacts > Lifecycle stage) as {', '.join(ours)}"
        return Check("stage order", ok=False, detail=f"HubSpot has {', '.join(shared)}{said}", fix=fix)

    # -- workflows

    def _workflows(self) -> Check:
        """Two who set the owner undo each other."""
        try:
            rivals = [str(flow) for flow in Workflows(self._asking).setting(OWNER_PROPERTY)]
        except Reject as refusal:
            if refusal.reason != "NOT_FOUND":
                raise
            return Check("workflows", ok=True, detail="this account has none")
        fix = "turn them off, or let them skip contacts that have a LeadRelay key"
        return listed("workflows", "set the contact owner", rivals, "none sets the contact owner", fix)
