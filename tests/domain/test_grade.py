"""Fit as a letter, engagement as a digit; the range of the score in a word."""

from __future__ import annotations

import pytest

from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.scoring.grade import band, grade
from leadrelay.domain.scoring.policy import Caps
from tests.system import default_rules

RULES = default_rules()


@pytest.mark.parametrize(
    ("fit", "engagement", "expected"),
    [(40, 60, "A1"), (27, 41, "A1"), (26, 40, "B2"), (14, 21, "B2"), (13, 20, "C3"), (0, 60, "C1"), (40, 0, "A3")],
)
def test_each_half_by_its_share_of_the_cap(fit: int, engagement: int, expected: str) -> None:
    assert grade(Score(fit=fit, engagement=engagement), Caps(fit=40, engagement=60), (67, 34)) == expected


@pytest.mark.parametrize(
    ("total", "expected"), [(0, "cold"), (39, "cold"), (40, "warm_scored"), (69, "warm_scored"), (70, "hot_scored")]
)
def test_a_band_begins_at_its_threshold(total: int, expected: str) -> None:
    assert band(Lead(lead_id="a", score=Score(total=total)), RULES) == expected


def test_rules_without_bands_name_none() -> None:
    bare = RULES.with_(scoring=RULES.scoring.with_(bands=()))
    assert band(Lead(lead_id="a", score=Score(total=50)), bare) is None
