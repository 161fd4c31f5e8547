"""What marketing promises: so many MQLs a month, in all and from each source."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from leadrelay.domain.reporting.policy import Promised
from leadrelay.reports.asked import Asked
from leadrelay.reports.money import share_of_month


def promised(promise: Promised, asked: Asked, now: datetime) -> float | None:
    """MQLs promised for the days that were asked for, until today: a month counts by its days. None where nothing is
    promised, or not of what the filters ask for."""
    sources = by_source(promise, asked, now)
    if asked.where.keys() - {"source"}:
        return None
    if asked.where:
        return sum(sources.values()) if sources else None
    monthly = promise.mqls or sum(promise.by_source.values())
    return monthly * _months(asked, now) if monthly else None


def by_source(promise: Promised, asked: Asked, now: datetime) -> Mapping[str, float]:
    """The same of each source that something is promised of."""
    if asked.where.keys() - {"source"}:
        return {}
    wanted = asked.where.get("source")
    months = _months(asked, now)
    return {name: mqls * months for name, mqls in promise.by_source.items() if wanted is None or name in wanted}


def _months(asked: Asked, now: datetime) -> float:
    """How many months the days are; those that are yet to come do not count."""
    until = min(asked.until, now.astimezone(ZoneInfo(asked.zone)).date())
    first, last = (day.year * 12 + day.month - 1 for day in (asked.since, until))
    months = (f"{month // 12}-{month % 12 + 1:02}" for month in range(first, last + 1))
    return sum(share_of_month(month, asked.since, until) for month in months)
