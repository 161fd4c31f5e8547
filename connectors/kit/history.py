"""Sweeping a sender's list by time, over and over: what every `since` of a list API has in common.

A sweep reads all that was submitted within a span, page by page. Only when it is at its end does the next one begin,
and then a little before that end: some senders show a submission in their list later than they made it. So the cursor
never passes by what was not read, whatever fails in between.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Reject

Between = Callable[[datetime, datetime, str | None], tuple[Sequence[TouchDraft], str | None]]
"""A page of what was submitted within a span, and the next page's token; as `ports.fetch.Listed.between`."""

ENOUGH = 100
"""Touches that one call brings at most, but for its last page."""
PAGES_AT_ONCE = 5
LONGEST_CURSOR = 4096
LONGEST_PAGE = 2048


@dataclass(frozen=True, slots=True)
class Sweep:
    """Where a sweep is: it reads from `begin` until before `end` (None: it has not begun), `page` is next."""

    begin: datetime
    end: datetime | None = None
    page: str | None = None

    def written(self) -> str:
        """As a cursor: milliseconds, and the sender's own token."""
        end = None if self.end is None else _milliseconds(self.end)
        return json.dumps({"begin": _milliseconds(self.begin), "end": end, "page": self.page}, separators=(",", ":"))


@dataclass(frozen=True, slots=True)
class Habit:
    """`history` is how far back the very first sweep goes, `overlap` how far each one looks behind the one before."""

    history: timedelta
    overlap: timedelta


def since(between: Between, cursor: str | None, now: datetime, habit: Habit) -> tuple[list[TouchDraft], str]:
    """The next pages of the sweep that the cursor is in, oldest first, and the cursor behind them. What was read before
    a failure is given up with the call: it is read again. Raises Reject for a cursor that is none."""
    sweep = Sweep(now - habit.history) if cursor is None else read(cursor)
    end = sweep.end or now
    drafts: dict[str, TouchDraft] = {}
    page = sweep.page
    for _ in range(PAGES_AT_ONCE):
        found, page = between(sweep.begin, end, page)
        drafts |= {draft.key: draft for draft in found}
        if page is None or len(drafts) >= ENOUGH:
            break
    after = Sweep(sweep.begin, end, page) if page is not None else Sweep(max(sweep.begin, end - habit.overlap))
    return sorted(drafts.values(), key=lambda each: (each.occurred_at or now, each.key)), after.written()


def read(cursor: str) -> Sweep:
    """Raises Reject for a cursor that is none."""
    try:
        given = json.loads(cursor[:LONGEST_CURSOR])
        end, page = given["end"], given["page"]
        if not (page is None or (isinstance(page, str) and len(page) <= LONGEST_PAGE)):
            raise ValueError(page)
        return Sweep(_at(given["begin"]), None if end is None else _at(end), page)
    except (ValueError, KeyError, TypeError, OverflowError, OSError):
        raise Reject("cursor", "the source's cursor is unreadable; remove it to begin anew") from None


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)


def _at(milliseconds: object) -> datetime:
    if not isinstance(milliseconds, int):
        raise TypeError(milliseconds)
    return datetime.fromtimestamp(milliseconds / 1000, UTC)
