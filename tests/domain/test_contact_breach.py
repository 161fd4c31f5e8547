"""A breach: doubted before anybody loses a lead, corrected by a contact that comes to light, and with one winner."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.answering import hindrance
from leadrelay.domain.clocks.contact_breach import ANSWER_WITHIN, ASKED_AT_MOST, is_asked
from leadrelay.domain.clocks.facts import ClockStopped, SlaBreached, SlaMet
from leadrelay.domain.decide import hear, judge, settle, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.link import Link
from leadrelay.domain.routing.facts import BreachConfirmed, ContactDoubted, LeadAssigned, OwnerNeeded, QuestionWithdrawn
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.disposition import Word, give_back
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules

DUE = NOW + timedelta(minutes=5)
ADA = words(email="ada@example.com")


def hot(rules: Rules | None = None) -> Decision:
    """A hot lead whose owner's clock runs until DUE."""
    decision = told(ADA, people.touch(at=NOW), rules, at=NOW)
    people.given(decision)
    return decision


def at(decision: Decision, when: datetime) -> Decision:
    """The decision that is made of the same lead then."""
    decision.at, decision.facts = when, []
    return decision


def ticked(decision: Decision, when: datetime) -> list[Fact]:
    tick(at(decision, when))
    return decision.facts


def called(decision: Decision, made: datetime, heard: datetime, number: int = 9, event: str = "call") -> list[Fact]:
    """A rep's contact made then, heard of now."""
    call = people.touch(number, form=None, at=made).with_(kind="activity", event=event, received_at=heard)
    hear(understood(call, ADA, decision.rules, heard), at(decision, heard))
    return decision.facts


def breached() -> Decision:
    decision = hot()
    ticked(decision, DUE + timedelta(seconds=20))
    return decision


def of(kind: type[Fact], facts: list[Fact]) -> list[Fact]:
    return [fact for fact in facts if isinstance(fact, kind)]


def met_by(facts: list[Fact]) -> SlaMet:
    """The one contact clock that was met."""
    [met] = [fact for fact in facts if isinstance(fact, SlaMet) and fact.kind == "first_contact"]
    return met


def names(facts: list[Fact]) -> list[str]:
    return [fact.name() for fact in facts]


def test_nobody_loses_a_lead_and_nobody_is_told_before_the_crm_was_asked() -> None:
    decision = hot()
    said = names(ticked(decision, DUE + timedelta(seconds=20)))
    assert said[:2] == ["SlaBreached", "ContactDoubted"]
    assert not {"OwnerNeeded", "NoticeNeeded", "BreachConfirmed"} & set(said)
    [doubt] = of(ContactDoubted, decision.facts)
    assert doubt == ContactDoubted(hop=1, since=NOW, asked=1)
    lead = decision.lead
    assert lead.ownership.rep == "anna"
    clock = lead.clock("first_contact")
    assert clock is not None
    assert (clock.runs, clock.breached_at) == (False, DUE + timedelta(seconds=20))
    assert lead.due_at() == DUE + timedelta(seconds=20) + ANSWER_WITHIN


def test_the_crm_knows_of_nothing_and_the_breach_stands() -> None:
    decision = breached()
    settle("nothing_there", at(decision, DUE + timedelta(seconds=22)))
    said = names(decision.facts)
    assert said[:3] == ["BreachConfirmed", "NoticeNeeded", "OwnerNeeded"]
    [asked] = of(OwnerNeeded, decision.facts)
    assert isinstance(asked, OwnerNeeded)
    assert (asked.why, asked.hop, asked.exclude) == ("breach", 1, ("anna",))
    assert decision.lead.wanted is not None
    assert decision.lead.wanted.doubted == 0


def test_nobody_is_reported_for_not_calling_whom_nobody_may_contact() -> None:
    """They refused all contact while the breach was doubted."""
    decision = breached()
    decision.say(ClockStopped(kind="first_contact", hop=1, why="do_not_contact"))
    settle("nothing_there", at(decision, DUE + timedelta(seconds=22)))
    assert "NoticeNeeded" not in names(decision.facts)
    assert of(OwnerNeeded, decision.facts)


def test_a_contact_in_time_that_was_heard_late_corrects_the_breach() -> None:
    decision = breached()
    facts = called(decision, DUE - timedelta(minutes=1), DUE + timedelta(seconds=23))
    met = met_by(facts)
    assert (met.hop, met.in_time, met.corrects, met.owner_seconds) == (1, True, True, 240)
    assert of(QuestionWithdrawn, facts) == [QuestionWithdrawn(hop=1, why="contact")]
    assert not {"NoticeNeeded", "OwnerNeeded"} & set(names(facts))
    lead = decision.lead
    assert (lead.ownership.rep, lead.wanted, lead.lapsed) == ("anna", None, ())
    assert not {"first_contact", "assignment"} & {clock.kind for clock in lead.clocks}
    assert lead.next_step is not None
    assert lead.next_step.what == "Follow up"


def test_a_contact_made_late_is_met_late_and_the_owner_stays() -> None:
    decision = breached()
    facts = called(decision, DUE + timedelta(seconds=10), DUE + timedelta(seconds=23))
    met = met_by(facts)
    assert (met.in_time, met.corrects) == (False, False)
    assert decision.lead.ownership.rep == "anna"
    assert decision.lead.wanted is None
    assert "NoticeNeeded" not in names(facts)


def test_a_contact_withdraws_the_question_until_somebody_else_has_the_lead() -> None:
    decision = breached()
    settle("away", at(decision, DUE + timedelta(seconds=22)))
    facts = called(decision, DUE - timedelta(minutes=1), DUE + timedelta(seconds=30))
    assert of(QuestionWithdrawn, facts) == [QuestionWithdrawn(hop=1, why="contact")]
    assert decision.lead.wanted is None
    assert decision.lead.clock("assignment") is None


def test_an_owner_who_has_changed_stays_and_the_former_clock_is_corrected() -> None:
    decision = breached()
    settle("away", at(decision, DUE + timedelta(seconds=22)))
    people.given(at(decision, DUE + timedelta(seconds=24)))
    second = decision.lead.ownership.rep
    assert second != "anna"
    assert [(lapse.clock.hop, lapse.rep) for lapse in decision.lead.lapsed] == [(1, "anna")]
    facts = called(decision, DUE - timedelta(minutes=1), DUE + timedelta(seconds=60))
    met = met_by(facts)
    assert (met.hop, met.in_time, met.corrects, met.owner_seconds) == (1, True, True, 240)
    assert [fact.hop for fact in facts if isinstance(fact, ClockStopped) and fact.kind == "first_contact"] == [2]
    lead = decision.lead
    assert (lead.ownership.rep, lead.ownership.hop, lead.lapsed) == (second, 2, ())
    assert lead.clock("first_contact") is None, "nobody owes a first call to who was called"
    assert lead.next_step is not None


def test_who_called_after_it_was_somebody_elses_did_it_for_them() -> None:
    decision = breached()
    settle("away", at(decision, DUE + timedelta(seconds=22)))
    people.given(at(decision, DUE + timedelta(seconds=24)))
    facts = called(decision, DUE + timedelta(minutes=1), DUE + timedelta(minutes=2))
    met = met_by(facts)
    assert (met.hop, met.in_time, met.corrects) == (2, True, False)
    assert [lapse.clock.hop for lapse in decision.lead.lapsed] == [1], "the first one stays breached"


def test_the_response_is_that_of_the_owner_who_made_it() -> None:
    from leadrelay.domain.routing.workload import responses

    decision = breached()
    settle("away", at(decision, DUE + timedelta(seconds=22)))
    people.given(at(decision, DUE + timedelta(seconds=24)))
    before = decision.lead
    facts = called(decision, DUE - timedelta(minutes=1), DUE + timedelta(seconds=60))
    assert list(responses(before, facts)) == [("anna", 240)]


def test_a_call_from_before_it_was_given_back_meets_no_call_that_is_owed_since() -> None:
    decision = breached()
    word = Word(means="rejected", rep="anna", status="unqualified", reason="no_need")
    give_back(word, at(decision, DUE + timedelta(minutes=1)))
    assert [lapse.clock.hop for lapse in decision.lead.lapsed] == [1]
    again = DUE + timedelta(hours=1)
    hear(understood(people.touch(20, at=again), ADA, decision.rules, again), at(decision, again))
    owed = decision.lead.clock("first_contact")
    assert owed is not None
    assert owed.hop == 1
    met = met_by(called(decision, DUE - timedelta(minutes=1), again + timedelta(minutes=1)))
    assert (met.corrects, met.started_at) == (True, NOW)
    assert (decision.lead.lapsed, decision.lead.clock("first_contact")) == ((), owed), "they asked, and wait for a call"


def test_a_crm_that_never_answers_holds_the_lead_up_three_minutes() -> None:
    decision, said = breached(), list[str]()
    when = decision.at
    for asked in range(2, ASKED_AT_MOST + 2):
        assert ticked(decision, when + ANSWER_WITHIN - timedelta(seconds=1)) == []
        when += ANSWER_WITHIN
        said = names(ticked(decision, when))
        if asked <= ASKED_AT_MOST:
            [doubt] = of(ContactDoubted, decision.facts)
            assert isinstance(doubt, ContactDoubted)
            assert doubt.asked == asked
            assert is_asked(decision.lead, doubt)
            assert not is_asked(decision.lead, doubt.with_(asked=asked - 1)), "who answers an older question is late"
    assert said[:3] == ["BreachConfirmed", "NoticeNeeded", "OwnerNeeded"]
    [confirmed] = of(BreachConfirmed, decision.facts)
    assert confirmed == BreachConfirmed(hop=1, looked="unanswered")
    assert "SlaBreached" not in said, "that the CRM is silent is nobody's breach"


def test_where_the_policy_only_tells_the_owner_keeps_the_lead() -> None:
    rules = default_rules()
    only = tuple(policy.with_(then="tell") for policy in rules.sla.first_contact)
    decision = hot(Rules.of(rules.with_(sla=rules.sla.with_(first_contact=only))))
    ticked(decision, DUE + timedelta(seconds=20))
    settle("nothing_there", at(decision, DUE + timedelta(seconds=22)))
    assert of(QuestionWithdrawn, decision.facts) == [QuestionWithdrawn(hop=1, why="told_only")]
    assert "NoticeNeeded" in names(decision.facts)
    lead = decision.lead
    assert (lead.ownership.rep, lead.wanted, lead.clock("assignment")) == ("anna", None, None)
    assert lead.due_at() is not None
    facts = called(decision, DUE + timedelta(minutes=30), DUE + timedelta(minutes=31))
    met = met_by(facts)
    assert (met.in_time, met.corrects) == (False, False), "it went on measuring"


def test_a_persons_fresh_choice_is_told_of_and_kept() -> None:
    decision = hot()
    owner = decision.lead.ownership.with_(why="override")
    decision.lead = decision.lead.with_(ownership=owner)
    ticked(decision, DUE)
    settle("nothing_there", at(decision, DUE))
    assert of(QuestionWithdrawn, decision.facts) == [QuestionWithdrawn(hop=1, why="override")]


def test_no_other_question_and_no_link_gets_in_between() -> None:
    decision = breached()
    judge(at(decision, DUE + timedelta(seconds=21)))
    assert "OwnerNeeded" not in names(decision.facts)
    link = Link(lead_id=decision.lead.lead_id, rep="anna", hop=1, action="pass_on", expires_at=DUE + timedelta(days=1))
    assert hindrance(link, decision.lead, decision.rules.team, decision.at) == "late"


def test_an_old_entry_does_not_answer_the_question() -> None:
    decision = breached()
    facts = called(decision, NOW - timedelta(minutes=2), DUE + timedelta(seconds=23))
    assert not [fact for fact in facts if isinstance(fact, SlaMet) and fact.kind == "first_contact"]
    assert decision.lead.wanted is not None


MOVES = st.lists(
    st.tuples(
        st.sampled_from(["tick", "tick", "settle", "give", "call", "old call"]),
        st.integers(1, 400),
    ),
    min_size=1,
    max_size=25,
)


@given(MOVES)
@settings(max_examples=300, deadline=None)
def test_one_winner_whatever_comes_when(moves: list[tuple[str, int]]) -> None:
    """Ticks, answers of the CRM, choices and contacts in any order: a breach is settled once, a hop is met
    once, the owner changes only by a question that nobody withdrew, and the log is the lead."""
    decision = hot()
    start, log = decision.lead, list[tuple[Fact, datetime]]()
    now = NOW
    for number, (move, seconds) in enumerate(moves):
        now += timedelta(seconds=seconds)
        wanted, rep = decision.lead.wanted, decision.lead.ownership.rep
        decision = at(decision, now)
        if move == "tick":
            tick(decision)
        elif move == "settle" and wanted is not None and wanted.doubted:
            settle("nothing_there", decision)
        elif move == "give" and wanted is not None and not wanted.doubted:
            people.given(decision)
        elif move.endswith("call"):
            called(decision, max(NOW, now - timedelta(minutes=9 if move == "old call" else 0)), now, 10 + number)
            assert decision.lead.ownership.rep == rep, "a contact changes no owner"
            reached = any(isinstance(fact, SlaMet) and fact.kind == "first_contact" for fact in decision.facts)
            assert not reached or decision.lead.wanted is None, "who was reached is looked for no longer"
        log += [(fact, now) for fact in decision.facts]
        assert (decision.lead.wanted is None) == (decision.lead.clock("assignment") is None)
        assert decision.lead.due_at() is not None
    facts = [fact for fact, _ in log]
    for kind in (SlaBreached, SlaMet):
        hops = [fact.hop for fact in facts if isinstance(fact, kind) and fact.kind == "first_contact"]
        assert len(hops) == len(set(hops))
    confirmed = [fact.hop for fact in facts if isinstance(fact, BreachConfirmed)]
    kept = [fact.hop for fact in facts if isinstance(fact, QuestionWithdrawn) and fact.why == "contact"]
    given_on = [fact.hop for fact in facts if isinstance(fact, LeadAssigned)]
    assert len(confirmed) == len(set(confirmed))
    assert not {hop + 1 for hop in kept} & set(given_on), "the question was withdrawn, and answered all the same"
    assert all(hop - 1 in confirmed for hop in given_on)
    corrected = {fact.hop for fact in facts if isinstance(fact, SlaMet) and fact.corrects}
    assert corrected <= {fact.hop for fact in facts if isinstance(fact, SlaBreached)}
    assert fold(start, log) == decision.lead


@pytest.mark.parametrize("seconds", [0, 1, 20, 600])
def test_a_lead_of_a_release_without_doubt_is_read(seconds: int) -> None:
    """What was stored before has no lapses, and its question no doubt."""
    stored = hot().lead.model_dump(mode="json")
    stored.pop("lapsed")
    lead = Lead.model_validate(stored)
    decision = Decision(lead, hot().profile, default_rules(), DUE + timedelta(seconds=seconds))
    tick(decision)
    assert "ContactDoubted" in names(decision.facts)
