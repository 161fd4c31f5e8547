"""The score at a glance: its grade says which half is missing, its band how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.scoring.policy import Caps

if TYPE_CHECKING:
    from leadrelay.domain.rules import Rules


def grade(score: Score, caps: Caps, lines: tuple[int, int]) -> str:
    """A1 (the right company, and eager) to C3, by each half's share of its cap; `lines` are the shares, in percent,
    from which on it is of the first and of the second grade."""
    fit = _place(score.fit, caps.fit, lines)
    engagement = _place(score.engagement, caps.engagement, lines)
    return f"{'ABC'[fit]}{engagement + 1}"


def band(lead: Lead, rules: Rules) -> str | None:
    """The first band whose threshold the score reaches; None where the rules have none for it. It is about points
    alone: how hot somebody is, their newest request says (`temperature`)."""
    lines = rules.thresholds(lead.segment, lead.persona)
    reached = (each.id for each in rules.scoring.bands if each.from_ is None or lead.score.total >= lines[each.from_])
    return next(reached, None)


def _place(points: int, cap: int, grades: tuple[int, int]) -> int:
    """0, 1 or 2: how many of the lines it stays under."""
    return sum(points * 100 < line * cap for line in grades)
