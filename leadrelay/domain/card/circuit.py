"""Whether a CRM account is called at all: once it is blocked as a whole, everybody leaves it alone for a while.

When the time is over one worker tries; what comes of it opens the account again, or shuts it for longer.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from leadrelay.domain.model import Instant, Model

ACCOUNT_WIDE = frozenset({"second", "10s", "day", "auth", "outage"})
"""Scopes of a refusal after which nobody's call would get through."""

PROBE = timedelta(seconds=90)
"""How long a trial may take: longer than a function lives, so a second one begins only when the first has died."""

MEANWHILE = timedelta(seconds=5)
"""When to ask again while somebody else tries."""

_FIRST, _LONGEST = timedelta(seconds=5), timedelta(minutes=5)


class Circuit(Model):
    """Shut until `until` (UTC), open without it. `failures` outages came one after the other; `probing`: one worker is
    trying, for as long as `until`."""

    until: Instant | None = None
    failures: int = 0
    probing: bool = False


OPEN = Circuit()


def state(circuit: Circuit, now: datetime) -> Literal["open", "shut", "due"]:
    """`due` is shut, with the time over: whoever claims it may try."""
    if circuit.until is None:
        return "open"
    return "shut" if now < circuit.until else "due"


def wait(circuit: Circuit, now: datetime) -> timedelta:
    """How long who met it shut should stay away."""
    if circuit.probing or circuit.until is None:
        return MEANWHILE
    return max(circuit.until - now, timedelta(0))


def tried(circuit: Circuit, now: datetime) -> Circuit:
    """One worker's trial begins."""
    return circuit.with_(until=now + PROBE, probing=True)


def shut(circuit: Circuit, scope: str, after: timedelta, now: datetime) -> Circuit:
    """After an answer that blocks the account for `after`. Workers that were refused together count as one failure;
    each outage after the other doubles the time."""
    together = state(circuit, now) == "shut" and not circuit.probing
    if together and circuit.until is not None:
        return circuit.with_(until=max(circuit.until, now + after))
    failures = circuit.failures + 1 if scope == "outage" else 0
    pause = min(_FIRST * (1 << min(failures - 1, 10)), _LONGEST) if failures else timedelta(0)
    return Circuit(until=now + max(after, pause), failures=failures)
