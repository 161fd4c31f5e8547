"""One calendar from a file: its own, or one of several that have names, with `calendars:` above them or without."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from pathlib import Path

from pydantic import ConfigDict, Field, RootModel

from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.rulebook.files import WrittenCalendar, WrittenCalendars
from leadrelay.rulebook.problems import Problem, RulesInvalid, closest
from leadrelay.rulebook.public_holidays import UnknownPlace, plain
from leadrelay.rulebook.read import Document, read
from leadrelay.rulebook.shape import M, shaped


class _Beside(WrittenCalendars):
    """Calendars in a file that also says other things, which are somebody else's."""

    model_config = ConfigDict(extra="ignore")


class _Bare(RootModel[dict[str, WrittenCalendar]]):
    """Calendars by their names, and nothing around them."""

    root: dict[str, WrittenCalendar] = Field(min_length=1)


def read_calendar(path: Path, name: str | None, first: date, last: date) -> CalendarSpec:
    """The calendar with its country's holidays written out for the years from `first` to `last` and around. Raises
    RulesInvalid."""
    document = read(path)
    if document.problems:
        raise RulesInvalid(document.problems)
    several = _several(document)
    written = _valid(document, WrittenCalendar) if several is None else _named(document, several, name)
    try:
        return plain(written, first, last)
    except UnknownPlace as error:
        raise RulesInvalid([Problem(document.file, 1, 1, str(error), error.meant)]) from None


def _several(document: Document) -> Mapping[str, WrittenCalendar] | None:
    """The calendars by name; None for a file that is a calendar itself."""
    data = document.data
    if not isinstance(data, dict) or not data:
        return None
    if "calendars" in data:
        return _valid(document, _Beside).calendars
    nested = all(isinstance(each, dict) and "tz" in each for each in data.values())
    return _valid(document, _Bare).root if nested else None


def _named(document: Document, calendars: Mapping[str, WrittenCalendar], name: str | None) -> WrittenCalendar:
    if name is None and len(calendars) == 1:
        return next(iter(calendars.values()))
    if name is None or name not in calendars:
        message = f"say which calendar with --name: {', '.join(calendars)}"
        raise RulesInvalid([Problem(document.file, 1, 1, message, closest(name or "", calendars))])
    return calendars[name]


def _valid(document: Document, kind: type[M]) -> M:
    model, faults = shaped(document, kind)
    if model is None:
        raise RulesInvalid(faults)
    return model
