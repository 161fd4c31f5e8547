"""What a lead costs at the table: calls, and write request units as DynamoDB would bill them.

The real `TableStore` works on an account in memory; botocore's own events show every request. A write costs one unit
per started KB, twice in a transaction; each sparse index costs one unit more per row that is put, removed or renewed.
The units are an estimate from the documented rules: the account in memory bills nothing.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from math import ceil
from os import environ
from typing import Any

from bench.crowd import crowd
from leadrelay.aws import clients
from leadrelay.aws.table import TableStore
from leadrelay.ports.records import RECORDS
from leadrelay.ports.store import Change, Record
from tests.aws.cloud import TABLE, make_table
from tests.system import System, default_rules

_INDEXES = ("due", "list")
_KEY_PARTS = 2


class StreamedTable(TableStore):
    """The table with its stream: what an insert announces reaches the listeners."""

    def __init__(self) -> None:
        super().__init__(TABLE, {record.kind: record for record in RECORDS})
        self.on_insert: list[Any] = []

    def commit(self, change: Change) -> None:
        """Commit, then announce."""
        super().commit(change)
        self._announce([put.record for put in change.puts])

    def put(self, record: Record) -> None:
        """Put; a raw delivery announces nothing."""
        super().put(record)

    def _announce(self, records: list[Record]) -> None:
        for facts in (record.announces() for record in records if record.version == 1):
            for listener in self.on_insert if facts else ():
                listener(facts)


@dataclass
class Bill:
    """Calls by operation, units by what caused them, and the units of each kind of record."""

    leads: int = 0
    calls: Counter[str] = field(default_factory=Counter)
    units: Counter[str] = field(default_factory=Counter)
    kinds: Counter[str] = field(default_factory=Counter)
    _rows: dict[tuple[str, str], dict[str, tuple[str, ...]]] = field(default_factory=dict)

    def note(self, params: Mapping[str, Any], model: Any, **_: object) -> None:
        """One request, before it is sent."""
        self.calls[model.name] += 1
        if model.name == "PutItem":
            self.put(params["Item"], 1)
        for part in params.get("TransactItems", ()):
            if "Put" in part:
                self.put(part["Put"]["Item"], 2)
            else:
                self.units["conditions"] += 2

    def put(self, item: Mapping[str, Any], times: int) -> None:
        """One item written, at so many units per started KB."""
        written = times * ceil(size(item) / 1024)
        self.units["transactions" if times > 1 else "single puts"] += written
        indexed = self._indexed(item)
        self.units["indexes"] += indexed
        self.kinds[item["kind"]["S"]] += written + indexed

    def _indexed(self, item: Mapping[str, Any]) -> int:
        """Rows put, removed or renewed in the sparse indexes: an unchanged key costs nothing, a changed one twice."""
        now = {name: _index_key(item, name) for name in _INDEXES}
        before = self._rows.get((item["pk"]["S"], item["sk"]["S"]), {})
        self._rows[item["pk"]["S"], item["sk"]["S"]] = now
        changed = [(before.get(name, ()), now[name]) for name in _INDEXES if before.get(name, ()) != now[name]]
        return sum(bool(old) + bool(new) for old, new in changed)


def _index_key(item: Mapping[str, Any], index: str) -> tuple[str, ...]:
    parts = tuple(item[name]["S"] for name in (f"{index}_pk", f"{index}_sk") if name in item)
    return parts if len(parts) == _KEY_PARTS else ()


def size(item: Mapping[str, Any]) -> int:
    """Bytes as DynamoDB counts them: names and values in UTF-8, a number half its digits and one."""
    return sum(len(name.encode()) + _value_size(value) for name, value in item.items())


def _value_size(value: Mapping[str, str]) -> int:
    [(kind, text)] = value.items()
    return len(text.encode()) if kind == "S" else ceil(len(text) / 2) + 1


def measure(leads: int, seed: int) -> Bill:
    """Send the crowd through the table."""
    with _account():
        system = System(default_rules(), store=StreamedTable())
        bill = Bill(leads)
        events = clients.client("dynamodb").meta.events
        events.register("before-parameter-build.dynamodb", bill.note)
        for body in crowd(leads, seed):
            if system.post(body).status != 200:
                raise RuntimeError("a lead was not accepted")
            system.settle()
        if system.failed:
            raise RuntimeError(f"{len(system.failed)} messages failed")
        return bill


@contextmanager
def _account() -> Iterator[None]:
    from moto import mock_aws

    kept = dict(environ)
    environ.update(AWS_ACCESS_KEY_ID="bench", AWS_SECRET_ACCESS_KEY="bench", AWS_DEFAULT_REGION="eu-central-1")  # noqa: S106
    environ.pop("AWS_ENDPOINT_URL", None)
    environ.pop("AWS_PROFILE", None)
    clients._made.cache_clear()
    try:
        with mock_aws():
            make_table()
            yield
    finally:
        clients._made.cache_clear()
        environ.clear()
        environ.update(kept)
