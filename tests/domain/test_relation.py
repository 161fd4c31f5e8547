"""Who is no sales lead: told apart by what they write, into a queue of their own, until they prove otherwise."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.card.card import card_of
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.person.profile import Value
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules

RULES = default_rules()


def writes(message: str, form: str = "contact", **more: str) -> Decision:
    decision = told(words(email="ada@example.com", message=message, **more), people.touch(form=form))
    people.given(decision)
    return decision


@pytest.mark.parametrize(
    ("relation", "message"),
    [
        ("job_seeker", "Hello, please find my CV attached"),
        ("job_seeker", "Aplikuję na stanowisko analityka, list motywacyjny w załączniku"),
        ("job_seeker", "Postovani, saljem cv"),
        ("job_seeker", "Тражим посао"),
        ("job_seeker", "Anbei meine Bewerbung und mein Lebenslauf"),
        ("supplier", "Propozycja współpracy: artykuły sponsorowane"),
        ("supplier", "Nudimo usluge SEO optimizacije"),
        ("supplier", "Kooperationsanfrage"),
        ("student", "Ich schreibe meine Masterarbeit über CRM"),
        ("student", "Potrzebuję danych, piszę pracę magisterską"),
        (None, "We need a demo for our recruitment team; they read many CVs"),
        (None, "Praca z danymi w naszym zespole, proszę o ofertę"),
        (None, "We would like to start working together with you"),
    ],
)
def test_they_are_told_by_their_words(relation: str | None, message: str) -> None:
    assert writes(message).lead.relation == relation


@pytest.mark.parametrize(
    ("address", "more", "relation"),
    [
        ("eva@cs.example.edu", {}, "student"),
        ("eva@example.ac.uk", {}, "student"),
        ("eva@student.example.com", {}, "student"),
        ("eva@cs.example.edu", {"company": "Example University"}, None),
        ("eva@cs.example.edu", {"job_title": "Head of Procurement"}, None),
        ("eva@education.example", {}, None),
        ("eva@competitor.example", {}, "competitor"),
    ],
)
def test_they_are_told_by_their_address(address: str, more: dict[str, str], relation: str | None) -> None:
    assert told(words(email=address, **more)).lead.relation == relation


def test_who_wants_a_demo_is_sales_whatever_they_write() -> None:
    assert writes("my cv is attached", "demo").lead.relation is None
    assert writes("my cv is attached", "contact").lead.relation == "job_seeker"


def test_they_have_a_queue_with_its_reason_and_no_clock_and_no_programme() -> None:
    decision = writes("my cv is attached", industry="Software", employees="60", country="PL")
    lead, card = decision.lead, card_of(decision.lead, decision.profile, RULES)
    assert (lead.ownership.queue, lead.ownership.rule, lead.status) == ("careers", "job_seeker", "unqualified")
    assert (lead.clock("first_contact"), lead.enrolment, lead.stage) == (None, None, "lead")
    assert card.fields["relation"] == "Looks for work"
    assert card.fields["owner_reason"] == "Looks for work (new lead)"


def test_a_lead_of_a_rep_who_turns_out_to_be_none_leaves_them() -> None:
    decision = told(words(email="ada@example.com"))
    people.given(decision)
    assert decision.lead.ownership.rep is not None
    decision.at, decision.facts = NOW + timedelta(minutes=1), []
    said = words(email="ada@example.com", message="my cv is attached")
    hear(understood(people.touch(2, "contact", decision.at), said, RULES, decision.at), decision)
    people.given(decision)
    assert (decision.lead.ownership.rep, decision.lead.ownership.queue) == (None, "careers")
    assert decision.lead.clock("first_contact") is None


def test_a_customer_keeps_the_person_they_know_and_buys_from_sales() -> None:
    customer = Value(value=True, basis="enriched", source="hubspot", touch_id="t", at=NOW)
    for form, queue in (("contact", "support"), ("offer", None)):
        touch = people.touch(2, form, NOW + timedelta(minutes=1))
        decision = told(words())
        heard = understood(touch, words(email="ada@example.com"), RULES, NOW)
        hear(heard.with_(looked_up={"account.customer": customer}), decision)
        people.given(decision)
        assert decision.lead.ownership.queue == queue
        assert decision.lead.relation == ("customer" if queue else None)
