"""What a reader asks of a report: which days, counted how, of whom; and which rows a number stands for."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta
from typing import Literal
from zoneinfo import ZoneInfo

from pydantic import Field

from leadrelay.domain.model import Model

DateBy = Literal["capture", "activity"]
"""Whose days are meant: those on which the leads were captured, whatever became of them later; or those on which
what is counted happened, whenever the lead came."""

Op = Literal["is", "known", "missing", "ge", "lt"]


class Condition(Model):
    """One test on a column of a report's rows. `known` and `missing` ignore the value; a missing value is never equal,
    greater or less."""

    column: str
    op: Op = "is"
    value: str | int | float | bool | None = None


class Asked(Model):
    """`since` and `until` are the first and the last day (in `zone`), both counted; `where` are the filters: a filter's
    id (see `leadrelay.reports.filters`) and the values of which one must hold. Amounts are answered in `currency`.
    `take` is how many cases of each kind a report looks at that shows them one by one (`Definition.takes`)."""

    since: date
    until: date
    zone: str = "UTC"
    date_by: DateBy = "capture"
    attribution: Literal["first", "last"] = "first"
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    currency: str = "EUR"
    take: dict[str, int] = Field(default_factory=dict)

    def span_ms(self) -> tuple[int, int]:
        """From (inclusive) and to (exclusive) in milliseconds since 1970 (UTC); a day with a change of the clock is as
        long as it is there."""
        return _midnight_ms(self.since, self.zone), _midnight_ms(self.until + timedelta(days=1), self.zone)

    def before(self) -> Asked:
        """The same number of days just before."""
        days = (self.until - self.since).days + 1
        return self.with_(since=self.since - timedelta(days=days), until=self.since - timedelta(days=1))


def _midnight_ms(day: date, zone: str) -> int:
    return int(datetime.combine(day, time(), ZoneInfo(zone)).timestamp() * 1000)
