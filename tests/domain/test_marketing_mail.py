"""Marketing mail: an address that takes none, a person who wants none, and a machine that reads them all."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest

from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.enrichment.derive import derived
from leadrelay.domain.hearing import understood
from leadrelay.domain.nurture.facts import NurtureEnded
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.touch import MACHINE, Origin, Touch, TouchKind, touch_id
from tests.domain.people import NOW, given, told, touch, words
from tests.system import default_rules

RULES = default_rules()
ADDRESS = "ada@firma.example"


def mail(number: int, event: str | None, hours: float, kind: TouchKind = "behaviour", **origin: str) -> Touch:
    """What SendGrid says, so many hours after they asked."""
    at = NOW + timedelta(hours=hours)
    return Touch(
        touch_id=touch_id("sendgrid", str(number)),
        kind=kind,
        source="sendgrid",
        vendor="sendgrid",
        trust="verified",
        received_at=at,
        occurred_at=at,
        event=event,
        origin=Origin(**origin),
    )


def hears(decision: Decision, of: Touch, **said: str) -> None:
    decision.at, decision.facts = of.received_at, []
    hear(understood(of, words(email=ADDRESS, **said), RULES, decision.at), decision)


def bounces(decision: Decision, hours: float = 1, address: str = ADDRESS) -> None:
    hears(decision, mail(7, None, hours, "enrichment"), email_bounced=address)


def waiting() -> Decision:
    decision = told(words(email=ADDRESS), touch(form="newsletter"))
    given(decision)
    assert decision.lead.enrolment is not None
    return decision


def state(decision: Decision) -> str | None:
    return decision.profile.text("lead.email_state")


def test_a_bounce_ends_the_sequence_costs_points_and_is_read_by_the_rep() -> None:
    decision = waiting()
    before = decision.lead.touches
    bounces(decision)
    assert state(decision) == "bounced"
    assert [fact.why for fact in decision.facts if isinstance(fact, NurtureEnded)] == ["bounced"]
    assert decision.lead.enrolment is None
    assert any(line.rule == "bounced" for line in decision.lead.score.lines)
    assert decision.lead.touches == before
    assert decision.lead.last_touch is not None
    assert decision.lead.last_touch.at == NOW


def test_a_bounce_of_a_former_address_means_nothing() -> None:
    decision = waiting()
    bounces(decision, address="old@firma.example")
    assert state(decision) is None
    assert decision.lead.enrolment is not None


def test_whoever_clicks_later_has_an_address_that_works() -> None:
    decision = waiting()
    bounces(decision)
    hears(decision, mail(8, "email_clicked", 2))
    assert state(decision) is None
    assert decision.lead.enrolment is not None


def test_a_click_from_before_the_bounce_mends_nothing() -> None:
    decision = waiting()
    bounces(decision, hours=2)
    hears(decision, mail(8, "email_clicked", 1))
    assert state(decision) == "bounced"


def test_the_order_of_arrival_changes_nothing() -> None:
    def said(name: str, hours: float, number: int, *, proven: bool) -> tuple[str, Value]:
        at, basis = NOW + timedelta(hours=hours), "verified" if proven else "enriched"
        return name, Value.model_validate(
            {"value": ADDRESS, "basis": basis, "source": "sendgrid", "touch_id": str(number), "at": at}
        )

    for sign_of_life, expected in ((1.0, "bounced"), (2.0, "bounced"), (3.0, None)):
        news = [
            said("lead.email", 0, 1, proven=True),
            said("lead.email_bounced", 2, 2, proven=False),
            said("lead.email", sign_of_life, 3, proven=True),
        ]
        for order in permutations(news):
            known = Profile()
            for one in order:
                known = derived(known.learn([one]), None, RULES)
            assert known.text("lead.email_state") == expected


@pytest.mark.parametrize("event", ["unsubscribed", "group_unsubscribed", "spam_reported"])
def test_who_wants_no_mails_is_in_no_sequence_and_may_be_called(event: str) -> None:
    decision = waiting()
    hears(decision, mail(9, event, 1))
    assert decision.lead.permission.allowed["mail"] is False
    assert [fact.why for fact in decision.facts if isinstance(fact, NurtureEnded)] == ["unsubscribed"]
    assert decision.lead.permission.may_call


def test_who_comes_back_to_a_group_is_mailed_again() -> None:
    decision = waiting()
    hears(decision, mail(9, "group_unsubscribed", 1))
    hears(decision, mail(10, "group_resubscribed", 2))
    assert decision.lead.permission.allowed["mail"] is True
    assert decision.lead.enrolment is not None


def test_a_machine_agrees_to_nothing_visits_nothing_and_scores_nothing() -> None:
    decision = waiting()
    before = decision.lead
    hears(decision, mail(9, "email_opened", 1, medium=MACHINE))
    hears(decision, mail(10, "email_clicked", 1, medium=MACHINE, page="www.example.com/pricing"))
    hears(decision, mail(11, "unsubscribed", 1, medium=MACHINE))
    hears(decision, mail(12, "subscription_confirmed", 2, medium=MACHINE), consent_calls="yes")
    after = decision.lead
    assert (after.signals, after.pages, after.last_touch) == (before.signals, before.pages, before.last_touch)
    assert (after.permission, after.score.total) == (before.permission, before.score.total)
