"""Score bands, as `reports.yaml` draws them."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TypeVar

from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.reports.breakdown import Group, OfLead, by_edges, known_in

R = TypeVar("R", bound=OfLead)


def by_band(whole: Group[R], column: str, policy: ReportsPolicy) -> list[Group[R]]:
    """By the band of a score: lowest first, those without a score last, where there are any."""
    edges = edges_of(policy)
    unscored = known_in(whole, column, "missing")
    return [*by_edges(whole, column, edges, names_of(edges)), *([unscored] if unscored.rows else [])]


def edges_of(policy: ReportsPolicy) -> list[int]:
    """The lower edges; there is a band from nothing on, whatever the rules say."""
    return sorted({0, *policy.bands})


def names_of(edges: Sequence[int]) -> list[str]:
    """`60-69`, and `80+` for the last."""
    return [*(f"{low}-{high - 1}" for low, high in pairwise(edges)), f"{edges[-1]}+"]


def band_of(score: int, edges: Sequence[int]) -> int:
    """The lower edge of the band in which a score lies."""
    return max(edge for edge in edges if edge <= score)
