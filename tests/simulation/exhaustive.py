"""One lead, and the process dies everywhere: at each call of a port, and at each two of them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations
from random import Random

from leadrelay.memory.secrets import MemorySecrets
from tests.simulation.faults import CALM
from tests.simulation.report import spread
from tests.simulation.senders import SECRETS, Cast, Casting
from tests.simulation.small_rules import versions
from tests.simulation.world import STARTS, World

SEED = 1
WRITES = {"commit", "put", "send", "write"}
"""Verbs that change something: dying before and after them differ; dying after a question is dying before the next."""

_SWEPT = {"due", "listed"}
"""Verbs that only a sweep knows."""

_TOGETHER = 200
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
    for number, _ in enumerate(_verbs()):
        for kind in ("before", "after", "throttle", "unknown", "slow"):
            yield Placement(((number, kind),))


def pairs() -> Iterator[Placement]:
    """The process dies twice: at every two places where that makes a difference. A sweep asks what is due and who waits
    several times in a row: whoever dies at such a question first leaves behind what was there at the one before."""
    verbs = _verbs()
    same = {number for number, verb in enumerate(verbs) if number and verb in _SWEPT and verb == verbs[number - 1]}
    places = [(number, kind) for number, verb in enumerate(verbs) for kind in _kinds(verb)]
    for one, other in combinations(places, 2):
        if one[0] != other[0] and one[0] not in same:
            yield Placement((one, other))


def _kinds(verb: str) -> tuple[str, ...]:
    return ("before", "after") if verb in WRITES else ("before",)


def _verbs() -> list[str]:
    world = World(SEED, mix=CALM, cast=_one_form(), planned={-1: "none"})
    world.door.verbs = []
    world.run()
    return world.door.verbs
