"""`leadrelay report refresh`: the rows that reports are counted from, made now instead of by the schedule."""

from __future__ import annotations

import time
from datetime import datetime, timedelta
from typing import Annotated

import typer

from leadrelay.aws.calling import call
from leadrelay.cli.console import now, refuse, say
from leadrelay.cli.deployed import STAGE, Deployed, Stage
from leadrelay.ports.warehouse import About, Rows

_PAUSE = 1.0
_SKEW = timedelta(seconds=1)
"""Our clock may be so far ahead of the cloud's."""


def refresh(
    stage: Stage = STAGE,
    wait: Annotated[int, typer.Option(help="For how many seconds to wait for it.", min=0, max=900)] = 300,
) -> None:
    """Make the rows that reports are counted from now. The schedule does it every few minutes by itself.

    A fact is in the lake some minutes after it happened (`LakeBufferSeconds`). Exit code 1 when it takes longer than
    --wait; the function's log says why.
    """
    deployed = Deployed(stage)
    began = now() - _SKEW
    call(deployed.function("Refresh"))
    if not wait:
        return
    about = _awaited(deployed.rows(), began, wait)
    if about is None:
        refuse(f"no rows after {wait} s; look for errors of `refresh` in the log group of the stage")
    say(f"{about.facts:,} facts, {about.tables['lead_rows']:,} people; made {about.made_at:%Y-%m-%d %H:%M:%S} UTC")


def _awaited(rows: Rows, began: datetime, wait: int) -> About | None:
    """What is shown when somebody has looked since then."""
    for _ in range(max(1, round(wait / _PAUSE))):
        shown = rows.shown()
        if shown and shown.about.looked_at >= began:
            return shown.about
        time.sleep(_PAUSE)
    return None
