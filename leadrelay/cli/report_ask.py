"""One report on the command line: what is asked, of which facts, and in which form it is answered."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from inspect import Parameter
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

import typer

from leadrelay.cli.console import RULES, RulesFolder, misused, now, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.report_shown import leads_shown, shown
from leadrelay.domain.notices.policy import Language as Spoken
from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.definition import Inputs
from leadrelay.reports.engine import Engine, NoFacts
from leadrelay.reports.filters import UnknownFilter, filters
from leadrelay.reports.inputs import NotReadable, brought, of_folder
from leadrelay.reports.kept import kept
from leadrelay.reports.pages import LANGUAGES, Frame, Words, report_page
from leadrelay.reports.query import MOST, NotAsked, asked_of
from leadrelay.reports.registry import Entry, report
from leadrelay.reports.result import Line, Report, Table
from leadrelay.reports.run import Opened, answered, opened
from leadrelay.reports.sheet import sheet, table_of
from leadrelay.rulebook.compile import compile_rules


class Format(StrEnum):
    """How a report is answered."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
    HTML = "html"


Since = Annotated[str | None, typer.Option(help="First day; 29 days before the last one where it is not given.")]
Until = Annotated[str | None, typer.Option(help="Last day, counted with; today where it is not given.")]
By = Annotated[str | None, typer.Option(help="Days of `capture` or of `activity`.")]
Attribution = Annotated[str | None, typer.Option(help="Whose leads they are: of the `first` touch or of the `last`.")]
Where = Annotated[list[str] | None, typer.Option(help="FILTER=VALUE[,VALUE…], such as source=meta; many times.")]
As = Annotated[Format, typer.Option("--format", help="How it is answered.")]
Facts = Annotated[
    Path | None, typer.Option(help="A folder of lake files (JSON lines or Parquet) instead of a stage.", exists=True)
]
Brought = Annotated[
    Path | None, typer.Option("--inputs", help="A folder with spend.csv, visits.csv, rates.csv.", exists=True)
]
Open = Annotated[str | None, typer.Option("--open", help="TABLE:LINE, such as stages:mql: the leads behind a line.")]
Only = Annotated[str | None, typer.Option("--table", help="Only this table, as CSV.")]
Language = Annotated[str, typer.Option(help="en, pl or sr.")]


@dataclass(frozen=True, slots=True)
class _Place:
    """What a report is counted from."""

    engine: Engine
    rules: Rules
    inputs: Inputs
    now: datetime


def asking(name: str) -> Callable[..., None]:
    """The command of this report."""

    def command(  # noqa: PLR0913, PLR0917  # every option of the command is one
        since: Since = None,
        until: Until = None,
        by: By = None,
        attribution: Attribution = None,
        where: Where = None,
        format_: As = Format.TABLE,
        facts: Facts = None,
        inputs: Brought = None,
        open_: Open = None,
        table: Only = None,
        language: Language = "en",
        rules: RulesFolder = RULES,
        stage: Stage = STAGE,
        **takes: int | None,
    ) -> None:
        entry = report(name)
        said = {"since": since, "until": until, "by": by, "attribution": attribution}
        with _refusing():
            place = _place(facts, inputs, rules, stage)
            asked = _asked({**said, **_texts(takes)}, where or [], entry, place)
            found = answered(entry, asked, place.engine, place.rules, place.now, place.inputs)
            words = Words(_spoken(language), place.rules, ZoneInfo(asked.zone), asked.currency)
            if open_ is None:
                _answer(found, words, format_, table, place.now)
            else:
                _leads(opened(entry, asked, _opens(found, open_), place.engine, place.rules), words, format_)

    return _with_takes(command, report(name).definition.takes)


def _with_takes(command: Callable[..., None], takes: Mapping[str, int]) -> Callable[..., None]:
    """The command with an option for each kind of cases that the report shows one by one."""
    own = inspect.signature(command, eval_str=True)
    shown = [each for each in own.parameters.values() if each.kind is not Parameter.VAR_KEYWORD]
    more = [
        Parameter(each, Parameter.KEYWORD_ONLY, default=None, annotation=Annotated[int | None, _take(each, number)])
        for each, number in takes.items()
    ]
    command.__signature__ = own.replace(parameters=[*shown, *more])  # type: ignore[attr-defined]
    return command


def _take(name: str, number: int) -> Any:
    return typer.Option(
        f"--{name}",
        min=1,
        max=MOST,
        help=f"So many of {name}, the latest; {number} where it is not given.",
    )


def _texts(takes: Mapping[str, int | None]) -> dict[str, str | None]:
    return {name: None if number is None else str(number) for name, number in takes.items()}


@contextmanager
def _refusing() -> Iterator[None]:
    try:
        yield
    except (NotAsked, UnknownFilter, NoFacts, NotReadable) as problem:
        refuse(str(problem))


def _place(facts: Path | None, inputs: Path | None, rules: Path, stage: str) -> _Place:
    at = now()
    if facts is not None:
        found = Inputs() if inputs is None else of_folder(inputs)
        return _Place(Engine.over_facts(facts), compile_rules(rules, at.date()).rules, found, at)
    deployed = Deployed(stage)
    found = brought(deployed.inputs()) if inputs is None else of_folder(inputs)
    return _Place(kept(deployed.rows())[0], deployed.rules().current(), found, at)


def _asked(said: Mapping[str, str | None], where: Iterable[str], entry: Entry, place: _Place) -> Asked:
    pairs = [(name, value) for name, value in said.items() if value is not None]
    pairs += [_pair(text) for text in where]
    return asked_of(pairs, filters(place.rules), place.rules.reports, place.now, entry.definition.takes)


def _spoken(said: str) -> Spoken:
    found = next((language for language in LANGUAGES if language == said), None)
    return misused(f"'{said}' is none of {', '.join(LANGUAGES)}", "--language") if found is None else found


def _pair(text: str) -> tuple[str, str]:
    name, equals, values = text.partition("=")
    if not equals:
        misused(f"'{text}' has no value; write for example source=meta", "--where")
    return name.strip(), values


def _answer(found: Report, words: Words, as_: Format, table: str | None, at: datetime) -> None:
    if as_ == Format.HTML:
        typer.echo(report_page(found, (), Frame(words, at, alone=True)), nl=False)
    elif as_ == Format.JSON:
        say_json(found.model_dump(mode="json"))
    elif as_ == Format.CSV:
        if table is not None:
            _table(found, table)
        typer.echo(sheet(found, words.report(found.name), table), nl=False)
    else:
        say(shown(found, words))


def _leads(found: tuple[Opened, ...], words: Words, as_: Format) -> None:
    if as_ == Format.HTML:
        misused("html is for whole reports; leads are shown as table, json or csv", "--format")
    if as_ == Format.JSON:
        say_json([each.model_dump(mode="json") for each in found])
    elif as_ == Format.CSV:
        typer.echo(table_of(tuple(Opened.model_fields), (tuple(dict(each).values()) for each in found)), nl=False)
    else:
        say(leads_shown(found, words))


def _opens(found: Report, wanted: str) -> tuple[Condition, ...]:
    name, _, key = wanted.partition(":")
    table = _table(found, name)
    meant = [line for line in table.lines if key in _names(line)]
    if len(meant) > 1:
        misused(f"'{key}' is more than one line; name one: {', '.join(_names(line)[1] for line in meant)}", "--open")
    if not meant:
        there = dict.fromkeys(_names(line)[0] for line in table.lines)
        misused(f"table '{name}' has no line '{key}'; it has {', '.join(there) or 'none'}", "--open")
    opens = meant[0].opens
    return refuse(f"'{wanted}' cannot be opened: no leads are behind it") if opens is None else opens


def _names(line: Line) -> tuple[str, str]:
    """What a line is called: by its first cell, or where several have the same by its first two."""
    cells = ["" if value is None else str(value) for value in line.values[:2]]
    return cells[0], "/".join(cells)


def _table(found: Report, name: str) -> Table:
    known = {table.id: table for table in found.tables}
    if name not in known:
        misused(f"no table '{name}'; there are {', '.join(known)}", "--table")
    return known[name]
