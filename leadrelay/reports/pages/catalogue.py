"""The words of one language: how numbers, times and days are written, what pages say, what codes are called.

One catalogue for everything that shows a report, so that a stage has one name on pages and in the terminal.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import get_args

from pydantic import Field

from leadrelay.domain.model import Model
from leadrelay.domain.notices.policy import Language

LANGUAGES: tuple[Language, ...] = get_args(Language)
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


def spoken(asked: str | None, accepted: str | None = None) -> Language:
    """The language to answer in: the one that was asked for, else the best of an `Accept-Language` header, else the
    first of ours."""
    offers = [(1.0, asked or ""), *(_offer(part) for part in (accepted or "").split(","))]
    if asked in LANGUAGES:
        offers = offers[:1]
    known = {name: weight for weight, name in reversed(offers) if weight > 0}
    return max((language for language in LANGUAGES if language in known), key=known.__getitem__, default=LANGUAGES[0])


def _offer(part: str) -> tuple[float, str]:
    name, _, quality = part.strip().partition(";")
    try:
        weight = float(quality.strip().removeprefix("q=")) if quality else 1.0
    except ValueError:
        weight = 0.0
    return weight, name.strip().lower().partition("-")[0]
