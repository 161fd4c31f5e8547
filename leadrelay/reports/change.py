"""Whether traffic or handling made a number fall.

What comes out is what came in times what part of it got through. Fewer came: traffic. A smaller part got through:
handling. The difference is divided between the two exactly: (n1 - n0) * r0 of it is traffic, n1 * (r1 - r0) handling.
"""

from __future__ import annotations

from typing import Literal, NamedTuple

from leadrelay.reports.measures import counts_differ

Cause = Literal["traffic", "handling"]


class Through(NamedTuple):
    """Of `came`, `out` got through."""

    came: int
    out: int


def cause(now: Through, before: Through) -> Cause | None:
    """Why fewer got through than before; None where not fewer did, by more than chance."""
    if now.out >= before.out or not counts_differ(now.out, before.out):
        return None
    traffic = (now.came - before.came) * (before.out / before.came)
    return "traffic" if traffic <= (now.out - before.out) / 2 else "handling"
