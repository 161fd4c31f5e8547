"""`leadrelay upload …`: lists that a person brings, such as the visitors of a trade fair's stand."""

from __future__ import annotations

import os
import time
from collections import Counter
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated

import typer
from rich.markup import escape
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TaskID, TextColumn, TimeRemainingColumn

from connectors.csv.upload import FILE_BYTES, Sheet, read
from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import errors, misused, now, refuse, say
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.upload_columns import Column, NotMapped, columns
from leadrelay.cli.upload_judging import Judge
from leadrelay.cli.upload_report import refusals, report_of, tally, understanding, write
from leadrelay.cli.upload_work import Outcome, Upload, upload_of
from leadrelay.domain.model import code
from leadrelay.domain.person import normal
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.ports.errors import Conflict, PortError, Reject
from leadrelay.ports.source import SourceSettings
from leadrelay.rulebook.problems import closest
from leadrelay.workflows.pseudonyms import Pseudonyms

app = typer.Typer(no_args_is_help=True, help="Lists that a person brings: trade fairs, partners, old tables.")

VENDOR = "csv"

_INTERRUPTED = 130
_RECOGNISED_BY = ("lead.email", "lead.phone")


@app.callback()
def upload() -> None:
    """Lists that a person brings: trade fairs, partners, old tables."""


@app.command("csv")
def csv_file(  # noqa: PLR0913, PLR0917 each option is an argument
    file: Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="The list, as a spreadsheet saves it.")],
    source: Annotated[str, typer.Option(help="The source in sources.yaml, one with `vendor: csv`.")],
    map_: Annotated[
        list[str] | None, typer.Option("--map", help='What a column means, as "Column=lead.email"; may be repeated.')
    ] = None,
    form: Annotated[str | None, typer.Option(help="The form of the source: which event it was.")] = None,
    on: Annotated[str | None, typer.Option("--date", help="The day it happened (2026-03-02); now without it.")] = None,
    encoding: Annotated[str | None, typer.Option(help="How the text is encoded, where the guess is wrong.")] = None,
    stage: Stage = STAGE,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Look and report only; nothing is stored.")] = False,
    restart: Annotated[bool, typer.Option("--restart", help="Begin with the first row again.")] = False,
) -> None:
    """Take a list in: each row is one submission. What became of it stands in FILE's report, beside it.

    The same person is counted once for the same source, form and date, however often a list is brought: so mend what
    was refused and bring the list again. Another event is another --date or --form. It may be interrupted at any time
    (Ctrl-C) and goes on where it stopped. Exit code 1 when rows were refused.
    """
    day = _day(on)
    if not os.access(file.parent, os.W_OK):
        refuse(f"the report is written beside the file, and nobody may write in {file.parent}")
    raw, sheet = _sheet(file, encoding)
    deployed = Deployed(stage)
    rules = deployed.rules().current()
    policy = _policy(source, form, rules)
    meant = _columns(sheet, map_ or [], policy, form, rules)
    settings = SourceSettings(source, policy.vendor, policy.options)
    judge = Judge(settings, rules, meant, Pseudonyms(deployed.secrets()).of, form, day)
    name = upload_of(raw, source, form, day, sheet.encoding, sorted(map_ or []), rules.version)
    work = Upload(name, sheet.rows, judge, deployed.store(), SystemClock(), time.sleep)
    _told(file, sheet, meant)
    bar = _Bar(len(sheet.rows))
    try:
        _run(work, bar, dry_run=dry_run, restart=restart)
    finally:
        if bar.outcomes or not sheet.rows:
            write(report_of(file), sheet, bar.outcomes)
    _ended(file, bar.outcomes, day, dry_run=dry_run)


def _run(work: Upload, bar: _Bar, *, dry_run: bool, restart: bool) -> None:
    try:
        if dry_run:
            with bar.progress:
                return work.look(bar.show)
        if restart:
            work.restart()
        if work.begun():
            say("going on where the last run stopped (--restart begins anew)")
        with bar.progress:
            work(bar.show)
    except KeyboardInterrupt:
        errors.print(f"stopped after {tally(bar.outcomes)}; run it again to go on", highlight=False)
        raise typer.Exit(_INTERRUPTED) from None
    except Conflict:
        refuse("the same list is being taken in by another run; wait until it is done")
    except PortError as problem:
        refuse(f"stopped after {tally(bar.outcomes)}: {problem}\nrun it again to go on from there")


def _day(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        day = date.fromisoformat(text)
    except ValueError:
        misused(f"'{text}' is no day, such as 2026-03-02", "--date")
    if day > now().date():
        misused(f"{day} is still to come", "--date")
    return day


def _sheet(file: Path, encoding: str | None) -> tuple[bytes, Sheet]:
    with file.open("rb") as opened:
        raw = opened.read(FILE_BYTES + 1)
    try:
        return raw, read(raw, encoding)
    except Reject as refused:
        refuse(f"{file}: {refused.detail or refused.reason}")


def _policy(source: str, form: str | None, rules: Rules) -> SourcePolicy:
    sources = rules.sources.sources
    policy = sources.get(source)
    takes = [name for name, one in sources.items() if one.vendor == VENDOR]
    if policy is None:
        hint = _hint(closest(source, takes or sources), takes or [f"none with `vendor: {VENDOR}` yet"])
        misused(f"the rules in force have no source '{source}'{hint}", "--source")
    if policy.vendor != VENDOR:
        misused(f"'{source}' ({policy.vendor}) is sent by others; a list needs one with `vendor: {VENDOR}`", "--source")
    if not policy.enabled:
        misused(f"source '{source}' is not enabled in sources.yaml", "--source")
    if form is not None and (code(form) != form or (policy.forms and form not in policy.forms)):
        misused(f"source '{source}' has no form '{form}'{_hint(closest(form, policy.forms), policy.forms)}", "--form")
    return policy


def _hint(meant: str | None, there: object) -> str:
    if meant:
        return f"; did you mean '{meant}'?"
    return f"; there are: {', '.join(there)}" if isinstance(there, list | dict) and there else ""


def _columns(
    sheet: Sheet, wanted: list[str], policy: SourcePolicy, form: str | None, rules: Rules
) -> tuple[Column, ...]:
    try:
        return columns(sheet.columns, wanted, policy, form, rules.fields)
    except NotMapped as wrong:
        misused(str(wrong), "--map")


def _told(file: Path, sheet: Sheet, meant: tuple[Column, ...]) -> None:
    """How the file was read, aloud: what was guessed may be wrong."""
    between = {"\t": "tabs"}.get(sheet.delimiter, f"'{sheet.delimiter}'")
    guess = " (a guess; --encoding names another)" if sheet.guessed else ""
    say(escape(f"{file.name}: {sheet.encoding}{guess}, {between} between the cells, {len(sheet.rows):,} rows"))
    say(understanding(meant))
    often = Counter(normal.field_name(column.header) for column in meant)
    twice = sorted({column.header for column in meant if often[normal.field_name(column.header)] > 1})
    if twice:
        _warn(f"more than one column is called {', '.join(twice)}: of each row the first that can be read counts")
    if not any(column.field in _RECOGNISED_BY for column in meant):
        _warn('no column is an e-mail or a phone: nobody can be recognised. Say which with --map "Column=lead.email"')


def _warn(message: str) -> None:
    errors.print(message, style="yellow", markup=False)


def _ended(file: Path, outcomes: list[Outcome], day: date | None, *, dry_run: bool) -> None:
    found = Counter(outcome.verdict for outcome in outcomes)
    say(f"{tally(outcomes)}{' (looked at only: nothing was stored)' if dry_run else ''}")
    if found["known"] and day is None:
        say("known from this or an earlier list of the same source and form; --date tells one event from another")
    if found["refused"]:
        say(refusals(outcomes))
    say(escape(f"row by row: {report_of(file)}"))
    if found["refused"]:
        raise typer.Exit(1)


@dataclass
class _Bar:
    """How far it is, on standard error, and what became of each row so far."""

    rows: int
    outcomes: list[Outcome] = field(default_factory=list)
    progress: Progress = field(
        default_factory=lambda: Progress(
            TextColumn("rows"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn(), console=errors, transient=True
        )
    )
    _task: TaskID | None = None

    def show(self, outcome: Outcome) -> None:
        """Called after every row."""
        self.outcomes.append(outcome)
        if self._task is None:
            self._task = self.progress.add_task("", total=self.rows)
        self.progress.update(self._task, completed=len(self.outcomes))
