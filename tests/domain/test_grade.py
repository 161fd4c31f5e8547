"""Fit as a letter, engagement as a digit."""

from __future__ import annotations

import pytest

from leadrelay.domain.lead import Score
from leadrelay.domain.scoring.grade import grade
from leadrelay.domain.scoring.policy import Caps


@pytest.mark.parametrize(
    ("fit", "engagement", "expected"),
    [(40, 60, "A1"), (27, 41, "A1"), (26, 40, "B2"), (14, 21, "B2"), (13, 20, "C3"), (0, 60, "C1"), (40, 0, "A3")],
)
def test_each_half_by_its_share_of_the_cap(fit: int, engagement: int, expected: str) -> None:
    assert grade(Score(fit=fit, engagement=engagement), Caps(fit=40, engagement=60), (67, 34)) == expected
