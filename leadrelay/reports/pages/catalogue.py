"""The words of one language: how numbers, times and days are written, what pages say, what codes are called.

One catalogue for everything that shows a report, so that a stage has one name on pages and in the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path

from pydantic import Field

from leadrelay.domain.model import Model

LANGUAGES = ("en", "pl", "sr")
"""The first is that of whoever asks for another."""

_TEXTS = Path(__file__).parent / "texts"


class Catalogue(Model):
    """`group` stands between thousands from `group_from` digits on; `units` are s, min, h and d. `say` are the
    sentences of pages by name, `codes` what codes are called, by vocabulary, `facts` a sentence for each fact of a
    lead's story. What stands in braces is filled in."""

    name: str
    decimal: str
    group: str
    group_from: int
    percent: str
    money: str
    day: str
    moment: str
    month: str
    units: Mapping[str, str]
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    weekdays: tuple[str, ...] = Field(min_length=7, max_length=7)
    say: Mapping[str, str]
    codes: Mapping[str, Mapping[str, str]]
    facts: Mapping[str, str]


@cache
def catalogue(language: str) -> Catalogue:
    """The words of a language; of the first one where it is not spoken here."""
    known = language if language in LANGUAGES else LANGUAGES[0]
    return Catalogue.model_validate_json((_TEXTS / f"{known}.json").read_text("utf-8"))


def spoken(asked: str | None, accepted: str | None = None) -> str:
    """The language to answer in: the one that was asked for, else the best of an `Accept-Language` header, else the
    first of ours."""
    if asked in LANGUAGES:
        return str(asked)
    offers = [_offer(part) for part in (accepted or "").split(",")]
    known = [(weight, -place, name) for place, (weight, name) in enumerate(offers) if name in LANGUAGES and weight > 0]
    return max(known)[2] if known else LANGUAGES[0]


def _offer(part: str) -> tuple[float, str]:
    name, _, quality = part.strip().partition(";")
    try:
        weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
    except ValueError:
        weight = 0.0
    return weight, name.strip().lower().partition("-")[0]
