"""The account itself: declared properties and groups, owners, and the daily count."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.hubspot.sandbox.errors import Bad, bad_input, not_found
from connectors.hubspot.sandbox.kinds import CONTACTS, KINDS, Kind
from connectors.hubspot.sandbox.objects import paged
from leadrelay.local.crm_world import Owner, Property, Reply, World

INFORMATION = "contactinformation"
PORTAL = 9_000_001
SINCE = "2026-01-01T00:00:00.000Z"  # the world does not say when somebody was hired
TYPES = ("string", "number", "datetime", "date", "bool", "enumeration")


def seed(world: World) -> None:
    """Declare what every new HubSpot account has, as far as we use it."""
    world.add_group(CONTACTS, INFORMATION, "Contact information")
    world.define(CONTACTS, Property("email", "Email", group=INFORMATION, unique=True))
    for name, kind in KINDS.items():
        for prop in _declared(kind):
            world.define(name, prop)


def _declared(kind: Kind) -> Iterator[Property]:
    yield from (Property(name, name, group=INFORMATION) for name in kind.texts)
    yield from (Property(name, name, "number", INFORMATION, "number") for name in kind.numbers)
    yield from (Property(name, name, "datetime", INFORMATION, "date") for name in kind.times)
    for name, options in kind.lists.items():
        yield Property(name, name, "enumeration", INFORMATION, "select", options)


@dataclass(slots=True)
class Account:
    """The endpoints of an account over a world."""

    world: World

    def properties(self, kind: str) -> Reply:
        """GET /properties/{kind}"""
        return Reply(200, {"results": [_property(prop) for prop in self.world.properties(kind).values()]})

    def property(self, kind: str, name: str) -> Reply:
        """GET /properties/{kind}/{name}"""
        prop = self.world.properties(kind).get(name)
        if prop is None:
            raise not_found("property")
        return Reply(200, _property(prop))

    def create_property(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """POST /properties/{kind}"""
        return Reply(201, self._define(kind, body))

    def create_properties(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """POST /properties/{kind}/batch/create: all or nothing"""
        inputs = body.get("inputs") or []
        for one in inputs:
            self._check(kind, one)
        return Reply(201, {"status": "COMPLETE", "results": [self._define(kind, one) for one in inputs]})

    def groups(self, kind: str) -> Reply:
        """GET /properties/{kind}/groups"""
        named = self.world.groups(kind).items()
        groups = [{"name": name, "label": label, "displayOrder": -1, "archived": False} for name, label in named]
        return Reply(200, {"results": groups})

    def create_group(self, kind: str, body: Mapping[str, Any]) -> Reply:
        """POST /properties/{kind}/groups"""
        name, label = str(body.get("name", "")), str(body.get("label", ""))
        if not name or not label:
            raise bad_input("name and label are required")
        if name in self.world.groups(kind):
            raise Bad(409, "OBJECT_ALREADY_EXISTS", f"A property group named '{name}' already exists.")
        self.world.add_group(kind, name, label)
        return Reply(201, {"name": name, "label": label, "displayOrder": -1, "archived": False})

    def owners(self, query: Mapping[str, str]) -> Reply:
        """GET /owners: active ones, or with `archived=true` the others"""
        archived = query.get("archived", "false").lower() == "true"
        found = [_owner(owner) for owner in self.world.owners() if owner.active is not archived]
        return Reply(200, paged(found, query))

    def owner(self, owner_id: str) -> Reply:
        """GET /owners/{id}"""
        owner = self.world.owner(owner_id)
        if owner is None:
            raise not_found("owner")
        return Reply(200, _owner(owner))

    def _define(self, kind: str, body: Mapping[str, Any]) -> dict[str, Any]:
        self._check(kind, body)
        options = tuple((str(one["value"]), str(one["label"])) for one in body.get("options") or [])
        unique = bool(body.get("hasUniqueValue"))
        names = str(body["name"]), str(body["label"]), str(body["type"]), str(body["groupName"]), str(body["fieldType"])
        prop = Property(*names, options, unique, str(body.get("description") or ""))
        self.world.define(kind, prop)
        return _property(prop)

    def _check(self, kind: str, body: Mapping[str, Any]) -> None:
        missing = [name for name in ("name", "label", "type", "fieldType", "groupName") if not body.get(name)]
        if missing:
            raise bad_input(f"required fields are missing: {', '.join(missing)}")
        if body["type"] not in TYPES:
            raise bad_input(f"unknown property type {body['type']}")
        if body["groupName"] not in self.world.groups(kind):
            raise bad_input(f"property group {body['groupName']} does not exist")
        if body["name"] in self.world.properties(kind):
            raise Bad(409, "OBJECT_ALREADY_EXISTS", f"A property named '{body['name']}' already exists.")


def usage(used: int, limit: int) -> Reply:
    """GET /account-info/…/api-usage/daily/private-apps"""
    count = {
        "name": "private-apps-api-calls-daily",
        "currentUsage": used,
        "usageLimit": limit,
        "fetchStatus": "SUCCESS",
    }
    return Reply(200, {"results": [{**count, "resetsAt": "1970-01-01T00:00:00Z"}]})


def details(currency: str) -> Reply:
    """GET /account-info/…/details"""
    place = {"timeZone": "Europe/Warsaw", "utcOffset": "+01:00", "utcOffsetMilliseconds": 3_600_000}
    currencies = {"companyCurrency": currency, "additionalCurrencies": []}
    return Reply(200, {"portalId": PORTAL, "accountType": "STANDARD", **currencies, **place})


def _property(prop: Property) -> dict[str, Any]:
    options = [
        {"value": value, "label": label, "displayOrder": place, "hidden": False}
        for place, (value, label) in enumerate(prop.options)
    ]
    names = {"name": prop.name, "label": prop.label, "description": prop.description}
    kind = {"type": prop.type, "fieldType": prop.field_type}
    return {
        **names,
        **kind,
        "groupName": prop.group,
        "options": options,
        "hasUniqueValue": prop.unique,
        "archived": False,
    }


def _owner(owner: Owner) -> dict[str, Any]:
    names = {"firstName": owner.first_name, "lastName": owner.last_name, "email": owner.email}
    # The user id is another number than the owner id, and never what a record is owned by.
    times = {"type": "PERSON", "createdAt": SINCE, "updatedAt": SINCE}
    return {"id": owner.id, **names, **times, "userId": 900_000 + int(owner.id), "archived": not owner.active}
