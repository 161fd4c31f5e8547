"""Records one by one: create, read, change, delete, upsert by an external id, and the description of an object."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from connectors.salesforce.sandbox.columns import Column, wire_time
from connectors.salesforce.sandbox.errors import Bad, deleted, no_column, not_found
from connectors.salesforce.sandbox.ids import PREFIXES, is_id
from connectors.salesforce.sandbox.org import OBJECTS
from connectors.salesforce.sandbox.rules import Rules
from connectors.salesforce.sandbox.schema import Schema
from connectors.salesforce.sandbox.store import Row, Store
from leadrelay.local.crm_world import Reply

TRUE = "true"
READ_ONLY = frozenset({"User", "Group", "QueueSobject", "Organization", "CustomField", "FieldPermissions", "ListView"})


@dataclass(frozen=True, slots=True)
class Objects:
    """The object endpoints, for one request; `base` is `/services/data/vXX.X`."""

    rules: Rules
    base: str

    @property
    def store(self) -> Store:
        """The tables."""
        return self.rules.store

    @property
    def schema(self) -> Schema:
        """The fields that the caller sees."""
        return self.rules.schema

    # -- one record

    def create(self, kind: str, body: object) -> dict[str, Any]:
        """POST sobjects/{kind}"""
        _writable(kind)
        values = self.rules.checked(kind, body, None)
        return {"id": self.store.create(kind, values), "success": True, "errors": []}

    def update(self, kind: str, record_id: str, body: object) -> dict[str, Any]:
        """PATCH sobjects/{kind}/{id}"""
        _writable(kind)
        row = self.alive(kind, record_id)
        values = self.rules.checked(kind, body, row)
        self.store.change(kind, row["Id"], values)
        return {"id": row["Id"], "success": True, "errors": []}

    def delete(self, kind: str, record_id: str) -> dict[str, Any]:
        """DELETE sobjects/{kind}/{id}"""
        _writable(kind)
        row = self.alive(kind, record_id)
        self.store.remove(kind, row["Id"])
        return {"id": row["Id"], "success": True, "errors": []}

    def upsert(self, kind: str, field: str, value: str, body: object, *, update_only: bool = False) -> dict[str, Any]:
        """PATCH sobjects/{kind}/{external id field}/{value}; several records of one value raise Ambiguous."""
        if isinstance(body, dict) and field.lower() in {str(name).lower() for name in body}:
            message = f"The {field} field should not be specified in the sobject data."
            raise Bad(400, "INVALID_FIELD", message, [field])
        return self.upserted(kind, field, value, body, update_only=update_only)

    def upserted(self, kind: str, field: str, value: str, body: object, *, update_only: bool = False) -> dict[str, Any]:
        """What both ways to upsert have in common."""
        rows = self.by_external_id(kind, field, value)
        if rows:
            return {**self.update(kind, rows[0]["Id"], body), "created": False}
        if update_only:
            raise not_found()
        named = {field: value} if field != "Id" else {}
        return {**self.create(kind, {**body, **named} if isinstance(body, dict) else body), "created": True}

    def read(self, kind: str, record_id: str, names: str) -> dict[str, Any]:
        """GET sobjects/{kind}/{id}?fields="""
        return self.shown(kind, self.alive(kind, record_id), [name for name in names.split(",") if name])

    def shown(self, kind: str, row: Row, names: list[str]) -> dict[str, Any]:
        """A row as JSON: the named fields, or all."""
        columns = {name.lower(): column for name, column in self.schema.columns(kind).items()}
        unknown = next((name for name in names if name.lower() not in columns), None)
        if unknown is not None:
            raise no_column(unknown, kind)
        wanted = [columns[name.lower()] for name in dict.fromkeys([*names, "Id"])] if names else list(columns.values())
        fields = {column.name: column.shown(row.get(column.name)) for column in wanted}
        return {"attributes": {"type": kind, "url": f"{self.base}/sobjects/{kind}/{row['Id']}"}, **fields}

    def alive(self, kind: str, record_id: str) -> Row:
        """The row, if it is there and was not deleted. Raises Bad."""
        if not is_id(record_id):
            raise Bad(400, "MALFORMED_ID", f"malformed id {record_id}", ["Id"])
        row = self.store.row(kind, record_id)
        if row is None:
            raise not_found()
        if row["IsDeleted"] == TRUE:
            raise deleted()
        return row

    def by_external_id(self, kind: str, field: str, value: str) -> list[Row]:
        """The row that answers to an external id, at most one. Raises Ambiguous for several."""
        column = self.schema.columns(kind).get(field)
        if column is None or not (column.external_id or field == "Id"):
            message = f"Provided external ID field does not exist or is not accessible: {field}"
            raise Bad(404, "NOT_FOUND", message)
        if field == "Id":
            return [self.alive(kind, value)]
        rows = self.store.holders(kind, field, value)
        if len(rows) > 1:
            raise Ambiguous([f"{self.base}/sobjects/{kind}/{row['Id']}" for row in rows])
        return rows

    def deleted_between(self, kind: str, start: str, end: str) -> dict[str, Any]:
        """GET sobjects/{kind}/deleted?start=&end="""
        since, until = (_instant(text) for text in (start, end))
        gone = [row for row in self.store.rows(kind, deleted=True) if row["IsDeleted"] == TRUE]
        records = [
            {"id": row["Id"], "deletedDate": row["LastModifiedDate"]}
            for row in gone
            if since <= _instant(row["LastModifiedDate"]) <= until
        ]
        covered = {"earliestDateAvailable": start, "latestDateCovered": wire_time(self.store.world.now())}
        return {"deletedRecords": records, **covered}

    # -- what there is

    def described(self, kind: str) -> dict[str, Any]:
        """GET sobjects/{kind}/describe"""
        return {**self.summary(kind), "fields": [_field(column) for column in self.schema.columns(kind).values()]}

    def summary(self, kind: str) -> dict[str, Any]:
        """An object in a list of objects."""
        may = kind not in READ_ONLY
        rights = dict.fromkeys(("createable", "updateable", "deletable"), may)
        names = {"name": kind, "label": kind, "keyPrefix": PREFIXES[kind], "custom": False, "queryable": True}
        return {**names, **rights, "urls": {"sobject": f"{self.base}/sobjects/{kind}"}}

    def listed(self) -> dict[str, Any]:
        """GET sobjects"""
        return {"encoding": "UTF-8", "maxBatchSize": 200, "sobjects": [self.summary(kind) for kind in OBJECTS]}


class Ambiguous(Bad):
    """Several records answer to one external id: 300 and where they are."""

    def __init__(self, urls: list[str]) -> None:
        super().__init__(300, "DUPLICATE_EXTERNAL_ID", "more than one record found for external id field")
        self.urls = urls

    def reply(self) -> Reply:
        """The list of their addresses."""
        return Reply(300, self.urls)


def _writable(kind: str) -> None:
    if kind in READ_ONLY:
        raise Bad(400, "INVALID_TYPE_FOR_OPERATION", f"entity type {kind} cannot be written here")


def _field(column: Column) -> dict[str, Any]:
    picks = [{"value": one, "label": one, "active": True, "defaultValue": False} for one in column.values]
    flags = {
        "nillable": not column.required,
        "createable": column.writeable,
        "updateable": column.writeable,
        "custom": column.custom,
        "externalId": column.external_id,
        "unique": column.unique,
        "idLookup": column.external_id or column.name in {"Id", "Email"},
        "calculated": column.calculated,
        "restrictedPicklist": bool(column.values),
    }
    names = {"name": column.name, "label": column.label, "type": column.type, "length": column.length}
    refers = {"referenceTo": list(column.refers), "relationshipName": column.relationship or None}
    return {**names, **flags, "picklistValues": picks, **refers}


def _instant(text: str) -> datetime:
    try:
        at = datetime.fromisoformat(text.replace(" ", "+"))
    except ValueError:
        raise Bad(400, "INVALID_REPLICATION_DATE", f"{text} is not a valid dateTime") from None
    if at.tzinfo is None:
        raise Bad(400, "INVALID_REPLICATION_DATE", f"{text} needs a time zone")
    return at
