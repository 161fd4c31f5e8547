"""Counting: one contract for memory and table; on the table one call, which the table's own expiry undoes."""

from __future__ import annotations

import json
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.table.counters import TableCounters
from leadrelay.aws.table.store import TableStore
from leadrelay.domain.rules import Rules
from leadrelay.memory.counters import MemoryCounters
from leadrelay.ports.counters import Counters
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.records import RECORDS, CountRecord
from leadrelay.ports.source import Delivery
from leadrelay.workflows.screen import Screen
from tests.aws.cloud import TABLE, counting, make_table
from tests.system import System, default_rules

UNTIL = datetime(2031, 5, 6, 13, 0, tzinfo=UTC)


@pytest.fixture(params=["memory", "table"])
def counters(request: pytest.FixtureRequest) -> Counters:
    if request.param == "memory":
        return MemoryCounters()
    request.getfixturevalue("account")
    make_table()
    return TableCounters(TABLE)


def test_each_name_has_a_count_of_its_own(counters: Counters) -> None:
    assert [counters.add("a", UNTIL) for _ in range(3)] == [1, 2, 3]
    assert counters.add("b", UNTIL) == 1
    assert counters.add("a", UNTIL) == 4


def test_nobodys_addition_is_lost_in_memory() -> None:
    counters = MemoryCounters()
    with ThreadPoolExecutor(8) as workers:
        told = list(workers.map(lambda _: counters.add("a", UNTIL), range(40)))
    assert sorted(told) == list(range(1, 41))


def test_on_the_table_workers_count_together(account: None) -> None:
    """Each addition is made by the table itself, in one step: what a worker saw before plays no part."""
    make_table()
    one, other = TableCounters(TABLE), TableCounters(TABLE)
    assert [counters.add("a", UNTIL) for counters in (one, other, other, one)] == [1, 2, 3, 4]


def test_on_the_table_it_is_one_call_and_an_item_that_expires(account: None) -> None:
    make_table()
    counters = TableCounters(TABLE)
    with counting("dynamodb") as calls:
        counters.add("address#0123#2031-05-06T12:00+00:00", UNTIL)
        counters.add("address#0123#2031-05-06T12:00+00:00", UNTIL)
    assert calls == ["UpdateItem"] * 2
    [item] = client("dynamodb").scan(TableName=TABLE)["Items"]
    assert (item["v"], item["expires_at"]) == ({"N": "2"}, {"N": str(int(UNTIL.timestamp()))})
    assert item["pk"]["S"].startswith("COUNT#")  # what the function may change, and nothing else
    assert not {"facts", "due_pk", "list_pk"} & set(item)  # nobody is told


def test_a_count_can_be_read_back_like_every_record(account: None) -> None:
    make_table()
    TableCounters(TABLE).add("a", UNTIL)
    store = TableStore(TABLE, {record.kind: record for record in RECORDS})
    assert store.load(CountRecord(name="a", until=UNTIL).key()) == CountRecord(version=1, name="a", until=UNTIL)


def test_a_table_that_is_not_there_is_named(account: None) -> None:
    with pytest.raises(Misconfigured, match="table leads: UpdateItem"):
        TableCounters(TABLE).add("a", UNTIL)


def test_a_submission_of_a_page_is_three_calls_more_and_no_more(account: None) -> None:
    make_table()
    system = System(_with_a_page())
    system.secrets.set("source/landing", form_secret="a secret for the forms of a page")
    wired = system.ingest
    store = TableStore(TABLE, {record.kind: record for record in RECORDS})
    screen = Screen(TableCounters(TABLE), wired.screen.pseudonyms, system.telemetry)
    ingest = replace(wired, store=store, screen=screen)
    body = json.dumps(
        {"form": "demo", "company_fax": "", "fields": {"email": "zoe@example.com", "phone": "+48 221234567"}}
    )
    headers = {"content-type": "text/plain", "origin": "https://www.example.com"}
    for trap, counted in (("", 3), ("a robot's fax", 0)):
        said = body.replace('"company_fax": ""', f'"company_fax": "{trap}"').encode()
        with counting("dynamodb") as calls:
            assert ingest("landing", Delivery("POST", headers, (), said, address="192.0.2.7")).status == 200
        assert calls.count("UpdateItem") == counted
        assert len(calls) == 2 + counted  # the raw delivery, the touch with its words


def _with_a_page() -> Rules:
    rules = default_rules()
    options = {"mode": "browser", "origins": ["https://www.example.com"]}
    landing = rules.sources.sources["website"].with_(options=options)
    sources = rules.sources.with_(sources={**rules.sources.sources, "landing": landing})
    return Rules.of(rules.with_(sources=sources))
