"""What Salesforce checks before it writes: visible and required fields, references, owners, unique values."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from connectors.salesforce.sandbox.columns import Column, wire_time
from connectors.salesforce.sandbox.errors import Bad, bad_id, inactive, missing, no_column, no_reference, read_only
from connectors.salesforce.sandbox.ids import kind_of
from connectors.salesforce.sandbox.org import DEFAULTS, DONE
from connectors.salesforce.sandbox.schema import Schema
from connectors.salesforce.sandbox.store import Row, Store

SPELLINGS = ("duplicateResut", "duplicateResult")
PAIRS = {
    "CampaignMember": ("CampaignId", ("LeadId", "ContactId"), "Already a campaign member."),
    "PermissionSetAssignment": (
        "PermissionSetId",
        ("AssigneeId",),
        "duplicate value found: <unknown> duplicates value on record with id: <unknown>",
    ),
}
MATCHED = ("Lead", "Contact")


@dataclass(frozen=True, slots=True)
class Policies:
    """How this org is set up; `default_owner` gets every lead that is saved while assignment rules are not off."""

    default_owner: str
    duplicate_rule: bool = False
    duplicate_spelling: str = SPELLINGS[0]


@dataclass(frozen=True, slots=True)
class Flags:
    """What the request's headers say about saving."""

    assign: bool = True
    allow_duplicates: bool = False

    @classmethod
    def of(cls, headers: Mapping[str, str]) -> Flags:
        """From header names in lower case. Assignment rules run unless they are switched off."""
        rule = headers.get("sforce-duplicate-rule-header", "").replace(" ", "").lower()
        return cls(headers.get("sforce-auto-assign", "TRUE").upper() != "FALSE", "allowsave=true" in rule)


@dataclass(frozen=True, slots=True)
class Rules:
    """The checks over one org for one request."""

    store: Store
    schema: Schema
    policies: Policies
    flags: Flags

    def checked(self, kind: str, body: object, row: Row | None) -> dict[str, str]:
        """The values to keep; `row` is what there is already. Raises Bad for what Salesforce refuses."""
        if not isinstance(body, dict):
            raise Bad(400, "JSON_PARSER_ERROR", "The request body must be an object")
        columns = self.schema.columns(kind)
        given = {str(name): value for name, value in body.items() if name != "attributes"}
        values = self._values(kind, columns, given)
        if row is not None and row.get("IsConverted") == "true":
            raise Bad(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", ())
        self._required(columns, values, row)
        self._references(kind, columns, values)
        values = self._filled(kind, values, row)
        self._unique(kind, columns, values, row)
        self._unlike_others(kind, values, row)
        return values

    def _values(self, kind: str, columns: Mapping[str, Column], given: Mapping[str, Any]) -> dict[str, str]:
        by_name = {name.lower(): column for name, column in columns.items()}
        unknown = next((name for name in given if name.lower() not in by_name), None)
        if unknown is not None:
            raise no_column(unknown, kind)
        found = {by_name[name.lower()]: value for name, value in given.items()}
        frozen = [column.name for column in found if not column.writeable]
        if frozen:
            raise read_only(frozen)
        return {column.name: column.taken(value) for column, value in found.items()}

    def _required(self, columns: Mapping[str, Column], values: Mapping[str, str], row: Row | None) -> None:
        lacking = [
            name
            for name, column in columns.items()
            if column.required and not values.get(name, row.get(name) if row else None)
        ]
        if lacking:
            raise missing(lacking)

    def _references(self, kind: str, columns: Mapping[str, Column], values: Mapping[str, str]) -> None:
        for name, value in values.items():
            if value and columns[name].refers:
                self._reference(kind, columns[name], value)

    def _reference(self, kind: str, column: Column, value: str) -> None:
        target = kind_of(value)
        if target not in column.refers:
            raise bad_id(value, column.label)
        row = self.store.row(target, value)
        if row is None or row["IsDeleted"] == "true":
            raise no_reference(column.name)
        if column.name == "OwnerId" and row.get("IsActive") == "false":
            raise inactive(value, kind)
        if row.get("IsConverted") == "true":
            raise Bad(400, "CANNOT_UPDATE_CONVERTED_LEAD", "cannot reference converted lead", [column.name])

    def _filled(self, kind: str, values: dict[str, str], row: Row | None) -> dict[str, str]:
        """Defaults of a new record, and the owner that assignment rules give to a lead that is saved."""
        if row is None:
            owner = {"OwnerId": self.policies.default_owner} if "OwnerId" in self.schema.columns(kind) else {}
            values = {**DEFAULTS.get(kind, {}), **owner, **{name: text for name, text in values.items() if text}}
        if kind == "Lead" and self.flags.assign:
            values = {**values, "OwnerId": self.policies.default_owner}
        if kind == "Task" and values.get("Status") == DONE and (row is None or row.get("IsClosed") != "true"):
            values = {**values, "CompletedDateTime": wire_time(self.store.world.now())}
        return values

    def _unique(self, kind: str, columns: Mapping[str, Column], values: Mapping[str, str], row: Row | None) -> None:
        for name, text in values.items():
            others = self._others(kind, name, text, row) if text and columns[name].unique else []
            if others:
                message = f"duplicate value found: {name} duplicates value on record with id: {others[0]['Id']}"
                raise Bad(400, "DUPLICATE_VALUE", message, ())
        if kind in PAIRS and row is None:
            self._once(kind, values)

    def _once(self, kind: str, values: Mapping[str, str]) -> None:
        """A person is in a campaign once, and has a permission set once."""
        group, members, message = PAIRS[kind]
        member = next((name for name in members if values.get(name)), None)
        if member is None:
            raise missing([members[0]])
        if any(other.get(group) == values[group] for other in self.store.holders(kind, member, values[member])):
            raise Bad(400, "DUPLICATE_VALUE", message, ())

    def _unlike_others(self, kind: str, values: Mapping[str, str], row: Row | None) -> None:
        """The org's duplicate rule, on e-mail: a lead that looks like a lead or a contact, and so on."""
        email = values.get("Email", "")
        if not email or kind not in MATCHED or not self.policies.duplicate_rule or self.flags.allow_duplicates:
            return
        found = [
            (other_kind, other)
            for other_kind in MATCHED
            for other in self._others(other_kind, "Email", email, row)
            if other.get("IsConverted") != "true"
        ]
        if found:
            raise self._duplicates(kind, found)

    def _others(self, kind: str, field: str, text: str, row: Row | None) -> list[Row]:
        found = self.store.holders(kind, field, text)
        return [other for other in found if row is None or other["Id"] != row["Id"]]

    def _duplicates(self, kind: str, found: list[tuple[str, Row]]) -> Bad:
        result = {
            "allowSave": True,
            "duplicateRule": f"Standard_{kind}_Duplicate_Rule",
            "duplicateRuleEntityType": kind,
            "errorMessage": "Use one of these records?",
            "matchResults": [_match(other_kind, found) for other_kind in dict.fromkeys(name for name, _ in found)],
        }
        extra: dict[str, Any] = {self.policies.duplicate_spelling: result}
        return Bad(400, "DUPLICATES_DETECTED", "Use one of these records?", **extra)


def _match(kind: str, found: list[tuple[str, Row]]) -> dict[str, Any]:
    url = "/services/data/v59.0/sobjects"
    records = [
        {
            "additionalInformation": [],
            "fieldDiffs": [],
            "matchConfidence": 100.0,
            "record": {"attributes": {"type": kind, "url": f"{url}/{kind}/{row['Id']}"}, "Id": row["Id"]},
        }
        for name, row in found
        if name == kind
    ]
    rule = {"rule": f"Standard_{kind}_Match_Rule_v1_0", "matchEngine": "FuzzyMatchEngine"}
    return {"entityType": kind, "errors": [], "matchRecords": records, **rule, "size": len(records), "success": True}
