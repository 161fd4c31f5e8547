"""How a score came to be what it is: each time it was found another, by how much, and which reasons did it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator

from leadrelay.domain.lead import Score
from leadrelay.domain.model import Instant, Model


class Shift(Model):
    """A reason that counts otherwise than before, in points that its caps left; 0 is not at all."""

    rule: str
    before: int
    after: int


class ScoreStep(Model):
    """The score from `at` (UTC) on. `by_time` is what the night found: nobody had done anything. The differences of the
    shifts add up to that of the totals."""

    at: Instant
    before: int
    total: int
    by_time: bool
    shifts: tuple[Shift, ...]


def score_history(scores: Iterable[tuple[Instant, bool, Score]]) -> Iterator[ScoreStep]:
    """Scores as they were found one after the other, each with when and whether by time alone, as steps."""
    before = Score()
    for at, by_time, score in scores:
        yield ScoreStep(
            at=at, before=before.total, total=score.total, by_time=by_time, shifts=tuple(_shifts(before, score))
        )
        before = score


def _shifts(before: Score, after: Score) -> Iterator[Shift]:
    """What changed most comes first."""
    was, now = _points(before), _points(after)
    changed = [rule for rule in {**was, **now} if was[rule] != now[rule]]
    for rule in sorted(changed, key=lambda rule: (-abs(now[rule] - was[rule]), rule)):
        yield Shift(rule=rule, before=was[rule], after=now[rule])


def _points(score: Score) -> Counter[str]:
    points: Counter[str] = Counter()
    for line in score.lines:
        points[line.rule] += line.kept
    return points
