"""What each member of a pool got of its turns, against their weight."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import NamedTuple, Protocol

from leadrelay.domain.routing.team import Pool, TeamPolicy

SURE = 1.96
"""Standard errors beyond which a share would not be chance even if leads were given out by lot: wrong one time in
twenty. Turns are fairer than a lot."""

FELT = 0.02
"""A smaller part of what a pool gives out nobody feels, however sure it is."""


class Given(Protocol):
    """A lead that was somebody's turn."""

    @property
    def pool(self) -> str | None:
        """Whose turns."""

    @property
    def rep(self) -> str:
        """Who got it."""


class Share(NamedTuple):
    """`got` of the `pool_got` leads of a pool; `promised` is the part (0 to 1) that the weights of today promise."""

    pool: str
    rep: str
    got: int
    pool_got: int
    promised: float

    @property
    def got_share(self) -> float | None:
        """The part they got; None before the first lead."""
        return self.got / self.pool_got if self.pool_got else None

    @property
    def behind(self) -> float:
        """What they are short of, in leads; negative when ahead."""
        return self.promised * self.pool_got - self.got

    @property
    def gap(self) -> float:
        """The part they got beyond what was promised, of a pool that had leads."""
        return self.got / self.pool_got - self.promised

    @property
    def surprise(self) -> float:
        """How many standard errors it is off, as if leads were given out by lot."""
        error = math.sqrt(self.pool_got * self.promised * (1 - self.promised))
        return abs(self.behind) / error if error else 0.0


def shares_of(given: Sequence[Given], team: TeamPolicy) -> list[Share]:
    """Of each pool that gave something out: its members by the order of team.yaml, then who is a member no more."""
    got = Counter((row.pool, row.rep) for row in given)
    return [share for pool in team.pools for share in _of(pool, got)]


def _of(pool: Pool, got: Counter[tuple[str | None, str]]) -> Iterator[Share]:
    weights = {member.rep: member.weight for member in pool.members}
    former = sorted(rep for where, rep in got if where == pool.id and rep not in weights)
    known = [*weights, *former]
    in_all = sum(got[pool.id, rep] for rep in known)
    for rep in known if in_all else ():
        yield Share(pool.id, rep, got[pool.id, rep], in_all, weights.get(rep, 0) / sum(weights.values()))


def uneven(shares: Sequence[Share], enough: int) -> Share | None:
    """The share that is furthest from what was promised, where the pool had `enough` leads to tell."""
    found = [one for one in shares if one.pool_got >= enough and one.surprise > SURE and abs(one.gap) > FELT]
    return max(found, key=lambda one: one.surprise, default=None)
