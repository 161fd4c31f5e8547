"""What a crossed line and a week are told as, in the words of every language."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from functools import cache
from importlib.resources import files
from zoneinfo import ZoneInfo

from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked
from leadrelay.reports.moved import Moved
from leadrelay.reports.pages.catalogue import LANGUAGES
from leadrelay.reports.pages.words import Words
from leadrelay.reports.thresholds import Crossed
from leadrelay.reports.weekly import Part, Told, Week

Lines = Mapping[str, tuple[str, ...]]
"""By language: the title, and the lines below it."""


@cache
def _sentences() -> Mapping[str, Mapping[str, str]]:
    found: dict[str, dict[str, str]] = json.loads(files(__package__).joinpath("telling.json").read_text("utf-8"))
    return found


def of_crossed(found: Crossed, rules: Rules) -> Lines:
    """A number beyond its line: how far, since when, on how many it rests, and the likely cause."""
    return {language: tuple(_crossed(found, _Voice(language, rules, found.asked))) for language in LANGUAGES}


def of_week(found: Week, rules: Rules) -> Lines:
    """The numbers that moved most, each with the source, the pool and the rep that moved it."""
    return {language: tuple(_week(found, _Voice(language, rules, found.asked))) for language in LANGUAGES}


class _Voice:
    """One language, about the days of one question."""

    def __init__(self, language: str, rules: Rules, asked: Asked) -> None:
        self._says = _sentences()[language]
        spoken = next(each for each in LANGUAGES if each == language)
        self.words = Words(spoken, rules, ZoneInfo(asked.zone), asked.currency)
        self.days = f"{self.words.day(asked.since)} – {self.words.day(asked.until)}"

    def say(self, name: str, **told: object) -> str:
        """A sentence."""
        return self._says[name].format(**told)

    def label(self, moved: Moved) -> str:
        """`Funnel: Leads`."""
        text = self.words.report(moved.report)
        return f"{text.title}: {text.numbers.get(moved.id, moved.id)}"

    def value(self, value: float | None, moved: Moved) -> str:
        """As the report itself shows it."""
        return self.words.value(value, moved.kind)


def _crossed(found: Crossed, voice: _Voice) -> Iterator[str]:
    number = found.moved
    value, limit = voice.value(number.now, number), voice.value(found.limit, number)
    yield voice.say("crossed", label=voice.label(number), value=value, limit=limit, days=voice.days)
    if found.threshold.where:
        filters = "; ".join(f"{name}: {', '.join(values)}" for name, values in sorted(found.threshold.where.items()))
        yield voice.say("where", filters=filters)
    yield voice.say("before", was=voice.value(number.was, number))
    yield voice.say("of", of=number.of, leads=number.leads, of_was=number.of_was, leads_was=number.leads_was)
    yield voice.say(number.cause or "chance")


def _week(found: Week, voice: _Voice) -> Iterator[str]:
    yield voice.say("week" if found.told else "nothing", days=voice.days)
    for told in found.told:
        yield from _told(told, voice)


def _told(told: Told, voice: _Voice) -> Iterator[str]:
    number = told.moved
    now, was = voice.value(number.now, number), voice.value(number.was, number)
    yield voice.say("moved", label=voice.label(number), now=now, was=was)
    for part in told.parts:
        yield f"  {_part(part, voice)}"


def _part(part: Part, voice: _Voice) -> str:
    code = voice.words.code(part.by, part.code)
    now, was = voice.value(part.moved.now, part.moved), voice.value(part.moved.was, part.moved)
    return voice.say("part", by=voice.say(part.by), code=code, now=now, was=was)
