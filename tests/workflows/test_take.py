"""Touches that come together: all of them stored, each once, whatever breaks on the way."""

from __future__ import annotations

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from leadrelay.domain.touch import Answer, TouchDraft, Words
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import TouchRecord, WordsRecord, touch_key, words_key
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Change
from leadrelay.workflows.take import TOGETHER, Brought, Take
from tests.system import MONDAY_NOON, Breakable, Faults

BROUGHT = Brought(SourceSettings("website", "webform"), "verified", "delivery:x", "rules", MONDAY_NOON, "x")


def drafts(keys: list[str], words: str = "hello") -> list[TouchDraft]:
    said = Words(answers=(Answer(key="message", values=(words,)),))
    return [TouchDraft(kind="submission", key=key, words=said) for key in keys]


def keys(count: int, first: int = 0) -> list[str]:
    return [f"lead-{number}" for number in range(first, first + count)]


class Counting(MemoryStore):
    """A store that remembers how large each transaction was."""

    def __init__(self) -> None:
        super().__init__()
        self.sizes: list[int] = []
        self.said: list[str] = []
        self.on_insert.append(lambda facts: self.said.extend(fact.metadata.lead_id or fact.name for fact in facts))

    def commit(self, change: Change) -> None:
        self.sizes.append(len(change.puts))
        super().commit(change)


def stored(store: MemoryStore) -> Counter[str]:
    return Counter(pk for pk, sk in store._rows if sk == "TOUCH")


def test_a_thousand_are_twenty_transactions() -> None:
    store = Counting()
    assert Take(store, MemoryTelemetry()).all(drafts(keys(1000)), BROUGHT) == 1000
    assert store.sizes == [2 * TOGETHER] * 20
    assert len(stored(store)) == 1000


def test_one_alone_is_what_it_always_was() -> None:
    store = Counting()
    take = Take(store, MemoryTelemetry())
    assert take(drafts(["lead-1"])[0], BROUGHT)
    assert not take(drafts(["lead-1"])[0], BROUGHT)
    assert store.sizes == [2, 2]


def test_known_ones_do_not_keep_the_others_out() -> None:
    store, telemetry = Counting(), MemoryTelemetry()
    take = Take(store, telemetry)
    take.all(drafts(keys(3, first=10)), BROUGHT)
    assert take.all(drafts(keys(120)), BROUGHT) == 117
    assert len(stored(store)) == 120
    assert telemetry.total("DuplicateTouches", source="website") == 3
    assert len(store.said) == 120


def test_of_two_with_one_key_the_first_counts() -> None:
    store = Counting()
    first, second = drafts(["lead-1"], "first")[0], drafts(["lead-1"], "second")[0]
    assert Take(store, MemoryTelemetry()).all([first, second], BROUGHT) == 1
    [pk] = stored(store)
    words = store.load(words_key(pk.removeprefix("TOUCH#")))
    assert words is not None
    assert words.words.value("message") == "first"


def test_heavy_words_are_spread_over_more_transactions() -> None:
    store = Counting()
    long = "x" * 250_000
    assert Take(store, MemoryTelemetry()).all(drafts(keys(20), long), BROUGHT) == 20
    assert max(store.sizes) * 250_000 / 2 <= 2_000_000
    assert len(stored(store)) == 20


def test_nothing_is_nothing() -> None:
    store = Counting()
    assert Take(store, MemoryTelemetry()).all([], BROUGHT) == 0
    assert store.sizes == []


class Racing(MemoryStore):
    """Somebody else is always a moment earlier with one of them, and nothing shows it until the last instant."""

    def __init__(self, rival: TouchDraft) -> None:
        super().__init__()
        self.rival, self.raced = rival, False

    def commit(self, change: Change) -> None:
        if not self.raced:
            self.raced = True
            Take(self, MemoryTelemetry())(self.rival, BROUGHT)
        super().commit(change)


def test_who_is_overtaken_by_another_worker_stores_the_rest() -> None:
    store = Racing(drafts(["lead-7"])[0])
    assert Take(store, MemoryTelemetry()).all(drafts(keys(30)), BROUGHT) == 29
    assert len(stored(store)) == 30


def test_words_without_a_touch_do_not_keep_the_neighbours_out() -> None:
    """What nothing explains is settled one by one."""
    store, telemetry = Counting(), MemoryTelemetry()
    take = Take(store, telemetry)
    take.all(drafts(["lead-3"]), BROUGHT)
    [pk] = stored(store)
    del store._rows[pk, "TOUCH"]
    assert take.all(drafts(keys(10)), BROUGHT) == 9
    assert telemetry.total("DuplicateTouches", source="website") == 1


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("at", range(4))
def test_an_outage_anywhere_is_said_and_a_repeat_completes_it(when: str, at: int) -> None:
    store = MemoryStore()
    broken = Breakable(store, "store", Faults(at, when, lambda: Retry(1, "away")))  # type: ignore[arg-type]
    with pytest.raises(Retry):
        Take(broken, MemoryTelemetry()).all(drafts(keys(200)), BROUGHT)  # type: ignore[arg-type]
    Take(store, MemoryTelemetry()).all(drafts(keys(200)), BROUGHT)
    assert len(stored(store)) == 200


@examples(max_examples=60, deadline=None)
@given(batches=st.lists(st.lists(st.integers(0, 140), max_size=130), max_size=4))
def test_whatever_is_brought_however_often_each_is_stored_and_said_once(batches: list[list[int]]) -> None:
    store = Counting()
    take = Take(store, MemoryTelemetry())
    wanted = {f"lead-{number}" for batch in batches for number in batch}
    new = sum(take.all(drafts([f"lead-{number}" for number in batch]), BROUGHT) for batch in batches)
    assert new == len(wanted) == len(stored(store)) == len(store.said)
    touches = [record for pk in stored(store) for record in store.story(pk)]
    assert sum(isinstance(record, TouchRecord) for record in touches) == len(wanted)
    assert sum(isinstance(record, WordsRecord) for record in touches) == len(wanted)
    assert all(store.load(touch_key(pk.removeprefix("TOUCH#"))) for pk in stored(store))
