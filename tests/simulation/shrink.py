"""From a failing seed to a history a person can read: senders and faults are left out while it still fails."""

from __future__ import annotations

from dataclasses import dataclass

from tests.simulation.world import World

ATTEMPTS = 400
"""How many shorter histories are tried at most."""


@dataclass(frozen=True, slots=True)
class Shrunk:
    """The smallest failing history found: which faults struck (by their number), which senders kept silent."""

    seed: int
    keep: frozenset[int]
    without: frozenset[str]
    history: str


@dataclass
class _Shrinking:
    seed: int
    promise: int
    attempts: int = 0

    def fails(self, keep: frozenset[int] | None, without: frozenset[str]) -> World | None:
        """The world told again with less in it, if the same promise is still broken."""
        self.attempts += 1
        world = World(self.seed, keep=keep, without=without).run()
        return world if any(number == self.promise for number, _ in world.broken) else None


def shrunk(seed: int) -> Shrunk | None:
    """The shrunk history of a failing seed; None when the seed does not fail."""
    first = World(seed).run()
    if not first.broken:
        return None
    shrinking = _Shrinking(seed, first.broken[0][0])
    without = _fewer_senders(first, None, frozenset(), shrinking)
    keep = _fewer_faults(frozenset(first.dice.struck), without, shrinking)
    without = _fewer_senders(first, keep, without, shrinking)  # with fewer faults, fewer senders may do
    return Shrunk(seed, keep, without, told(seed, keep, without))


def _fewer_senders(
    first: World, keep: frozenset[int] | None, without: frozenset[str], shrinking: _Shrinking
) -> frozenset[str]:
    for saying in first.cast.sayings:
        if saying.key not in without and shrinking.fails(keep, without | {saying.key}):
            without |= {saying.key}
    return without


def _fewer_faults(struck: frozenset[int], without: frozenset[str], shrinking: _Shrinking) -> frozenset[int]:
    """Halves first, then quarters, down to single faults."""
    world = shrinking.fails(None, without)
    keep = frozenset(world.dice.struck) if world else struck
    size = max(1, len(keep) // 2)
    while shrinking.attempts < ATTEMPTS:
        smaller = _without_one_part(keep, size, without, shrinking)
        if smaller is not None:
            keep = smaller
        elif size == 1:
            break
        else:
            size = max(1, size // 2)
    return keep


def _without_one_part(
    keep: frozenset[int], size: int, without: frozenset[str], shrinking: _Shrinking
) -> frozenset[int] | None:
    numbers = sorted(keep)
    for at in range(0, len(numbers), size):
        rest = keep - frozenset(numbers[at : at + size])
        world = shrinking.fails(rest, without) if rest != keep and shrinking.attempts < ATTEMPTS else None
        if world is not None:
            return frozenset(world.dice.struck)
    return None


def told(seed: int, keep: frozenset[int] | None = None, without: frozenset[str] = frozenset()) -> str:
    """The history of a seed, line by line, with what was broken at its end."""
    world = World(seed, keep=keep, without=without)
    world.story = []
    world.run()
    broken = [f"promise {number} is broken: {what}" for number, what in world.broken]
    return "\n".join([f"seed {seed}, {len(world.dice.struck)} faults", *world.story, *broken])
