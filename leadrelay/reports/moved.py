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

SURE = 1.96
"""Standard errors beyond which a move is not chance: wrong one time in twenty."""

_SPREAD = 1.5
"""The standard error of the logarithm of a median or an amount, times the root of how many there are: of times and
deals that are spread over two powers of ten, as those of sales are."""


@dataclass(frozen=True, slots=True)
class Moved:
    """A key number of a report in the days asked for and as many days before (`was`), with how many leads each rests
    on, and how many leads the reports were about."""

    report: str
    id: str
    kind: Kind
    now: float | None
    was: float | None
    of: int
    of_was: int
    leads: int
    leads_was: int

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
        if self.kind == "count":
            now, was = Through(self.leads, round(self.now)), Through(self.leads_was, round(self.was))
            return cause(now, was) if self.now < self.was else cause(was, now)
        return "traffic" if self.leads > self.leads_was and counts_differ(self.leads, self.leads_was) else "handling"


def moved(report: str, number: str, asked: Asked, ask: Ask) -> Moved:
    """This number now and before, at the same age where the report knows it. Raises StopIteration where the report has
    no such number."""
    now, was = ask(report, asked), ask(report, asked.before())
    one, other = now.number(number), was.number(number)
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
    )


def _of(number: Number, report: Report) -> int:
    return report.leads if number.of is None else number.of


def _float(value: Value) -> float | None:
    return float(value) if isinstance(value, int | float) and not isinstance(value, bool) else None
