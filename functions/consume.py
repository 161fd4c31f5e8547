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

    def one(body: str) -> None:
        message = said(body)
        fact = read(message)
        if not isinstance(fact, kind):
            raise TypeError(f"{message.name} came to the queue of {kind.name()}")
        work(fact, message.metadata)

    return _each(event["Records"], one, telemetry)


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


def _each(records: Sequence[Mapping[str, Any]], work: Callable[[str], None], telemetry: Telemetry) -> Answer:
    failures: list[Failure] = []
    for record in records:
        try:
            work(record["body"])
        except Exception as error:  # noqa: BLE001 - the one place where anything may go wrong without hurting others
            telemetry.count("MessagesFailed", error=type(error).__name__)
            telemetry.line(
                "message_failed", error=type(error).__name__, position=place(error), op_id=record["messageId"]
            )
            failures.append(Failure(itemIdentifier=record["messageId"]))
    return Answer(batchItemFailures=failures)
