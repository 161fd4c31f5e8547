"""Waiting: who is worth waiting for, what is owed to who waits, and that the line has an end for everybody."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.clocks.starting import asked_again
from leadrelay.domain.decide import hear, judge, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.handing.claim import claimed
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.lead import Lead
from leadrelay.domain.merging import owed
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.choose import Choice, choose
from leadrelay.domain.routing.facts import LeadAssigned, LeadWaits
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.waiting import PASSING, may_wait, reason
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import ContactAttempted
from tests.domain.people import NOW, looked, told, touch, words
from tests.domain.people import heard as understood
from tests.system import default_rules

SDR = ("anna", "marek", "ivana")
GONE = RepState(absences=(Absence(start=NOW - timedelta(hours=1)),))
AWAY = Staffing(reps=dict.fromkeys(SDR, GONE))
RULES = default_rules()


def claiming() -> Rules:
    pools = tuple(pool.with_(strategy="claim") if pool.id == "sdr" else pool for pool in RULES.team.pools)
    return Rules.of(RULES.with_(team=RULES.team.with_(pools=pools)))


def asked(rules: Rules = RULES) -> Decision:
    return told(words(email="ada@example.com"), rules=rules)


def later(decision: Decision, minutes: float) -> Decision:
    return Decision(decision.lead, decision.profile, decision.rules, decision.at + timedelta(minutes=minutes))


def routed(decision: Decision, staffing: Staffing = AWAY) -> Choice:
    choice = choose(decision.lead, decision.profile, staffing, decision.rules, decision.at)
    assign(choice, decision)
    return choice


def waiting() -> Decision:
    decision = asked()
    routed(decision)
    assert decision.lead.waits
    return decision


def owned() -> Decision:
    decision = asked()
    routed(decision, Staffing())
    return decision


@pytest.mark.parametrize("failed", ["inactive", "skill", "language", "recent_owner"])
def test_what_time_does_not_mend_is_not_waited_for(failed: str) -> None:
    pool = RULES.team.pool("sdr")
    lead = Lead(lead_id="1")
    assert not may_wait(lead, pool, [Candidate(rep="anna", failed=failed)], NOW)
    assert may_wait(lead, pool, [Candidate(rep="anna", failed=failed), Candidate(rep="marek", failed="away")], NOW)


def test_every_passing_failure_is_waited_for() -> None:
    pool, lead = RULES.team.pool("sdr"), Lead(lead_id="1")
    assert all(may_wait(lead, pool, [Candidate(rep="anna", failed=failed)], NOW) for failed in PASSING)


def test_who_waits_on_keeps_the_place_the_clock_and_the_reason() -> None:
    decision = waiting()
    first = decision.lead
    again = later(decision, 480)
    tick(again)  # told to the manager on the way, or not: the end is the same
    assert again.lead.wanted is not None
    assert again.lead.wanted.why == "waiting"
    short = later(decision, 60)
    tick(short)
    short.say(*_question(short))
    routed(short)
    lead = short.lead
    assert (lead.ownership.since, lead.ownership.hop, lead.ownership.why) == (first.ownership.since, 2, "new")
    clock, before = lead.clock("backlog"), first.clock("backlog")
    assert clock is not None
    assert before is not None
    assert (clock.started_at, clock.due_at, clock.warn_at) == (before.started_at, before.due_at, None)
    assert reason(lead) == "new"


def _question(decision: Decision) -> tuple[Fact, ...]:
    return asked_again(decision.lead, decision.rules, decision.at)


@given(st.lists(st.integers(1, 200), max_size=12))
def test_however_often_it_is_asked_for_the_manager_has_it_in_the_end(steps: list[int]) -> None:
    decision = waiting()
    begun = decision.at
    for minutes in [*steps, 480]:
        decision = later(decision, minutes)
        tick(decision)
        if decision.lead.wanted is None and decision.lead.waits:
            decision.say(*_question(decision))
        if decision.lead.wanted is not None:
            routed(decision)
        waited = decision.at - begun
        assert decision.lead.waits == (waited < timedelta(minutes=480))
        if not decision.lead.waits:
            break
    assert decision.lead.ownership.rep == "nina"


def test_after_a_breach_who_lost_it_is_not_asked_from_the_line() -> None:
    decision = later(owned(), 16 * 60)
    tick(decision)
    looked(decision)
    loser = decision.lead.ownership.rep
    assert decision.lead.wanted is not None
    others = Staffing(reps={rep: GONE for rep in SDR if rep != loser})
    routed(decision, others)
    assert decision.lead.waits
    assert decision.lead.ownership.why == "breach"
    decision.say(*_question(decision))
    assert decision.lead.wanted is not None
    assert decision.lead.wanted.exclude == (loser,)
    choice = routed(decision, Staffing())
    assert choice.rep in {*SDR} - {loser}


def test_a_handed_over_lead_that_waits_is_owed_nothing_new_unless_they_ask_again() -> None:
    decision = owned()
    decision.say(ContactAttempted(channel="call", made_at=NOW))
    decision.lead = decision.lead.with_(clocks=())
    assert handed_on(decision, "handover")
    routed(decision)
    assert (decision.lead.waits, decision.lead.ownership.owed) == (True, False)
    quiet = later(decision, 5)
    quiet.say(*_question(quiet))
    routed(quiet, Staffing())
    assert quiet.lead.clock("first_contact") is None
    loud = later(decision, 5)
    hear(understood(words(email="ada@example.com"), touch(2, at=loud.at)), loud)
    loud.say(*_question(loud))
    routed(loud, Staffing())
    assert loud.lead.clock("first_contact") is not None


def test_who_becomes_another_lead_while_waiting_is_owed_by_its_owner() -> None:
    assert owed(waiting().lead)
    called = waiting()
    called.say(ContactAttempted(channel="call", made_at=called.at + timedelta(minutes=1)))
    assert not owed(called.lead)


def test_a_line_of_a_closed_lead_is_asked_for_again_when_it_is_open() -> None:
    decision = waiting()
    decision.lead = decision.lead.with_(clocks=())
    judge(decision)
    assert decision.lead.wanted is not None
    assert decision.lead.wanted.why == "waiting"


def test_a_claim_is_open_to_all_then_somebodys_turn_and_never_again_open() -> None:
    decision = asked(claiming())
    assert routed(decision, Staffing()).waits == "claim"
    clock = decision.lead.clock("backlog")
    assert clock is not None
    assert (clock.due_at - clock.started_at, clock.warn_at) == (timedelta(minutes=10), None)
    assert [fact.notice for fact in decision.facts if fact.name() == "NoticeNeeded"] == ["offered"]  # type: ignore[attr-defined]
    over = later(decision, 10)
    tick(over)
    choice = routed(over, Staffing())
    assert choice.rep in SDR
    assert choice.turns
    nobody = later(decision, 10)
    tick(nobody)
    assert routed(nobody).waits == "backlog"
    freed = later(nobody, 5)
    freed.say(*_question(freed))
    assert routed(freed, Staffing()).rep in SDR


def test_the_first_who_accepts_has_it_and_the_second_has_not() -> None:
    decision = asked(claiming())
    routed(decision, Staffing())
    assert claimed("marek", decision)
    owner = decision.lead.ownership
    assert (owner.rep, owner.why, owner.waits, owner.pool) == ("marek", "claimed", None, "sdr")
    assert decision.lead.clock("first_contact") is not None
    assert decision.lead.clock("backlog") is None
    assert not claimed("anna", decision)
    assert decision.lead.ownership.rep == "marek"


@pytest.mark.parametrize("rep", ["tomasz", "nobody"])
def test_only_who_is_of_the_pool_may_claim(rep: str) -> None:
    decision = asked(claiming())
    routed(decision, Staffing())
    assert not claimed(rep, decision)
    assert not any(isinstance(fact, LeadAssigned) for fact in decision.facts)


def test_what_is_not_theirs_to_give_is_not_handed_on() -> None:
    decision = waiting()
    assert not handed_on(decision, "handover")
    taken = owned()
    assert handed_on(taken, "passed")
    assert not handed_on(taken, "passed")
    assert taken.lead.wanted is not None
    assert taken.lead.wanted.exclude == (taken.lead.ownership.rep,)


def test_a_lead_is_handed_over_into_the_pool_that_a_person_names_and_waits_there() -> None:
    decision = owned()
    assert handed_on(decision, "handover", "ae")
    ae = {each.rep: GONE for each in RULES.team.pool("ae").members}
    assert routed(decision, Staffing(reps=ae)).pool == "ae"
    assert (decision.lead.ownership.pool, decision.lead.ownership.waits) == ("ae", "backlog")
    judge(decision)
    assert decision.lead.wanted is None  # where a person wanted it
    decision.say(*_question(decision))
    assert routed(decision, Staffing()).pool == "ae"


def test_a_fresh_choice_of_a_person_does_not_keep_leads_with_who_left() -> None:
    decision = owned()
    owner = decision.lead.ownership.with_(why="override", since=NOW)
    decision.lead = decision.lead.with_(ownership=owner)
    assert handed_on(decision, "handover")
    assert routed(decision, Staffing()).rep != owner.rep


def test_what_an_earlier_release_kept_is_read() -> None:
    assert Ownership.model_validate({"rep": "anna", "hop": 3}).owed
    waits = LeadWaits.model_validate({"hop": 1, "why": "new", "rule": "hot", "pool": "sdr", "waits": "backlog"})
    assert waits.owed


def test_a_pool_that_is_asked_after_another_is_as_good_a_place_to_wait_and_to_be() -> None:
    pools = tuple(pool.with_(follow_the_sun="ae") if pool.id == "sdr" else pool for pool in claiming().team.pools)
    hot = tuple(rule.with_(hand_off=rule.id == "hot") for rule in RULES.routing.rules)
    rules = Rules.of(
        RULES.with_(team=RULES.team.with_(pools=pools), routing=RULES.routing.with_(rules=hot))
    )  # in `sdr`, or in `ae` where nobody of `sdr` is there
    there = asked(rules)
    assert routed(there).pool == "ae"
    judge(there)
    assert there.lead.wanted is None
    both = tuple(pool.with_(strategy="claim") for pool in pools)
    waits = asked(Rules.of(rules.with_(team=rules.team.with_(pools=both))))
    assert (routed(waits).pool, waits.lead.ownership.waits) == ("ae", "claim")
    judge(waits)
    assert waits.lead.wanted is None
