"""The people of the demo and what they do: 23 leads of all kinds, their repeats, one impostor, one riddle.

Everybody is invented: plain names, example domains, telephone numbers that are reserved for fiction.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from leadrelay.local.demo_rules import IMPATIENT
from leadrelay.local.samples import Person, Visit

Part = Literal["lead", "impatient", "linkedin", "follow_up", "forged", "riddle"]
"""Why a visit is in the play. `impatient` and `linkedin` are leads too; a `follow_up` is by somebody who came before;
a `riddle` is authentic and cannot be understood."""

_LINKEDIN = {"source": "linkedin", "medium": "paid_social", "campaign": "demo-for-data-teams"}
_SEARCH = {"source": "google", "medium": "cpc", "campaign": "analytics-brand"}
_MAIL = {"source": "newsletter", "medium": "email", "campaign": "november-issue"}

# first name, company, country, industry, employees, job title
_PEOPLE = (
    ("Adam", "Amber Software", "Poland", "Software", 120, "Head of Data"),
    ("Beata", "Birch Systems", "Poland", "SaaS", 80, "Marketing Director"),
    ("Cezary", "Cedar Trade", "Poland", "E-commerce", 60, "Operations Manager"),
    ("Dorota", "Delta Finance", "Germany", "Banking", 300, "Director of Sales"),
    ("Emil", "Elm Workshop", "Poland", "Manufacturing", 8, "Specialist"),
    ("Filip", "Fern Logistics", "Serbia", "Logistics", 25, "Dispatcher"),
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
    ("Zofia", "Zenith Pay", "Poland", "Fintech", 75, "Chief Revenue Officer"),
    ("Xenia", "Xylo Crafts", "Poland", "Crafts", 3, "Owner"),
    ("Yann", "Yarrow Fraud", "Poland", "Software", 500, "CEO"),
)


@dataclass(frozen=True, slots=True)
class Scene:
    """A visit and its part; `times` is how often the very same delivery is sent."""

    visit: Visit
    part: Part = "lead"
    times: int = 1


def _person(number: int) -> Person:
    first_name, company, country, industry, employees, title = _PEOPLE[number]
    domain = company.lower().replace(" ", "-") + ".example"
    phone = f"+1202555{100 + number:04d}"
    last_name = "Sample"
    return Person(
        first_name, last_name, f"{first_name.lower()}@{domain}", phone, title, company, country, industry, employees
    )


def scenes() -> tuple[Scene, ...]:
    """The play in the order of its first act; follow-ups belong to the second."""
    return tuple(_scenes())


def _scenes() -> Iterator[Scene]:
    people = iter([_person(number) for number in range(len(_PEOPLE))])

    def visit(source: str, form: str, utm: dict[str, str] | None = None, person: Person | None = None) -> Visit:
        who = person or next(people)
        key = f"{source}-{form}-{who.first_name.lower()}".replace("_", "-")
        return Visit(source, who, form, key, message="Please call me about a first project.", utm=utm or {})

    yield Scene(visit("website", "demo", {"source": "google", "medium": "cpc", "campaign": IMPATIENT}), "impatient")
    yield Scene(visit("website", "demo", _LINKEDIN), "linkedin", times=6)
    pricing = visit("website", "contact", _SEARCH)
    yield Scene(pricing)
    yield Scene(visit("website", "case-study", _MAIL))
    yield Scene(visit("website", "newsletter"))
    yield Scene(visit("website", "webinar", _MAIL))
    yield Scene(visit("website", "demo"))
    yield Scene(visit("website", "case-study"))
    yield Scene(visit("landing", "demo", _SEARCH))
    yield Scene(visit("landing", "newsletter"))
    yield Scene(visit("partner", "offer"))
    yield Scene(visit("partner", "contact"))
    yield Scene(visit("meta", "650000000000001", {"campaign": "meta-demo"}), times=3)
    yield Scene(visit("meta", "650000000000001"))
    yield Scene(visit("meta", "650000000000002"))
    yield Scene(visit("meta", "650000000000002"))
    yield Scene(visit("google_ads", "40000000001"))
    yield Scene(visit("google_ads", "40000000002"), times=2)
    both = visit("google_ads", "40000000002")
    yield Scene(both)
    yield Scene(visit("typeform", "demoFrm1", _MAIL))
    yield Scene(visit("typeform", "demoFrm1"))
    yield Scene(visit("typeform", "webinar1"))
    yield Scene(visit("typeform", "demoFrm1", _LINKEDIN))
    riddle, impostor = next(people), next(people)
    yield Scene(Visit("typeform", riddle, "webinar1", "typeform-riddle", mapped=False), "riddle")
    yield Scene(visit("website", "demo", person=impostor), "forged")
    yield Scene(visit("typeform", "demoFrm1", person=both.person), "follow_up")
    for number in (1, 2):
        seen = Visit("website", pricing.person, "pricing", f"website-pricing-{number}", event="pricing_page_viewed")
        yield Scene(seen, "follow_up")
