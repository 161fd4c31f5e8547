"""Route: a batch in one transaction, each question answered once, one lead's trouble nobody else's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import LeadRecord, LogRecord, PoolRecord, RepRecord, lead_key, pool_key, rep_key
from leadrelay.ports.store import CHANGE_PARTS, RECORD_BYTES, Change, Key, Put
from leadrelay.workflows.route import ROUNDS, TOGETHER, Asked, Route
from tests.domain.people import NOW
from tests.system import default_rules
from tests.workflows.racing import POOL, Race, enter, misses, question


class Watched(MemoryStore):
    """A store that remembers its changes, and lets somebody else in just before one."""

    def __init__(self) -> None:
        super().__init__()
        self.changes: list[Change] = []
        self.meanwhile: list[Change] = []
        self.unreadable: set[str] = set()

    def load(self, key: Key[Any]) -> Any:
        if key.pk in self.unreadable:
            raise Reject("unreadable_record", key.pk)
        return super().load(key)

    def commit(self, change: Change) -> None:
        if self.meanwhile and change.logs():
            super().commit(self.meanwhile.pop(0))
        super().commit(change)
        self.changes.append(change)


def ask(store: Watched, leads: int, rules: Rules | None = None) -> list[Asked]:
    asked = enter(store, leads)[:leads]
    store.changes.clear()
    version = (rules or default_rules()).version
    return [(fact, metadata.with_(rules_version=version)) for fact, metadata in asked]


def route(store: MemoryStore, rules: Rules | None = None) -> Route:
    return Route(store, MemoryRules(rules or default_rules()), MemoryClock(NOW), MemoryTelemetry())


def owners(store: MemoryStore, asked: Sequence[Asked]) -> list[str | None]:
    records = store.load_all([lead_key(metadata.lead_id or "") for _, metadata in asked])
    return [record.lead.ownership.rep for record in records if record is not None]


def test_a_batch_is_one_transaction_with_one_write_of_the_pool_and_of_each_rep() -> None:
    store = Watched()
    asked = ask(store, TOGETHER)
    assert route(store)(asked) == {}
    [change] = store.changes
    kinds = [put.record.kind for put in change.puts]
    assert (kinds.count("pool"), kinds.count("lead"), kinds.count("log")) == (1, TOGETHER, TOGETHER)
    assert kinds.count("rep") == len(set(owners(store, asked))) == 3
    assert len(kinds) <= CHANGE_PARTS - 2 * TOGETHER
    causes = {put.record.cause for put in change.puts if isinstance(put.record, LogRecord)}
    assert causes == {metadata.fact_id for _, metadata in asked}
    assert misses(store, asked, default_rules()) == []


def test_more_than_fit_are_several_transactions() -> None:
    store = Watched()
    asked = ask(store, 2 * TOGETHER + 3)
    assert route(store)(asked) == {}
    assert len(store.changes) == 3
    assert misses(store, asked, default_rules()) == []


def test_who_has_waited_longest_is_given_out_first() -> None:
    store = Watched()
    asked = ask(store, 3)
    route(store)(asked)
    [change] = store.changes
    leads = [put.record.lead for put in change.puts if isinstance(put.record, LeadRecord)]
    assert [lead.captured_at for lead in leads] == sorted(lead.captured_at for lead in leads)
    assert leads[0].lead_id == asked[-1][1].lead_id


def test_a_question_that_comes_again_is_answered_once() -> None:
    store = Watched()
    asked = ask(store, 2)
    assert route(store)([*asked, *asked]) == {}
    assert route(store)(asked) == {}
    assert len(store.changes) == 1
    assert misses(store, asked, default_rules()) == []


def test_a_question_of_another_hop_and_of_an_unknown_lead_is_let_go() -> None:
    store = Watched()
    [asked] = ask(store, 1)
    version = default_rules().version
    stale = [question(asked[1].lead_id or "", hop=1, rules_version=version), question("nobody", rules_version=version)]
    assert route(store)(stale) == {}
    assert (store.changes, owners(store, [asked])) == ([], [None])


def test_a_lead_that_moved_on_meanwhile_is_left_out_and_the_others_lose_nothing() -> None:
    store = Watched()
    asked = ask(store, 4)
    gone = store.load(lead_key(asked[1][1].lead_id or ""))
    assert gone is not None
    answered = gone.with_(version=2, lead=gone.lead.with_(wanted=None))
    store.meanwhile.append(Change("somebody else", (Put(answered),)))
    assert route(store)(asked) == {}
    assert owners(store, [asked[1]]) == [None]
    others = [each for each in asked if each is not asked[1]]
    assert misses(store, others, default_rules()) == [
        miss for miss in misses(store, others, default_rules()) if "instead" in miss
    ]
    assert sum((store.load(pool_key(POOL)) or PoolRecord(pool_id=POOL)).turns.given.values()) == 3


def test_a_lead_that_changes_and_still_asks_is_given_out_all_the_same() -> None:
    store = Watched()
    asked = ask(store, 3)
    known = store.load(lead_key(asked[0][1].lead_id or ""))
    assert known is not None
    store.meanwhile.append(Change("a touch", (Put(known.with_(version=2)),)))
    assert route(store)(asked) == {}
    assert None not in owners(store, asked)
    assert len(store.changes) == 2, "it goes alone, the others together"


@pytest.mark.parametrize("moved", [PoolRecord(pool_id=POOL, version=1), RepRecord(rep_id="anna", version=1)])
def test_a_pool_or_rep_that_others_change_is_read_again(moved: PoolRecord | RepRecord) -> None:
    store = Watched()
    asked = ask(store, 5)
    store.meanwhile.append(Change("another router", (Put(moved),)))
    assert route(store)(asked) == {}
    assert misses(store, asked, default_rules()) == []


def test_what_others_change_for_ever_comes_back_and_is_nobodys_fault() -> None:
    class Busy(MemoryStore):
        def commit(self, change: Change) -> None:
            if change.logs():
                raise Conflict(str(pool_key(POOL)))
            super().commit(change)

    store = Busy()
    asked = [(fact, metadata.with_(rules_version=default_rules().version)) for fact, metadata in enter(store, 2)]
    work = route(store)
    failed = work(asked)
    assert sorted(failed) == [0, 1, 2, 3], "both copies of each question"
    assert all(isinstance(error, Retry) for error in failed.values())
    assert isinstance(work.telemetry, MemoryTelemetry)
    assert work.telemetry.total("Conflicts") == ROUNDS


def test_one_lead_that_cannot_be_understood_hurts_only_itself() -> None:
    store = Watched()
    asked = ask(store, 4)
    store.unreadable.add(f"LEAD#{asked[2][1].lead_id}")
    failed = route(store)(asked)
    assert [(number, type(error)) for number, error in failed.items()] == [(2, Reject)]
    store.unreadable.clear()
    assert [number for number, owner in enumerate(owners(store, asked)) if owner is None] == [2]


def test_one_lead_that_is_refused_hurts_only_itself() -> None:
    store = Watched()
    asked = ask(store, 4)
    big = store.load(lead_key(asked[3][1].lead_id or ""))
    assert big is not None
    page = "p" * (RECORD_BYTES - len(big.model_dump_json()) - 100)
    store.commit(Change("long", (Put(big.with_(version=2, lead=big.lead.with_(pages=(page,)))),)))
    store.changes.clear()
    failed = route(store)(asked)
    assert [(number, type(error)) for number, error in failed.items()] == [(3, Reject)]
    assert [number for number, owner in enumerate(owners(store, asked)) if owner is None] == [3]


def test_facts_of_other_rules_go_in_another_transaction() -> None:
    store = Watched()
    rules = default_rules()
    other = Rules.of(rules.with_(routing=rules.routing.with_(max_hops=4)))
    asked = ask(store, 4)
    mixed = [*asked[:2], *((fact, metadata.with_(rules_version=other.version)) for fact, metadata in asked[2:])]
    work = route(store, other)
    assert isinstance(work.rules, MemoryRules)
    work.rules.deploy(rules)
    assert work(mixed) == {}
    assert len(store.changes) == 2
    logs = [
        {put.record.rules_version for put in each.puts if isinstance(put.record, LogRecord)} for each in store.changes
    ]
    assert sorted(map(len, logs)) == [1, 1]
    assert misses(store, asked, rules) == []


def test_a_cap_holds_within_one_batch() -> None:
    store, rules = Watched(), default_rules()
    reps = tuple(rep.with_(cap=2) if rep.id == "anna" else rep for rep in rules.team.reps)
    capped = Rules.of(rules.with_(team=rules.team.with_(reps=reps)))
    asked = ask(store, TOGETHER, capped)
    assert route(store, capped)(asked) == {}
    assert owners(store, asked).count("anna") == 2
    assert (store.load(rep_key("anna")) or RepRecord(rep_id="anna")).state.open == 2


def test_eight_routers_at_once_give_out_every_lead_once_and_skip_no_turn() -> None:
    race = Race(MemoryStore(), default_rules(), writers=8)
    asked = enter(race.store, 60)
    race.run(asked)
    assert (race.broken, misses(race.store, asked, race.rules)) == ([], [])
