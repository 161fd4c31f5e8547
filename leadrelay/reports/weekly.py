"""The weekly digest: the numbers that moved most, and where: by source, pool and rep."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import get_args
from zoneinfo import ZoneInfo

from leadrelay.domain.reporting.policy import ReportsPolicy, Weekday, WeeklyDigest
from leadrelay.reports.asked import Asked
from leadrelay.reports.moved import SURE, Ask, Moved, moved
from leadrelay.reports.thresholds import last_days

WATCHED: Sequence[tuple[str, str]] = (
    ("funnel", "leads"),
    ("promised", "mqls"),
    ("velocity", "win_rate"),
    ("channels", "revenue"),
    ("channels", "cost_per_lead"),
    ("reaction", "median"),
    ("sla", "first_kept"),
    ("worked", "worked_share"),
    ("acceptance", "acceptance"),
)
"""Reports and their numbers among which those that moved are looked for: one at most of each side of the work. What
leads become in time (SQLs of a rep, next steps) is not among them: nobody knows it of last week yet."""

_ADDITIVE = ("count", "money")


@dataclass(frozen=True, slots=True)
class Part:
    """What one source, pool or rep (`code`) had of a number, and `change`: its part of the move."""

    by: str
    code: str
    moved: Moved
    change: float


@dataclass(frozen=True, slots=True)
class Told:
    """A number that is told, with the part of each kind that moved it most."""

    moved: Moved
    parts: Sequence[Part] = field(default_factory=tuple)


@dataclass(frozen=True, slots=True)
class Week:
    """The digest of the week of `asked`; `told` is empty where nothing moved by more than chance."""

    asked: Asked
    told: Sequence[Told]


def due_since(digest: WeeklyDigest, zone: str, now: datetime) -> date | None:
    """The day (in `zone`) from whose hour on the newest digest is due; None before the hour of that day. `now` is
    UTC."""
    local = now.astimezone(ZoneInfo(zone))
    back = (local.weekday() - get_args(Weekday).index(digest.weekday)) % 7
    if back == 0 and local.hour < digest.hour:
        return None
    return None if back > _LATEST else local.date() - timedelta(days=back)


_LATEST = 2
"""Days after which a digest that was not told is not told any more: the next one is near."""


def week(digest: WeeklyDigest, policy: ReportsPolicy, due: date, ask: Ask, among: Mapping[str, Iterable[str]]) -> Week:
    """The numbers of the seven days before `due` beside the seven before those. `among` are the codes of each kind by
    which they are decomposed: sources, pools, reps."""
    at = datetime(due.year, due.month, due.day, 12, tzinfo=ZoneInfo(policy.zone))
    asked = last_days(7, policy, at)
    found = [moved(report, number, asked, ask) for report, number in WATCHED]
    most = sorted((each for each in found if abs(each.distance) > SURE), key=lambda each: -abs(each.distance))
    codes = {by: tuple(sorted(set(each))) for by, each in among.items()}
    return Week(asked, [Told(each, tuple(_parts(each, asked, ask, codes))) for each in most[: digest.numbers]])


def _parts(whole: Moved, asked: Asked, ask: Ask, among: Mapping[str, Iterable[str]]) -> Iterator[Part]:
    """Of each kind the one that moved it most in the direction in which it moved."""
    for by, codes in among.items():
        found = [_part(whole, by, code, asked, ask) for code in codes]
        along = [part for part in found if part.change * whole.distance > 0]
        if along:
            yield max(along, key=lambda part: abs(part.change))


def _part(whole: Moved, by: str, code: str, asked: Asked, ask: Ask) -> Part:
    """Counts and amounts add up, and so do shares, each weighed with its leads among all; of all else each part has
    its own distance."""
    own = moved(whole.report, whole.id, asked.with_(where={by: (code,)}), ask)
    if whole.kind in _ADDITIVE:
        change = (own.now or 0) - (own.was or 0)
    elif whole.kind == "share":
        change = _weighed(own.now, own.of, whole.of) - _weighed(own.was, own.of_was, whole.of_was)
    else:
        change = own.distance
    return Part(by, code, own, change)


def _weighed(share: float | None, of: int, whole: int) -> float:
    return 0.0 if share is None or not whole else share * of / whole
