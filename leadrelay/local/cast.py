"""The people of the demo and what they do: 26 leads from every kind of source, their repeats, one impostor, one riddle.

Everybody is invented: plain names, example domains, telephone numbers that are reserved for fiction.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from leadrelay.local.demo_rules import IMPATIENT
from leadrelay.ports.sample import Person, Visit

Part = Literal[
    "lead",
    "impatient",
    "linkedin",
    "taken",
    "called",
    "callback",
    "no_calls",
    "job_seeker",
    "follow_up",
    "booked",
    "forged",
    "riddle",
]
"""Why a visit is in the play. `impatient` and `linkedin` are leads too, and so are `taken`, whom a manager gives to
somebody else in the CRM, and `called`, whom a rep calls and says so there. A `callback` names a time, `no_calls` wants
none, a `job_seeker` is nobody's lead; a `follow_up` is by somebody who came before, and so is what is `booked`, a
meeting; a `riddle` is authentic and cannot be understood."""

SECOND_ACT: frozenset[Part] = frozenset({"follow_up", "booked"})
"""What somebody does who is known by then."""

_LINKEDIN = {"source": "linkedin", "medium": "paid_social", "campaign": "demo-for-data-teams"}
_SEARCH = {"source": "google", "medium": "cpc", "campaign": "analytics-brand"}
_MAIL = {"source": "newsletter", "medium": "email", "campaign": "november-issue"}

# first name, company, country, industry, employees, job title
_PEOPLE = (
    ("Emil", "Elm Workshop", "Poland", "Manufacturing", 8, "Specialist"),
    ("Filip", "Fern Logistics", "Serbia", "Logistics", 25, "Dispatcher"),
    ("Adam", "Amber Software", "Poland", "Software", 120, "Head of Data"),
    ("Beata", "Birch Systems", "Poland", "SaaS", 80, "Marketing Director"),
    ("Cezary", "Cedar Trade", "Poland", "E-commerce", 60, "Operations Manager"),
    ("Dorota", "Delta Finance", "Germany", "Banking", 300, "Director of Sales"),
    ("Goran", "Garnet Group", "Serbia", "Software", 2500, "CTO"),
    ("Helen", "Harbour Studio", "United States", "Consulting", 40, "Consultant"),
    ("Igor", "Indigo Apps", "Serbia", "Software", 70, "Founder"),
    ("Julia", "Juniper School", "Austria", "Education", 15, "Teacher"),
    ("Karol", "Kite Insurance", "Poland", "Insurance", 900, "Head of Procurement"),
    ("Lena", "Linden Agency", "Germany", "Agency", 55, "Account Manager"),
    ("Milan", "Maple Retail", "Croatia", "Retail", 210, "CMO"),
    ("Nadia", "North Cloud", "Poland", "IT services", 140, "VP Engineering"),
    ("Oskar", "Oak Transport", "Czechia", "Transport", 33, "Planner"),
    ("Petra", "Pine Consulting", "Slovenia", "Consulting", 18, "Partner Manager"),
    ("Roman", "River Bank", "Poland", "Financial services", 1300, "CFO"),
    ("Sonja", "Stone Works", "Serbia", "Production", 64, "Production Manager"),
    ("Tomas", "Tulip Data", "Lithuania", "Technology", 52, "Data Lead"),
    ("Ursula", "Umbra Energy", "Germany", "Industrial", 450, "Head of Digital"),
    ("Vera", "Violet Labs", "Poland", "Software", 95, "Product Manager"),
    ("Witold", "Willow Farm", "Poland", "Farming", 5, "Owner"),
    # ready to buy, and from the territory of who is away: whatever else falls out, this lead passes by her
    ("Zorica", "Zenith Pay", "Serbia", "Fintech", 75, "Chief Revenue Officer"),
    ("Kaja", "Kestrel Tools", "Poland", "Software", 65, "Kierowniczka IT"),
    ("Luka", "Lagoon Hotels", "Serbia", "Services", 110, "Direktor nabavke"),
    ("Hanna", "Hazel Press", "Poland", "Services", 12, "Editor"),
    ("Xenia", "Xylo Crafts", "Poland", "Crafts", 3, "Owner"),
    ("Yann", "Yarrow Fraud", "Poland", "Software", 500, "CEO"),
)


# source, form, campaign, part, how often the same delivery is sent; in the order of the people
_VISITS: tuple[tuple[str, str, Mapping[str, str], Part, int], ...] = (
    ("website", "newsletter", {}, "lead", 1),
    ("zoom", "81000000001", {}, "lead", 1),
    ("website", "demo", {**_SEARCH, "campaign": IMPATIENT}, "impatient", 1),
    ("website", "demo", _LINKEDIN, "linkedin", 6),
    ("website", "contact", _SEARCH, "taken", 1),
    ("wpforms", "25", _MAIL, "lead", 1),
    ("tiktok", "7126711421177430274", {}, "lead", 1),
    ("elementor", "e1a2b3c", {}, "lead", 1),
    ("landing", "demo", _SEARCH, "lead", 1),
    ("landing", "newsletter", {}, "lead", 1),
    ("partner", "offer", {}, "called", 1),
    ("telegram", "contact", {}, "lead", 1),
    ("meta", "650000000000001", {}, "lead", 3),
    ("linkedin", "7234246", {}, "lead", 2),
    ("callrail", "missed_call", _SEARCH, "lead", 1),
    ("tally", "wQ7xPb", {}, "lead", 1),
    ("google_ads", "40000000001", {}, "lead", 1),
    ("google_ads", "40000000002", {}, "lead", 2),
    ("google_ads", "40000000002", {}, "lead", 1),
    ("typeform", "demoFrm1", _MAIL, "lead", 1),
    ("jotform", "230000000000001", {}, "lead", 1),
    ("webflow", "65429eadebe8a9f3a30f62d0", {}, "lead", 1),
    ("typeform", "demoFrm1", _LINKEDIN, "lead", 1),
    ("website", "contact", {}, "callback", 1),
    ("website", "contact", {}, "no_calls", 1),
    ("website", "contact", {}, "job_seeker", 1),
    ("typeform", "webinar1", {}, "riddle", 1),
    ("website", "demo", {}, "forged", 1),
)
_WISHES: Mapping[Part, Mapping[str, Any]] = {
    "callback": {"callback_minutes": 120},
    "no_calls": {"ticked": ("do_not_call",)},
    "job_seeker": {"message": "I am looking for a job as an editor. Please find my CV attached."},
}
"""What somebody says beside the usual."""

# who, source, form, part, event; in this order
_LATER: tuple[tuple[str, str, str, Part, str | None], ...] = (
    ("Tomas", "typeform", "demoFrm1", "follow_up", None),
    ("Cezary", "website", "pricing", "follow_up", "pricing_page_viewed"),
    ("Cezary", "segment", "pricing", "follow_up", "pricing_page_viewed"),
    ("Ursula", "sendgrid", "november-issue", "follow_up", "email_clicked"),
    ("Goran", "calendly", "first-call", "booked", None),
)
"""Who comes back by another way: asks again, looks at prices, reads our mail, books a meeting."""


@dataclass(frozen=True, slots=True)
class Scene:
    """A visit and its part; `times` is how often the very same delivery is sent."""

    visit: Visit
    part: Part = "lead"
    times: int = 1


def scenes() -> tuple[Scene, ...]:
    """The play; follow-ups belong to its second act."""
    people = [_person(number) for number in range(len(_PEOPLE))]
    first = [
        Scene(replace(_visit(person, source, form, utm), mapped=part != "riddle", **_WISHES.get(part, {})), part, times)
        for person, (source, form, utm, part, times) in zip(people, _VISITS, strict=True)
    ]
    named = {person.first_name: person for person in people}
    return (*first, *(_later(named[name], source, form, part, event) for name, source, form, part, event in _LATER))


def _later(person: Person, source: str, form: str, part: Part, event: str | None) -> Scene:
    return Scene(replace(_visit(person, source, form, {}), event=event), part)


def _visit(person: Person, source: str, form: str, utm: Mapping[str, str]) -> Visit:
    key = f"{source}-{form}-{person.first_name.lower()}".replace("_", "-")
    return Visit(source, person, form, key, message="Please call me about a first project.", utm=utm)


def _person(number: int) -> Person:
    first_name, company, country, industry, employees, title = _PEOPLE[number]
    return Person(
        first_name=first_name,
        last_name="Sample",
        email=f"{first_name.lower()}@{company.lower().replace(' ', '-')}.example",
        phone=f"+1202555{100 + number:04d}",
        job_title=title,
        company=company,
        country=country,
        industry=industry,
        employees=employees,
    )
