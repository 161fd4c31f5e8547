"""`leadrelay report live spam`: what was suspected of what, read off the table itself."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.cli import report_live as command
from leadrelay.domain.touch import Origin, Touch
from leadrelay.memory.clock import MemoryClock
from leadrelay.ports.records import RECORDS, TouchRecord
from tests.aws.cloud import TABLE, make_table
from tests.cli.conftest import Run
from tests.domain.people import NOW
from tests.domain.people import touch as submission


@dataclass(frozen=True)
class Stage:
    """A stage of which only the table is asked."""

    name: str

    def table(self) -> str:
        return TABLE


def _touch(number: int, ago_days: int = 0, form: str | None = "demo", **said: Any) -> Touch:
    found = submission(number, form, NOW - timedelta(days=ago_days), trust="unverified")
    return found.with_(origin=Origin(form=form), **said)


TOUCHES = (
    _touch(1),
    _touch(2, suspicion="honeypot_filled"),
    _touch(3, suspicion="honeypot_filled"),
    _touch(4, cleared="honeypot_filled"),
    _touch(5, suspicion="disposable_mail"),
    _touch(6, form=None, suspicion="address_limit", source="landing"),
    _touch(7, ago_days=3, suspicion="honeypot_filled"),
    _touch(8, ago_days=3),
    _touch(9, ago_days=40, suspicion="honeypot_filled"),
    _touch(10, test=True),
    _touch(11, test=True, suspicion="honeypot_filled"),
    _touch(12, kind="crm_change", event="edited"),
)


@pytest.fixture
def table(account: None, monkeypatch: pytest.MonkeyPatch) -> TableStore:
    make_table()
    store = TableStore(TABLE, {record.kind: record for record in RECORDS})
    for touch in TOUCHES:
        store.put(TouchRecord(version=1, touch=touch, due_at=None))
    monkeypatch.setattr(command, "Deployed", Stage)
    monkeypatch.setattr(command, "SystemClock", lambda: MemoryClock(NOW))
    monkeypatch.setenv("COLUMNS", "200")
    return store


def _rows(told: dict[str, Any]) -> list[tuple[Any, ...]]:
    names = ("day", "source", "form", "suspicion", "touches", "all", "let_through")
    return [tuple(row[name] for name in names) for row in told["rows"]]


def test_each_day_source_form_and_suspicion_has_its_share(run: Run, table: TableStore) -> None:
    told = json.loads(run("report", "live", "spam", "--json").out)
    today, before = NOW.date().isoformat(), (NOW - timedelta(days=3)).date().isoformat()
    assert _rows(told) == [
        (today, "landing", None, "address_limit", 1, 1, 0),
        (today, "website", "demo", "disposable_mail", 1, 5, 0),
        (today, "website", "demo", "honeypot_filled", 3, 5, 1),
        (before, "website", "demo", "honeypot_filled", 1, 2, 0),
    ]
    assert [row["share"] for row in told["rows"]] == [1.0, 0.2, 0.6, 0.5]
    assert (told["all"], told["suspected"]) == (8, 6)


def test_the_table_says_it_for_people(run: Run, table: TableStore) -> None:
    shown = run("report", "live", "spam", "--days", "60", "--source", "website")
    assert shown.code == 0
    assert "Suspected in 60 days: 6 of 8 touches (75%)" in shown.out
    line = next(line for line in shown.out.splitlines() if "honeypot_filled" in line)
    assert line.split() == [NOW.date().isoformat(), "website", "demo", "honeypot_filled", "3", "5", "60%", "1"]
    assert "landing" not in shown.out


def test_where_nothing_was_suspected_it_says_so(run: Run, table: TableStore) -> None:
    assert "nothing was suspected among 0 touches" in run("report", "live", "spam", "--source", "nowhere").out


def test_what_cannot_be_read_hides_nothing_else(run: Run, table: TableStore) -> None:
    broken = {
        "pk": {"S": "TOUCH#x"},
        "sk": {"S": "TOUCH"},
        "kind": {"S": "touch"},
        "v": {"N": "1"},
        "body": {"S": "{}"},
    }
    client("dynamodb").put_item(TableName=TABLE, Item=broken)
    assert json.loads(run("report", "live", "spam", "--json").out)["all"] == 8
