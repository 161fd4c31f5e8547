"""Who may take the lead: the tests in order, with the first that failed for each rep."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.team import Rep


@dataclass(frozen=True, slots=True)
class Question:
    """What the lead asks of a rep, at `now` (UTC). `exclude` are reps who are not asked again."""

    now: datetime
    exclude: tuple[str, ...] = ()


Test = Callable[[Rep, RepState, Question], bool]

TESTS: tuple[tuple[str, Test], ...] = (
    ("inactive", lambda rep, state, asked: rep.active),
    ("recent_owner", lambda rep, state, asked: rep.id not in asked.exclude),
)
"""Name of the failure, and the test that must hold."""


def judged(rep: Rep, state: RepState, asked: Question, weight: int = 1) -> Candidate:
    """The rep with the first test that failed."""
    failed = next((name for name, holds in TESTS if not holds(rep, state, asked)), None)
    away = state.away(asked.now)
    until = None if away is None else away.until
    return Candidate(rep=rep.id, failed=failed, until=until, open=state.open, cap=rep.cap, weight=weight)
