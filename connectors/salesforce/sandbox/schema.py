"""The fields of an org as one user sees them: the standard ones, and those deployed since that were made visible."""

from __future__ import annotations

import re
from collections.abc import Collection
from functools import lru_cache

from connectors.salesforce.sandbox.columns import Column
from connectors.salesforce.sandbox.org import EVERY, OBJECTS, PICKLISTS, TYPES
from leadrelay.local.crm_world import Record, World


@lru_cache(maxsize=64)
def standard(kind: str) -> dict[str, Column]:
    """The fields every org has, by name."""
    text = (EVERY + OBJECTS[kind]).replace("{kind}", kind)
    return {column.name: column for column in (_column(kind, line) for line in text.split("\n") if line)}


def _column(kind: str, line: str) -> Column:
    name, type_, *rest = line.split()
    said = {word[0]: word[1:] for word in rest}
    refers, _, relationship = said.get(">", "").partition("/")
    return Column(
        name=name,
        type=type_,
        length=int(said.get(":", 0)),
        label=re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name),
        required="!" in said,
        writeable="-" not in said,
        values=PICKLISTS.get(f"{kind}.{name}", ()),
        refers=tuple(refers.split(",")) if refers else (),
        relationship=relationship,
    )


def deployed(field: Record) -> Column:
    """A custom field, from its record in the org."""
    said = field.values
    return Column(
        name=said["FullName"],
        type=TYPES[said["Type"]],
        length=int(said.get("Length", 0)),
        label=said["Label"],
        writeable="Formula" not in said,
        external_id=said.get("ExternalId") == "true",
        unique=said.get("Unique") == "true",
        calculated="Formula" in said,
        values=tuple(filter(None, said.get("Values", "").split("\n"))),
    )


class Schema:
    """What one user sees of an org's fields, for the time of one request."""

    def __init__(self, world: World, user_id: str, hidden: Collection[str] = ()) -> None:
        """`hidden` are fields that this org does not have, as `Opportunity.CurrencyIsoCode`."""
        self._world = world
        self._user = user_id
        self._hidden = hidden
        self._known: dict[str, dict[str, Column]] = {}

    def columns(self, kind: str) -> dict[str, Column]:
        """The visible fields of an object by name; raises KeyError for an object that is not there."""
        if kind not in self._known:
            there = {name: one for name, one in standard(kind).items() if f"{kind}.{name}" not in self._hidden}
            self._known[kind] = {**there, **self._visible(kind)}
        return self._known[kind]

    def custom(self, kind: str) -> dict[str, Column]:
        """Every deployed field of an object, whether the user sees it or not."""
        found = (deployed(one) for one in self._world.all("CustomField") if one.values["Object"] == kind)
        return {column.name: column for column in found}

    def _visible(self, kind: str) -> dict[str, Column]:
        """A new custom field is hidden until a permission set shows it: field-level security starts with nobody."""
        custom = self.custom(kind)
        if not custom:
            return {}
        assigned = self._world.all("PermissionSetAssignment")
        sets = {one.values["PermissionSetId"] for one in assigned if one.values["AssigneeId"] == self._user}
        granted = {
            one.values["Field"]
            for one in self._world.all("FieldPermissions")
            if one.values["ParentId"] in sets and one.values.get("PermissionsRead") == "true"
        }
        return {name: column for name, column in custom.items() if f"{kind}.{name}" in granted}
