"""The parts of a doctor's findings that are the same for every CRM; see `leadrelay.ports.crm_setup.Check`."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from leadrelay.ports.crm_setup import Check
from leadrelay.ports.errors import Misconfigured, PortError, Retry

CREATE = "run `leadrelay crm setup`"
MOST_SKEW = 60.0
"""Seconds by which our clock may differ from the CRM's: deadlines are shown by both."""

Look = tuple[str, Callable[[], Check]]
"""What is looked at, and how."""


def findings(looks: Iterable[Look], docs: str) -> list[Check]:
    """Every finding in order; what cannot be looked at is one too. `docs` is where the connector is described."""
    return [_looked(name, look, docs) for name, look in looks]


def listed(name: str, what: str, found: Sequence[str], fine: str, fix: str) -> Check:
    """A finding that is well while nothing is `found`."""
    return Check(name, not found, f"{what}: {', '.join(found)}" if found else fine, fix if found else "")


def clock(vendor: str, date: str, now: datetime) -> Check:
    """Our clock (`now`) against the Date header of an answer, "" for one without."""
    try:
        theirs = parsedate_to_datetime(date)
    except ValueError:
        return Check("clock", ok=True, detail=f"{vendor}'s answers carry no time to compare with")
    skew = (now - theirs.astimezone(UTC)).total_seconds()
    ok = abs(skew) <= MOST_SKEW
    fix = "" if ok else "set this machine's clock (NTP): deadlines and signatures depend on it"
    return Check("clock", ok, f"{skew:+.0f} s against {vendor}", fix)


def _looked(name: str, look: Callable[[], Check], docs: str) -> Check:
    try:
        return look()
    except Misconfigured as problem:
        return Check(name, ok=False, detail="refused", fix=str(problem))
    except Retry as problem:
        return Check(name, ok=False, detail=problem.why, fix=f"try again in {problem.after:g} s")
    except PortError as problem:
        return Check(name, ok=False, detail=str(problem), fix=f"see {docs}")
