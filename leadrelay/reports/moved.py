"""How far a key number moved from one stretch of days to the next, whether that is more than chance, and why likely."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

from leadrelay.reports.asked import Asked
from leadrelay.reports.change import Cause, Through, cause
from leadrelay.reports.measures import counts_differ
from leadrelay.reports.result import Kind, Number, Report, Value

Ask = Callable[[str, Asked], Report]
"""A report's answer, by its name."""

_ARRIVING = frozenset({"spam", "gaps"})
"""Reports about what comes and not about what is done with it; so is what a lead costs."""

SURE = 1.96
"""Standard errors beyond which a move is not chance: wrong one time in twenty."""

_SPREAD = 1.5
"""The standard error of the logarithm of a median or an amount, times the root of how many there are: of times and
deals that are spread over two powers of ten, as those of sales are."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A key number of a report in the days asked for and as many days before (`was`), with how many leads each rests
    on, and how many leads the reports were about. `came` are those that were captured; None: the same."""

    report: str
    id: str
    kind: Kind
    now: float | None
    was: float | None
    of: int
    of_was: int
    leads: int
    leads_was: int
    came: int | None = None
    came_was: int | None = None

    @property
    def distance(self) -> float:
        """Standard errors between the two, with their sign; 0 where one of them is unknown. Counts as Poisson counts,
        shares as proportions of their leads, all else by the logarithm of their ratio."""
        if self.now is None or self.was is None:
            return 0.0
        if self.kind == "count":
            return (self.now - self.was) / math.sqrt(self.now + self.was) if self.now + self.was > 0 else 0.0
        if not self.of or not self.of_was:
            return 0.0
        if self.kind == "share":
            return self._of_shares(self.now, self.was)
        if self.now <= 0 or self.was <= 0:
            return 0.0
        return math.log(self.now / self.was) / (_SPREAD * math.sqrt(1 / self.of + 1 / self.of_was))

    def _of_shares(self, now: float, was: float) -> float:
        pooled = (now * self.of + was * self.of_was) / (self.of + self.of_was)
        error = math.sqrt(max(pooled * (1 - pooled), 0) * (1 / self.of + 1 / self.of_was))
        return (now - was) / error if error else 0.0

    @property
    def cause(self) -> Cause | None:
        """What likely moved it: `traffic` where more or fewer came, by more than chance, and that is enough to explain
        it; else `handling`. None where it did not move by more than chance."""
        if abs(self.distance) <= SURE or self.now is None or self.was is None:
            return None
        if self.report in _ARRIVING or self.id == "cost_per_lead":
            return "traffic"
        came = self.leads if self.came is None else self.came
        came_was = self.leads_was if self.came_was is None else self.came_was
        if self.kind == "count":
            return _of_counts(Through(came, round(self.now)), Through(came_was, round(self.was)))
        return "traffic" if came > came_was and counts_differ(came, came_was) else "handling"


def _of_counts(now: Through, was: Through) -> Cause | None:
    """Of the larger one to the smaller one; where something became of nobody who came, it is of those before."""
    more, fewer = (was, now) if now.out < was.out else (now, was)
    return cause(fewer, more) if more.came else "handling"


def moved(report: str, number: str, asked: Asked, ask: Ask) -> Moved:
    """This number now and before, at the same age where the report knows it. Raises StopIteration where the report has
    no such number."""
    now, was = ask(report, asked), ask(report, asked.before())
    one, other = now.number(number), was.number(number)
    came, came_was = ask("funnel", asked).leads, ask("funnel", asked.before()).leads
    return Moved(
        report=report,
        id=number,
        kind=one.kind,
        now=_float(one.value),
        was=_float(other.value if one.before is None else one.before),
        of=_of(one, now),
        of_was=_of(other, was),
        leads=now.leads,
        leads_was=was.leads,
        came=came,
        came_was=came_was,
    )


def _of(number: Number, report: Report) -> int:
    return report.leads if number.of is None else number.of


def _float(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
