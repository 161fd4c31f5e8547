"""Is the account ready? One line per question, each with what mends it; none raises, and nothing is changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from functools import partial
from typing import Any

from connectors.kit.crm_doctor import CREATE, Look, clock, findings, listed
from connectors.kit.crm_fields import Field
from connectors.salesforce.asking import Asking
from connectors.salesforce.census import Census
from connectors.salesforce.fields import KINDS, Kind, description
from connectors.salesforce.metadata import full_name, ours
from connectors.salesforce.schema import Schema, me
from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Reject

WRITTEN = ("Lead", "Contact", "Task", "CampaignMember")
READ = ("Account", "Opportunity", "OpportunityContactRole", "Event", "Campaign", "User")
TYPES = {
    "Text": "string",
    "LongTextArea": "textarea",
    "Number": "double",
    "Date": "date",
    "DateTime": "datetime",
    "Picklist": "picklist",
    "Checkbox": "boolean",
}
"""The words of the metadata for types, and those of describe."""
ASSIGNMENTS = "SELECT Name FROM AssignmentRule WHERE SobjectType = 'Lead' AND Active = true"
FLOWS = "SELECT Label, TriggerObjectOrEventLabel FROM FlowDefinitionView WHERE IsActive = true"
TRIGGERS = "SELECT Name, TableEnumOrId FROM ApexTrigger WHERE Status = 'Active'"
DUPLICATES = "SELECT MasterLabel, SobjectType FROM DuplicateRule WHERE IsActive = true"


class Doctor:
    """Looks at one account. `now` is our clock (UTC)."""

    def __init__(self, asking: Asking, schema: Schema, census: Census, now: Callable[[], datetime]) -> None:
        self._asking = asking
        self._schema = schema
        self._census = census
        self._now = now

    def check(self) -> list[Check]:
        """Every finding; what cannot be looked at is one too."""
        looks: Sequence[Look] = (
            ("login", self._login),
            ("calls left", self._quota),
            ("clock", self._clock),
            ("objects", self._objects),
            ("owners", self._owners),
            ("fields", self._fields_there),
            ("field types", self._fields_fit),
            ("list values", self._values_there),
            ("assignment rules", self._assignments),
            ("automations", self._automations),
            ("duplicate rules", self._duplicates),
        )
        return findings(looks, description()["docs"])

    # -- the account

    def _login(self) -> Check:
        return Check("login", ok=True, detail=f"we are the user {me(self._asking)}")

    def _quota(self) -> Check:
        count = self._asking.get("/limits")["DailyApiRequests"]
        left, most = int(count["Remaining"]), int(count["Max"])
        fix = "wait, the count rolls over 24 hours; or buy more calls; Setup > Company Information shows who uses them"
        return Check("calls left", left > 0, f"{left:,} of {most:,} in 24 hours", "" if left > 0 else fix)

    def _clock(self) -> Check:
        heard: list[str] = []
        listen = {"response": lambda response, **_: heard.append(response.headers.get("Date", ""))}
        self._asking.tried(partial(self._asking.org.call, "GET", "/limits", hooks=listen))
        return clock("Salesforce", heard[-1] if heard else "", self._now())

    def _objects(self) -> Check:
        """An object that our user may not see answers as if it did not exist."""
        lacking = [f"{kind}: {what}" for kind in (*WRITTEN, *READ) if (what := self._lacks(kind))]
        fix = "give the integration user these object permissions (a permission set), View All for leads and contacts"
        return listed("objects", "rights missing", lacking, "readable, and writable where we write", fix)

    def _lacks(self, kind: str) -> str:
        try:
            shown = self._asking.get(f"/sobjects/{kind}/describe")
        except Reject:
            return "read"
        rights = ("createable", "updateable") if kind in WRITTEN else ("queryable",)
        return ", ".join(right for right in rights if shown.get(right) is not True)

    def _owners(self) -> Check:
        found = self._census.owners()
        users = [owner for owner in found if owner.active and owner.kind == "user"]
        queues = [owner for owner in found if owner.kind == "queue"]
        detail = f"{len(users)} users and {len(queues)} queues can own leads"
        return Check("owners", bool(users), detail, "" if users else "add users in Salesforce")

    # -- fields

    def _fields_there(self) -> Check:
        missing = [f"{op.kind} {op.name}" for op in self._schema.plan()]
        return listed("fields", "missing", missing, "all there and visible to us", CREATE)

    def _fields_fit(self) -> Check:
        """A field of the right name and the wrong kind cannot be changed by us."""
        wrong = [
            full_name(kind, known)
            for kind, there in self._columns().items()
            for known in ours(self._asking.maps[kind])
            if known.name in there and not _fits(known, there[known.name])
        ]
        return listed("field types", "unfit", wrong, "as declared", "delete them in Salesforce, then " + CREATE)

    def _values_there(self) -> Check:
        missing = [
            f"{kind}.{known.name}={value}"
            for kind, there in self._columns().items()
            for known in self._asking.maps[kind].fields.values()
            for value in dict.fromkeys(known.values.values())
            if known.name in there and value not in _options(there[known.name])
        ]
        fix = "add these values in Setup > Object Manager > Lead > Fields, or change the field map"
        return listed("list values", "missing", missing, "all there", fix)

    def _columns(self) -> Mapping[Kind, Mapping[str, Mapping[str, Any]]]:
        return {kind: self._asking.columns(kind) for kind in KINDS}

    # -- who else decides

    def _assignments(self) -> Check:
        """Two who set the owner undo each other; our own writes switch the rules off for themselves."""
        rules = [str(row["Name"]) for row in self._asking.rows(ASSIGNMENTS)]
        fix = "deactivate it (Setup > Lead Assignment Rules): it gives leads from web forms and imports to others"
        return listed("assignment rules", "active for leads", rules, "none is active for leads", fix)

    def _automations(self) -> Check:
        """Whether a flow or trigger sets the owner cannot be asked; a person has to look."""
        rows = self._asking.rows
        found = [f"flow {row['Label']}" for row in rows(FLOWS) if _is_ours(row["TriggerObjectOrEventLabel"])]
        found += [f"trigger {row['Name']}" for row in rows(TRIGGERS) if _is_ours(row["TableEnumOrId"])]
        detail = f"look whether they set the owner: {', '.join(found)}" if found else "none on leads and contacts"
        return Check("automations", ok=True, detail=detail)

    def _duplicates(self) -> Check:
        rules = [str(row["MasterLabel"]) for row in self._asking.rows(DUPLICATES) if _is_ours(row["SobjectType"])]
        said = f"they point a new lead to the record it looks like: {', '.join(rules)}"
        return Check("duplicate rules", ok=True, detail=said if rules else "none is active")


def _is_ours(kind: object) -> bool:
    return kind in KINDS


def _fits(known: Field, found: Mapping[str, Any]) -> bool:
    same = found.get("type") == TYPES[known.type] and found.get("updateable") is True
    return same and (not known.unique or (found.get("externalId") is True and found.get("unique") is True))


def _options(found: Mapping[str, Any]) -> set[str]:
    return {str(one.get("value")) for one in found.get("picklistValues") or () if one.get("active") is True}
