"""Bugs planted on purpose: if the simulator does not catch each of them, its silence about the rest means nothing."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any
from unittest import mock

from functions import consume
from leadrelay.domain.clocks.facts import SlaWarned
from leadrelay.domain.person.facts import Absorbed, LeadMerged
from leadrelay.ports.crm import Ok, Unknown
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import TouchRecord, touch_key
from leadrelay.ports.store import Change, Put
from leadrelay.workflows import drain, notify, outcome, publish, score, take, work_in
from leadrelay.workflows.deliver import claim, deliver, diff, progress
from leadrelay.workflows.deliver.record import after as recorded
from leadrelay.workflows.log import lead_log
from tests.simulation import world as worlds
from tests.simulation.planted_at_night import AT_NIGHT
from tests.simulation.planted_at_rest import AT_REST
from tests.simulation.planted_at_work import AT_WORK
from tests.simulation.planted_erased import ERASED
from tests.simulation.planted_in_clocks import IN_CLOCKS
from tests.simulation.planted_in_crm import IN_CRM
from tests.simulation.planted_in_digests import IN_DIGESTS
from tests.simulation.planted_in_line import IN_LINE
from tests.simulation.planted_in_links import LINKS
from tests.simulation.planted_in_lists import IN_LISTS
from tests.simulation.store import WorldStore

Planted = Callable[[], AbstractContextManager[Any]]


def _never_published(name: str) -> Planted:
    """A fact of this name never leaves the table."""
    real = publish.Publish._read

    def read(self: publish.Publish, announcement: publish.Announcement) -> Any:
        return tuple(fact for fact in real(self, announcement) if fact.name != name)

    return lambda: mock.patch.object(publish.Publish, "_read", read)


def _not_said_again(kind: str) -> Planted:
    """The sweep forgets one kind of overdue work: what was lost stays lost."""
    return lambda: mock.patch.object(drain, "KINDS", tuple(each for each in drain.KINDS if each != kind))


def _scored_twice() -> Any:
    """A repeated TouchReady counts again."""

    def call(self: score.Score, fact: Any, metadata: Any) -> None:
        record = self.store.load(touch_key(fact.touch_id))
        if record is not None and record.state in ("ready", "done"):
            self._work(record, metadata)

    return mock.patch.object(score.Score, "__call__", call)


def _no_redrive() -> Any:
    """Nobody puts dead letters back."""
    return mock.patch.object(worlds.Queue, "redrive", return_value=0)


def _time_out_is_success() -> Any:
    """No answer from the CRM is taken for a yes."""
    real = progress.Progress.note

    def note(self: progress.Progress, op: Any, result: Any) -> None:
        crm_id = getattr(op, "crm_id", None) or self.sync.crm_id
        real(self, op, Ok(op.op_id, crm_id) if isinstance(result, Unknown) and crm_id else result)

    return mock.patch.object(progress.Progress, "note", note)


def _put_off_at_once(self: progress.Progress, time: timedelta) -> None:
    self.wait = timedelta(0)


def _moved_as_new(self: progress.Progress, crm_id: str) -> None:
    self.sync = self.sync.with_(crm_id=crm_id, values={}, owner=None)
    self.put_off(timedelta(0))


def _no_due_row() -> Any:
    """Taking a touch in forgets to write when it is due."""

    def forgetful(**given: Any) -> Any:
        return TouchRecord(**{**given, "due_at": None})

    return mock.patch.object(take, "TouchRecord", forgetful)


def _owner_without_condition() -> Any:
    """The owner is written over whatever version is there."""
    real = WorldStore.commit

    def over(store: WorldStore, put: Put) -> Put:
        known = store.load(put.record.key())
        newest = put.record.with_(version=1 + (known.version if known else 0))
        return put if put.record.kind == "log" else Put(newest)

    def commit(self: WorldStore, change: Change) -> None:
        if any(said.name == "LeadAssigned" for log in change.logs() for said in log.announces()):
            change = Change(change.cause, tuple(over(self, put) for put in change.puts))
        real(self, change)

    return mock.patch.object(WorldStore, "commit", commit)


def _acknowledged_before_stored() -> Any:
    """Ingest says yes although the table did not."""
    real = take.Take.all

    def every(self: take.Take, *given: Any) -> int:
        try:
            return real(self, *given)
        except Retry:
            return 0

    return mock.patch.object(take.Take, "all", every)


def _sweep_since_last_time() -> Any:
    """The sweep asks what fell due in the last minute."""
    real = drain.Drain._answer

    def answer(self: drain.Drain, record: Any) -> bool:
        due = None if record is None else record.due()
        return due is not None and self.clock.now() - due.at <= timedelta(seconds=75) and real(self, record)

    return mock.patch.object(drain.Drain, "_answer", answer)


def _one_fails_all() -> Any:
    """One bad message fails its whole batch."""
    real = consume._each

    def each(records: Any, work: Any, telemetry: Any) -> consume.Answer:
        failed = real(records, work, telemetry)["batchItemFailures"]
        names = [record["messageId"] for record in records] if failed else []
        return consume.Answer(batchItemFailures=[consume.Failure(itemIdentifier=name) for name in names])

    return mock.patch.object(consume, "_each", each)


def _older_messages_refused() -> Any:
    """A message must have every field that this release writes."""
    real = consume.said

    def said(body: str) -> Any:
        if '"schema"' not in body:
            raise ValueError("no schema")
        return real(body)

    return mock.patch.object(consume, "said", said)


def _always_up_to_date() -> Any:
    """Deliver takes the card that it wrote for the newest one."""

    def after(job: Any, latest: Any, now: Any) -> Any:
        synced = recorded(job, latest, now)
        return synced.with_(due_at=None, written=synced.wanted) if job.progress.open else synced

    return mock.patch.object(deliver, "after", after)


def _fact_not_logged() -> Any:
    """The log forgets the last fact of a decision."""
    return mock.patch.object(
        outcome, "lead_log", lambda lead_id, version, facts, *rest: lead_log(lead_id, version, facts[:-1], *rest)
    )


def _merge_forgets() -> Any:
    """A merged lead's signals are lost."""

    def absorbed(loser: Any, by: tuple[str, ...]) -> LeadMerged:
        brings = Absorbed(
            lead_id=loser.lead_id, captured_at=loser.captured_at, touches=loser.touches, signals={}, pages=(),
            first=None, last=None, temperature=None,
        )  # fmt: skip
        return LeadMerged(by=by, absorbed=brings)

    return mock.patch.object(work_in, "absorbed", absorbed)


def _newest_wins() -> Any:
    """What arrived last, not what was said last, is believed."""
    from leadrelay.domain.person.profile import Value

    return mock.patch.object(Value, "outranks", return_value=True)


PLANTED: dict[str, Planted] = {
    **{f"{name} is never published": _never_published(name) for name in worlds.ADDRESSED},
    "an unanswered touch is not said again": _not_said_again("touch"),
    "a card that was not shown is not said again": _not_said_again("sync"),
    "a notice that nobody got is not said again": _not_said_again("notice"),
    "clocks are not swept": _not_said_again("clock"),
    "a repeated TouchReady is scored again": _scored_twice,
    "two workers deliver without a lease": lambda: mock.patch.object(claim, "is_held", return_value=False),
    "two workers tell a notice without a lease": lambda: mock.patch.object(notify, "_is_held", return_value=False),
    "dead letters are never redriven": _no_redrive,
    "a CRM time-out is taken for success": _time_out_is_success,
    "an unanswered write to the CRM is trusted": lambda: mock.patch.object(
        progress.Progress, "doubt", return_value=None
    ),
    "Retry-After is not obeyed": lambda: mock.patch.object(progress.Progress, "put_off", _put_off_at_once),
    "a record that was moved is taken for an empty one": lambda: mock.patch.object(
        progress.Progress, "_moved", _moved_as_new
    ),
    "a touch is stored without a due row": _no_due_row,
    "an owner is written without its version": _owner_without_condition,
    "acknowledged before it is stored": _acknowledged_before_stored,
    "a warning does not change the clock": lambda: mock.patch.object(SlaWarned, "apply", lambda _, lead, at: lead),
    "the sweep asks since last time": _sweep_since_last_time,
    "one bad message fails its batch": _one_fails_all,
    "messages of the release before are refused": _older_messages_refused,
    "every field of the CRM is ours": lambda: mock.patch.object(diff, "_policy", return_value="own"),
    "deliver takes any card for the newest": _always_up_to_date,
    "the log forgets a fact": _fact_not_logged,
    "a merge forgets signals": _merge_forgets,
    "the last word that arrives wins": _newest_wins,
    **IN_CRM,
    **IN_LISTS,
    **AT_REST,
    **LINKS,
    **IN_DIGESTS,
    **IN_LINE,
    **IN_CLOCKS,
    **AT_WORK,
    **AT_NIGHT,
    **ERASED,
}
"""What is broken, and how to break it."""
