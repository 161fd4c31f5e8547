"""Reading the fields of a row that a query brought: ids, times, and text."""

from __future__ import annotations

from datetime import datetime

from connectors.kit.drafts import VALUE_BYTES
from connectors.kit.wild import Wild
from connectors.salesforce.ids import long_id


def at_path(row: Wild, path: str) -> str:
    """The text of a field, of a related record too; "" where there is none."""
    for name in path.split("."):
        row = row.optional(name)
    return row.said(VALUE_BYTES)


def moment(row: Wild, name: str) -> datetime:
    """A time that every record has. Raises Malformed."""
    found = row.get(name).optional_time()
    if found is None:
        raise row.refuse("no_time")
    return found


def record_id(row: Wild, kind: str, name: str = "Id") -> str:
    """An id that is there, in its long form. Raises Malformed."""
    found = reference(row, name, kind)
    if found is None:
        raise row.refuse("not_an_id")
    return found


def reference(row: Wild, name: str, kind: str) -> str | None:
    """The id of a record of this kind, in its long form; None where there is none."""
    return long_id(row.get(name).optional_text() or "", kind)
