"""`leadrelay parked …`: work that waits for a person, and how to take it up again once the cause is mended."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table

from leadrelay.aws.clock import SystemClock
from leadrelay.aws.queues import redrive as move
from leadrelay.aws.table.parked import parked
from leadrelay.cli.console import AsJson, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.workflows.redrive import Redrive

app = typer.Typer(no_args_is_help=True, help="Nothing is lost: what could not be done waits here.")


class Function(StrEnum):
    """Functions that work off a queue."""

    CHANGES = "changes"
    FETCH = "fetch"
    POLL = "poll"
    SCORE = "score"
    ROUTE = "route"
    DELIVER = "deliver"
    NOTIFY = "notify"
    LAKE = "lake"


@app.command("list")
def count(stage: Stage = STAGE, as_json: AsJson = False) -> None:
    """How much is parked, by reason."""
    found = parked(Deployed(stage).table())
    if as_json:
        say_json(dict(found))
        return
    table = Table("why", "how many", title="Parked")
    for why, number in sorted(found.items()):
        table.add_row(why, str(number))
    say(table if found else "nothing is parked")


@app.command()
def redrive(
    why: Annotated[
        str, typer.Argument(help="The reason, as `parked list` shows it; planned_CRM for what plan mode held back.")
    ],
    stage: Stage = STAGE,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
) -> None:
    """Take up everything parked for a reason, after its cause was mended, or what was only planned."""
    deployed = Deployed(stage)
    taken = Redrive(deployed.store(), deployed.rules(), SystemClock())(why, limit)
    say(f"{taken} taken up again{'' if taken else '; `leadrelay parked list` shows what waits, and why'}")


@app.command()
def dead(
    function: Function,
    stage: Stage = STAGE,
    limit: Annotated[int, typer.Option(min=1, help="At most so many.")] = 1000,
) -> None:
    """Move a function's dead letters back to its queue, after its defect was mended."""
    deployed = Deployed(stage)
    moved = move(deployed.queue(function, dead=True), deployed.queue(function, dead=False), limit)
    say(f"{moved} moved back to {function}")
