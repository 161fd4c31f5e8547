"""The filters of a report as a form that works without a script: days, whose days, and of whom."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import parse_qsl

from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.channel import CLASSES
from leadrelay.reports.asked import Asked
from leadrelay.reports.pages.frame import Frame
from leadrelay.reports.pages.words import readable
from leadrelay.reports.query import MOST, query_of

PERIODS = (7, 30, 90, 365)
"""Days up to today that are one click away."""

_FIRST = ("source", "pool", "segment")
"""Filters that are always in sight."""


@dataclass(frozen=True)
class Field:
    """One filter. `choices` are values with their names; where nobody can list them, they are written."""

    name: str
    label: str
    chosen: tuple[str, ...]
    choices: tuple[tuple[str, str], ...] | None

    @property
    def written(self) -> str:
        """What stands in a field that is written in."""
        return ",".join(self.chosen)


@dataclass(frozen=True)
class Period:
    """So many days up to today."""

    label: str
    href: str
    now: bool


@dataclass(frozen=True)
class Form:
    """The form: `first` are in sight, `more` can be unfolded, `on` are those that narrow now, `clear` takes them
    away. `takes` are cases that are shown one by one, with their label and number. `hidden` goes along unseen."""

    action: str
    asked: Asked
    periods: tuple[Period, ...]
    takes: tuple[tuple[str, str, int], ...]
    first: tuple[Field, ...]
    more: tuple[Field, ...]
    on: tuple[str, ...]
    clear: str
    attributed: bool
    hidden: tuple[tuple[str, str], ...]
    most: int = MOST

    @property
    def opened(self) -> bool:
        """Whether what is folded away says something now."""
        usual = self.asked.date_by == "capture" and self.asked.attribution == "first"
        return not usual or any(field.chosen for field in self.more)


def form_of(asked: Asked, filters: Sequence[str], frame: Frame) -> Form:
    """The form of a page with these filters (their ids), as it stands for what was asked."""
    fields = [_field(name, asked, frame) for name in filters]
    plain = asked.with_(where={})
    return Form(
        action=frame.path,
        asked=asked,
        periods=tuple(_periods(asked, frame)),
        takes=tuple((name, label_of(name, frame), number) for name, number in asked.take.items()),
        first=tuple(field for field in fields if field.name in _FIRST),
        more=tuple(field for field in fields if field.name not in _FIRST),
        on=tuple(_on(field, frame) for field in fields if field.chosen),
        clear=_here(frame, plain),
        attributed="source" in filters,
        hidden=(("lang", frame.language),) if frame.language else (),
    )


def _periods(asked: Asked, frame: Frame) -> Iterator[Period]:
    today = frame.now.astimezone(frame.words.zone).date()
    for days in PERIODS:
        meant = asked.with_(since=today - timedelta(days=days - 1), until=today)
        yield Period(frame.words.say(f"period.{days}"), _here(frame, meant), meant == asked)


def _here(frame: Frame, asked: Asked) -> str:
    return frame.link(frame.path.removeprefix(frame.base), *parse_qsl(query_of(asked)))


def _field(name: str, asked: Asked, frame: Frame) -> Field:
    chosen = asked.where.get(name, ())
    known = listed(frame.words.rules).get(name)
    vocabulary = name.rpartition(".")[2]
    choices = None if known is None else tuple(
        (value, frame.words.code(vocabulary, value)) for value in dict.fromkeys((*known, *chosen))
    )  # fmt: skip
    return Field(name, label_of(name, frame), chosen, choices)


def label_of(name: str, frame: Frame) -> str:
    """What a filter is called; a field of fields.yaml by its own name."""
    said = frame.words.catalogue
    return said.say.get(f"filter.{name}") or said.codes["person"].get(name) or readable(name.rpartition(".")[2])


def _on(field: Field, frame: Frame) -> str:
    names = dict(field.choices or ())
    return f"{field.label}: {', '.join(names.get(value, value) or '–' for value in field.chosen)}"


def listed(rules: Rules) -> Mapping[str, Sequence[str]]:
    """The values that the rules know, by filter."""
    return {
        "source": tuple(rules.sources.sources),
        "class": CLASSES,
        "segment": tuple(each.id for each in rules.segments.segments),
        "persona": tuple(each.id for each in rules.segments.personas),
        "temperature": ("hot", "warm"),
        "rep": tuple(each.id for each in rules.team.reps),
        "pool": tuple(each.id for each in rules.team.pools),
        "team": tuple(dict.fromkeys(each.team for each in rules.team.pools if each.team)),
    }
