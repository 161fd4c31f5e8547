"""The stages of a funnel: who stood at each, who jumped over it, who came no further.

A stage is passed by who reached it, and by who jumped over it and reached a later one: so each stage is passed by no
more than the one before, and a conversion is never more than all of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from typing import Generic, TypeVar

from leadrelay.reports.asked import Condition
from leadrelay.reports.breakdown import Group, OfLead
from leadrelay.reports.when import When

R = TypeVar("R", bound=OfLead)


@dataclass(frozen=True, slots=True)
class Step(Generic[R]):
    """A stage with the leads that reached it; `column` says when (milliseconds, UTC). `stopped` reached it and nothing
    after it, whenever."""

    stage: str
    column: str
    reached: Group[R]
    skipped: int
    stopped: Group[R]

    @property
    def passed(self) -> int:
        """Who reached it, or jumped over it."""
        return len(self.reached.rows) + self.skipped


def steps_of(people: Group[R], columns: Sequence[str], when: When) -> list[Step[R]]:
    """One for each of the columns, which are in the order of the lifecycle; one row is one lead."""
    return [_step(people, column, columns[place + 1 :], when) for place, column in enumerate(columns)]


def pairs_of(people: Group[R], columns: Sequence[str], when: When) -> Iterator[tuple[str, str, Group[R]]]:
    """Each two stages, the earlier one first, with the leads that reached both, the later one as `when` says."""
    for earlier, later in combinations(columns, 2):
        yield earlier, later, when.group(When().group(people, earlier), later)


def stage_of(column: str) -> str:
    """The stage that is reached at the time in this column."""
    return column.removesuffix("_ms")


def _step(people: Group[R], column: str, later: Sequence[str], when: When) -> Step[R]:
    return Step(
        stage=stage_of(column),
        column=column,
        reached=when.group(people, column),
        skipped=sum(_skipped(row, column, later, when) for row in people.rows),
        stopped=_stopped(people, column, later),
    )


def _skipped(row: R, column: str, later: Sequence[str], when: When) -> bool:
    """Jumped over when it first reached something later."""
    further = [getattr(row, name) for name in later]
    return getattr(row, column) is None and when.counts(min((ms for ms in further if ms is not None), default=None))


def _stopped(people: Group[R], column: str, later: Sequence[str]) -> Group[R]:
    further = tuple(Condition(column=name, op="missing") for name in later)
    rows = [row for row in people.rows if _stops(row, column, later)]
    return Group(stage_of(column), people.where(Condition(column=column, op="known"), *further), rows)


def _stops(row: R, column: str, later: Sequence[str]) -> bool:
    return getattr(row, column) is not None and all(getattr(row, name) is None for name in later)
