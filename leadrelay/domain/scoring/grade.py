"""The grade: fit as a letter, engagement as a digit, so that a rep sees at a glance which of the two is missing."""

from __future__ import annotations

from leadrelay.domain.lead import Score
from leadrelay.domain.scoring.policy import ScoringPolicy


def grade(score: Score, policy: ScoringPolicy) -> str:
    """A1 (the right company, and eager) to C3, by each half's share of its cap in percent (`grades`)."""
    fit = _place(score.fit, policy.fit.cap, policy.grades)
    engagement = _place(score.engagement, policy.engagement.cap, policy.grades)
    return f"{'ABC'[fit]}{engagement + 1}"


def _place(points: int, cap: int, grades: tuple[int, int]) -> int:
    """0, 1 or 2: how many of the lines it stays under."""
    return sum(points * 100 < line * cap for line in grades)
