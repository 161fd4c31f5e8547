"""Asking again while it is open whether the owner called: whoever keeps the lead owes that answer too."""

from __future__ import annotations

from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.contact_breach import ANSWER_WITHIN, ASKED_AT_MOST
from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.rules import Rules
from tests.domain import people
from tests.domain.test_contact_breach import ADA, DUE, at, called, hot, ticked
from tests.system import default_rules

DISCOVERED = DUE + timedelta(seconds=5)
ASKED = DUE + timedelta(seconds=70)


def told_only() -> Rules:
    """A breach is told, and takes the lead from nobody."""
    rules = default_rules()
    sla = rules.sla.model_dump(by_alias=True)
    sla["first_contact"] = [{**policy, "then": "tell"} for policy in sla["first_contact"]]
    return Rules.of(rules.with_(sla=SlaPolicy.model_validate(sla)))


def asked_meanwhile(rules: Rules | None = None) -> Decision:
    """A breach that is doubted, and a new request since it was discovered."""
    decision = hot(rules)
    ticked(decision, DISCOVERED)
    hear(understood(people.touch(2, at=ASKED), ADA, decision.rules, ASKED), at(decision, ASKED))
    return decision


def owes(decision: Decision, since: datetime) -> bool:
    """Whether the owner has heard of the new request, and is held to it."""
    clock = decision.lead.running("first_contact")
    told = [fact.notice for fact in decision.facts if isinstance(fact, NoticeNeeded)]
    return clock is not None and clock.due_at == since + timedelta(minutes=5) and "new_request" in told


def test_a_contact_of_before_the_new_request_does_not_answer_it() -> None:
    decision = asked_meanwhile()
    heard = ASKED + timedelta(seconds=10)
    called(decision, DUE - timedelta(minutes=1), heard)
    assert (decision.lead.wanted, decision.lead.ownership.rep) == (None, "anna")
    assert owes(decision, heard)


def test_a_contact_after_it_does() -> None:
    decision = asked_meanwhile()
    heard = ASKED + timedelta(seconds=10)
    called(decision, heard, heard)
    assert decision.lead.clock("first_contact") is None
    assert not owes(decision, heard)


def test_who_keeps_the_lead_after_the_breach_owes_it() -> None:
    decision = asked_meanwhile(told_only())
    settled = ASKED + timedelta(seconds=10)
    people.looked(at(decision, settled))
    assert owes(decision, settled)


def test_also_when_the_crm_never_answers() -> None:
    decision = asked_meanwhile(told_only())
    for number in range(1, ASKED_AT_MOST + 1):
        assert decision.lead.wanted is not None
        ticked(decision, DISCOVERED + number * ANSWER_WITHIN)
    assert owes(decision, DISCOVERED + ASKED_AT_MOST * ANSWER_WITHIN)


def test_who_asked_nothing_more_is_owed_what_they_were() -> None:
    decision = hot(told_only())
    ticked(decision, DISCOVERED)
    people.looked(at(decision, ASKED))
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert clock.breached_at == DISCOVERED
