"""`leadrelay crm import`: the people, owners and open deals that the CRM had before LeadRelay came."""

from __future__ import annotations

import time
from dataclasses import dataclass, field
from typing import Annotated

import typer
from rich.progress import Progress, SpinnerColumn, TaskID, TextColumn, TimeElapsedColumn

from leadrelay.aws.clock import SystemClock
from leadrelay.cli.console import errors, refuse, say
from leadrelay.cli.crm.account import Account, Endpoint, Vendor, opened
from leadrelay.cli.crm.importing import Import, Tally
from leadrelay.cli.deployed import STAGE, Stage
from leadrelay.ports.errors import Conflict, PortError

Restart = Annotated[bool, typer.Option("--restart", help="Begin with the first page, wherever the last run stopped.")]
Limit = Annotated[
    int | None, typer.Option(min=1, help="Stop after so many new people: to look at a few of them first.")
]

_INTERRUPTED = 130
_COLUMNS = (SpinnerColumn(), TextColumn("{task.description}"), TimeElapsedColumn())


def import_(
    stage: Stage = STAGE, crm: Vendor = None, endpoint: Endpoint = None, restart: Restart = False, limit: Limit = None
) -> None:
    """Bring in the people, owners and open deals that are there already.

    They are known from then on: whose they are and how far, so that they are no strangers when they ask for something.
    Until they do, nothing happens to them: no owner is chosen, no clock runs, no note or task is written.

    It may be interrupted at any time (Ctrl-C) and goes on where it stopped. A second import takes what has changed.
    """
    work = _import(opened(stage, crm, endpoint))
    bar = _Bar()
    try:
        if restart:
            work.restart()
        if work.begun():
            say(f"{work.crm}: going on where the last run stopped (--restart begins anew)")
        with bar.progress:
            work(bar.show, limit)
    except KeyboardInterrupt:
        errors.print(f"stopped after {bar.last}; run it again to go on", highlight=False)
        raise typer.Exit(_INTERRUPTED) from None
    except Conflict:
        refuse(f"another import of {work.crm} is running in stage {stage}; wait until it is done")
    except PortError as problem:
        refuse(f"stopped after {bar.last}: {problem}\nrun it again to go on from there; --restart begins anew")
    say(_ended(work.crm, bar.last))


def _import(account: Account) -> Import:
    rules, store = account.rules, account.deployed.store()
    return Import(account.crm, account.setup, store, rules, SystemClock(), time.sleep)


def _ended(crm: str, tally: Tally) -> str:
    done = f"{crm}: {tally}"
    if tally.unknowable:
        left = f"{tally.unknowable:,} of them without address and number were left out"
        done += f"\n{left}: nobody could know them again"
    return done if tally.complete else f"{done}\nthere are more: run it again to go on"


@dataclass
class _Bar:
    """How far it is, on standard error, and the last that was told."""

    last: Tally = field(default_factory=Tally)
    progress: Progress = field(default_factory=lambda: Progress(*_COLUMNS, console=errors, transient=True))
    _task: TaskID | None = None

    def show(self, tally: Tally) -> None:
        """Called after every step."""
        self.last = tally
        if self._task is None:
            self._task = self.progress.add_task("", total=None)
        self.progress.update(self._task, description=str(tally))
