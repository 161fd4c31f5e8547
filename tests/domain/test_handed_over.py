"""What marketing promises of the leads it hands over, and what is said of one that lacks it."""

from __future__ import annotations

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.policy import HandoverPolicy
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import HandoverLacks
from tests.domain import people
from tests.domain.people import given, told, words
from tests.system import default_rules

CRITERIA = [
    {"id": "company", "if": "known(account.name)", "says": "their company"},
    {"id": "phone", "if": "known(lead.phone)", "says": "a telephone number"},
]


def promising(asked: str = "True") -> Rules:
    rules = default_rules()
    policy = HandoverPolicy.model_validate({"if": asked, "criteria": CRITERIA})
    notices = rules.notices
    heard = [rule for rule in notices.rules if rule.notice == "handover_lacks"]
    assert heard
    return Rules.of(rules.with_(sla=rules.sla.with_(handover=policy)))


def handed(rules: Rules, form: str = "demo", **known: str) -> Decision:
    decision = told(words(email="ada@firma.example", **known), people.touch(form=form), rules=rules)
    given(decision)
    return decision


def said(decision: Decision) -> list[str]:
    facts = [fact.notice if isinstance(fact, NoticeNeeded) else fact.name() for fact in decision.facts]
    return [name for name in facts if name in ("handover_lacks", "HandoverLacks")]


def test_what_is_missing_is_said_to_marketing_and_stands_on_the_record() -> None:
    decision = handed(promising(), company="Firma")
    assert said(decision) == ["HandoverLacks", "handover_lacks"]
    assert decision.lead.lacks == ("phone",)
    assert decision.lead.ownership.rep is not None
    notes = " ".join(note.body for note in card_of(decision.lead, decision.profile, decision.rules).notes)
    assert "Handed over without: a telephone number." in notes


def test_a_lead_with_everything_is_handed_over_without_a_word() -> None:
    decision = handed(promising(), company="Firma", phone="+48 600 100 200")
    assert (said(decision), decision.lead.lacks) == ([], ())


def test_nothing_is_promised_of_other_leads() -> None:
    assert said(handed(promising('lead.stage == "customer"'))) == []


def test_who_waits_in_a_programme_is_not_handed_over() -> None:
    decision = handed(promising(), form="newsletter")
    assert decision.lead.ownership.queue is not None
    assert said(decision) == []


def test_it_is_marketing_who_hands_over_and_not_the_owner_before() -> None:
    decision = handed(promising())
    decision.facts = []
    decision.say(OwnerNeeded(why="breach", hop=1, exclude=(decision.lead.ownership.rep or "",)))
    given(decision)
    assert decision.lead.ownership.hop == 2
    assert said(decision) == []
    assert decision.lead.lacks == ("company", "phone")


def test_what_has_come_since_is_no_longer_missing() -> None:
    lead = HandoverLacks(missing=("phone",)).apply(Lead(lead_id="1"), people.NOW)
    assert HandoverLacks(missing=()).apply(lead, people.NOW).lacks == ()
