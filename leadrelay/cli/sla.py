"""`leadrelay sla …`: a deadline, and the business time it is made of."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.table import Table

from leadrelay.cli.console import AsJson, instant, misused, refuse, say, say_json
from leadrelay.domain.clocks.business_time import Calendar, Interval, calendar_of
from leadrelay.domain.clocks.calendar_spec import CalendarSpec
from leadrelay.rulebook.calendar_file import read_calendar
from leadrelay.rulebook.problems import RulesInvalid

app = typer.Typer(no_args_is_help=True, help="Count business time as the clocks do.")

CalendarFile = Annotated[
    Path,
    typer.Option("--calendar", help="A calendar (YAML or JSON), or a file of several.", exists=True, dir_okay=False),
]
Name = Annotated[str | None, typer.Option(help="Which calendar, when the file has several.")]
Start = Annotated[str, typer.Option(help="ISO time with a zone.")]


@app.command()
def due(
    calendar: CalendarFile,
    start: Start,
    minutes: Annotated[int | None, typer.Option(min=0, help="Business minutes.")] = None,
    seconds: Annotated[int | None, typer.Option(min=0, help="Business seconds, instead of minutes.")] = None,
    name: Name = None,
    as_json: AsJson = False,
) -> None:
    """When a target falls due: START plus so much business time."""
    if (minutes is None) == (seconds is None):
        misused("give either --minutes or --seconds", "--minutes")
    target = seconds if seconds is not None else 60 * (minutes or 0)
    begin = instant(start, "--start")
    with _counting():
        rough = _hours(calendar, name, begin, begin)[1].add(begin, target)
        spec, hours = _hours(calendar, name, begin, rough)
        falls, trace = hours.add(begin, target), hours.trace_add(begin, target)
    if as_json:
        say_json({"due_utc": falls.isoformat(), "business_minutes": _minutes(target), "trace": _plain(trace)})
        return
    say(f"due {_local(falls, spec)} ({falls.isoformat()}): {_minutes(target):.12g} business minutes")
    say(_table(trace, spec))


@app.command()
def between(calendar: CalendarFile, start: Start, end: Start, name: Name = None, as_json: AsJson = False) -> None:
    """How much business time lies between START and END; negative when END is earlier."""
    begin, finish = instant(start, "--start"), instant(end, "--end")
    with _counting():
        spec, hours = _hours(calendar, name, min(begin, finish), max(begin, finish))
        counted, trace = hours.between(begin, finish), hours.trace_between(begin, finish)
    if as_json:
        say_json({"business_minutes": _minutes(counted), "trace": _plain(trace)})
        return
    say(f"{_minutes(counted):.12g} business minutes")
    say(_table(trace, spec))


@contextmanager
def _counting() -> Iterator[None]:
    """What cannot be counted is refused in words."""
    try:
        yield
    except RulesInvalid:  # the file is at fault, which `main` says with its place
        raise
    except OverflowError:
        refuse("that is beyond the years that can be counted (1 to 9999)")
    except ValueError as error:
        refuse(str(error))


def _hours(path: Path, name: str | None, first: datetime, last: datetime) -> tuple[CalendarSpec, Calendar]:
    """The calendar with the holidays of all the years that are counted."""
    spec = read_calendar(path, name, first.date(), last.date())
    return spec, calendar_of(spec)


def _plain(trace: Iterable[Interval]) -> list[dict[str, object]]:
    return [
        {
            "start": part.start.isoformat(),
            "end": part.end.isoformat(),
            "seconds": part.seconds,
            "date": part.local_date.isoformat(),
        }
        for part in trace
    ]


def _table(trace: Iterable[Interval], spec: CalendarSpec) -> Table:
    table = Table(box=None)
    for column in ("from", "until", "business minutes"):
        table.add_column(column)
    for part in trace:
        table.add_row(_local(part.start, spec), _local(part.end, spec), f"{_minutes(part.seconds):.12g}")
    return table


def _local(at: datetime, spec: CalendarSpec) -> str:
    return at.astimezone(ZoneInfo(spec.tz)).strftime("%a %Y-%m-%d %H:%M:%S %Z")


def _minutes(seconds: int) -> float:
    """Seconds as minutes, whole where they are whole."""
    return seconds // 60 if seconds % 60 == 0 else seconds / 60
