"""One lead, and the process dies everywhere: at each call of a port, and at each two of them."""

from __future__ import annotations

import gc
from collections.abc import Iterable, Iterator, Sequence
from random import Random

from leadrelay.memory.secrets import MemorySecrets
from tests.simulation.faults import CALM
from tests.simulation.forks import QUESTIONS, End, Forks, Place, ways_to_die
from tests.simulation.report import spread
from tests.simulation.senders import SECRETS, Cast, Casting
from tests.simulation.small_rules import versions
from tests.simulation.world import STARTS, World

SEED = 1
_TOGETHER = 50
"""Placements that a process takes on at a time."""


Broken = list[tuple[int, str]]
"""Promises that were not kept, each with how."""


def broken(places: Iterable[Place], jobs: int) -> dict[Place, Broken]:
    """The single places that break a promise, with which."""
    every = list(places)
    parts = [every[at : at + _TOGETHER] for at in range(0, len(every), _TOGETHER)]
    return {place: found for part in spread(_tried, parts, jobs) for place, found in part}


def _tried(places: Sequence[Place]) -> list[tuple[Place, Broken]]:
    return [(place, found) for place in places if (found := told(dict((place,))).broken)]


def pairs(jobs: int) -> dict[tuple[Place, Place], End]:
    """The process dies, and while that is made good it dies again: at every two places that leave different things
    behind; how each ended."""
    firsts = list(deaths(told({})))
    return {(one, other): end for one, ends in spread(_died_at, firsts, jobs) for other, end in ends.items()}


def _died_at(one: Place) -> tuple[Place, dict[Place, End]]:
    gc.collect()
    gc.disable()  # children share what nobody touches
    return one, dying_again(one)


def dying_again(one: Place) -> dict[Place, End]:
    """How it ends for who died at one place and then at each other that comes after it."""
    return Forks(_world(dict((one,)))).run()


def told(faults: dict[int, str]) -> World:
    """One person fills in a form; the given calls break, otherwise all is calm."""
    return _world(faults).run()


def _world(faults: dict[int, str]) -> World:
    return World(SEED, mix=CALM, cast=_one_form(), planned=faults or {-1: "none"})


def _one_form() -> Cast:
    """Somebody asks for a demo."""
    casting = Casting(Random(SEED), versions()[0], MemorySecrets(SECRETS), STARTS[0])
    casting.web("submission-0001", "both", "demo", 0, 60.0)
    return casting.cast


def singles() -> Iterator[Place]:
    """Every call, every way to break it."""
    for number, _ in enumerate(told({}).door.heard):
        for kind in ("before", "after", "throttle", "unknown", "slow"):
            yield number, kind


def deaths(world: World) -> Iterator[Place]:
    """Where the processes of a world can die. Whoever dies at a question leaves behind what was there after the change
    before it (`as_at`)."""
    known: set[int] = set()
    for number, (who, verb) in enumerate(world.door.heard):
        for kind in ways_to_die(who, verb, known):
            yield number, kind


def left(place: Place) -> tuple[object, ...]:
    """What somebody who dies at this place leaves behind in the end: the table, when it came to rest, what was seen."""
    world = told(dict((place,)))
    rows = {key: str(record) for key, record in world.store.rows.items()}
    return rows, world.hub.now, world.broken, world.seen - {"died right after a commit"}


def as_at(world: World) -> Iterator[tuple[int, Place]]:
    """Each call of a world, and which of its `deaths` is the same as dying before that call."""
    last: dict[int, Place] = {}
    for number, (who, verb) in enumerate(world.door.heard):
        yield number, last.setdefault(id(who), (number, "before"))
        if verb not in QUESTIONS:
            last[id(who)] = (number, "after")
