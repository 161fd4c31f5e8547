"""The lines of reports.yaml that a number must not cross, judged over the last whole days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

from leadrelay.domain.reporting.policy import ReportsPolicy, Threshold
from leadrelay.reports.asked import Asked
from leadrelay.reports.moved import Ask, Moved, moved


@dataclass(frozen=True, slots=True)
class Crossed:
    """A number beyond its line, over the days of `asked`."""

    threshold: Threshold
    asked: Asked
    moved: Moved

    @property
    def limit(self) -> float:
        """The line that it crossed."""
        below, above, now = self.threshold.below, self.threshold.above, self.moved.now
        return below if below is not None and now is not None and now < below else above or 0.0

    @property
    def notice_id(self) -> str:
        """The same for every look at the same stretch of days: it is told once in each."""
        return f"{self.threshold.notice}-{self.threshold.id}-{self.asked.until.toordinal() // self.threshold.days}"


def crossed(policy: ReportsPolicy, now: datetime, ask: Ask) -> Iterator[Crossed]:
    """Every number that is beyond its line, if it rests on enough; `now` is UTC, today is not judged yet. What happened
    in the days counts, whenever the lead came. Raises StopIteration for a number that its report does not have."""
    for threshold in policy.thresholds:
        asked = last_days(threshold.days, policy, now).with_(where=threshold.where)
        found = moved(threshold.report, threshold.number, asked, ask)
        enough = found.kind == "count" or found.of >= threshold.min_count
        if enough and _beyond(found.now, threshold):
            yield Crossed(threshold, asked, found)


def last_days(days: int, policy: ReportsPolicy, now: datetime) -> Asked:
    """The question about so many whole days, yesterday the last."""
    yesterday = now.astimezone(ZoneInfo(policy.zone)).date() - timedelta(days=1)
    return Asked(
        since=yesterday - timedelta(days=days - 1),
        until=yesterday,
        zone=policy.zone,
        date_by="activity",
        attribution=policy.attribution,
        currency=policy.currency,
    )


def _beyond(value: float | None, threshold: Threshold) -> bool:
    if value is None:
        return False
    below = threshold.below is not None and value < threshold.below
    return below or (threshold.above is not None and value > threshold.above)
