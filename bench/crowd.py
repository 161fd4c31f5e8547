"""A seeded crowd of leads, as web forms would send them: the same on every machine."""

from __future__ import annotations

from collections.abc import Iterator
from random import Random
from typing import Any

_FORMS = ("demo", "offer", "contact", "case-study", "newsletter")
_INDUSTRIES = ("Software", "Banking", "Logistyka", "Beekeeping")
_COUNTRIES = ("Poland", "Serbia", "Deutschland", "United States")
_TITLES = ("CEO", "Head of Operations", "Sales Manager", "Analyst")


def crowd(leads: int, seed: int) -> Iterator[dict[str, Any]]:
    """So many people, each with one submission."""
    dice = Random(seed)
    for number in range(leads):
        yield {
            "form": dice.choice(_FORMS),
            "submission_id": f"bench-{seed}-{number:06d}",
            "page": "https://www.example.com/demo?utm_source=linkedin&utm_medium=cpc",
            "fields": {
                "email": f"person{number}@company{dice.randrange(leads)}.example",
                "first_name": "Sample",
                "last_name": f"Person {number}",
                "industry": dice.choice(_INDUSTRIES),
                "employees": str(dice.choice((8, 40, 180, 2000))),
                "country": dice.choice(_COUNTRIES),
                "job_title": dice.choice(_TITLES),
                "message": "We would like to see how it works for our team. " * 3,
            },
        }
