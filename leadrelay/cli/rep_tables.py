"""What `leadrelay rep waiting` and `leadrelay rep handover` show: ids and rules, nothing of a person."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial

from rich.table import Column, Table

from leadrelay.workflows.backlog import Waiting
from leadrelay.workflows.handover import Move

_LEAD = partial(Column, "lead", no_wrap=True)
"""An id that is cut in two is of no use to anybody."""


def waiting_table(lines: Sequence[Waiting]) -> Table:
    """One row for each lead that waits."""
    table = Table("pool", _LEAD(), "since (UTC)", "at most until", "", "not free", title="Who waits for a rep")
    for line in lines:
        until = "" if line.until is None else f"{line.until:%Y-%m-%d %H:%M}"
        kind = "open to all" if line.waits == "claim" else "stale" if line.stale else ""
        skipped = ", ".join(f"{rep}: {skip.test}" for rep, skip in line.skipped.items())
        table.add_row(line.pool, line.lead_id, f"{line.since:%Y-%m-%d %H:%M}", until, kind, skipped)
    return table


def handover_table(rep: str, moves: Sequence[Move]) -> Table:
    """One row for each lead that would change hands, and how many each one gets."""
    table = Table(_LEAD(), "rule", "to", "then", title=f"Open leads of {rep}")
    for move in moves:
        table.add_row(move.lead_id, move.rule, _where(move), "a first contact" if move.calls else "goes on")
    return table


def told(rep: str, counts: Mapping[str, int]) -> str:
    """How it went, and what is left to do."""
    done = f"{counts.get('asked', 0)} leads of {rep} are being given to others"
    left = counts.get("changed", 0)
    return f"{done}; {left} were being changed meanwhile: run it again" if left else done


def _where(move: Move) -> str:
    if move.waits is not None:
        return f"waits in {move.pool}"
    return move.rep or f"queue {move.queue}"
