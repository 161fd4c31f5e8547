"""The batch loop answers in exactly the shape that Lambda understands, and every message has its own fate."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

from functions.consume import consume, consume_all, consume_together
from leadrelay.domain.facts import Metadata, Said
from leadrelay.domain.person.facts import TouchReady
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Retry
from tests.system import System, message
from tests.workflows import lives


@pytest.fixture
def ready() -> Said:
    system = System()
    lives.send(system, lives.demo())
    return next(said for said in system.said if said.name == "TouchReady")


def test_a_poison_message_hurts_only_itself(ready: Said) -> None:
    worked: list[str] = []

    def work(fact: TouchReady, metadata: Metadata) -> None:
        worked.append(metadata.fact_id)
        if len(worked) == 2:
            raise ZeroDivisionError

    bodies = ["", "[]", "{}", '{"detail-type": "TouchReady"}', '{"detail-type": "Unheard", "detail": {}}', "\x00"]
    poison = [{"messageId": f"poison-{number}", "body": body} for number, body in enumerate(bodies)]
    records = [message(ready, "first"), *poison, message(ready, "second"), message(ready, "third")]
    telemetry = MemoryTelemetry()
    answer = consume({"Records": records}, TouchReady, work, telemetry)
    failed = [*(one["messageId"] for one in poison), "second"]
    assert answer == {"batchItemFailures": [{"itemIdentifier": name} for name in failed]}
    assert len(worked) == 3
    assert telemetry.total("MessagesFailed") == len(failed)


def test_a_fact_in_the_wrong_queue_fails_and_does_nothing(ready: Said) -> None:
    other = ready.with_(name="TouchReceived")
    answer = consume(
        {"Records": [message(other, "m")]}, TouchReady, lambda *_: pytest.fail("worked"), MemoryTelemetry()
    )
    assert answer == {"batchItemFailures": [{"itemIdentifier": "m"}]}


def test_an_empty_batch_has_no_failures() -> None:
    assert consume({"Records": []}, TouchReady, lambda *_: None, MemoryTelemetry()) == {"batchItemFailures": []}


def test_a_batch_worked_as_one_leaves_out_the_unreadable_and_fails_whole_in_an_outage(ready: Said) -> None:
    kept: list[Said] = []
    records = [message(ready, "good"), {"messageId": "bad", "body": "{"}]
    assert consume_all({"Records": records}, kept.extend, MemoryTelemetry()) == {
        "batchItemFailures": [{"itemIdentifier": "bad"}]
    }
    assert kept == [ready]

    def away(_: object) -> None:
        raise Retry(1, "away")

    with pytest.raises(Retry):
        consume_all({"Records": records}, away, MemoryTelemetry())


def test_a_batch_worked_together_names_each_that_went_wrong(ready: Said) -> None:
    """The unreadable, those the workflow names, and no others."""
    seen: list[int] = []

    def work(batch: Sequence[tuple[TouchReady, Metadata]]) -> Mapping[int, Exception]:
        seen.append(len(batch))
        return {1: ZeroDivisionError("personal words"), 2: Retry(1, "away")}

    other = message(ready.with_(name="TouchReceived"), "stranger")
    records = [message(ready, "0"), {"messageId": "bad", "body": "{"}, message(ready, "1"), other, message(ready, "2")]
    telemetry = MemoryTelemetry()
    answer = consume_together({"Records": records}, TouchReady, work, telemetry)
    assert [one["itemIdentifier"] for one in answer["batchItemFailures"]] == ["bad", "stranger", "1", "2"]
    assert seen == [3]
    assert telemetry.total("MessagesFailed") == 4
    assert "personal words" not in repr(vars(telemetry))


def test_what_is_raised_for_the_whole_batch_fails_all_of_it(ready: Said) -> None:
    def away(_: object) -> Mapping[int, Exception]:
        raise Retry(1, "away")

    records = [message(ready, "0"), message(ready, "1")]
    answer = consume_together({"Records": records}, TouchReady, away, MemoryTelemetry())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "0"}, {"itemIdentifier": "1"}]}


def test_nothing_readable_asks_nobody() -> None:
    records = [{"messageId": "bad", "body": "{"}]
    answer = consume_together({"Records": records}, TouchReady, lambda _: pytest.fail("worked"), MemoryTelemetry())
    assert answer == {"batchItemFailures": [{"itemIdentifier": "bad"}]}
