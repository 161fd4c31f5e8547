"""How many visited: as the tool that counts them says, where somebody brought its counts, else whom we saw ourselves.

We see whoever our script saw, and everybody who said who they are; a tool that counts every visit knows more. Its
counts are of distinct visitors of a day, so those of several days count who came back again.
"""

from __future__ import annotations

from collections.abc import Sequence

from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Visits

_TOLD_BY = frozenset({"source"})
"""Filters that the counts of another tool know."""

_SEEN_BY = frozenset({"source", "channel", "class", "campaign", "form", "partner"})
"""Filters that a visitor has whom nobody knows yet; of any other they would have nothing."""


def told(visits: Sequence[Visits], asked: Asked) -> int | None:
    """Visitors of the days that were asked for; None where nobody counted them, or not by these filters."""
    if not asked.where.keys() <= _TOLD_BY:
        return None
    sources = asked.where.get("source")
    days: dict[str, list[Visits]] = {}
    for one in visits:
        if asked.since.isoformat() <= one.day <= asked.until.isoformat():
            days.setdefault(one.day, []).append(one)
    counted = [count for day in days.values() if (count := _of_day(day, sources)) is not None]
    return sum(counted) if counted else None


def are_seen(asked: Asked) -> bool:
    """Whether our own count of them means anything by these filters."""
    return asked.where.keys() <= _SEEN_BY


def _of_day(visits: Sequence[Visits], sources: tuple[str, ...] | None) -> int | None:
    """Of all sources where that was counted, for a visitor may have come from two; else of each together."""
    of_all = [one.visitors for one in visits if one.source is None]
    by_source = [one.visitors for one in visits if one.source is not None and one.source in (sources or (one.source,))]
    if of_all and sources is None:
        return of_all[-1]
    return sum(by_source) if by_source else None
