"""Working off what is due: in order, to the end, within its time; and nothing holds up anything else."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import CursorRecord, NoticeRecord, SyncRecord
from leadrelay.ports.store import Change, DueKind, DueRow, Key, Put, Record
from leadrelay.workflows.drain import KINDS, Drain
from leadrelay.workflows.spare import endless
from tests.system import MONDAY_NOON, default_rules

SECOND = timedelta(seconds=1)


def notice(number: int, overdue: float = 60) -> NoticeRecord:
    return NoticeRecord(
        version=1,
        lead_id=f"{number:032x}",
        notice_id="warn-1",
        notice="warn",
        hop=1,
        rep=None,
        due_at=MONDAY_NOON - overdue * SECOND,
        correlation_id="touch",
        rules_version=default_rules().version,
    )


def sync(number: int, overdue: float = 60) -> SyncRecord:
    return SyncRecord(
        version=1,
        lead_id=f"{number:032x}",
        crm="hubspot",
        wanted=1,
        due_at=MONDAY_NOON - overdue * SECOND,
        correlation_id="touch",
        rules_version=default_rules().version,
    )


class Table(MemoryStore):
    """Keeps what was asked and said, in order. `away` kinds cannot be asked for; before a record of `races` is
    written, somebody else writes it."""

    def __init__(self) -> None:
        super().__init__()
        self.asked: list[DueKind] = []
        self.said: list[str] = []
        self.away: set[DueKind] = set()
        self.races: set[str] = set()
        self.loads = 0
        self.on_insert.append(lambda facts: self.said.extend(f"{fact.name} {fact.metadata.lead_id}" for fact in facts))

    def due(self, kind: DueKind, now: Any, limit: int, after: DueRow | None = None) -> list[DueRow]:
        self.asked.append(kind)
        if kind in self.away:
            raise Retry(1, "throttled")
        return super().due(kind, now, limit, after)

    def load(self, key: Key[Any]) -> Any:
        self.loads += 1
        return super().load(key)

    def commit(self, change: Change) -> None:
        key = change.puts[0].record.key()
        if key.pk in self.races:
            self.races.discard(key.pk)
            theirs = super().load(key)
            assert isinstance(theirs, NoticeRecord)
            super().commit(Change("theirs", (Put(theirs.with_(version=theirs.version + 1, due_at=None)),)))
        super().commit(change)


@dataclasses.dataclass
class Stage:
    """A table with its drain."""

    store: Table = dataclasses.field(default_factory=Table)
    telemetry: MemoryTelemetry = dataclasses.field(default_factory=MemoryTelemetry)
    clock: Any = dataclasses.field(default_factory=lambda: MemoryClock(MONDAY_NOON))

    def put(self, records: Sequence[Record]) -> None:
        for record in records:
            self.store.put(record)

    def drain(self, lasts: Callable[[], bool] = endless, **changes: Any) -> int:
        return Drain(self.store, MemoryRules(default_rules()), self.clock, self.telemetry, **changes)(lasts)

    def notices(self) -> list[int]:
        """The numbers of those whose notice was said again, in order."""
        return [int(said.split()[1], 16) for said in self.store.said if said.startswith("NoticeNeeded")]


@settings(deadline=None)
@given(st.lists(st.integers(0, 500), max_size=30), st.integers(1, 9))
def test_everything_that_is_due_is_said_once_and_the_oldest_first(ages: list[int], page: int) -> None:
    stage = Stage()
    stage.put([notice(number, age) for number, age in enumerate(ages)])
    stage.put([notice(99, -1)])
    assert stage.drain(page=page) == len(ages)
    order = stage.notices()
    assert sorted(order) == list(range(len(ages)))
    assert [ages[number] for number in order] == sorted(ages, reverse=True)
    assert stage.drain(page=page) == 0


@settings(deadline=None)
@given(st.integers(0, 12), st.integers(1, 5), st.integers(1, 4))
def test_what_one_sweep_does_not_reach_the_next_ones_do(count: int, page: int, most: int) -> None:
    stage = Stage()
    stage.put([notice(number, overdue=100 - number) for number in range(count)])
    for _ in range(count):
        left = iter(range(len(KINDS) + most))  # one look for each page, and for each row
        stage.drain(lambda left=left: next(left, None) is not None, page=page)  # type: ignore[misc]
    assert stage.notices() == list(range(count)), "in order over all of them"


def test_a_burst_of_one_kind_holds_up_no_other() -> None:
    stage = Stage()
    stage.put([sync(number, overdue=9000) for number in range(50)])
    stage.put([notice(7, overdue=1)])
    stage.drain(page=5)
    assert stage.store.said.index(f"NoticeNeeded {7:032x}") == 5, "after one page of the others"
    assert stage.store.asked[: len(KINDS)] == list(KINDS)


def test_rows_that_cannot_be_read_are_in_nobodys_way() -> None:
    stage = Stage()
    stage.put([notice(number, overdue=100 - number) for number in range(12)])
    broken = [notice(number).key() for number in range(9)]
    for key in broken:
        row = stage.store._rows[key.pk, key.sk]
        stage.store._rows[key.pk, key.sk] = dataclasses.replace(row, body="{}")
    assert stage.drain(page=3) == 3
    assert stage.notices() == [9, 10, 11]
    assert stage.telemetry.total("SweepFailed", kind="notice", error="Reject") == 9


def test_a_page_is_read_with_one_question() -> None:
    stage = Stage()
    stage.put([notice(number) for number in range(20)])
    read: list[int] = []
    real = stage.store.load_all
    stage.store.load_all = lambda keys: (read.append(len(keys)), real(keys))[1]  # type: ignore[method-assign,func-returns-value]
    stage.drain(page=10)
    assert read == [10, 10]


def test_somebody_elses_change_wins_and_the_record_is_looked_at_again() -> None:
    stage = Stage()
    stage.put([notice(1), notice(2)])
    stage.store.races = {notice(1).key().pk}
    assert stage.drain() == 1
    assert stage.notices() == [2], "the other was told meanwhile"
    assert not stage.telemetry.total("SweepSkipped")


def test_who_loses_twice_is_left_to_the_next_sweep() -> None:
    stage = Stage()
    stage.put([notice(1), notice(2)])
    real = stage.store.commit

    def commit(change: Change) -> None:
        if change.puts[0].record.key().pk == notice(1).key().pk:
            raise Conflict("lost")
        real(change)

    stage.store.commit = commit  # type: ignore[method-assign]
    assert stage.drain() == 1
    assert stage.telemetry.total("SweepSkipped", kind="notice", trouble="Conflict") == 1


def test_a_kind_that_cannot_be_asked_for_holds_up_no_other_and_is_told_in_the_end() -> None:
    stage = Stage()
    stage.put([sync(1), notice(2)])
    stage.store.away = {"sync"}
    with pytest.raises(Retry):
        stage.drain()
    assert stage.notices() == [2]
    stage.store.away = set()
    assert stage.drain() == 1


def test_it_has_a_share_of_the_sweep_and_no_more() -> None:
    """A second passes at every look at the clock: those who wait in a pool, and the night, have their time too."""

    class Slow:
        at = MONDAY_NOON

        def now(self) -> Any:
            self.at += SECOND
            return self.at

    stage = Stage(clock=Slow())
    stage.put([notice(number, overdue=1000) for number in range(100)])
    assert 2 <= stage.drain(page=10) <= 15
    assert stage.drain(patience=timedelta(minutes=10)) > 80


def test_how_late_the_sweep_is_can_be_seen_kind_by_kind() -> None:
    stage = Stage()
    stage.put([notice(1, overdue=90), notice(2, overdue=30), CursorRecord(version=1, source="crm", due_at=None)])
    stage.drain(page=1)
    assert stage.telemetry.total("SlaBacklogSeconds", kind="notice") == 90
    assert stage.telemetry.total("SlaBacklogSeconds", kind="sync") == 0
