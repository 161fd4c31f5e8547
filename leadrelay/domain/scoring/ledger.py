"""The ledger: what the caps leave of each line, so that the shown score is the sum of its lines, always.

What a cap takes, it takes from the weakest reasons first, so that the strongest stay whole for whoever reads them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from leadrelay.domain.lead import ScoreLine


def capped(lines: Sequence[ScoreLine], groups: Mapping[str, int], cap: int) -> list[ScoreLine]:
    """The lines of one half of a score, each group within its cap, and their sum within 0 and `cap`: below zero there
    is nothing to lose, so what would be taken there is given back."""
    grouped = [line for group in _groups(lines) for line in _at_most(_of(group, lines), groups.get(group))]
    return _at_least_zero(_at_most(grouped, cap))


def _groups(lines: Iterable[ScoreLine]) -> dict[str, None]:
    return dict.fromkeys(line.group for line in lines)


def _of(group: str, lines: Iterable[ScoreLine]) -> list[ScoreLine]:
    return [line for line in lines if line.group == group]


def _at_most(lines: list[ScoreLine], cap: int | None) -> list[ScoreLine]:
    excess = 0 if cap is None else max(0, sum(line.kept for line in lines) - cap)
    return _without(lines, excess) if excess else lines


def _at_least_zero(lines: list[ScoreLine]) -> list[ScoreLine]:
    lack = min(0, sum(line.kept for line in lines))
    return _without(lines, lack) if lack else lines


def _without(lines: list[ScoreLine], rest: int) -> list[ScoreLine]:
    """The lines with this much taken from those of its sign, weakest first."""
    found = []
    for line in sorted(lines, key=strongest_first, reverse=True):
        taken = max(rest, min(line.kept, 0)) if rest < 0 else min(rest, max(line.kept, 0))
        rest -= taken
        found.append(line.with_(kept=line.kept - taken) if taken else line)
    return found


def strongest_first(line: ScoreLine) -> tuple[int, int, str]:
    """The order in which reasons are told."""
    return (-abs(line.kept), -abs(line.points), line.rule)
