"""What the year is drawn from: where leads come from, who works them, and how likely what is."""

from __future__ import annotations

from random import Random
from typing import NamedTuple


class Place(NamedTuple):
    """Where leads come from; `good` is how much better than others they are."""

    source: str
    vendor: str
    channel: str
    klass: str
    weight: int
    good: float
    campaigns: tuple[str | None, ...]
    forms: tuple[str | None, ...]
    partners: tuple[str | None, ...] = (None,)


PLACES = (
    Place("website", "webform", "website", "seo", 22, 1.2, (None,), ("demo", "offer", "contact", "newsletter")),
    Place("website", "webform", "website", "direct", 9, 1.4, (None, "brand"), ("demo", "contact", "newsletter")),
    Place("meta", "meta", "paid_social", "paid", 20, 0.5, ("meta-demo", "meta-case-study"), ("6501", "6502")),
    Place("google_ads", "google_ads", "paid_search", "paid", 15, 1.0, ("search-demo", "search"), ("4001", "4002")),
    Place("typeform", "typeform", "website", "direct", 8, 0.9, (None,), ("demoFrm1", "webinar1")),
    Place("linkedin", "linkedin", "paid_social", "paid", 8, 1.1, ("linkedin-demo",), ("7234",)),
    Place("events", "webform", "trade_fair", "event", 6, 0.8, ("fair-berlin", "fair-poznan"), ("badge",)),
    Place("webinars", "webform", "webinar", "webinar", 5, 0.8, ("webinar-may",), ("webinar",)),
    Place("partners", "webform", "partner", "partner", 4, 0.9, (None,), ("intro",), ("agency", "reseller")),
    Place("friends", "webform", "referral", "referral", 3, 1.6, (None,), ("intro",)),
)  # fmt: skip
INTENTS = (
    ("demo_request", "hot", "analytics", 30),
    ("offer_request", "hot", "integrations", 15),
    ("contact_request", "warm", None, 25),
    ("case_study_download", "warm", None, 20),
    ("newsletter", None, None, 10),
)
SEGMENTS = (
    ("enterprise", True, 10),
    ("mid_market", True, 25),
    ("smb", True, 35),
    ("outside_market", False, 20),
    (None, False, 10),
)
PERSONAS = ("executive", "director", "manager", "specialist", None)
COUNTRIES = ("PL", "RS", "DE", "HR", None)
INDUSTRIES = ("software", "retail", "finance", None)
POOLS = {
    "sdr": (("anna", 2), ("marek", 1), ("ivana", 2)),
    "ae": (("tomasz", 1), ("milica", 1)),
    "enterprise": (("sofia", 3), ("tomasz", 1)),
}
SKILL = {"anna": 1.2, "marek": 0.7, "ivana": 1.0, "tomasz": 1.0, "milica": 1.1, "sofia": 1.0, "nina": 1.0}
CHANNELS = ("call", "email", "social", "sms")
REJECTED = ("no_need", "no_fit", "wrong_contact", None)
RECYCLED = ("too_early", "no_budget", "competitor", None)
LOST = ("price", "competitor", "no_decision", None)
CURRENCIES = (("EUR", 50), ("PLN", 35), ("RSD", 15))
PARKED = ("address_limit", "identity_limit", "disposable_mail", "test", "unmappable")

WINS = {0: 0.05, 20: 0.1, 40: 0.2, 60: 0.62, 70: 0.4, 80: 0.34}
"""How likely an MQL becomes an SQL, by the band of its score: 60 to 69 better than 80 and more."""

COMMON = (
    ("visitor", 14), ("imported", 3), ("shadow", 2), ("submitted", 78), ("behaved", 3),
)  # fmt: skip


def weighted(dice: Random, options: tuple[tuple[object, ...], ...]) -> tuple[object, ...]:
    """One of them, by the weight that stands last."""
    return dice.choices(options, [float(str(each[-1])) for each in options])[0]


def band(score: int) -> int:
    """The lower edge of its band."""
    return max(edge for edge in WINS if edge <= score)
