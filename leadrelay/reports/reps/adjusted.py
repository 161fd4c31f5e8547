"""What reps made of their leads against what leads of such scores become: who gets the better leads is not the better
rep (indirect standardisation, as for hospitals with sicker patients)."""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.reports.bands import band_of, edges_of
from leadrelay.reports.measures import share
from leadrelay.reports.reps.row import Row

Key = tuple[str, str]
"""A rep and a lead."""

Alike = tuple[str | None, int | None]
"""A team and a band of scores: what a lead is likely to become depends on both."""


class Outcome(NamedTuple):
    """Of `leads` that could still become it, `made` did; `expected` would at the rates of leads of such scores in that
    team, with this `variance`."""

    leads: int
    made: int
    expected: float
    variance: float

    @property
    def chance(self) -> float:
        """How likely a rep who is like the others is at least so far off (two-sided, normal)."""
        off = abs(self.made - self.expected)
        return math.erfc(off / math.sqrt(2 * self.variance)) if self.variance > 0 else 1.0


class Adjusted:
    """One outcome, `sql` or `opportunity`, of every lead that a rep got; one that came back to them counts once."""

    def __init__(self, outcome: str, rows: Iterable[Row], team: TeamPolicy, policy: ReportsPolicy) -> None:
        firsts = _firsts(rows, outcome)
        alike = _alike(team, policy)
        rates = _rates([(alike(row), made) for row, made in firsts.values()])
        self._of = {key: (made, rates[alike(row)]) for key, (row, made) in firsts.items()}

    def of(self, rows: Iterable[Row]) -> Outcome:
        """What became of these rows' leads in the hands of these rows' reps."""
        found = [self._of[key] for key in {(row.rep, row.lead_id) for row in rows} if key in self._of]
        rates = [rate for _, rate in found]
        return Outcome(
            leads=len(found),
            made=sum(made for made, _ in found),
            expected=math.fsum(rates),
            variance=math.fsum(rate * (1 - rate) for rate in rates),
        )


def _firsts(rows: Iterable[Row], outcome: str) -> Mapping[Key, tuple[Row, bool]]:
    """How each lead first came to each rep, and whether it became it in their hands; without those that were it."""
    found: dict[Key, list[Row]] = defaultdict(list)
    for row in rows:
        if row.what == "lead":
            found[row.rep, row.lead_id].append(row)
    firsts = {key: min(some, key=lambda row: row.happened_ms) for key, some in found.items()}
    return {
        key: (first, any(getattr(row, f"made_{outcome}") for row in found[key]))
        for key, first in firsts.items()
        if not getattr(first, f"was_{outcome}")
    }


def _alike(team: TeamPolicy, policy: ReportsPolicy) -> Callable[[Row], Alike]:
    edges, teams = edges_of(policy), {pool.id: pool.team or pool.id for pool in team.pools}

    def alike(row: Row) -> Alike:
        band = None if row.score is None else band_of(row.score, edges)
        return teams.get(row.pool or "", row.pool), band

    return alike


def _rates(found: Sequence[tuple[Alike, bool]]) -> Mapping[Alike, float]:
    made: dict[Alike, list[bool]] = defaultdict(list)
    for alike, became in found:
        made[alike].append(became)
    return {alike: share(sum(some), len(some)) or 0.0 for alike, some in made.items()}
