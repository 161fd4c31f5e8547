"""What a partner's bus brings goes the way of a webhook, and nothing of it is lost silently."""

from __future__ import annotations

import json
from typing import Any

import pytest

from functions import wiring
from functions.changes.handler import handler
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.source import Delivery
from leadrelay.workflows.changes import Changes
from tests.system import Faults, System, default_rules

BUS = "aws.partner/appflow/salesforce.com/123456789012/leads"
LEADS = ["00Q5e0000000001EAA", "00Q5e0000000002EAA"]
OPTIONS: dict[str, Any] = {"organization_id": "00D5e00000000AaEAI"}


def event(source: Any = BUS, detail: Any = None) -> str:
    header = {"entityName": "Lead", "changeType": "UPDATE", "recordIds": LEADS, "transactionKey": "1"}
    return json.dumps({"source": source, "detail": {"ChangeEventHeader": header} if detail is None else detail})


def system(faults: Faults | None = None, **policy: Any) -> System:
    rules = default_rules()
    crm = SourcePolicy(vendor="salesforce", event_source=BUS, options=OPTIONS, **policy)
    sources = {**rules.sources.sources, "salesforce": crm}
    return System(Rules.of(rules.with_(sources=rules.sources.with_(sources=sources))), faults=faults or Faults())


def changes(found: System) -> Changes:
    return Changes(found.ingest, found.rules)


def test_an_event_is_a_touch_for_each_record_and_its_raw_body_is_kept() -> None:
    found = system()
    for _ in range(2):
        changes(found)(event())
    assert sorted(record.touch.fetch_id or "" for record in found.touches()) == [f"Lead:{one}" for one in LEADS]
    assert {(record.touch.source, record.touch.trust) for record in found.touches()} == {("salesforce", "verified")}
    assert sum(record.kind == "delivery" for record in found.records()) == 1


@pytest.mark.parametrize("sender", ["aws.partner/other", "", None, 7, ["x"]])
def test_an_event_that_no_source_expects_is_refused(sender: Any) -> None:
    found = system()
    with pytest.raises(Misconfigured, match="event_source"):
        changes(found)(event(sender))
    assert found.records() == []


def test_a_source_that_is_off_takes_nothing() -> None:
    with pytest.raises(Misconfigured):
        changes(system(enabled=False))(event())


def test_an_event_from_no_bus_in_particular_finds_no_source_without_one() -> None:
    found = System()
    with pytest.raises(Misconfigured):
        changes(found)(event(""))


@pytest.mark.parametrize("body", ["", "no json", "[]", json.dumps({"source": BUS})])
def test_what_cannot_be_read_is_set_aside_and_not_swallowed(body: str) -> None:
    with pytest.raises((Reject, Misconfigured)):
        changes(system())(body)


@pytest.mark.parametrize("detail", [7, "x", {"payload": []}])
def test_what_no_change_event_looks_like_is_kept_for_a_person_to_look_at(detail: Any) -> None:
    found = system()
    changes(found)(event(detail=detail))
    found.settle()
    [record] = found.touches()
    assert (record.state, (record.touch.problem or "")[:11]) == ("parked", "unreadable:")


def test_an_outage_is_tried_again() -> None:
    found = system(Faults(0, "before", lambda: Retry(1, "away")))
    with pytest.raises(Retry):
        changes(found)(event())
    changes(found)(event())
    assert len(found.touches()) == 2


def test_the_same_event_from_the_public_address_is_refused() -> None:
    found = system()
    found.secrets.set("source/salesforce", token="a-token-of-good-length-0123456")
    for query in ((), (("token", "a-token-of-good-length-0123456"),)):
        reply = found.ingest("salesforce", Delivery("POST", {}, query, event().encode()))
        assert reply.status in {400, 401}
    assert found.touches() == []


def test_the_queue_brings_back_only_what_went_wrong(monkeypatch: pytest.MonkeyPatch) -> None:
    found = system()
    monkeypatch.setattr(wiring, "telemetry", lambda: found.telemetry)
    monkeypatch.setattr(wiring, "changes", lambda: changes(found))
    records = [{"messageId": "1", "body": event()}, {"messageId": "2", "body": event("aws.partner/other")}]
    assert handler({"Records": records}, None) == {"batchItemFailures": [{"itemIdentifier": "2"}]}
    assert len(found.touches()) == 2
