"""How a pool finds the next of its eligible reps: one function for each strategy.

Whatever the strategy, the ledger counts what everybody gets, so that the shares can be seen.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from fractions import Fraction
from statistics import median_low
from typing import Any

from leadrelay.domain.routing.draw import Draw
from leadrelay.domain.routing.fairness import next_turn
from leadrelay.domain.routing.skipped import Skip, skipped
from leadrelay.domain.routing.team import Strategy

Chooses = Callable[[Draw, Sequence[str]], str | None]
"""One of the given reps, who may all take it; None where nobody is given, or where nobody is chosen."""

FLOOD = Fraction(3, 2)
"""The fastest get no more than so many times their share: speed is no reason to drown somebody."""


def next_rep(draw: Draw) -> str | None:
    """Whose the lead is. None when nobody may take it, or when the pool does not choose (`claim`)."""
    return STRATEGIES[draw.pool.strategy](draw, _preferred(draw) or draw.free)


def _preferred(draw: Draw) -> list[str]:
    """Who has what the rule would rather see, as long as that takes them no more than a lead ahead of their share: what
    one can do better than others is no reason to do it all."""
    wished = (each.rep for each in draw.candidates if each.preferred and each.rep in draw.free)
    return [rep for rep in wished if draw.short.parts[rep] >= 0]


def skips(draw: Draw) -> dict[str, Skip]:
    """Who would have come before, had everybody been there and free."""
    if all(each.failed is None for each in draw.candidates):
        return {}
    there = draw.all_there()
    return skipped(draw.candidates, draw.free, lambda reps: STRATEGIES[draw.pool.strategy](there, reps))


def by_turn(draw: Draw) -> str | None:
    """Whose turn it is, in a pool that does not choose, for a lead that nobody accepted."""
    return _weighted_round_robin(draw, draw.free)


def _weighted_round_robin(draw: Draw, free: Sequence[str]) -> str | None:
    """Who would be a whole lead behind their share before the others, as `fairness` reckons it."""
    return next_turn(draw.short, draw.present, free, draw.tie)


def _round_robin(draw: Draw, free: Sequence[str]) -> str | None:
    """The next in the circle, which is the order of the pool; weights do not count. Who is skipped loses the turn."""
    circle = [member.rep for member in draw.pool.members]
    newest = max(circle, key=lambda rep: draw.ledger.last.get(rep, 0))
    after = circle.index(newest) + 1 if draw.ledger.last.get(newest) else 0
    return next((rep for rep in circle[after:] + circle[:after] if rep in free), None)


def _least_loaded(draw: Draw, free: Sequence[str]) -> str | None:
    """Who has the fewest open leads for their weight."""
    full = {rep: Fraction(draw.states[rep].load(draw.now), draw.present[rep]) for rep in free}
    return _first(draw, full)


def _fastest_responder(draw: Draw, free: Sequence[str]) -> str | None:
    """Who has been the quickest to make first contact. Who has no record yet counts as the median of the pool, so that
    they get a chance to have one. Who had more than `FLOOD` times their share is asked after the others."""
    known = [state.response_seconds for state in draw.states.values() if state.response_seconds is not None]
    usual = median_low(known) if known else 0
    seconds = {rep: draw.states[rep].response_seconds for rep in free}
    quickness = {rep: usual if spent is None else spent for rep, spent in seconds.items()}
    flooded = _flooded(draw)
    return _first(draw, {rep: (rep in flooded, spent) for rep, spent in quickness.items()})


def _first(draw: Draw, order: Mapping[str, Any]) -> str | None:
    """Who comes first in this order; between equals it is a turn, so that nobody is left out whose weight is small."""
    first = min(order.values(), default=None)
    return _weighted_round_robin(draw, [rep for rep, place in order.items() if place == first])


def _flooded(draw: Draw) -> set[str]:
    """Who has more than `FLOOD` times what their weight promises of everything so far."""
    levels, weights = draw.ledger.levels(), draw.ledger.weights
    total, weight = sum(levels.values()), sum(weights.values())
    return {rep for rep, level in levels.items() if level * weight > FLOOD * total * weights[rep]}


def _claim(draw: Draw, free: Sequence[str]) -> str | None:
    """Nobody is chosen: it is open to all of them, and the first who accepts has it."""
    return None


STRATEGIES: Mapping[Strategy, Chooses] = {
    "weighted_round_robin": _weighted_round_robin,
    "round_robin": _round_robin,
    "least_loaded": _least_loaded,
    "fastest_responder": _fastest_responder,
    "claim": _claim,
}
