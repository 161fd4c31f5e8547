"""Hand-over: a rep's open leads go to others in fair turns; the plan says where, and a second run goes on."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from leadrelay.domain.routing.ledger import class_of
from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LogRecord, PoolRecord, RepRecord, pool_key, rep_key
from leadrelay.workflows.handover import Handover
from tests.system import System
from tests.workflows import promises
from tests.workflows.lives import draft
from tests.workflows.test_backlog import SDR, ask, away, back, lead, pooled
from tests.workflows.test_from_crm import from_crm


def work(system: System) -> Handover:
    return Handover(system.store, system.rules, system.clock)


def all_to_anna(leads: int = 4) -> tuple[System, list[str]]:
    """Anna has so many open leads, for the others were away."""
    system = System(pooled())
    away(system, "marek", "ivana")
    ids = [ask(system, number) for number in range(leads)]
    assert {lead(system, each).ownership.rep for each in ids} == {"anna"}
    back(system, "marek")
    back(system, "ivana")
    return system, ids


def loads(system: System) -> dict[str, int]:
    reps = (system.store.load(rep_key(rep)) for rep in SDR)
    return {rep.rep_id: rep.state.open for rep in reps if isinstance(rep, RepRecord)}


def test_a_plan_writes_nothing_and_is_what_then_happens() -> None:
    system, ids = all_to_anna()
    before = system.store.commits
    plan = work(system).plan("anna")
    assert system.store.commits == before
    assert sorted(move.lead_id for move in plan) == sorted(ids)
    assert all(move.calls and move.rule == "hot" and move.pool == "sdr" for move in plan)
    assert work(system)("anna") == Counter(asked=4)
    system.settle()
    assert {move.lead_id: move.rep for move in plan} == {each: lead(system, each).ownership.rep for each in ids}
    assert loads(system)["anna"] == 0
    assert sum(loads(system).values()) == 4
    promises.kept(system)


def test_shares_are_fair_among_those_who_are_left() -> None:
    system, ids = all_to_anna(6)
    work(system)("anna")
    system.settle()
    got = Counter(lead(system, each).ownership.rep for each in ids)
    assert got == {"ivana": 4, "marek": 2}  # two to one, by their weights


def test_every_lead_has_a_reason_a_new_clock_and_its_former_owner() -> None:
    system, ids = all_to_anna(1)
    system.later(minutes=1)
    work(system)("anna")
    asked = lead(system, ids[0])
    assert asked.wanted is not None
    assert (asked.wanted.why, asked.wanted.exclude) == ("handover", ("anna",))
    assert asked.clock("assignment") is not None
    system.settle()
    theirs = lead(system, ids[0])
    assert (theirs.ownership.why, theirs.ownership.previous) == ("handover", ("anna",))
    contact = theirs.clock("first_contact")
    assert contact is not None
    assert contact.started_at == system.clock.now()
    assert class_of(theirs) == "hot"


def test_a_second_run_asks_for_nothing_twice_and_finishes_what_broke_off() -> None:
    system, ids = all_to_anna()
    handover = work(system)
    real, commits = system.store.commit, 0

    def dying(change: object) -> None:
        nonlocal commits
        commits += 1
        if commits == 3:
            raise KeyboardInterrupt
        real(change)

    system.store.commit = dying
    with pytest.raises(KeyboardInterrupt):
        handover("anna")
    system.store.commit = real
    assert handover("anna") == Counter(asked=2, left=2)
    system.settle()
    assert work(system)("anna") == Counter()
    questions = [said.metadata.lead_id for said in system.said if said.name == "OwnerNeeded"]
    assert Counter(questions) == dict.fromkeys(ids, 2)


def test_somebody_who_left_the_team_is_no_hindrance_and_a_fresh_choice_of_theirs_neither() -> None:
    system, ids = all_to_anna(2)
    [person] = [each for each in system.crm.people.values() if each.lead_key == ids[0]]
    system.crm.give(person.crm_id, "70000002")
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, owner="70000002"))
    system.settle()
    assert lead(system, ids[0]).ownership.why == "override"
    rules = system.rules.current()
    reps = tuple(rep for rep in rules.team.reps if rep.id != "marek")
    pools = tuple(
        pool.with_(members=tuple(each for each in pool.members if each.rep != "marek")) for pool in rules.team.pools
    )
    system.rules.deploy(Rules.of(rules.with_(team=rules.team.with_(reps=reps, pools=pools))))
    assert work(system)("marek") == Counter(asked=1)
    system.settle()
    assert lead(system, ids[0]).ownership.rep in ("anna", "ivana")


def test_who_was_called_goes_on_with_what_was_planned() -> None:
    system, ids = all_to_anna(1)
    one = lead(system, ids[0])
    system.later(minutes=1)
    system.tell(draft("call-1", event="call", kind="activity", email="person0@example.com"))
    system.settle()
    called = lead(system, ids[0])
    assert called.next_step is not None
    assert one.clock("first_contact") is not None
    [move] = work(system).plan("anna")
    assert not move.calls
    work(system)("anna")
    system.settle()
    theirs = lead(system, ids[0])
    assert theirs.next_step is not None
    assert (theirs.clock("first_contact"), theirs.next_step.what) == (None, called.next_step.what)
    assert theirs.next_step.who == theirs.ownership.rep != "anna"
    promises.kept(system)


def test_who_was_given_back_as_too_early_gets_somebody_for_the_agreed_day() -> None:
    system, ids = all_to_anna(1)
    [person] = system.crm.people.values()
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, status="nurturing", reason="timing"))
    system.settle()
    resting = lead(system, ids[0])
    assert (resting.disposition, resting.ownership.rep) == ("recycled", "anna")
    work(system)("anna")
    system.settle()
    theirs = lead(system, ids[0])
    assert (theirs.disposition, theirs.clock("first_contact")) == ("recycled", None)
    assert theirs.ownership.rep in ("marek", "ivana")
    assert theirs.next_step is not None
    assert theirs.next_step.who == theirs.ownership.rep
    assert theirs.wakes_at == resting.wakes_at


def test_when_nobody_is_left_they_wait_and_are_taken_up_by_who_comes_back() -> None:
    system, ids = all_to_anna(3)
    away(system, "marek", "ivana")
    assert {move.waits for move in work(system).plan("anna")} == {"backlog"}
    work(system)("anna")
    system.settle()
    assert {lead(system, each).ownership.waits for each in ids} == {"backlog"}
    back(system, "marek")
    system.later(seconds=10)
    assert {lead(system, each).ownership.rep for each in ids} == {"marek"}  # not back to anna, who is there


def test_to_another_pool() -> None:
    system, ids = all_to_anna(2)
    work(system)("anna", "ae")
    system.settle()
    assert {lead(system, each).ownership.pool for each in ids} == {"ae"}
    pool = system.store.load(pool_key("ae"))
    assert isinstance(pool, PoolRecord)
    assert pool.turns.total == 2


@pytest.mark.parametrize(("rep", "pool"), [("nobody", None), ("anna", "nowhere")])
def test_who_nobody_knows_is_refused_with_who_there_is(rep: str, pool: str | None) -> None:
    system, _ = all_to_anna(1)
    with pytest.raises(Reject) as refused:
        work(system).plan(rep, pool)
    assert "anna" in refused.value.detail or "sdr" in refused.value.detail


def test_a_lead_that_others_change_meanwhile_is_asked_for_as_it_is_then() -> None:
    system, ids = all_to_anna(1)
    real, changed = system.store.load_all, []

    def load_all(keys: list[object]) -> object:
        found = real(keys)
        if not changed and any("LEAD#" in str(key) for key in keys):
            changed.append(True)
            system.later(minutes=4)  # the owner is warned
        return found

    system.store.load_all = load_all
    assert work(system)("anna") == Counter(asked=1)
    system.settle()
    assert lead(system, ids[0]).ownership.rep != "anna"
    causes = [row.cause for row in system.store.story(f"LEAD#{ids[0]}") if isinstance(row, LogRecord)]
    assert len([cause for cause in causes if cause.startswith("handover:")]) == 1


def test_a_claim_counts_as_a_turn_however_it_was_made() -> None:
    rules = pooled(strategy="claim")
    system = System(rules)
    one = ask(system, 1)
    assert lead(system, one).ownership.waits == "claim"
    [person] = system.crm.people.values()
    system.crm.give(person.crm_id, "70000002")
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, owner="70000002"))
    system.settle()
    assert lead(system, one).ownership.rep == "marek"
    pool = system.store.load(pool_key("sdr"))
    assert isinstance(pool, PoolRecord)
    assert (pool.turns.total, pool.turns.of("hot").given["marek"]) == (1, 1)


def test_everybody_who_may_claim_is_told_and_nobody_else() -> None:
    system = System(_told_to_all(pooled(strategy="claim")))
    away(system, "ivana")
    one = ask(system, 1)
    [offer] = [message for message in system.notifier.sent if "first" in message.title]
    assert offer.body.startswith("For: Anna (SDR), Marek (SDR)\n")
    system.later(minutes=10)
    assert lead(system, one).ownership.rep in ("anna", "marek")
    assert timedelta(minutes=10) == system.clock.now() - lead(system, one).captured_at


def test_at_night_nothing_is_offered_to_people_who_sleep() -> None:
    """It is whose turn it is, of those who begin first, and they are told."""
    system = System(_told_to_all(pooled(strategy="claim")))
    system.clock.set(system.clock.now() + timedelta(hours=10))
    owner = lead(system, ask(system, 1)).ownership
    assert (owner.rep in SDR, owner.waits, owner.due_at is not None) == (True, None, True)
    assert [message.title.partition(" ")[0] for message in system.notifier.sent] == ["New"]


def _told_to_all(rules: Rules) -> Rules:
    told = tuple(rule.with_(to=("pool",)) if rule.notice == "offered" else rule for rule in rules.notices.rules)
    return Rules.of(rules.with_(notices=rules.notices.with_(rules=told)))


def test_nothing_of_a_lead_is_asked_that_is_not_open() -> None:
    system, ids = all_to_anna(2)
    [person] = [each for each in system.crm.people.values() if each.lead_key == ids[0]]
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, status="unqualified"))
    system.settle()
    assert lead(system, ids[0]).closed
    assert [move.lead_id for move in work(system).plan("anna")] == [ids[1]]
    assert work(system)("anna") == Counter(asked=1, left=1)
