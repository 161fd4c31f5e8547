"""The card says what the lead is, and nothing that changes with the time of day."""

from __future__ import annotations

from datetime import timedelta

from leadrelay.domain.card.card import card_of, is_known
from leadrelay.domain.card.reasons import reasons
from leadrelay.domain.clocks.callback import Callback
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Enrolment, Lead, fold
from leadrelay.domain.signal import Sent
from leadrelay.domain.view import KNOWN, view
from tests.domain import people
from tests.domain.people import NOW, did, profile, told, words
from tests.system import default_rules


def owned() -> Decision:
    decision = told(words(email="ada@example.com", industry="Software", employees="900", country="PL", job_title="CEO"))
    people.given(decision)
    return decision


def test_an_unchanged_lead_has_an_unchanged_card_at_any_time() -> None:
    decision = owned()
    card = card_of(decision.lead, decision.profile, decision.rules)
    assert decision.lead.card == card.digest()
    decision.at, decision.facts = NOW + timedelta(days=30), []
    decision.show()
    assert decision.facts == []


def test_equal_leads_have_equal_cards() -> None:
    one, two = owned(), owned()
    again = Lead.model_validate_json(two.lead.model_dump_json())
    assert card_of(one.lead, one.profile, one.rules) == card_of(again, two.profile, two.rules)


def test_the_rep_sees_whose_it_is_why_until_when_and_what_it_is_worth() -> None:
    decision = owned()
    card = card_of(decision.lead, decision.profile, decision.rules)
    assert (card.owner, card.fields["score"], card.fields["segment"]) == ("sofia", 60, "enterprise")
    assert card.fields["sla_due_at"] == card.fields["next_step_due_at"] == NOW + timedelta(minutes=5)
    assert card.task is not None
    assert (card.task.due_at, card.task.urgent, card.task.done) == (NOW + timedelta(minutes=5), True, False)
    assert card.notes[0].body.startswith(
        "LeadRelay gave this lead to Sofia (Enterprise AE): Enterprise has its own people"
    )


def test_lost_points_are_shown_on_the_reason_that_lost_them() -> None:
    lead = told(words(email="ada@example.com", industry="Software"))
    capped = lead.lead.score.lines[0].with_(points=30, kept=25)
    shown = lead.lead.with_(score=lead.lead.score.with_(lines=(capped,)))
    assert reasons(shown, default_rules()) == "+25 of +30 Software is our home market"


def test_nobody_to_contact_has_no_card() -> None:
    visitor = told(words("cookie-1"), people.touch().with_(kind="behaviour", event="pricing_page_viewed"))
    assert not is_known(visitor.profile)
    assert visitor.lead.card is None
    assert visitor.lead.wanted is None


def test_every_field_that_conditions_may_read_can_be_read() -> None:
    decision = owned()
    full = decision.lead.with_(
        contacted_at=NOW,
        pages=("example.com/prices",),
        signals=did("demo_request"),
        ownership=decision.lead.ownership.with_(queue="nurture"),
        stage_since=NOW,
        account_people=2,
        account_active=1,
        relation="student",
        callback=Callback(at=NOW, asked_at=NOW, touch_id="t"),
        disposition="recycled",
        reason="too early",
        decision_maker="involved",
        timing="next_month",
        recycled_at=NOW,
        wakes_at=NOW,
        retired_at=NOW,
        enrolment=Enrolment(sequence="too_early", since=NOW, why="x"),
    )
    assert full.last is not None
    origin = full.last.origin.with_(
        form="demo",
        campaign="c",
        medium="m",
        origin_source="s",
        page="p",
        click_id="gclid:1",
        referrer="example.com",
        partner="acme",
    )
    full = full.sent(Sent(partner="acme", at=NOW, touch_id="t"))
    full = full.with_(last=full.last.with_(origin=origin, product="analytics"))
    full = full.with_(ownership=full.ownership.with_(handed_back_at=NOW))
    company = people.profile(
        account__customer=True,
        account__open_deal=False,
        account__owner="sofia",
        account__deal_owner="sofia",
        lead__rep="sofia",
    )
    assert set(KNOWN) <= set(view(full, decision.profile.absorb(company), decision.rules))


def test_folding_what_was_decided_gives_what_was_decided() -> None:
    decision = owned()
    assert fold(Lead(lead_id="0" * 32), [(fact, NOW) for fact in decision.facts]) == decision.lead


def test_a_phone_alone_is_somebody_to_contact() -> None:
    assert is_known(profile(lead__phone="+48221234567"))
