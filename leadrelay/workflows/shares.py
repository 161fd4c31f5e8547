"""The shares of every pool: what each rep is promised and got, what counts beside it, and how far behind they are.

It reads what choices are made by and computes nothing else: who is shown a lead behind here is next there.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.credits import seated
from leadrelay.domain.routing.draw import ramped
from leadrelay.domain.routing.ledger import MILLION, CreditKind, LeadClass, Ledger, Turns
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import pool_key, rep_key
from leadrelay.ports.store import Store

CLASSES: tuple[LeadClass, ...] = ("hot", "other")


class Share(Model):
    """A rep's share of a class of a pool's leads. `promised` and `got` are parts of the whole (0 to 1): by the weights
    as they are today, of which a new rep has `grown` (0 to 1) so far; and of the leads that were `given`, None before
    the first. `credits` are in leads, by kind; `behind` in leads, negative when ahead. `away` says whether they are,
    until `back` (UTC, None: until told otherwise)."""

    rep: str
    name: str
    weight: int
    grown: float
    promised: float
    given: int
    got: float | None
    credits: dict[CreditKind, float]
    behind: float
    open: int
    cap: int | None
    away: bool
    back: Instant | None


class PoolShares(Model):
    """One class of a pool's leads; `given` is how many there were. Shares in the order of the pool."""

    pool: str
    name: str
    kind: LeadClass
    strategy: str
    given: int
    shares: tuple[Share, ...]


@dataclass(frozen=True, slots=True)
class Shares:
    """The report with its port. It writes nothing."""

    store: Store

    def __call__(self, rules: Rules, now: datetime) -> list[PoolShares]:
        """Every pool at `now` (UTC), in the order of team.yaml, hot leads first. A class of which a pool gave nothing
        is left out, but a pool that gave nothing at all is there."""
        pools = rules.team.pools
        known = self.store.load_all([pool_key(pool.id) for pool in pools])
        ids = list(dict.fromkeys(member.rep for pool in pools for member in pool.members))
        reps = zip(ids, self.store.load_all([rep_key(rep) for rep in ids]), strict=True)
        states = {rep: RepState() if record is None else record.state for rep, record in reps}
        turns = [Turns() if record is None else record.turns for record in known]
        pairs = zip(pools, turns, strict=True)
        return [each for pool, memory in pairs for each in _pool_shares(pool, memory, states, rules, now)]


def _pool_shares(
    pool: Pool, turns: Turns, states: Mapping[str, RepState], rules: Rules, now: datetime
) -> Iterator[PoolShares]:
    for kind in CLASSES:
        ledger = turns.of(kind)
        if ledger.total or (kind == "other" and not turns.total):
            shares = tuple(_shares(pool, seated(ledger, pool, now), states, rules, now))
            yield PoolShares(
                pool=pool.id, name=pool.name, kind=kind, strategy=pool.strategy, given=ledger.total, shares=shares
            )


def _shares(pool: Pool, ledger: Ledger, states: Mapping[str, RepState], rules: Rules, now: datetime) -> Iterator[Share]:
    behind, weights = ledger.shortfalls(), sum(member.weight for member in pool.members)
    for member in pool.members:
        rep, state = rules.team.rep(member.rep), states[member.rep]
        away = state.away(now)
        yield Share(
            rep=rep.id,
            name=rep.name,
            weight=member.weight,
            grown=ramped(rep, pool, member.weight, now) / (member.weight * MILLION),
            promised=member.weight / weights,
            given=ledger.given[rep.id],
            got=ledger.given[rep.id] / ledger.total if ledger.total else None,
            credits={kind: of[rep.id] / MILLION for kind, of in ledger.credits.items() if of.get(rep.id)},
            behind=float(behind[rep.id]),
            open=state.load(now),
            cap=rep.cap,
            away=away is not None,
            back=None if away is None else away.until,
        )
