"""Store, then speak: what a sender is told is true."""

from __future__ import annotations

import json
from collections import Counter
from dataclasses import replace

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records.deliveries import DeliveryRecord, unpacked
from leadrelay.ports.source import Delivery
from tests.system import Faults, System, default_rules, noisy_rules
from tests.workflows import lives, promises

TROUBLES = (lambda: Retry(1, "throttled"), lambda: Misconfigured("no such table"))


@pytest.mark.parametrize("trouble", TROUBLES, ids=["away", "misconfigured"])
@pytest.mark.parametrize("at", [0, 1])
def test_what_cannot_be_stored_is_never_accepted(trouble: object, at: int) -> None:
    system = System(faults=Faults(at, "before", trouble))  # type: ignore[arg-type]
    assert system.post(lives.demo()).status == 503
    assert system.touches() == []
    assert system.said == []
    assert system.post(lives.demo()).status == 200
    assert len(system.touches()) == 1


def test_an_answer_that_was_lost_makes_the_sender_repeat_and_nothing_else() -> None:
    system = System(faults=Faults(1, "after", lambda: Retry(1, "no answer")))
    assert system.post(lives.demo()).status == 503
    assert system.post(lives.demo()).status == 200
    system.settle()
    assert len(system.touches()) == len(system.leads()) == 1
    assert [said.name for said in system.said].count("TouchReceived") == 1


def test_the_same_delivery_again_is_the_same_touch_even_years_later() -> None:
    system = System()
    for _ in range(2):
        assert system.post(lives.demo()).status == 200
    system.settle()
    system.later(days=800)
    assert system.post(lives.demo()).status == 200
    system.settle()
    assert len(system.touches()) == 1
    assert system.telemetry.total("DuplicateTouches", source="website") == 2


def test_one_person_through_two_sources_is_one_lead_with_two_touches() -> None:
    system = System(noisy_rules())
    system.post(lives.demo())
    answer = system.tell(lives.draft("lead-1", email="ADA@Example.com", phone="22 123 45 67"), source="meta")
    assert answer.status == 503  # its secret is not there: nothing may be accepted
    system.secrets.set("source/meta", verify_token="a token for tests")
    assert (
        system.tell(lives.draft("lead-1", email="ADA@Example.com", phone="22 123 45 67"), source="meta").status == 200
    )
    system.settle()
    promises.kept(system)
    [record] = system.leads()
    assert record.lead.touches == 2
    assert record.profile.text("lead.phone") == "+48221234567"
    assert {touch.lead_id for touch in system.touches()} == {record.lead.lead_id}
    assert len(system.crm.people) == 1


def test_an_unknown_or_disabled_source_does_not_exist() -> None:
    rules = default_rules()
    closed = {**rules.sources.sources, "closed": SourcePolicy(vendor="webform", enabled=False)}
    system = System(Rules.of(rules.with_(sources=rules.sources.with_(sources=closed))))
    for name in ("closed", "os", "../webform", "webform"):
        assert system.post(lives.demo(), name).status == 404
    assert system.records() == []


def test_a_body_that_doubles_in_the_table_is_kept_all_the_same() -> None:
    system = System()
    fields = {f"field_{number}": '"' * 7000 for number in range(17)}
    reply = system.post({"form": "demo", "fields": {**lives.ADA, **fields}})
    assert reply.status == 200
    [touch] = system.touches()
    rows = [row for row in system.records() if isinstance(row, DeliveryRecord)]
    assert touch.touch.delivery == rows[0].sha
    assert json.loads(unpacked(rows))["fields"]["field_16"] == '"' * 7000


def test_a_body_above_the_limit_is_refused_unread() -> None:
    system = System()
    body = json.dumps({"fields": {"message": "x" * 300_000}}).encode()
    assert system.ingest("website", Delivery("POST", {}, (), body)).status == 413
    assert system.records() == []


def test_what_is_larger_than_its_sender_may_send_is_refused_before_it_is_hashed() -> None:
    system = System()
    asked: list[str] = []

    def limit(vendor: str) -> int:
        asked.append(vendor)
        return 1000

    ingest = replace(system.ingest, body_limit=limit, secrets=None)  # type: ignore[arg-type]
    assert ingest("website", Delivery("POST", {}, (), b"x" * 1001)).status == 413
    assert asked == ["webform"]
    system.ingest = replace(system.ingest, body_limit=lambda _: 400_000)
    fields = {**lives.ADA, **{f"field_{number}": "x" * 8000 for number in range(34)}}
    assert system.post({"form": "demo", "fields": fields}).status == 200


def test_a_thousand_touches_of_one_delivery_are_each_stored_once_and_heard() -> None:
    system = System()
    drafts = [lives.draft(f"lead-{number}", email=f"ada{number}@example.com") for number in range(1000)]
    assert system.tell(*drafts).status == 200
    assert system.tell(*drafts).status == 200
    assert len(system.touches()) == 1000
    assert Counter(said.name for said in system.said) == {"TouchReceived": 1000}
    assert len({said.metadata.fact_id for said in system.said}) == 1000
    assert system.telemetry.total("DuplicateTouches", source="website") == 1000
