"""Eight writers at one table, some of whose answers are lost: no version skipped, no update lost, nothing half done."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from random import Random
from threading import Lock
from zlib import crc32

import pytest
from botocore.exceptions import ReadTimeoutError

from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.local.cloud import Cloud
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.store import Change, Put, Unchanged
from tests.aws.cloud import TABLE, hooked, make_table
from tests.aws.records import KINDS, Card, Log, answer, card_key

pytestmark = pytest.mark.e2e

WRITERS, EACH = 8, 20
GATE_MOVES = 5
SEEN = " through gate "
LOST = 0.1
"""The share of calls whose answer does not arrive, after they took effect."""


@pytest.fixture
def store(cloud: Cloud) -> Iterator[TableStore]:
    """An empty table of the emulator; one call in ten takes effect without an answer."""
    make_table()
    dice, lock = Random(8), Lock()

    def lose(**_: object) -> None:
        with lock:
            lost = dice.random() < LOST
        if lost:
            raise ReadTimeoutError(endpoint_url="https://cloud.test")

    with hooked("after-call.dynamodb", lose):
        yield TableStore(TABLE, KINDS)
    client("dynamodb").delete_table(TableName=TABLE)


def surely(attempt: Callable[[bool], bool]) -> int:
    """Try until it was done; how often somebody else was faster. An attempt is told whether one before it may have been
    carried out although nobody said so."""
    conflicts, unsure = 0, False
    while True:
        try:
            if attempt(unsure):
                return conflicts
        except Conflict:
            conflicts += 1
        except Retry:
            unsure = True


def everybody(work: Callable[[str], int]) -> int:
    """Each writer has so many causes; how many conflicts there were."""
    work_of_all = [f"writer {writer}, time {number}" for number in range(EACH) for writer in range(WRITERS)]
    with ThreadPoolExecutor(WRITERS) as threads:
        return sum(threads.map(work, work_of_all))


def causes(store: TableStore, id_: str) -> set[str]:
    """Everything that the log says was carried out, without what was seen of the gate."""
    return {log.cause.split(SEEN)[0] for log in store.story(f"LEAD#{id_}") if isinstance(log, Log)}


def read_all(store: TableStore, id_: str) -> list[Log]:
    """The log of a card, whatever is lost on the way."""
    found: list[Log] = []

    def attempt(unsure: bool) -> bool:
        found[:] = [record for record in store.story(f"LEAD#{id_}") if isinstance(record, Log)]
        return True

    surely(attempt)
    return found


def test_no_update_is_lost_and_no_version_is_skipped(store: TableStore) -> None:
    def add_one(cause: str) -> int:
        def attempt(unsure: bool) -> bool:
            if unsure and cause in causes(store, "sum"):
                return True
            card = store.load(card_key("sum")) or Card(id="sum", text="0")
            store.commit(answer(card.with_(text=str(int(card.text) + 1)), cause))
            return True

        return surely(attempt)

    conflicts = everybody(add_one)
    logs = read_all(store, "sum")
    assert [log.number for log in logs] == list(range(1, WRITERS * EACH + 1))
    assert len({log.cause for log in logs}) == WRITERS * EACH
    [card] = [card for card in _cards(store, "sum") if card]
    assert (card.version, card.text) == (WRITERS * EACH, str(WRITERS * EACH))
    assert conflicts > EACH, "the writers never met; this proves nothing"


def test_a_transfer_is_done_to_both_or_to_neither_and_not_after_the_gate_moved(store: TableStore) -> None:
    """Two records and the log of one of them change together, as long as a third one stands still."""
    for name in ("left", "right", "gate"):
        _store(store, Card(id=name, text="1000"))

    def move(cause: str) -> int:
        source, target = ("left", "right") if crc32(cause.encode()) % 2 else ("right", "left")

        def attempt(unsure: bool) -> bool:
            one, other, gate = store.load_all([card_key(source), card_key(target), card_key("gate")])
            assert one
            assert other
            assert gate
            log = Log(id="left", number=one.version + 1, cause=f"{cause}{SEEN}{gate.version}", version=1)
            puts = (Put(_plus(one, -1)), Put(_plus(other, 1)), Put(log))
            if unsure and cause in causes(store, "left"):
                return True
            store.commit(Change(log.cause, puts, (Unchanged(gate.key(), gate.version),)))
            return True

        return surely(attempt)

    with ThreadPoolExecutor(1) as keeper:
        moved = keeper.submit(_move_gate, store)
        everybody(move)
        moved.result()
    left, right, gate = _cards(store, "left", "right", "gate")
    assert left
    assert right
    assert gate
    assert gate.version == 1 + GATE_MOVES
    assert left.version == right.version == 1 + WRITERS * EACH
    assert int(left.text) + int(right.text) == 2000
    logs = read_all(store, "left")
    seen = [int(log.cause.split(SEEN)[1]) for log in logs]
    assert len(logs) == WRITERS * EACH
    assert seen == sorted(seen), "a transfer was carried out on a gate that had moved"
    assert len(set(seen)) > GATE_MOVES // 2, "the gate moved when nobody was there; this proves nothing"


def _plus(card: Card, amount: int) -> Card:
    return card.with_(version=card.version + 1, text=str(int(card.text) + amount))


def _store(store: TableStore, card: Card) -> None:
    def attempt(unsure: bool) -> bool:
        store.put(card)
        return True

    surely(attempt)


def _move_gate(store: TableStore) -> None:
    """Move by move, as the transfers go on."""
    for number in range(GATE_MOVES):
        while _version(store, "left") < number * WRITERS * EACH // GATE_MOVES:
            time.sleep(0.01)
        _move_once(store)


def _move_once(store: TableStore) -> None:
    """One version further. Nobody else moves it, so when the answer was lost its version tells what happened."""
    [before] = _cards(store, "gate")
    assert before is not None
    further = before.with_(version=before.version + 1)

    def attempt(unsure: bool) -> bool:
        [now] = store.load_all([card_key("gate")])
        if now == before:
            store.commit(Change("move", (Put(further),)))
        return True

    surely(attempt)


def _version(store: TableStore, name: str) -> int:
    [card] = _cards(store, name)
    return 0 if card is None else card.version


def _cards(store: TableStore, *names: str) -> list[Card | None]:
    found: list[Card | None] = []

    def attempt(unsure: bool) -> bool:
        found[:] = store.load_all([card_key(name) for name in names])
        return True

    surely(attempt)
    return found
