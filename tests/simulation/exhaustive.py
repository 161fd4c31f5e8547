"""One lead, and the process dies everywhere: at each call of a port, and at each two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from random import Random

from leadrelay.memory.secrets import MemorySecrets
from tests.simulation.faults import CALM
from tests.simulation.report import spread
from tests.simulation.senders import SECRETS, Cast, Casting
from tests.simulation.small_rules import versions
from tests.simulation.world import STARTS, World

SEED = 1
QUESTIONS = {
    "load", "load_all", "due", "listed", "story", "get", "read", "find_marked", "since", "made", "complete",
}  # fmt: skip
"""Verbs that change nothing."""

_TOGETHER = 50
"""Placements that a process takes on at a time."""


@dataclass(frozen=True, slots=True)
class Placement:
    """Which calls (by number) break, and how."""

    faults: tuple[tuple[int, str], ...]

    def broken(self) -> list[tuple[int, str]]:
        """The promises that are not kept when it breaks there."""
        return told(dict(self.faults)).broken


def broken(placements: Iterable[Placement], jobs: int) -> dict[Placement, list[tuple[int, str]]]:
    """The placements that break a promise, with which."""
    every = list(placements)
    parts = [every[at : at + _TOGETHER] for at in range(0, len(every), _TOGETHER)]
    return {placement: found for part in spread(_tried, parts, jobs) for placement, found in part}


def _tried(placements: Sequence[Placement]) -> list[tuple[Placement, list[tuple[int, str]]]]:
    return [(placement, found) for placement in placements if (found := placement.broken())]


def told(faults: dict[int, str]) -> World:
    """One person fills in a form; the given calls break, otherwise all is calm."""
    world = World(SEED, mix=CALM, cast=_one_form(), planned=faults or {-1: "none"})
    return world.run()


def _one_form() -> Cast:
    """Somebody asks for a demo."""
    casting = Casting(Random(SEED), versions()[0], MemorySecrets(SECRETS), STARTS[0])
    casting.web("submission-0001", "both", "demo", 0, 60.0)
    return casting.cast


def singles() -> Iterator[Placement]:
    """Every call, every way to break it."""
    for number, _ in enumerate(told({}).door.heard):
        for kind in ("before", "after", "throttle", "unknown", "slow"):
            yield Placement(((number, kind),))


def pairs() -> Iterator[Placement]:
    """The process dies, and while that is made good it dies again: at every two places that leave different things
    behind."""
    for one in deaths(told({})):
        for other in deaths(told(dict((one,)))):
            if other[0] > one[0]:
                yield Placement((one, other))


def deaths(world: World) -> Iterator[tuple[int, str]]:
    """Where the processes of a world can die: an invocation before it called anybody, and after each of its changes.
    Whoever dies at a question leaves behind what was there after the change before it (`as_at`)."""
    known: set[int] = set()
    for number, (who, verb) in enumerate(world.door.heard):
        if id(who) not in known:
            known.add(id(who))
            yield number, "before"
        if verb not in QUESTIONS:
            yield number, "after"


def left(place: tuple[int, str]) -> tuple[object, ...]:
    """What somebody who dies at this place leaves behind in the end: the table, when it came to rest, what was seen."""
    world = told(dict((place,)))
    rows = {key: str(record) for key, record in world.store.rows.items()}
    return rows, world.hub.now, world.broken, world.seen - {"died right after a commit"}


def as_at(world: World) -> Iterator[tuple[int, tuple[int, str]]]:
    """Each call of a world, and which of its `deaths` is the same as dying before that call."""
    last: dict[int, tuple[int, str]] = {}
    for number, (who, verb) in enumerate(world.door.heard):
        yield number, last.setdefault(id(who), (number, "before"))
        if verb not in QUESTIONS:
            last[id(who)] = (number, "after")
