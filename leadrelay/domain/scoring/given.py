"""What a rule gives a lead now: the points, what its own caps leave of them, which touch earned them, how long."""

from __future__ import annotations

from datetime import datetime
from typing import NamedTuple


class Given(NamedTuple):
    """`points` before and `kept` after the rule's own caps; `changes_at` (UTC) is when `points` change next if nothing
    happens, None if they stay."""

    points: int
    kept: int
    touch_id: str | None = None
    changes_at: datetime | None = None


NOTHING = Given(0, 0)
"""And no change is to come without a touch."""
