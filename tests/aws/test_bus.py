from __future__ import annotations

import json
from typing import Any

import pytest
from botocore.exceptions import ReadTimeoutError

from leadrelay.aws.bus import CALL_BYTES, EventBus, size
from leadrelay.domain.facts import Metadata, Said
from leadrelay.ports.errors import Misconfigured, Retry
from tests.aws.cloud import answering, failing
from tests.aws.records import NOON, fact


def accept(params: dict[str, Any]) -> dict[str, Any]:
    return {"FailedEntryCount": 0, "Entries": [{"EventId": str(n)} for n, _ in enumerate(params["Entries"])]}


def test_a_fact_as_it_travels(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("_X_AMZN_TRACE_ID", raising=False)
    said = fact("LeadScored", score=41, pool="zażółć")
    with answering("events.PutEvents", accept) as calls:
        assert EventBus("leads").send([said]) == []
    (entry,) = calls[0]["Entries"]
    detail = entry.pop("Detail")
    assert entry == {"EventBusName": "leads", "Source": "leadrelay", "DetailType": "LeadScored", "Time": NOON}
    assert detail.isascii()
    read = json.loads(detail)
    assert set(read) == {"metadata", "data"}
    assert read["data"] == {"score": 41, "pool": "zażółć"}
    assert Said(name="LeadScored", metadata=Metadata.model_validate(read["metadata"]), data=read["data"]) == said


def test_the_trace_goes_along(account: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("_X_AMZN_TRACE_ID", "Root=1-2-3")
    with answering("events.PutEvents", accept) as calls:
        EventBus("leads").send([fact()])
    assert calls[0]["Entries"][0]["TraceHeader"] == "Root=1-2-3"


def test_ten_a_call_in_order(account: None) -> None:
    with answering("events.PutEvents", accept) as calls:
        assert EventBus("leads").send([fact("Told", n, n=n) for n in range(23)]) == []
    assert [len(call["Entries"]) for call in calls] == [10, 10, 3]
    sent = [json.loads(entry["Detail"])["data"]["n"] for call in calls for entry in call["Entries"]]
    assert sent == list(range(23))


def test_nothing_to_send_is_no_call(account: None) -> None:
    with answering("events.PutEvents", accept) as calls:
        assert EventBus("leads").send([]) == []
    assert calls == []


def test_no_call_outgrows_its_limit(account: None) -> None:
    facts = [fact("Told", n, text="x" * 100_000) for n in range(5)]
    with answering("events.PutEvents", accept) as calls:
        assert EventBus("leads").send(facts) == []
    assert [len(call["Entries"]) for call in calls] == [2, 2, 1]
    assert all(sum(map(size, call["Entries"])) <= CALL_BYTES for call in calls)


def test_what_no_call_would_take_is_refused_and_the_rest_is_sent(account: None) -> None:
    facts = [fact("Told", 0), fact("Told", 1, text="x" * CALL_BYTES), fact("Told", 2)]
    with answering("events.PutEvents", accept) as calls:
        assert EventBus("leads").send(facts) == [1]
    assert [len(call["Entries"]) for call in calls] == [2]


def test_refused_entries_are_found_by_position(account: None) -> None:
    def refuse_thirds(params: dict[str, Any]) -> dict[str, Any]:
        numbers = [json.loads(entry["Detail"])["data"]["n"] for entry in params["Entries"]]
        return {
            "FailedEntryCount": 1,
            "Entries": [{"ErrorCode": "ThrottlingException"} if n % 3 == 0 else {"EventId": "e"} for n in numbers],
        }

    with answering("events.PutEvents", refuse_thirds):
        assert EventBus("leads").send([fact("Told", n, n=n) for n in range(12)]) == [0, 3, 6, 9]


def test_a_bus_that_is_away_is_later(account: None, naps: list[float]) -> None:
    with failing("events.PutEvents", "InternalException", 500), pytest.raises(Retry):
        EventBus("leads").send([fact()])


def test_a_bus_that_goes_away_midway_keeps_what_was_sent(account: None, naps: list[float]) -> None:
    facts = [fact("Told", n) for n in range(25)]
    calls = 0

    def once(params: dict[str, Any]) -> dict[str, Any]:
        nonlocal calls
        calls += 1
        if calls == 2:
            raise ReadTimeoutError(endpoint_url="https://cloud.test")
        return accept(params)

    with answering("events.PutEvents", once):
        assert EventBus("leads").send(facts) == list(range(10, 20))


def test_a_missing_bus_is_named(account: None) -> None:
    with failing("events.PutEvents", "ResourceNotFoundException"), pytest.raises(Misconfigured, match="bus leads"):
        EventBus("leads").send([fact()])


def test_the_account_in_memory_takes_it(account: None) -> None:
    assert EventBus("default").send([fact("Told", n) for n in range(11)]) == []
