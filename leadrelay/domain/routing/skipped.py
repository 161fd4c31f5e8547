"""Who was skipped: reps who would have come before the chosen one, had they not failed a test; and that test in words.

Not everybody who failed is worth a line. Who was not next anyway lost nothing, who had the lead before is not asked on
purpose, and who left the team is not missed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from datetime import datetime
from zoneinfo import ZoneInfo

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.candidate import Candidate

TELLING: Mapping[str, str] = {
    "inactive": "does not take leads any more",
    "skill": "lacks a skill that this lead needs",
    "language": "does not speak the language of this lead",
    "recent_owner": "had this lead before",
    "away": "away",
    "off_hours": "not at work in time",
    "cap": "has as many open leads as they can take",
    "rate": "has had as many leads as this month allows so far",
    "ramp": "is new and has had a beginner's share so far",
}
"""The first test that a rep failed, by its id, in words: on the card, in explanations and in the pages."""

UNASSIGNABLE: Mapping[str, str] = {
    "no_rule": "no routing rule holds",
    "nobody_eligible": "nobody in the pool may take it",
    "waited_too_long": "it waited for somebody who is free as long as it may",
    "hop_budget_spent": "it has had as many owners as the rules allow",
}
"""Why the fallback had to take it."""

_ENDS = {"away": " until", "off_hours": ": first contact by"}

_UNREMARKABLE = frozenset({"inactive", "recent_owner"})

MOST = 5
"""So many are named; who is behind them would not have had it either."""


class Skip(Model):
    """`test` is the first that failed. `open` of at most `cap` leads for who has enough. `until` (UTC) is for how long
    who is away, and by when who is not at work could make first contact; None where nobody knows."""

    test: str
    open: int | None = None
    cap: int | None = None
    until: Instant | None = None

    @classmethod
    def of(cls, candidate: Candidate) -> Skip:
        """With the numbers that say it, and no others."""
        full, ends = candidate.failed == "cap", {"away": candidate.until, "off_hours": candidate.due_at}
        return cls(
            test=candidate.failed or "",
            open=candidate.open if full else None,
            cap=candidate.cap if full else None,
            until=ends.get(candidate.failed or ""),
        )


def skipped(
    candidates: Iterable[Candidate], free: Collection[str], turn: Callable[[Sequence[str]], str | None]
) -> dict[str, Skip]:
    """Rep id → why they were skipped, in the order of their turns; `MOST` at most. `free` are those it was between,
    `turn` says who of these is next."""
    failed = (each for each in candidates if each.failed not in (None, *_UNREMARKABLE))
    known = {each.rep: Skip.of(each) for each in failed if each.rep not in free}
    found: dict[str, Skip] = {}
    while len(found) < MOST:
        rep = turn([each for each in (*known, *free) if each not in found])
        if rep is None or rep in free:
            break
        found[rep] = known[rep]
    return found


def telling(skip: Skip, zone: ZoneInfo) -> str:
    """Why they were skipped, in words; times on the clocks of `zone`."""
    if skip.cap is not None:
        return f"open leads: {skip.open} of {skip.cap}"
    if skip.until is not None:
        return f"{TELLING[skip.test]}{_ENDS[skip.test]} {moment(skip.until, zone)}"
    return TELLING.get(skip.test, skip.test)


def moment(at: datetime, zone: ZoneInfo) -> str:
    """A day, and the time unless the day begins."""
    local = at.astimezone(zone)
    return f"{local:%a %-d %b}" if (local.hour, local.minute) == (0, 0) else f"{local:%a %-d %b %H:%M}"
