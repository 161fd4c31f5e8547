"""Our property group and properties in an account: what is missing, and creating it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from connectors.hubspot.asking import Asking
from connectors.hubspot.batches import LARGEST, items
from connectors.hubspot.fields import description
from connectors.hubspot.lookup import CONTACTS
from connectors.hubspot.transport import Answer
from connectors.kit.crm_fields import Field, FieldMap
from leadrelay.ports.crm_setup import SchemaOp

CORE = "crm.properties.core_api"
MANY = "crm.properties.batch_api"
GROUPS = "crm.properties.groups_api"
Declared = Mapping[str, object]


class Schema:
    """The contact properties of one account. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, asking: Asking, fields: FieldMap) -> None:
        self._asking = asking
        self._fields = fields
        self._group: Mapping[str, str] = description()["crm"]["group"]

    def properties(self) -> dict[str, dict[str, object]]:
        """The contact properties that exist, by name."""
        return {str(item["name"]): item for item in items(self._asking.call(CORE, "get_all", CONTACTS), "results")}

    def plan(self) -> list[SchemaOp]:
        """The group and the properties of ours that the account lacks."""
        groups = {item.get("name") for item in items(self._asking.call(GROUPS, "get_all", CONTACTS), "results")}
        there = self.properties()
        group = [SchemaOp("group", self._group["name"], {**self._group, "displayOrder": -1})]
        ours = [known for known in self._fields.fields.values() if known.label and known.name not in there]
        return ([] if self._group["name"] in groups else group) + [self._declared(known) for known in ours]

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Create what the plan names; what has appeared meanwhile is left as it is."""
        fields = [op for op in ops if op.kind == "field"]
        lines = [self._create(GROUPS, "group", op) for op in ops if op.kind == "group"]
        for start in range(0, len(fields), LARGEST):
            lines += self._create_fields(fields[start : start + LARGEST])
        return lines

    def _create_fields(self, ops: Sequence[SchemaOp]) -> list[str]:
        """All at once; one by one where HubSpot refuses the whole or does not confirm some."""
        tried = self._asking.tried(MANY, "create", CONTACTS, {"inputs": [op.payload for op in ops]})
        made = {item.get("name") for item in items(tried, "results")} if isinstance(tried, Answer) else set()
        return [f"created field {op.name}" if op.name in made else self._create(CORE, "field", op) for op in ops]

    def _create(self, api: str, what: str, op: SchemaOp) -> str:
        tried = self._asking.tried(api, "create", CONTACTS, op.payload)
        if isinstance(tried, Answer):
            return f"created {what} {op.name}"
        if tried.code == "DUPLICATE":
            return f"{what} {op.name} was there already"
        raise tried.error()

    def _declared(self, known: Field) -> SchemaOp:
        payload: dict[str, object] = {
            "name": known.name,
            "label": known.label,
            "type": known.type,
            "fieldType": known.shape.get("field_type", "text"),
            "groupName": self._group["name"],
            "description": known.description,
            "hasUniqueValue": known.unique,
        }
        if known.values:
            payload["options"] = [_option(value, place) for place, value in enumerate(known.values.values())]
        return SchemaOp("field", known.name, payload)


def _option(value: str, place: int) -> dict[str, object]:
    """A value of a list, with the label that people see."""
    return {"label": value.replace("_", " ").capitalize(), "value": value, "displayOrder": place, "hidden": False}


def fits(known: Field, found: Declared) -> bool:
    """Whether a property is what we would have made; HubSpot's own are taken as they are."""
    if not known.label:
        return True
    return found.get("type") == known.type and (not known.unique or found.get("hasUniqueValue") is True)


def options(found: Declared) -> list[str]:
    """The values of a list, in the account's order."""
    given = found.get("options")
    listed = [one for one in given if isinstance(one, dict)] if isinstance(given, list) else []
    return [str(one.get("value")) for one in sorted(listed, key=lambda one: int(one.get("displayOrder") or 0))]
