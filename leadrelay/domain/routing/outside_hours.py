"""Outside hours: whom to ask, pool by pool, so that a lead goes to somebody who can still be in time, if anybody can.

First the pool itself, then the pools that it follows with the sun; then, if its policy is `next_shift`, those of the
pool who fail nothing but the hours and can make first contact soonest. With `hold` the lead waits for them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from leadrelay.domain.routing.candidate import Candidate, free, soonest
from leadrelay.domain.routing.team import Pool, TeamPolicy


def with_the_sun(pool: Pool, team: TeamPolicy) -> tuple[Pool, ...]:
    """The pool and those that are asked after it, each once."""
    known, asked = {each.id: each for each in team.pools}, [pool]
    while (after := known.get(asked[-1].follow_the_sun or "")) is not None and after not in asked:
        asked.append(after)
    return tuple(asked)


def offers(pools: Sequence[Pool], judge: Callable[[Pool], Sequence[Candidate]]) -> Iterator[tuple[Pool, list[str]]]:
    """Who is asked, one group after the other: in which pool, and which of its reps. `judge` says what the candidates
    of a pool are; a pool that is not reached is not judged."""
    for pool in pools:
        yield pool, free(judge(pool))
    if pools[0].outside_hours == "next_shift":
        yield pools[0], soonest(judge(pools[0]))
