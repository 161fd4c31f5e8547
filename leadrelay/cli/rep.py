"""`leadrelay rep …`: the people who work leads: who is away, who is back, how much each one has."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from zoneinfo import ZoneInfo

import typer
from rich.markup import escape
from rich.table import Table

from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import AsJson, misused, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.cli.rep_tables import handover_table, told, waiting_table
from leadrelay.domain.routing.absences import When
from leadrelay.domain.routing.credits import Grant, GrantWhy
from leadrelay.domain.routing.ledger import MILLION
from leadrelay.domain.routing.rep_state import Absence
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import rep_key
from leadrelay.workflows import backlog
from leadrelay.workflows.handover import Handover
from leadrelay.workflows.rep_credit import RepCredit
from leadrelay.workflows.rep_roster import Standing, roster
from leadrelay.workflows.reps import Reps, named

app = typer.Typer(no_args_is_help=True, help="The people who work leads: away, back, how much each one has.")

RepId = Annotated[str, typer.Argument(metavar="REP", help="The rep's id in team.yaml.")]

_WHEN = "A day (2026-12-01), or a time of the rep's own clock (2026-12-01T14:00), or one with a zone."


@app.command()
def away(
    rep: RepId,
    until: Annotated[str | None, typer.Option(help=f"The last day, away to its end. {_WHEN}")] = None,
    start: Annotated[
        str | None, typer.Option("--from", help=f"The first day; now, if it is not given. {_WHEN}")
    ] = None,
    why: Annotated[str, typer.Option(help="For colleagues who look; it is told to nobody else.")] = "",
    stage: Stage = STAGE,
) -> None:
    """Give them no new leads for some time; without --until, until `leadrelay rep back`.

    What they have stays theirs.
    """
    work, deployed = _reps(stage)
    try:
        absence = work.away(rep, _when(until, "--until"), _when(start, "--from"), why)
    except Reject as refused:
        refuse(refused.detail)
    zone = _zone(deployed, rep)
    say(f"{rep} is away from {_local(absence.start, zone)} {_until(absence, zone)}")
    had = work.state(rep).open
    if had:
        say(f"{had} open leads stay theirs; leadrelay rep handover {rep} gives them to others")


@app.command()
def back(rep: RepId, stage: Stage = STAGE) -> None:
    """Give them new leads again, from now on. Absences planned for later stay."""
    work, deployed = _reps(stage)
    try:
        ended = work.back(rep)
    except Reject as refused:
        refuse(refused.detail)
    if ended is None:
        say(f"{rep} was not away")
    else:
        say(f"{rep} is back; was away {_until(ended, _zone(deployed, rep))}")


@app.command("list")
def show(stage: Stage = STAGE, as_json: AsJson = False) -> None:
    """Who is there and who is away, and how much each one has."""
    work, deployed = _reps(stage)
    standings = roster(work, deployed.rules().current(), SystemClock().now())
    if as_json:
        say_json([standing.model_dump(mode="json") for standing in standings])
        return
    columns = ("rep", "name", "now", "open", "in the CRM", "allowance")
    table = Table(*columns, title="Reps, in the time of their own calendars")
    for each in standings:
        cells = (each.rep, each.name, _now(each), _load(each), _seen(each), _allowance(each))
        table.add_row(*map(escape, cells))
    say(table)


@app.command()
def waiting(stage: Stage = STAGE, as_json: AsJson = False) -> None:
    """Leads that found nobody yet, longest waiting first; those of which the manager heard are marked."""
    deployed = Deployed(stage)
    lines = backlog.waiting(deployed.store(), deployed.rules().current(), SystemClock().now())
    if as_json:
        say_json([line.model_dump(mode="json") for line in lines])
        return
    say(waiting_table(lines) if lines else "nobody waits")


@app.command()
def handover(
    rep: Annotated[str, typer.Argument(metavar="REP", help="Whose leads; may have left team.yaml already.")],
    to_pool: Annotated[
        str | None, typer.Option("--to-pool", help="To the people of this pool; else to where each lead belongs.")
    ] = None,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only say where each lead would go.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask before it is done.")] = False,
    stage: Stage = STAGE,
) -> None:
    """Give the open leads of a rep who is sick or left to others, by the same rules and in the same turns as ever.

    What was done already is not done twice: if it breaks off, run it again.
    """
    deployed = Deployed(stage)
    work = Handover(deployed.store(), deployed.rules(), SystemClock())
    try:
        moves = work.plan(rep, to_pool)
    except Reject as refused:
        refuse(refused.detail)
    say(handover_table(rep, moves) if moves else f"{rep} has no open leads")
    if dry_run or not moves:
        return
    if not yes and not typer.confirm(f"Hand over {len(moves)} leads of {rep}?"):
        refuse("nothing was done")
    say(told(rep, work(rep, to_pool)))
    if _gets_more(deployed, rep):
        say(f"{rep} still gets new leads: leadrelay rep away {rep}")


@app.command()
def credit(
    rep: RepId,
    pool: Annotated[str, typer.Option(help="In which pool's turns.")],
    leads: Annotated[
        int, typer.Option(help="So many leads count as given (2), or do not count although they were (-1).")
    ],
    why: Annotated[GrantWhy, typer.Option(help="Leads that were none, a mistake, or something agreed on.")],
    hot: Annotated[bool, typer.Option("--hot", help="In the turns of hot leads; else in those of all others.")] = False,
    stage: Stage = STAGE,
) -> None:
    """Say what counts for a rep in a pool's turns, beside what is counted by itself.

    It is kept apart in the ledger as your word, with its reason.
    """
    deployed = Deployed(stage)
    work = RepCredit(deployed.store(), deployed.rules(), SystemClock())
    grant = Grant(leads=leads, kind="hot" if hot else "other", why=why)
    try:
        ledger = work(rep, pool, grant)
    except Reject as refused:
        refuse(refused.detail)
    of = "hot leads" if hot else "leads that are not hot"
    counted, owed = ledger.level(rep) / MILLION, float(ledger.shortfalls()[rep])
    stands = f"{owed:.1f} short of" if owed > 0 else f"{-owed:.1f} ahead of"
    say(f"{rep} counts {counted:.1f} {of} in {pool} now ({ledger.given[rep]} given), {stands} their share")


def _gets_more(deployed: Deployed, rep: str) -> bool:
    """Whether new leads still come to somebody whose leads were just given to others."""
    known = deployed.store().load(rep_key(rep))
    away = known is not None and known.state.away(SystemClock().now()) is not None
    return deployed.rules().current().team.rep(rep).active and not away


def _reps(stage: str) -> tuple[Reps, Deployed]:
    deployed = Deployed(stage)
    return Reps(deployed.store(), deployed.rules(), SystemClock()), deployed


def _when(text: str | None, parameter: str) -> When | None:
    """A day, or a time; with a zone or of the rep's own clock."""
    if text is None:
        return None
    try:
        return datetime.fromisoformat(text) if "T" in text or " " in text else date.fromisoformat(text)
    except ValueError:
        misused(f"'{text}' is neither a day, such as 2026-12-01, nor a time, such as 2026-12-01T14:00", parameter)


def _zone(deployed: Deployed, rep: str) -> ZoneInfo:
    rules = deployed.rules().current()
    return rules.zone(named(rules.team, rep).calendar)


def _local(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %Y %H:%M} {zone.key}"


def _short(at: datetime, zone: ZoneInfo) -> str:
    return f"{at.astimezone(zone):%a %-d %b %H:%M}"


def _until(absence: Absence, zone: ZoneInfo) -> str:
    return "until they are back" if absence.until is None else f"until {_local(absence.until, zone)}"


def _now(standing: Standing) -> str:
    zone = ZoneInfo(standing.zone)
    if not standing.active:
        return "inactive"
    if standing.away is not None:
        why = f" ({standing.away.why})" if standing.away.why else ""
        until = "they are back" if standing.away.until is None else _short(standing.away.until, zone)
        return f"away until {until}{why}"
    here = "works" if standing.works else f"begins {_short(standing.begins, zone)}" if standing.begins else "no hours"
    ahead = "" if standing.next_away is None else f"; away from {_short(standing.next_away.start, zone)}"
    return here + ahead


def _load(standing: Standing) -> str:
    return f"{standing.open}" if standing.cap is None else f"{standing.open} of {standing.cap}"


def _seen(standing: Standing) -> str:
    if standing.crm_open is None or standing.crm_seen_at is None:
        return ""
    return f"{standing.crm_open}, seen {_short(standing.crm_seen_at, ZoneInfo(standing.zone))}"


def _allowance(standing: Standing) -> str:
    if standing.monthly is None:
        return "no limit"
    return f"{standing.left:.1f} now, {standing.monthly} a month"
