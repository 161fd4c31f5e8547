"""Who may take the lead: the tests in order, with the first that failed for each rep."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from leadrelay.domain.routing.policy import Pool, Rep, TeamPolicy

Test = Callable[[Rep, Sequence[str]], bool]

TESTS: tuple[tuple[str, Test], ...] = (
    ("inactive", lambda rep, exclude: rep.active),
    ("recent_owner", lambda rep, exclude: rep.id not in exclude),
)
"""Name of the failure, and the test that must hold."""


def verdicts(pool: Pool, team: TeamPolicy, exclude: Sequence[str]) -> dict[str, str | None]:
    """For each member of the pool: None when eligible, else the name of the first failing test."""
    return {member.rep: verdict(team.rep(member.rep), exclude) for member in pool.members}


def verdict(rep: Rep, exclude: Sequence[str]) -> str | None:
    """None when eligible, else the name of the first failing test."""
    return next((name for name, holds in TESTS if not holds(rep, exclude)), None)
