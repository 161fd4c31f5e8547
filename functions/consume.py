"""The only batch loop: every message of a queue gets its own fate.

What fails is named in `batchItemFailures`, so that the queue brings back just that; after five times it is in the
dead-letter queue with its neighbours untouched. An outage of somebody else never gets here: workflows set it due.
"""

from __future__ import annotations

import traceback
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypedDict

from pydantic import TypeAdapter

from leadrelay.domain.facts import Fact, Metadata, Said
from leadrelay.domain.model import Model
from leadrelay.domain.vocabulary import read
from leadrelay.ports.telemetry import Telemetry

Work = Callable[[Any, Metadata], None]
Together = Callable[[Sequence[tuple[Any, Metadata]]], Mapping[int, Exception]]
"""Works facts as one and says which went wrong, by position; what it raises is everybody's."""


class Failure(TypedDict):
    """One message that the queue shall bring back."""

    itemIdentifier: str


class Answer(TypedDict):
    """What Lambda expects for a queue with ReportBatchItemFailures."""

    batchItemFailures: list[Failure]


class _Detail(Model):
    metadata: Metadata
    data: dict[str, Any]


_EVENT = TypeAdapter(dict[str, Any])


def said(body: str) -> Said:
    """The fact in a message's body, as EventBridge put it there. Raises ValueError for anything else."""
    event = _EVENT.validate_json(body)
    detail = _Detail.model_validate(event["detail"])
    return Said(name=str(event["detail-type"]), metadata=detail.metadata, data=detail.data)


def consume(event: Mapping[str, Any], kind: type[Fact], work: Work, telemetry: Telemetry) -> Answer:
    """Work each message of the batch; facts of another kind are a defect of the wiring and fail."""
    return consume_kinds(event, {kind: work}, telemetry)


def consume_kinds(event: Mapping[str, Any], works: Mapping[type[Fact], Work], telemetry: Telemetry) -> Answer:
    """The same, of a queue that brings facts of several kinds, each with work of its own."""

    def work(body: str) -> None:
        fact, metadata = _fact(body, *works)
        works[type(fact)](fact, metadata)

    return _each(event["Records"], work, telemetry)


def consume_together(event: Mapping[str, Any], kind: type[Fact], work: Together, telemetry: Telemetry) -> Answer:
    """Work the messages of the batch together; those that cannot be read, and those that went wrong, fail alone."""
    facts: dict[str, tuple[Fact, Metadata]] = {}

    def read_one(record: Mapping[str, Any]) -> None:
        facts[record["messageId"]] = _fact(record["body"], kind)

    unread = _tried(event["Records"], read_one, telemetry)
    wrong: Mapping[int, Exception] = {}
    try:
        wrong = work(list(facts.values())) if facts else {}
    except Exception as error:  # noqa: BLE001 - before any message had a fate of its own
        wrong = dict.fromkeys(range(len(facts)), error)
    names = list(facts)
    return Answer(
        batchItemFailures=[*unread, *(_failure(names[number], error, telemetry) for number, error in wrong.items())]
    )


def consume_bodies(event: Mapping[str, Any], work: Callable[[str], object], telemetry: Telemetry) -> Answer:
    """Work the body of each message, of a queue that brings no facts of ours."""
    return _each(event["Records"], work, telemetry)


def consume_all(event: Mapping[str, Any], work: Callable[[Sequence[Said]], None], telemetry: Telemetry) -> Answer:
    """Work a batch as one; unreadable messages fail alone, an outage fails all."""
    facts: list[Said] = []
    answer = _each(event["Records"], lambda body: facts.append(said(body)), telemetry)
    work(facts)
    return answer


def place(error: BaseException) -> str:
    """Where it was raised, as file:line: what a defect may say in a log, where its text could be personal."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"{frames[-1].filename}:{frames[-1].lineno}" if frames else "unknown"


def _fact(body: str, *kinds: type[Fact]) -> tuple[Fact, Metadata]:
    message = said(body)
    fact = read(message)
    if not isinstance(fact, kinds):
        raise TypeError(f"{message.name} came to the queue of {', '.join(kind.name() for kind in kinds)}")
    return fact, message.metadata


def _each(records: Sequence[Mapping[str, Any]], work: Callable[[str], object], telemetry: Telemetry) -> Answer:
    return Answer(batchItemFailures=_tried(records, lambda record: work(record["body"]), telemetry))


def _tried(
    records: Sequence[Mapping[str, Any]], work: Callable[[Mapping[str, Any]], object], telemetry: Telemetry
) -> list[Failure]:
    failures: list[Failure] = []
    for record in records:
        try:
            work(record)
        except Exception as error:  # noqa: BLE001 - the one place where anything may go wrong without hurting others
            failures.append(_failure(record["messageId"], error, telemetry))
    return failures


def _failure(message_id: str, error: Exception, telemetry: Telemetry) -> Failure:
    telemetry.count("MessagesFailed", error=type(error).__name__)
    telemetry.line("message_failed", error=type(error).__name__, position=place(error), op_id=message_id)
    return Failure(itemIdentifier=message_id)
