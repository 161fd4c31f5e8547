"""Import under trouble: whatever fails, and wherever it is stopped, nobody is lost and nobody comes twice."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import given, seed, settings
from hypothesis import strategies as st

from leadrelay.cli.crm.drafts import drafts
from leadrelay.cli.crm.importing import Import, Tally
from leadrelay.cli.resuming import PATIENCE, TRIES
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import touch_id
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import OpenDeal, PeoplePage
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import TouchRecord, cursor_key, words_key
from leadrelay.ports.store import Change
from tests.cli.crm_stage import FakeAccount
from tests.system import MONDAY_NOON, default_rules

RULE_SET: Rules = default_rules()


class Stopped(BaseException):
    """Ctrl-C, or the machine went away."""


@dataclass
class Ports:
    """A store and an account whose calls, counted together, go wrong as `faults` say: (what, before or after)."""

    account: FakeAccount
    faults: dict[int, tuple[BaseException, str]] = field(default_factory=dict)
    memory: MemoryStore = field(default_factory=MemoryStore)
    paused: list[float] = field(default_factory=list)
    calls: int = 0

    def people(self, cursor: str | None) -> PeoplePage:
        page: PeoplePage = self._call(lambda: self.account.people(cursor))
        return page

    def commit(self, change: Change) -> None:
        self._call(lambda: self.memory.commit(change))

    def load(self, key: Any) -> Any:
        return self._call(lambda: self.memory.load(key))

    def _call(self, effect: Any) -> Any:
        fault, when = self.faults.pop(self.calls, (None, ""))
        self.calls += 1
        if fault is not None and when == "before":
            raise fault
        result = effect()
        if fault is not None:
            raise fault
        return result

    def importing(self) -> Import:
        ports: Any = self
        return Import("hubspot", ports, ports, RULE_SET, MemoryClock(MONDAY_NOON), self.paused.append)

    def touches(self) -> list[TouchRecord]:
        rows = [self.memory.load(row.key) for row in self.memory.due("touch", MONDAY_NOON.replace(year=2027), 10_000)]
        return [row for row in rows if isinstance(row, TouchRecord)]


def person(number: int, **fields: str) -> Snapshot:
    said = {"email": f"p{number}@example.com", "first_name": "Pat"}
    return Snapshot(str(number), None, None, {**said, **fields})


def _wanted(account: FakeAccount) -> set[str]:
    page = PeoplePage(tuple(account.people_), tuple(account.deals), None)
    return {touch_id("hubspot", draft.key) for draft in drafts(page, "hubspot")}


def _nothing(_: Tally) -> None:
    pass


FAULTS = st.dictionaries(
    st.integers(0, 80),
    st.tuples(
        st.sampled_from([Retry(0, "throttled"), Retry(3, "away"), Retry(600, "day"), Stopped()]),
        st.sampled_from(["before", "after"]),
    ),
    max_size=12,
)


@seed(20261122)
@settings(max_examples=150, deadline=None, derandomize=True)
@given(
    count=st.integers(0, 14),
    page=st.integers(1, 5),
    with_deals=st.sets(st.integers(0, 13)),
    nameless=st.sets(st.integers(0, 13)),
    faults=FAULTS,
    limit=st.none() | st.integers(1, 4),
)
def test_whatever_fails_nobody_is_lost_and_nobody_comes_twice(
    count: int, page: int, with_deals: set[int], nameless: set[int], faults: Any, limit: int | None
) -> None:
    people = [person(n) if n not in nameless else Snapshot(str(n), None, "7", {}) for n in range(count)]
    deals = [OpenDeal(f"d{n}", str(n), 100 * n, "EUR") for n in sorted(with_deals) if n < count]
    account = FakeAccount(people_=people, deals=deals, page=page)
    ports, runs, tally = Ports(account, dict(faults)), 0, Tally()
    while not tally.complete:
        runs += 1
        assert runs <= 2 * len(faults) + count + 2, "it never ends"
        try:
            tally = ports.importing()(_nothing, limit)
        except (Retry, Stopped):
            continue
    stored = Counter(record.touch.touch_id for record in ports.touches())
    assert set(stored) == _wanted(account)
    assert set(stored.values()) <= {1}
    assert all(ports.memory.load(words_key(touch_id_)) is not None for touch_id_ in stored)
    kept = ports.memory.load(cursor_key("import:hubspot"))
    assert kept is not None
    assert (kept.cursor, kept.due_at) == (None, None)


def test_a_run_goes_on_where_the_last_one_stopped() -> None:
    ports = Ports(FakeAccount(people_=[person(n) for n in range(6)]))
    told: list[Tally] = []

    def stop_in_the_second_page(tally: Tally) -> None:
        told.append(tally)
        if tally.new == 3:
            raise Stopped

    with pytest.raises(Stopped):
        ports.importing()(stop_in_the_second_page)
    assert ports.importing().begun()
    ports.account.asked.clear()
    tally = ports.importing()(_nothing)
    assert ports.account.asked == ["people 2", "people 4"]
    assert (tally.pages, tally.new, tally.known, tally.complete) == (2, 3, 1, True)
    assert told[-1].people == 3
    assert not ports.importing().begun()


def test_a_throttled_page_is_asked_for_again_and_never_too_early() -> None:
    ports = Ports(FakeAccount(people_=[person(1)], trouble=[Retry(0, "a"), Retry(9, "b"), Retry(0, "c")]))
    tally = ports.importing()(_nothing)
    assert (tally.pages, tally.new) == (1, 1)
    assert len(ports.paused) == 3
    assert ports.paused[1] >= 9
    assert ports.paused[0] < ports.paused[2], "each time a longer pause"


def test_patience_ends() -> None:
    ports = Ports(FakeAccount(people_=[person(1)], trouble=[Retry(1, "away")] * TRIES))
    with pytest.raises(Retry):
        ports.importing()(_nothing)
    assert len(ports.account.asked) == TRIES
    assert len(ports.paused) == TRIES - 1


def test_a_long_pause_is_for_the_person_to_take() -> None:
    ports = Ports(FakeAccount(people_=[person(1)], trouble=[Retry(PATIENCE + 1, "the day's calls are used up", "day")]))
    with pytest.raises(Retry):
        ports.importing()(_nothing)
    assert ports.paused == []


def test_what_is_refused_is_not_asked_again() -> None:
    ports = Ports(FakeAccount(people_=[person(1)], trouble=[Reject("VALIDATION", "the cursor is too old")]))
    with pytest.raises(Reject):
        ports.importing()(_nothing)
    assert len(ports.account.asked) == 1


def test_a_second_import_takes_only_what_has_changed() -> None:
    account = FakeAccount(people_=[person(1), person(2)], deals=[OpenDeal("d1", "1", 500, "EUR")])
    ports = Ports(account)
    ports.importing()(_nothing)
    account.people_ = [person(1, score="40"), person(2, phone="+48600000002")]
    account.deals = [OpenDeal("d1", "1", 900, "EUR")]
    tally = ports.importing()(_nothing)
    assert (tally.new, tally.known, tally.deals) == (1, 1, 1), "our own score is no news"
    assert len(ports.touches()) == 5


def test_beginning_anew() -> None:
    ports = Ports(FakeAccount(people_=[person(n) for n in range(5)]))
    ports.importing()(_nothing, 3)
    assert ports.importing().begun()
    ports.importing().restart()
    assert not ports.importing().begun()
    ports.account.asked.clear()
    assert ports.importing()(_nothing).complete
    assert ports.account.asked[0] == "people None"


def test_a_limit_smaller_than_a_page_still_gets_to_the_end() -> None:
    ports = Ports(FakeAccount(people_=[person(n) for n in range(7)], page=5))
    seen = [ports.importing()(_nothing, 2).new for _ in range(5)]
    assert seen == [2, 2, 2, 1, 0]
    assert len(ports.touches()) == 7


def test_the_last_of_a_few_comes_with_their_deals() -> None:
    deals = [OpenDeal("d1", "1"), OpenDeal("d2", "2")]
    ports = Ports(FakeAccount(people_=[person(1), person(2)], deals=deals))
    tally = ports.importing()(_nothing, 1)
    assert (tally.new, tally.deals, tally.complete) == (1, 1, False)


def test_two_imports_at_once_do_not_hide_pages_from_each_other() -> None:
    ports = Ports(FakeAccount(people_=[person(n) for n in range(4)]))
    other = Ports(ports.account, memory=ports.memory)

    def meanwhile(tally: Tally) -> None:
        if tally.new == 1:
            other.importing()(_nothing)

    with pytest.raises(Conflict):
        ports.importing()(meanwhile)
    assert len(ports.touches()) == 4


def test_the_rules_own_source_reads_its_words() -> None:
    website = RULE_SET.sources.sources["website"]
    own = {"website": website, "crm": website.with_(vendor="hubspot", country="DE")}
    rules = RULE_SET.with_(sources=RULE_SET.sources.with_(sources=own))
    ports = Ports(FakeAccount(people_=[person(1)]))
    Import("hubspot", ports.account, ports.memory, rules, MemoryClock(MONDAY_NOON), ports.paused.append)(_nothing)
    (record,) = ports.touches()
    assert (record.touch.source, record.touch.vendor, record.touch.trust) == ("crm", "hubspot", "verified")
