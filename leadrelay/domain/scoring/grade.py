"""The grade: fit as a letter, engagement as a digit, so that a rep sees at a glance which of the two is missing."""

from __future__ import annotations

from leadrelay.domain.lead import Score
from leadrelay.domain.scoring.policy import Caps


def grade(score: Score, caps: Caps, lines: tuple[int, int]) -> str:
    """A1 (the right company, and eager) to C3, by each half's share of its cap; `lines` are the shares, in percent,
    from which on it is of the first and of the second grade."""
    fit = _place(score.fit, caps.fit, lines)
    engagement = _place(score.engagement, caps.engagement, lines)
    return f"{'ABC'[fit]}{engagement + 1}"


def _place(points: int, cap: int, grades: tuple[int, int]) -> int:
    """0, 1 or 2: how many of the lines it stays under."""
    return sum(points * 100 < line * cap for line in grades)
