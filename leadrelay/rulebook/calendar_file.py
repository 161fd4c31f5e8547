"""One calendar from a file: its own, or one of `calendars.yaml`."""

from __future__ import annotations

from datetime import date
from pathlib import Path

from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.rulebook.files import WrittenCalendar, WrittenCalendars
from leadrelay.rulebook.problems import Problem, RulesInvalid, closest
from leadrelay.rulebook.public_holidays import UnknownPlace, plain
from leadrelay.rulebook.read import Document, read
from leadrelay.rulebook.shape import M, shaped


def read_calendar(path: Path, name: str | None, today: date) -> CalendarSpec:
    """The calendar with its country's holidays written out for the years around `today`. Raises RulesInvalid."""
    document = read(path)
    if document.problems:
        raise RulesInvalid(document.problems)
    written = _named(document, name) if _is_several(document) else _valid(document, WrittenCalendar)
    try:
        return plain(written, today)
    except UnknownPlace as error:
        raise RulesInvalid([Problem(document.file, 1, 1, str(error), error.meant)]) from None


def _is_several(document: Document) -> bool:
    return isinstance(document.data, dict) and "calendars" in document.data


def _named(document: Document, name: str | None) -> WrittenCalendar:
    calendars = _valid(document, WrittenCalendars).calendars
    if name is None and len(calendars) == 1:
        return next(iter(calendars.values()))
    if name not in calendars:
        message = f"say which calendar with --name: {', '.join(calendars)}"
        raise RulesInvalid([Problem(document.file, 1, 1, message, closest(name or "", calendars))])
    return calendars[name]


def _valid(document: Document, kind: type[M]) -> M:
    model, faults = shaped(document, kind)
    if model is None:
        raise RulesInvalid(faults)
    return model
