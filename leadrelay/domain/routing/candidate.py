"""One rep in one choice: may they take it, and why not; with the numbers that decided, kept for whoever asks later."""

from __future__ import annotations

from collections.abc import Iterable

from leadrelay.domain.model import Instant, Model


class Candidate(Model):
    """`failed` is the first test that failed, None for who may take it. `due_at` is by when (UTC) they would owe first
    contact, None where none is owed; `late` how many seconds (elapsed) later than promised that is, for who fails
    nothing but the hours. `until` (UTC) is the end of the absence that was found, `cap` how many open leads they can
    have. `preferred`: they have what the rule would rather see. `behind` is what they are short of their share, in
    leads; negative: ahead of it."""

    rep: str
    failed: str | None = None
    due_at: Instant | None = None
    late: int | None = None
    until: Instant | None = None
    open: int = 0
    cap: int | None = None
    weight: int = 1
    preferred: bool = False
    given: float = 0
    credit: float = 0
    behind: float | None = None


def free(candidates: Iterable[Candidate]) -> list[str]:
    """Who may take it, in the order of the pool."""
    return [candidate.rep for candidate in candidates if candidate.failed is None]


def soonest(candidates: Iterable[Candidate]) -> list[str]:
    """Who fails nothing but the hours and is least late, in the order of the pool."""
    late = [(candidate.late, candidate.rep) for candidate in candidates if candidate.late is not None]
    least = min((seconds for seconds, _ in late), default=0)
    return [rep for seconds, rep in late if seconds == least]
