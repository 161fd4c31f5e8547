"""Two deaths in one lead's life, each pair once: what lies before the second is lived once for all of them.

The process that lives it forks wherever it could die. The child dies there, lives on to the end and says what it saw;
the one that forked goes on as if nothing had happened.
"""

from __future__ import annotations

import os
import pickle
from typing import NamedTuple

from tests.simulation.world import World

QUESTIONS = {
    "load", "load_all", "due", "listed", "story", "get", "read", "find_marked", "since", "made", "complete",
}  # fmt: skip
"""Verbs that change nothing."""

Place = tuple[int, str]
"""The number of a call, and how it breaks."""


class End(NamedTuple):
    """How a world ended: the promises that were not kept, how many calls it made, and the number that stands for all
    that happened."""

    broken: list[tuple[int, str]]
    calls: int
    trace: int


def ways_to_die(who: object, verb: str, known: set[int]) -> list[str]:
    """An invocation can die before it called anybody, and after each of its changes. `known` are those that called
    somebody, by their id."""
    first = id(who) not in known
    known.add(id(who))
    return ["before"] * first + ["after"] * (verb not in QUESTIONS)


def ended(world: World) -> End:
    """What came of a world."""
    return End(world.broken, world.door.calls, world.hub.trace)


class Forks:
    """Lets a world, whose first death is planned, die a second time at each place after it. `ends` is what came of it,
    by the second place."""

    def __init__(self, world: World) -> None:
        self.ends: dict[Place, End] = {}
        self._world = world
        self._first = max(world.door.planned)
        self._known: set[int] = set()
        self._parent: int | None = None
        self._failed: list[str] = []
        world.door.on_call = self._here

    def run(self) -> dict[Place, End]:
        """Live on. Raises what the world raises, and RuntimeError for what a child's raises."""
        try:
            said = pickle.dumps(ended(self._world.run()))
        except BaseException as error:
            if self._parent is None:
                raise
            self._say(repr(error).encode(), 1)
        if self._parent is not None:
            self._say(said, 0)
        if self._failed:
            raise RuntimeError("\n".join(self._failed))
        return self.ends

    def _here(self) -> None:
        number, ways = self._world.door.calls - 1, ways_to_die(*self._world.door.heard[-1], self._known)
        if self._parent is None and number > self._first:
            any(self._dies((number, kind)) for kind in ways)

    def _dies(self, place: Place) -> bool:
        """Whether this is the child that dies here."""
        reading, writing = os.pipe()
        child = os.fork()
        if child == 0:
            os.close(reading)
            self._parent = writing
            self._world.door.planned[place[0]] = place[1]
            return True
        os.close(writing)
        with os.fdopen(reading, "rb") as pipe:
            said = pipe.read()
        if os.waitpid(child, 0)[
            1
        ]:  # said at the end, for whoever is at work here takes an error for a failed invocation
            self._failed.append(f"who died at {place} ended with {said.decode()}")
        else:
            self.ends[place] = pickle.loads(said)  # of our own child
        return False

    def _say(self, what: bytes, status: int) -> None:
        """The last word of a child."""
        assert self._parent is not None
        with os.fdopen(self._parent, "wb") as pipe:
            pipe.write(what)
        os._exit(status)
