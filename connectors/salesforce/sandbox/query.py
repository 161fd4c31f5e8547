"""Answers a parsed query over the tables, page by page."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from connectors.salesforce.sandbox.columns import Column
from connectors.salesforce.sandbox.conditions import Conditions, Reader, comparable
from connectors.salesforce.sandbox.errors import Bad
from connectors.salesforce.sandbox.ids import kind_of
from connectors.salesforce.sandbox.org import OBJECTS
from connectors.salesforce.sandbox.schema import Schema
from connectors.salesforce.sandbox.soql import malformed, parsed
from connectors.salesforce.sandbox.store import Row, Store
from connectors.salesforce.sandbox.tree import Item, Order, Select

KEPT_CURSORS = 50
SMALLEST_PAGE, LARGEST_PAGE = 200, 2000


@dataclass(slots=True)
class Cursors:
    """The rest of long answers, by their locator; the oldest are forgotten."""

    kept: OrderedDict[str, list[dict[str, Any]]] = field(default_factory=OrderedDict)

    def page(self, locator: str, start: int, size: int, path: str) -> dict[str, Any]:
        """One page. Raises Bad for a locator that is not known any more."""
        records = self.kept.get(locator)
        if records is None or start >= len(records):
            raise Bad(400, "INVALID_QUERY_LOCATOR", "invalid query locator")
        end = start + size
        page = {"totalSize": len(records), "done": end >= len(records), "records": records[start:end]}
        return page if page["done"] else {**page, "nextRecordsUrl": f"{path}/{locator}-{end}"}

    def first(self, records: list[dict[str, Any]], size: int, path: str) -> dict[str, Any]:
        """The first page of a new answer."""
        if len(records) <= size:
            return {"totalSize": len(records), "done": True, "records": records}
        locator = f"01g{len(self.kept):012d}{id(records) % 10_000_000:07d}"
        self.kept[locator] = records
        while len(self.kept) > KEPT_CURSORS:
            self.kept.popitem(last=False)
        return self.page(locator, 0, size, path)


@dataclass(frozen=True, slots=True)
class Query:
    """Queries over the tables as one user sees them; `base` is `/services/data/vXX.X`."""

    store: Store
    schema: Schema
    base: str

    def answered(self, text: str, *, deleted: bool = False) -> tuple[list[dict[str, Any]], int | None]:
        """The records, and for a bare COUNT() their number instead. Raises Bad."""
        select = parsed(text)
        kind = self._kind(select.kind)
        for item in select.items:
            self._path(kind, item.path or "Id")  # refused even where there is no row to show it
        rows = self._found(kind, select, deleted=deleted)
        if select.items == (Item("", "COUNT"),):
            return [], len(rows)
        if select.groups or any(item.function for item in select.items):
            return self._grouped(kind, select, rows), None
        rows = self._ordered(kind, select.orders, rows)
        rows = rows[select.offset :][: select.limit]
        return [self._record(kind, select.items, row) for row in rows], None

    # -- rows

    def _kind(self, name: str) -> str:
        kind = next((known for known in OBJECTS if known.lower() == name.lower()), None)
        if kind is None:
            message = f"sObject type '{name}' is not supported. If you are attempting to use a custom object, be sure "
            raise Bad(400, "INVALID_TYPE", message + "to append the '__c' after the entity name.")
        return kind

    def _found(self, kind: str, select: Select, *, deleted: bool) -> list[Row]:
        rows = self.store.rows(kind, deleted=deleted)
        if select.where is None:
            return rows
        conditions = Conditions(partial(self._path, kind), self._chosen, self.store.world.now())
        return list(filter(conditions.test(select.where), rows))

    def _chosen(self, select: Select) -> set[str]:
        """The ids that a sub-select finds."""
        kind = self._kind(select.kind)
        if len(select.items) != 1 or select.items[0].function:
            raise malformed("a sub-select of IN selects one field")
        _, value = self._path(kind, select.items[0].path)
        return {value(row) for row in self._found(kind, select, deleted=False)}

    def _ordered(self, kind: str, orders: Sequence[Order], rows: list[Row]) -> list[Row]:
        for order in reversed(orders):
            column, value = self._path(kind, order.path)
            with_value = [row for row in rows if value(row)]
            without = [row for row in rows if not value(row)]
            with_value.sort(key=lambda row: comparable(column, value(row)), reverse=order.descending)
            rows = with_value + without if order.nulls_last else without + with_value
        return rows

    def _record(self, kind: str, items: Sequence[Item], row: Row) -> dict[str, Any]:
        record = self._head(kind, row)
        for item in items:
            self._put(record, kind, item.path.split("."), row)
        return record

    def _put(self, record: dict[str, Any], kind: str, path: Sequence[str], row: Row) -> None:
        """`Owner.Name` becomes an object inside the record, null where there is no owner."""
        if len(path) == 1:
            column = self._column(kind, path[0], row)
            record[column.name] = column.shown(_value_of(column, kind, row))
            return
        reference = self._relation(kind, path[0])
        target = row.get(reference.name, "")
        other = self.store.row(kind_of(target), target) if target else None
        if other is None:
            self._path(kind, ".".join(path))
            record.setdefault(reference.relationship, None)
            return
        inner = record.setdefault(reference.relationship, self._head(kind_of(target), other))
        self._put(inner, kind_of(target), path[1:], other)

    def _head(self, kind: str, row: Row) -> dict[str, Any]:
        return {"attributes": {"type": kind, "url": f"{self.base}/sobjects/{kind}/{row['Id']}"}}

    # -- groups

    def _grouped(self, kind: str, select: Select, rows: list[Row]) -> list[dict[str, Any]]:
        loose = [item.path for item in select.items if not item.function and item.path not in select.groups]
        if loose:
            raise malformed(f"Field must be grouped or aggregated: {loose[0]}")
        columns = [self._path(kind, path) for path in select.groups]
        grouped: dict[tuple[str, ...], list[Row]] = {} if columns else {(): rows}
        for row in rows if columns else ():
            grouped.setdefault(tuple(value(row) for _, value in columns), []).append(row)
        shown_rows = [self._aggregate(kind, select, dict(zip(select.groups, key, strict=True)), members)
                      for key, members in grouped.items()]  # fmt: skip
        return shown_rows[: select.limit]

    def _aggregate(self, kind: str, select: Select, key: Mapping[str, str], rows: list[Row]) -> dict[str, Any]:
        record: dict[str, Any] = {"attributes": {"type": "AggregateResult"}}
        number = 0
        for item in select.items:
            if not item.function:
                column, _ = self._path(kind, item.path)
                record[item.path.rpartition(".")[2]] = column.shown(key[item.path])
                continue
            record[item.alias or f"expr{number}"] = self._folded(kind, item, rows)
            number += not item.alias
        return record

    def _folded(self, kind: str, item: Item, rows: list[Row]) -> Any:
        column, value = self._path(kind, item.path or "Id")
        values = [text for row in rows if (text := value(row))]
        if item.function == "COUNT":
            return len(values)
        if item.function == "COUNT_DISTINCT":
            return len(set(values))
        if not values:
            return None
        if item.function in {"MAX", "MIN"}:
            pick = max if item.function == "MAX" else min
            return column.shown(pick(values, key=lambda text: comparable(column, text)))
        total = sum(float(text) for text in values)
        return total if item.function == "SUM" else total / len(values)

    # -- fields

    def _column(self, kind: str, name: str, row: Row | None = None) -> Column:
        columns = self.schema.columns(kind)
        column = next((one for one in columns.values() if one.name.lower() == name.lower()), None)
        if column is None and name == "Type" and (row is None or kind in {"User", "Lead", "Contact"}):
            return Column("Type", "string")  # of a reference to several objects: which one it is
        if column is None:
            message = (
                f"No such column '{name}' on entity '{kind}'. If you are attempting to use a custom field, be sure "
            )
            raise Bad(400, "INVALID_FIELD", message + "to append the '__c' after the custom field name.")
        return column

    def _relation(self, kind: str, name: str) -> Column:
        columns = self.schema.columns(kind).values()
        found = next((one for one in columns if one.relationship and one.relationship.lower() == name.lower()), None)
        if found is None:
            message = f"Didn't understand relationship '{name}' in field path."
            raise Bad(400, "INVALID_FIELD", message)
        return found

    def _path(self, kind: str, path: str) -> tuple[Column, Reader]:
        """The field at the end of a path, and how to read its text from a row."""
        head, _, rest = path.partition(".")
        if not rest:
            column = self._column(kind, head)
            return column, lambda row: _value_of(column, kind, row)
        reference = self._relation(kind, head)
        column, _ = self._path(reference.refers[0], rest)

        def value(row: Row) -> str:
            target = row.get(reference.name, "")
            other = self.store.row(kind_of(target), target) if target else None
            return self._path(kind_of(target), rest)[1](other) if other else ""

        return column, value


def _value_of(column: Column, kind: str, row: Row) -> str:
    return kind if column.name == "Type" and "Type" not in row and column.type == "string" else row.get(column.name, "")
