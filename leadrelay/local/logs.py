"""Everything the functions logged, as the emulator keeps it."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.local.cloud import Cloud

PAGE = 10_000
"""Events: the most that one answer of CloudWatch Logs holds."""


def lines(cloud: Cloud, group: str) -> Iterator[str]:
    """The lines of a log group, oldest first. The emulator's pages have no token: each begins in the millisecond in
    which the one before ended, so a line at the border may come twice."""
    logs, start = cloud.emulator.client("logs"), 0
    while events := logs.filter_log_events(logGroupName=group, startTime=start)["events"]:
        yield from (event["message"].strip() for event in events)
        start = events[-1]["timestamp"] + (len(events) < PAGE)
