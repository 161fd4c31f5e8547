"""`leadrelay parked …`: work that waits for a person, and how to take it up again once the cause is mended."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum
from typing import Annotated

import typer
from rich.table import Table
from rich.text import Text

from leadrelay.aws.clock import SystemClock
from leadrelay.aws.queues import redrive as move
from leadrelay.aws.table.parked import parked
from leadrelay.cli.console import AsJson, refuse, say, say_json
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.ports.errors import Reject
from leadrelay.workflows.parked import Parked, Waiting
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
def show(
    why: Annotated[str, typer.Argument(help="The reason, as `parked list` shows it.")],
    words: Annotated[bool, typer.Option("--words", help="Also what was said: personal data.")] = False,
    limit: Annotated[int, typer.Option(min=1, max=1000, help="At most so many.")] = 100,
    stage: Stage = STAGE,
    as_json: AsJson = False,
) -> None:
    """The touches that are parked for a reason, longest waiting first; with --words, to decide what they are."""
    found = list(_parked(stage).touches(why, limit))
    if as_json:
        say_json([_waiting(each, words) for each in found])
        return
    columns = ("touch", "source", "form", "received (UTC)", *(("said",) if words else ()))
    table = Table(*columns, title=f"Parked: {why}")
    for row in (_waiting(each, words) for each in found):
        table.add_row(*(_cell(row[column]) for column in ("touch_id", "source", "form", "received_at", *_SAID[words])))
    say(table if found else f"no touch is parked as {why}; `leadrelay parked list` shows the reasons")


@app.command()
def erase(
    touch_id: Annotated[str, typer.Argument(help="The touch, as `parked show` lists it.")],
    yes: Annotated[bool, typer.Option("--yes", help="Do it; there is no way back.")] = False,
    stage: Stage = STAGE,
) -> None:
    """Remove what a parked touch said, and its raw deliveries: for who asks to be forgotten and never became a lead."""
    work = _parked(stage)
    try:
        if not yes:
            work.own(touch_id)
            say(f"{touch_id} would be emptied, and never be taken in again; add --yes to do it: there is no way back")
            return
        work.erase(touch_id)
    except Reject as refused:
        refuse(f"cannot be erased: {refused.detail or refused.reason}")
    say(f"{touch_id} is empty: what was said is gone, its codes are still counted")


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


_SAID: Mapping[bool, tuple[str, ...]] = {False: (), True: ("said",)}


def _parked(stage: str) -> Parked:
    deployed = Deployed(stage)
    return Parked(deployed.store(), deployed.rules(), SystemClock())


def _waiting(each: Waiting, words: bool) -> dict[str, object]:
    touch = each.record.touch
    said = {answer.label or answer.key: ", ".join(answer.values) for answer in each.words.answers}
    return {
        "touch_id": touch.touch_id,
        "source": touch.source,
        "form": touch.origin.form,
        "received_at": touch.received_at.isoformat(" ", "minutes"),
        **({"said": said} if words else {}),
    }


def _cell(value: object) -> Text:
    """As it is: what a stranger wrote is no markup."""
    told = "\n".join(f"{key}: {one}" for key, one in value.items()) if isinstance(value, dict) else value
    return Text(str(told or ""))
