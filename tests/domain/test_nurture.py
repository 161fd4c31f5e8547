"""Sequences: which one a lead is in, and that it is in none as soon as somebody calls."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from leadrelay.domain.decide import hear, judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Enrolment, Lead
from leadrelay.domain.nurture.enrol import keep_enrolled, may_mail
from leadrelay.domain.nurture.facts import NurtureEnded, NurtureEnrolled
from leadrelay.domain.nurture.policy import NurturePolicy, Sequence
from leadrelay.domain.nurture.rest import next_rest
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import TouchKind
from tests.domain import people
from tests.domain.people import NOW, did, given, told, words
from tests.domain.test_adopt import ANNA, names, seen
from tests.system import default_rules

RULES = default_rules()
MAILS = RULES.stages.nurture


def waiting(form: str = "newsletter", **said: str) -> Decision:
    """Somebody in the nurture queue."""
    decision = told(words(email="ada@firma.example", **said), people.touch(form=form))
    given(decision)
    assert decision.lead.ownership.queue == "nurture"
    return decision


def does(decision: Decision, event: str | None = None, form: str | None = None, days: float = 1) -> list[str]:
    """What is said when the person does this so many days later."""
    at = NOW + timedelta(days=days)
    kind: TouchKind = "submission" if event is None else "behaviour"
    touch = people.touch(int(days * 100), form=form, at=at).with_(kind=kind, event=event)
    decision.at, decision.facts = at, []
    hear(understood(touch, words(email="ada@firma.example"), decision.rules, at), decision)
    return names(decision.facts)


def sequence(decision: Decision) -> str | None:
    return None if decision.lead.enrolment is None else decision.lead.enrolment.sequence


def ended(decision: Decision) -> list[str]:
    return [fact.why for fact in decision.facts if isinstance(fact, NurtureEnded)]


def with_sequences(*sequences: Sequence) -> Rules:
    nurture = MAILS.with_(sequences=sequences)
    return Rules.of(RULES.with_(stages=RULES.stages.with_(nurture=nurture)))


def one(name: str, **more: object) -> Sequence:
    return Sequence.model_validate({"id": name, "if": "True", "next_step": name, "next_step_days": 2, **more})


def test_the_band_chooses_and_the_step_is_the_sequences_in_its_own_days() -> None:
    decision = waiting()
    assert sequence(decision) == "newsletter"
    assert decision.lead.next_step is not None
    assert (decision.lead.next_step.what, decision.lead.next_step.who) == ("Send the newsletter", "nurture")
    assert decision.lead.next_step.due_at - NOW >= timedelta(days=14)
    better = waiting("case-study", industry="Manufacturing", employees="11-50", country="Germany")
    assert sequence(better) == "educational"


def test_a_lead_that_grows_moves_on_with_a_new_step() -> None:
    decision = waiting(industry="Manufacturing", employees="11-50", country="Germany")
    assert sequence(decision) == "newsletter"
    facts = does(decision, form="case-study")
    assert "NurtureEnrolled" in facts
    assert sequence(decision) == "educational"
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Send the next educational mail"
    assert "NurtureEnrolled" not in does(decision, event="email_opened", days=2)


def test_who_waits_to_be_routed_is_in_no_sequence_yet() -> None:
    decision = told(words(email="ada@firma.example"), people.touch(form="newsletter"))
    assert decision.lead.wanted is not None
    assert sequence(decision) is None


def test_routing_to_a_rep_ends_it_in_the_same_decision() -> None:
    decision = waiting()
    does(decision, form="demo")
    assert sequence(decision) == "newsletter", "nobody has it yet"
    decision.facts = []
    given(decision)
    assert (sequence(decision), ended(decision)) == (None, ["routed"])
    assert names(decision.facts).index("NurtureEnded") < names(decision.facts).index("CardChanged")


def test_a_rep_who_takes_it_in_the_crm_ends_it() -> None:
    decision = waiting()
    facts = seen(decision, owner=ANNA)
    assert any(isinstance(fact, OwnerOverridden) for fact in facts)
    assert ended(decision) == ["routed"]


def test_giving_it_back_for_good_ends_it() -> None:
    decision = waiting()
    seen(decision, status="unqualified", reason="no use")
    assert (sequence(decision), ended(decision)) == (None, ["rejected"])


def test_a_won_deal_ends_it_and_deletion_too() -> None:
    decision = waiting()
    decision.lead = decision.lead.with_(stage="evangelist")
    decision.facts = []
    keep_enrolled(decision)
    assert ended(decision) == ["customer"]


def test_unsubscribing_ends_it_and_subscribing_again_begins_it() -> None:
    decision = waiting()
    does(decision, event="unsubscribed", days=1)
    assert (sequence(decision), ended(decision)) == (None, ["unsubscribed"])
    assert decision.lead.next_step is not None
    assert "NurtureEnrolled" not in does(decision, event="page_viewed", days=2)
    does(decision, form="newsletter", days=3)
    assert sequence(decision) == "newsletter"


@pytest.mark.parametrize(
    ("left", "joined", "may"),
    [(None, None, True), (1, None, False), (2, 1, True), (1, 2, False), (1, 1, False)],
)
def test_the_newest_word_about_mails_counts(left: float | None, joined: float | None, may: bool) -> None:
    signals = {**(did("unsubscribed", ago_days=left) if left else {})}
    signals |= did("newsletter", ago_days=joined) if joined else {}
    assert may_mail(Lead(lead_id="1", signals=signals), {}, MAILS) is may


@pytest.mark.parametrize("field", ["lead.may_contact", "consent.mail"])
def test_a_ban_on_mails_is_obeyed_and_not_knowing_is_none(field: str) -> None:
    assert not may_mail(Lead(lead_id="1"), {field: False}, MAILS)
    assert may_mail(Lead(lead_id="1"), {field: True}, MAILS)


def test_a_sequence_with_an_end_is_run_through_once_and_the_next_takes_over() -> None:
    rules = with_sequences(one("first", days=10), one("second"))
    decision = told(words(email="ada@firma.example"), people.touch(form="newsletter"), rules)
    given(decision)
    assert sequence(decision) == "first"
    assert next_rest(decision.lead, rules, NOW) == NOW + timedelta(days=10)
    decision.at, decision.facts = NOW + timedelta(days=10), []
    judge(decision)
    assert ended(decision) == ["finished"]
    assert (sequence(decision), decision.lead.nurtured) == ("second", ("first",))
    decision.at, decision.facts = NOW + timedelta(days=40), []
    judge(decision)
    assert not {"NurtureEnrolled", "NurtureEnded"} & set(names(decision.facts))


def test_a_sequence_that_the_rules_dropped_gives_way() -> None:
    decision = waiting()
    decision.rules, decision.facts = with_sequences(one("other")), []
    judge(decision)
    assert [fact.sequence for fact in decision.facts if isinstance(fact, NurtureEnrolled)] == ["other"]
    decision.rules, decision.facts = with_sequences(), []
    judge(decision)
    assert (sequence(decision), ended(decision)) == (None, ["outgrown"])


def test_leads_in_shadow_plan_the_same_step_only_once() -> None:
    decision = told(words(email="ada@firma.example"), people.touch(form="newsletter"))
    decision.lead = decision.lead.with_(standing="shadow")
    given(decision)
    assert sequence(decision) == "newsletter"
    decision.at, decision.facts = NOW + timedelta(days=1), []
    judge(decision)
    assert decision.facts == []


REASONS = {
    "Too early, call in June": "too_early",
    "za wczesnie": "too_early",
    "za wcze_nie": "too_early",
    "No BUDGET this year": "no_budget",
    "konkurencja": "competitor",
    "they moved": "other",
    "Nie potrzebują": "no_need",
    "zly numer": "wrong_contact",
    "premala firma za nas": "no_fit",
    "no_budget": "no_budget",
}


@pytest.mark.parametrize(("said", "code"), REASONS.items())
def test_a_reason_is_understood_as_people_write_it(said: str, code: str) -> None:
    assert MAILS.reason(said) == code
    assert MAILS.reason(None) is None


def test_a_timing_is_days_and_the_common_one_stands_in() -> None:
    assert MAILS.pause("next_month") == timedelta(days=30)
    assert MAILS.pause(None) == MAILS.pause("some day") == timedelta(days=90)
    assert NurturePolicy().pause("next_month") is None


def test_only_one_sequence_at_a_time() -> None:
    at = datetime(2026, 1, 1, tzinfo=NOW.tzinfo)
    lead = Lead(lead_id="1", enrolment=Enrolment(sequence="a", since=at, why="x"))
    assert NurtureEnrolled(sequence="b", why="y").apply(lead, NOW).enrolment == Enrolment(
        sequence="b", since=NOW, why="y"
    )
