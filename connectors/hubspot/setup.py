"""The set-up role: is the account ready, what is missing, create it, and who can own records. Used by the CLI only."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any

from connectors.hubspot.answers import Refusal, Refused, ask
from connectors.hubspot.crm import OBJECTS, connect
from connectors.hubspot.fields import Field, FieldMap, default_map, description
from connectors.hubspot.lookup import CONTACTS
from connectors.hubspot.transport import TIMEOUT, Answer, Timeout, Wire
from leadrelay.ports.crm_setup import Check, CrmOwner, CrmSetup, SchemaOp
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

CORE = "crm.properties.core_api"
MANY = "crm.properties.batch_api"
GROUPS = "crm.properties.groups_api"
OWNERS = "crm.owners.owners_api"
USAGE = "/account-info/v3/api-usage/daily/private-apps"
PAGE = 100
CREATE = "run `leadrelay crm setup`"


class HubSpotSetup:
    """Prepares one account; every question is a read, only `apply` writes."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields
        self._group: Mapping[str, str] = description()["crm"]["group"]

    # -- check

    def check(self) -> list[Check]:
        """Credentials, scopes, fields, list values and quota; one line each, none raises."""
        looks: tuple[tuple[str, Callable[[], Check]], ...] = (
            ("token and quota", self._quota),
            ("contacts", partial(self._readable, CONTACTS)),
            ("tasks", partial(self._readable, "tasks")),
            ("notes", partial(self._readable, "notes")),
            ("owners", self._owners_there),
            ("fields", self._fields_there),
            ("field types", self._fields_fit),
            ("list values", self._values_there),
        )
        return [_looked(name, look) for name, look in looks]

    def _quota(self) -> Check:
        try:
            results = self._told(partial(self._wire.get, USAGE)).get("results", [])
        except Reject as refusal:
            if refusal.reason != "NOT_FOUND":
                raise
            return Check("token and quota", ok=True, detail="the token works; HubSpot shows no daily count for it")
        usage: Mapping[str, Any] = results[0] if results else {}
        left = int(usage.get("usageLimit", 0)) - int(usage.get("currentUsage", 0))
        fix = "wait until midnight in the account's time zone, or add a capacity pack"
        return Check("token and quota", left > 0, f"{left:,} calls left today", "" if left > 0 else fix)

    def _readable(self, kind: str) -> Check:
        self._told(partial(self._wire.call, OBJECTS, "get_page", kind, limit=1))
        return Check(kind, ok=True, detail="readable")

    def _owners_there(self) -> Check:
        active = [owner for owner in self.owners() if owner.active]
        return Check("owners", bool(active), f"{len(active)} can own records", "" if active else "add users in HubSpot")

    def _fields_there(self) -> Check:
        missing = [op.name for op in self.plan()]
        return Check("fields", not missing, _listed("missing", missing) or "all there", CREATE if missing else "")

    def _fields_fit(self) -> Check:
        """A property of the right name and the wrong kind cannot be changed by us."""
        there = self._properties()
        wrong = [
            known.property
            for known in self._fields.fields.values()
            if (found := there.get(known.property)) and not _fits(known, found)
        ]
        fix = "delete or rename them in HubSpot, then " + CREATE
        return Check("field types", not wrong, _listed("unfit", wrong) or "as declared", fix if wrong else "")

    def _values_there(self) -> Check:
        there = self._properties()
        missing = [
            f"{known.property}={value}"
            for known in self._fields.fields.values()
            for value in dict.fromkeys(known.values.values())
            if value not in _options(there.get(known.property, {}))
        ]
        fix = "add these options to the property in HubSpot, or change the field map"
        return Check("list values", not missing, _listed("missing", missing) or "all there", fix if missing else "")

    # -- plan and apply

    def plan(self) -> list[SchemaOp]:
        """The group and the properties of ours that the account lacks. Raises Retry, Reject or Misconfigured."""
        told = self._told(partial(self._wire.call, GROUPS, "get_all", CONTACTS))
        groups = {item.get("name") for item in told.get("results", [])}
        there = self._properties()
        group = [SchemaOp("group", self._group["name"], {**self._group, "displayOrder": -1})]
        ours = [known for known in self._fields.fields.values() if known.label and known.property not in there]
        return ([] if self._group["name"] in groups else group) + [self._declared(known) for known in ours]

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Create what the plan names; what has appeared meanwhile is left as it is."""
        fields = [op for op in ops if op.kind == "field"]
        lines = [self._create(GROUPS, "group", op) for op in ops if op.kind == "group"]
        for start in range(0, len(fields), PAGE):
            lines += self._create_fields(fields[start : start + PAGE])
        return lines

    def _create_fields(self, ops: Sequence[SchemaOp]) -> list[str]:
        """All at once; one by one where HubSpot refuses the whole or does not confirm some."""
        body = {"inputs": [op.payload for op in ops]}
        tried = self._tried(partial(self._wire.call, MANY, "create", CONTACTS, body))
        results = tried.body.get("results", []) if isinstance(tried, Answer) else []
        made = {item.get("name") for item in results}
        return [f"created field {op.name}" if op.name in made else self._create(CORE, "field", op) for op in ops]

    def _create(self, api: str, what: str, op: SchemaOp) -> str:
        tried = self._tried(partial(self._wire.call, api, "create", CONTACTS, op.payload))
        if isinstance(tried, Answer):
            return f"created {what} {op.name}"
        if tried.code == "DUPLICATE":
            return f"{what} {op.name} was there already"
        raise tried.error()

    def _declared(self, known: Field) -> SchemaOp:
        payload: dict[str, object] = {
            "name": known.property,
            "label": known.label,
            "type": known.type,
            "fieldType": known.field_type,
            "groupName": self._group["name"],
            "description": known.description,
            "hasUniqueValue": known.unique,
        }
        return SchemaOp("field", known.property, payload)

    # -- owners

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record, and those who no longer can. Raises Retry, Reject or Misconfigured."""
        return [_owner(item) for archived in (False, True) for item in self._owner_pages(archived=archived)]

    def _owner_pages(self, *, archived: bool) -> list[Mapping[str, Any]]:
        items: list[Mapping[str, Any]] = []
        after: dict[str, str] = {}
        while True:
            page = self._told(partial(self._wire.call, OWNERS, "get_page", limit=PAGE, archived=archived, **after))
            items += page.get("results", [])
            following = page.get("paging", {}).get("next", {}).get("after")
            if not following:
                return items
            after = {"after": str(following)}

    # -- asking

    def _properties(self) -> dict[str, Mapping[str, Any]]:
        told = self._told(partial(self._wire.call, CORE, "get_all", CONTACTS))
        return {str(item["name"]): item for item in told.get("results", [])}

    def _told(self, call: Callable[[], Answer]) -> Mapping[str, Any]:
        try:
            return ask(call, self._fields).body
        except Refused as refused:
            raise refused.trouble.error() from refused

    def _tried(self, call: Callable[[], Answer]) -> Answer | Refusal:
        """A write that can be repeated: its answer, or why the work itself is refused."""
        try:
            return ask(call, self._fields)
        except Refused as refused:
            if isinstance(refused.trouble, Refusal):
                return refused.trouble
            raise refused.trouble.error() from refused


def _looked(name: str, look: Callable[[], Check]) -> Check:
    try:
        return look()
    except Misconfigured as problem:
        return Check(name, ok=False, detail="refused", fix=str(problem))
    except Retry as problem:
        return Check(name, ok=False, detail=problem.why, fix=f"try again in {problem.after:g} s")
    except PortError as problem:
        return Check(name, ok=False, detail=str(problem), fix=f"see {description()['docs']}")


def _fits(known: Field, found: Mapping[str, Any]) -> bool:
    if not known.label:
        return True
    return found.get("type") == known.type and (not known.unique or found.get("hasUniqueValue") is True)


def _options(found: Mapping[str, Any]) -> set[str]:
    return {str(option.get("value")) for option in found.get("options", [])}


def _listed(what: str, names: Sequence[str]) -> str:
    return f"{what}: {', '.join(names)}" if names else ""


def _owner(item: Mapping[str, Any]) -> CrmOwner:
    name = f"{item.get('firstName') or ''} {item.get('lastName') or ''}".strip()
    email = str(item.get("email") or "")
    return CrmOwner(str(item["id"]), email, name or email, not item.get("archived", False))


def setup(
    secret: Mapping[str, str],
    endpoint: str | None = None,
    timeout: Timeout = TIMEOUT,
    version: str | None = None,
    properties: Mapping[str, str] | None = None,
) -> CrmSetup:
    """The set-up of an account; arguments as for `connectors.hubspot.crm.crm`. Raises Misconfigured."""
    return HubSpotSetup(connect(secret, endpoint, timeout, version), default_map().replaced(properties or {}))
