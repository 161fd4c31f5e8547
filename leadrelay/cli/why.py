"""`leadrelay lead why`: why is it theirs? The decision of one hop as its log row keeps it, and computed again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import typer
from pydantic import JsonValue
from rich.console import Group, RenderableType
from rich.rule import Rule
from rich.table import Table
from rich.text import Text

from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.domain.card.placement import ENGLISH_WHY
from leadrelay.domain.routing.facts import LeadAssigned, LeadWaits, OwnerOverridden
from leadrelay.domain.view import view
from leadrelay.ports.errors import Reject
from leadrelay.rulebook.asking import routing_asked
from leadrelay.rulebook.explanation import Asked
from leadrelay.rulebook.show import asked_table, chosen
from leadrelay.workflows.timing import total
from leadrelay.workflows.why import Hop, Why

_HOP = typer.Option("--hop", help="Which of its owners, counted from 1; the newest without it.", min=1)


def why(
    lead_id: str,
    hop: Annotated[int | None, _HOP] = None,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """Why a lead is whose it is: the rules, every candidate, whose turn it was, how long it took; and whether it comes
    out the same when it is computed again. Exit code 1 when it does not."""
    deployed = Deployed(stage)
    try:
        told = Why(deployed.store(), deployed.rules())(lead_id, hop)
    except Reject as refused:
        refuse(f"lead {lead_id} in stage {stage}: {refused.detail}")
    if as_json:
        say_json(_plain(told))
    else:
        say(Group(*_shown(told)))
    if told.differs:
        raise typer.Exit(1)


def _shown(told: Hop) -> Iterator[RenderableType]:
    yield Rule(f"hop {told.fact.hop} at {told.row.at:%Y-%m-%d %H:%M:%S} UTC: {_who(told)}")
    yield Text(_reason(told))
    record = told.record
    if record is not None:
        asked = _rules(told)
        if any(one.decides for one in asked):
            yield asked_table("routing rules", asked, told.rules.routing.says(record.rule) or record.rule)
        yield from chosen(record, told.rules)
    yield _laps(told)
    yield from _again(told)
    yield Text(f"rules {told.row.rules_version}", style="dim")


def _rules(told: Hop) -> tuple[Asked, ...]:
    """The rules as that lead was seen then."""
    return routing_asked(view(told.lead, told.profile, told.rules), told.rules, told.row.at)


def _who(told: Hop) -> str:
    team = told.rules.team
    match told.fact:
        case LeadAssigned(rep=str() as rep):
            return team.rep(rep).name
        case LeadAssigned(queue=str() as queue):
            return f"queue {team.queue(queue).name}"
        case LeadWaits(pool=pool):
            return f"waits in {pool}"
        case OwnerOverridden(rep=rep, crm_owner=owner):
            return f"{owner} in the CRM, not in team.yaml" if rep is None else team.rep(rep).name
        case _:
            return "nobody"


def _reason(told: Hop) -> str:
    """Why an owner was needed; and where no choice was made, who chose."""
    if isinstance(told.fact, OwnerOverridden):
        return "A person chose the owner in the CRM."
    asked = f"An owner was needed: {ENGLISH_WHY.get(told.fact.why, told.fact.why)}."
    kept = (
        "" if told.record is not None else " Its log row keeps no choice: somebody took it, or an earlier release did."
    )
    return asked + kept


def _laps(told: Hop) -> Table:
    title = f"from {told.laps[0].step} to {told.laps[-1].step} in {total(told.laps):.3f} s"
    table = Table(title=title, box=None, title_justify="left", title_style="bold", header_style="dim")
    table.add_column("step")
    table.add_column("at (UTC)")
    table.add_column("seconds", justify="right")
    for lap in told.laps:
        table.add_row(lap.step, f"{lap.at:%Y-%m-%d %H:%M:%S.%f}"[:-3], f"{lap.seconds:.3f}")
    return table


def _again(told: Hop) -> Iterator[Text]:
    if told.record is None:
        return
    if not told.differs:
        yield Text("computed again from its log row and its rules: the same", style="green")
    for name, (then, again) in told.differs.items():
        yield Text(f"computed again, {name} is {again}; then it was {then}", style="red")
    if told.forgotten:
        names = ", ".join(told.forgotten)
        yield Text(
            f"known then, and removed since: {names}; rules that ask for it may answer otherwise", style="yellow"
        )


def _plain(told: Hop) -> dict[str, JsonValue]:
    record, asked = told.record, _rules(told)
    return {
        "lead_id": told.lead.lead_id,
        "hop": told.fact.hop,
        "at": told.row.at.isoformat(),
        "rules_version": told.row.rules_version,
        "fact": {"name": told.fact.name(), **told.fact.model_dump(mode="json")},
        "decision": None if record is None else record.model_dump(mode="json"),
        "rules": None if record is None else [one.model_dump(mode="json") for one in asked],
        "laps": [lap.model_dump(mode="json") for lap in told.laps],
        "same": None if record is None else not told.differs,
        "differs": {name: list(pair) for name, pair in told.differs.items()},
        "forgotten": list(told.forgotten),
    }
