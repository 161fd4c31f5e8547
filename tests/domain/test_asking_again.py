"""Who has an owner and asks again: the owner answers where they are there, else whoever would be sooner."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.answering import hindrance
from leadrelay.domain.clocks.facts import ClockStarted, SlaMet
from leadrelay.domain.clocks.starting import asked_again
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.handing.request import answer_again
from leadrelay.domain.lead import fold
from leadrelay.domain.link import Link
from leadrelay.domain.routing.choose import Choice, choose
from leadrelay.domain.routing.facts import LeadAssigned, OwnerKept, OwnerNeeded, OwnerOverridden
from leadrelay.domain.routing.rep_state import Absence, Allowance, RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import ContactAttempted
from tests.domain.people import NOW, heard, told, touch, words
from tests.system import default_rules

SDR = ("anna", "marek", "ivana")
THERE = RepState()
AWAY = RepState(absences=(Absence(start=NOW),))
RULES = default_rules()
SATURDAY = NOW + timedelta(days=5)


def served(rules: Rules = RULES, owner: str = "anna") -> Decision:
    """A lead that `owner` has called: nothing is owed."""
    decision = told(words(email="ada@example.com", employees="30"), rules=rules)
    others = {rep: AWAY for rep in SDR if rep != owner}
    assign(choose(decision.lead, decision.profile, Staffing(reps=others), rules, NOW), decision)
    met = decision.lead.clock("first_contact")
    assert met is not None
    assert decision.lead.ownership.rep == owner
    at = NOW + timedelta(minutes=1)
    done = SlaMet(kind=met.kind, hop=met.hop, policy=met.policy, in_time=True, owner_seconds=60, lead_seconds=60)
    decision.say(ContactAttempted(channel="call", made_at=at), done)
    decision.facts = []
    return decision


def asks(decision: Decision, at: datetime, state: RepState = THERE) -> Decision:
    """They ask again at `at`, when this is known of the owner's absences."""
    again = Decision(decision.lead, decision.profile, decision.rules, at)
    hear(heard(words(email="ada@example.com"), touch(2, at=at), decision.rules), again, owner=state.presence(at))
    return again


def routed(decision: Decision, staffing: Staffing, at: datetime | None = None) -> Choice:
    """What `route` does with the question."""
    decision.at = at or decision.at
    choice = choose(decision.lead, decision.profile, staffing, decision.rules, decision.at)
    assign(choice, decision)
    return choice


def said(decision: Decision, *kinds: type) -> list[object]:
    return [fact for fact in decision.facts if isinstance(fact, kinds)]


def test_an_owner_who_is_there_answers_at_once() -> None:
    again = asks(served(), NOW + timedelta(hours=1))
    assert again.lead.wanted is None
    clock = again.lead.clock("first_contact")
    assert clock is not None
    assert (clock.hop, clock.started_at) == (1, NOW + timedelta(hours=1))
    assert again.lead.next_step is not None
    assert again.lead.next_step.what == "Answer the new request"


def test_an_owner_who_is_away_does_not_keep_them_waiting() -> None:
    again = asks(served(), NOW + timedelta(hours=1), AWAY)
    assert again.lead.clock("first_contact") is None
    assert again.lead.wanted is not None
    assert (again.lead.wanted.why, again.lead.wanted.exclude) == ("again", ())
    assert again.lead.clock("assignment") is not None
    choice = routed(again, Staffing(reps={"anna": AWAY}))
    owner, clock = again.lead.ownership, again.lead.clock("first_contact")
    assert choice.rep in ("marek", "ivana")
    assert choice.turns, "whoever gets it had a turn"
    assert (owner.rep, owner.why, owner.hop, owner.previous[-1]) == (choice.rep, "again", 2, "anna")
    assert clock is not None
    assert clock.due_at == again.at + timedelta(minutes=5)
    assert choice.skipped["anna"].test == "away"


def test_an_absence_that_ends_before_the_call_is_due_is_none() -> None:
    at = NOW + timedelta(hours=1)
    soon = RepState(absences=(Absence(start=NOW, until=at + timedelta(minutes=4)),))
    assert asks(served(), at, soon).lead.wanted is None
    late = RepState(absences=(Absence(start=NOW, until=at + timedelta(minutes=6)),))
    assert asks(served(), at, late).lead.wanted is not None


def test_an_owner_who_left_the_team_answers_nothing() -> None:
    reps = tuple(rep.with_(active=rep.id != "anna") for rep in RULES.team.reps)
    gone = Rules.of(RULES.with_(team=RULES.team.with_(reps=reps)))
    decision = served()
    decision.rules = gone
    again = asks(decision, NOW + timedelta(hours=1))
    assert again.lead.wanted is not None
    assert routed(again, Staffing()).rep in ("marek", "ivana")


def test_outside_everybodys_hours_the_lead_stays_with_who_knows_it() -> None:
    again = asks(served(), SATURDAY)
    assert again.lead.wanted is not None
    choice = routed(again, Staffing())
    assert (choice.rep, choice.turns, choice.reps) == ("anna", {}, {})
    assert said(again, LeadAssigned) == []
    assert said(again, OwnerKept) == [OwnerKept(rep="anna", hop=1)]
    clock, owner = again.lead.clock("first_contact"), again.lead.ownership
    assert (owner.rep, owner.hop, owner.previous) == ("anna", 1, ())
    assert clock is not None
    assert clock.due_at == datetime.fromisoformat("2026-11-30T09:05+01:00")
    assert again.lead.clock("assignment") is None
    assert [notice.notice for notice in again.facts if hasattr(notice, "notice")] == ["new_request"]


def test_a_pool_that_holds_at_night_does_not_take_the_lead_from_its_owner() -> None:
    pools = tuple(pool.with_(outside_hours="hold") if pool.id == "sdr" else pool for pool in RULES.team.pools)
    rules = Rules.of(RULES.with_(team=RULES.team.with_(pools=pools)))
    again = asks(served(rules), SATURDAY)
    assert routed(again, Staffing()).waits is None
    assert again.lead.ownership.rep == "anna"


def test_who_is_sooner_has_it() -> None:
    """Belgrade works on Saturdays in this team."""
    belgrade = RULES.calendars.calendars["belgrade"]
    open_on_saturday = belgrade.model_copy(update={"week": {**belgrade.week, "sat": (("09:00", "17:00"),)}})
    calendars = RULES.calendars.with_(calendars={**RULES.calendars.calendars, "belgrade": open_on_saturday})
    rules = Rules.of(RULES.with_(calendars=calendars))
    again = asks(served(rules), SATURDAY)
    assert routed(again, Staffing()).rep == "ivana"
    sunday = asks(served(rules), SATURDAY + timedelta(days=1))
    assert routed(sunday, Staffing()).rep == "anna", "nobody is sooner"


def test_a_manager_who_has_it_keeps_it_when_the_pool_would_be_no_sooner() -> None:
    """They are no member, so nobody's turn is theirs; and the turn of who is not there either is saved."""
    decision = served()
    decision.lead = decision.lead.with_(ownership=decision.lead.ownership.with_(rep="nina"))
    again = asks(decision, SATURDAY)
    choice = routed(again, Staffing())
    assert (choice.rep, choice.turns, choice.reps) == ("nina", {}, {})


def test_while_it_is_asked_the_owner_may_come_back() -> None:
    again = asks(served(), NOW + timedelta(hours=1), AWAY)
    choice = routed(again, Staffing())
    assert (choice.rep, choice.turns, choice.reps) == ("anna", {}, {})
    assert again.lead.ownership.hop == 1
    assert again.lead.clock("first_contact") is not None


def test_what_an_owner_has_already_counts_against_no_limit_of_theirs() -> None:
    full = RepState(open=99, allowance=Allowance(left=0, at=NOW))
    reps = tuple(rep.with_(cap=1, monthly=1) if rep.id == "anna" else rep for rep in RULES.team.reps)
    rules = Rules.of(RULES.with_(team=RULES.team.with_(reps=reps)))
    decision = served()
    decision.rules = rules
    at = NOW + timedelta(hours=1)
    assert asks(decision, at, full).lead.wanted is None
    again = asks(decision, at, AWAY)
    assert routed(again, Staffing(reps={"anna": full})).rep == "anna"


def test_a_persons_fresh_choice_stands() -> None:
    decision = served()
    at = NOW + timedelta(hours=1)
    decision.at = at
    decision.say(OwnerOverridden(rep="anna", crm_owner="70000001", hop=2))
    assert asks(decision, at, AWAY).lead.wanted is None
    later = at + RULES.routing.override + timedelta(hours=1)
    assert asks(decision, later, RepState(absences=(Absence(start=NOW),))).lead.wanted is not None


def test_when_nobody_can_take_it_the_lead_waits_and_the_owner_is_asked_first_again() -> None:
    everybody = Staffing(reps=dict.fromkeys(SDR, AWAY))
    again = asks(served(), NOW + timedelta(hours=1), AWAY)
    assert routed(again, everybody).waits == "backlog"
    assert (again.lead.ownership.rep, again.lead.ownership.why, again.lead.ownership.owed) == (None, "again", True)
    back = Decision(again.lead, again.profile, again.rules, again.at + timedelta(minutes=10))
    back.say(*asked_again(back.lead, back.rules, back.at))
    choice = routed(back, Staffing(reps=dict.fromkeys(("marek",), AWAY)))
    assert (choice.rep, dict(choice.asked_first)) == ("anna", {"anna": "owner"})


def test_a_call_while_it_is_asked_is_the_answer() -> None:
    again = asks(served(), NOW + timedelta(hours=1), AWAY)
    again.say(ContactAttempted(channel="call", made_at=again.at + timedelta(seconds=5)))
    choice = routed(again, Staffing(reps={"anna": AWAY}), again.at + timedelta(seconds=9))
    assert choice.rep == "anna"
    assert again.lead.wanted is None
    assert again.lead.clock("first_contact") is None
    assert again.lead.next_step is not None
    assert again.lead.next_step.what == "Follow up"
    assert again.lead.clock("next_step") is not None


def test_a_question_that_is_asked_again_forgets_no_call() -> None:
    again = asks(served(), NOW + timedelta(hours=1), AWAY)
    called = again.at + timedelta(seconds=5)
    again.say(ContactAttempted(channel="call", made_at=called))
    swept = Decision(again.lead, again.profile, again.rules, again.at + timedelta(minutes=2))
    tick(swept)
    assert [fact.why for fact in swept.facts if isinstance(fact, OwnerNeeded)] == ["again"]
    assert swept.lead.wanted is not None
    assert swept.lead.wanted.since == again.at
    assert routed(swept, Staffing(reps={"anna": AWAY})).rep == "anna"


def test_a_promise_that_runs_stands_whoever_is_away() -> None:
    waiting = asks(served(), NOW + timedelta(hours=1))
    again = asks(waiting, NOW + timedelta(hours=1, minutes=2), AWAY)
    assert again.lead.wanted is None
    assert again.lead.clock("first_contact") == waiting.lead.clock("first_contact")


@pytest.mark.parametrize("kept", [True, False])
def test_links_of_the_former_hop_work_for_who_keeps_the_lead_and_for_nobody_else(kept: bool) -> None:
    decision = served()
    link = Link(lead_id=decision.lead.lead_id, rep="anna", hop=1, action="accept", expires_at=NOW + timedelta(days=7))
    assert hindrance(link, decision.lead, RULES.team, NOW) is None
    again = asks(decision, NOW + timedelta(hours=1), AWAY)
    assert hindrance(link, again.lead, RULES.team, again.at) == "late"
    routed(again, Staffing(reps={} if kept else {"anna": AWAY}))
    assert hindrance(link, again.lead, RULES.team, again.at) == (None if kept else "moved")


def test_where_no_pool_could_answer_the_owner_does() -> None:
    decision = served()
    decision.lead = decision.lead.with_(ownership=decision.lead.ownership.with_(pool=None))
    assert asks(decision, SATURDAY, AWAY).lead.clock("first_contact") is not None


def test_nobody_is_asked_for_a_lead_that_is_shown_to_nobody() -> None:
    decision = served()
    decision.lead = decision.lead.with_(standing="shadow")
    again = Decision(decision.lead, decision.profile, RULES, SATURDAY)
    answer_again(again, AWAY)
    assert again.facts == []


@given(
    hours=st.integers(1, 24 * 14),
    away=st.sets(st.sampled_from(SDR)),
    full=st.sets(st.sampled_from(SDR)),
    known_away=st.booleans(),
)
def test_whoever_asks_again_is_owed_an_answer_by_somebody(
    hours: int, away: set[str], full: set[str], known_away: bool
) -> None:
    """After the question is answered exactly one thing holds: an owner with a running clock, or a place in the line;
    and nobody has it who would call later than the former owner would have."""
    at = NOW + timedelta(hours=hours)
    gone = RepState(absences=(Absence(start=at - timedelta(hours=1)),))
    states = {rep: replace_open(gone if rep in away else RepState(), 9 if rep in full else 0) for rep in SDR}
    reps = tuple(rep.with_(cap=5) if rep.id in SDR else rep for rep in RULES.team.reps)
    rules = Rules.of(RULES.with_(team=RULES.team.with_(reps=reps)))
    decision = served()
    decision.rules = rules
    again = asks(decision, at, gone if known_away else RepState())
    before, facts = decision.lead, list(again.facts)
    if again.lead.wanted is not None:
        routed(again, Staffing(reps=states))
        facts = again.facts
    assert again.lead.wanted is None
    assert fold(before, [(fact, at) for fact in facts]) == again.lead
    owner, clock = again.lead.ownership, again.lead.clock("first_contact")
    if owner.waits is not None:
        assert set(SDR) == (away | full) | ({"anna"} & away)
        return
    assert owner.rep is not None
    assert clock is not None
    if owner.rep == "anna":
        assert owner.hop == 1
        assert said(again, LeadAssigned) == []
    else:
        theirs = rules.calendar(rules.team.rep("anna").calendar).add(at, 300)
        assert "anna" in away or known_away or clock.due_at < theirs
        assert [fact.kind for fact in facts if isinstance(fact, ClockStarted) for fact in (fact.clock,)].count(
            "first_contact"
        ) == 1


def replace_open(state: RepState, open_leads: int) -> RepState:
    return state.with_(open=open_leads)
