"""Reps who answer by the links in their notices: at any time, twice at once, late, and mail scanners that only look."""

from __future__ import annotations

from functools import partial
from random import Random
from typing import TYPE_CHECKING

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import LinkUsed
from leadrelay.ports.notifier import Message
from tests.simulation.hub import Invocation

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.simulation.world import World

_LOOK = "look"
_FORM = {"reason": "no_budget", "timing": "next_month"}

_WORTH_TELLING = {
    "moved": "a link came after the next assignment",
    "done": "a link was followed again",
}


class Answers:
    """Who follows which link when, in one world; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken
        self._rng = Random(f"answers {world.seed}")
        self._used: set[tuple[object, ...]] = set()

    def plan(self) -> None:
        """In some worlds people answer by links, in others they never do."""
        for _ in range(self._rng.choice((0, 0, 0, 1, 2, 4))):
            moment = 30 + self._rng.random() * self._world.mix.trouble
            if self._world.mix.trouble and self._world.dice.strike():
                self._world.hub.at(moment, self._follow)

    def _follow(self) -> None:
        """Some link of some notice, whoever has read it meanwhile. An impatient thumb presses the button twice."""
        told = [message for message in self._world.notifier.sent if message.links]
        if not told:
            return
        token = self._token(self._rng.choice((told[0], told[-1], self._rng.choice(told))))
        self._world.acts += 1
        for form in (None, *[_FORM] * self._rng.choice((0, 1, 1, 2))):
            name = _LOOK if form is None else "act"
            self._world.begin(name, partial(self._world.act, token, form), self._ended, 10)

    def _token(self, message: Message) -> str:
        _, address = self._rng.choice(message.links)
        return address.rpartition("/")[2]

    def _ended(self, run: Invocation) -> None:
        state = run.result.state if run.fate == "done" else ""
        if state in _WORTH_TELLING:
            self._world.seen.add(_WORTH_TELLING[state])

    def used(self, fact: LinkUsed, known: Lead) -> None:
        """An answer takes effect: once, by who has the lead, of a lead that is worked."""
        self._world.seen.add("a rep answered by a link")
        current = self._world.hub.current
        if current is not None and current.name == _LOOK:
            self._broken(22, f"somebody looked at a link of {known.lead_id}, and that was taken for {fact.action}")
        once = (known.lead_id, fact.hop, fact.rep, fact.action)
        if once in self._used:
            self._broken(22, f"{fact.action} of hop {fact.hop} was taken twice for {known.lead_id}")
        self._used.add(once)
        theirs = known.waits if fact.action == "claim" else (fact.hop, fact.rep) == _held(known)
        if not theirs:
            self._broken(22, f"{fact.rep} answered for hop {fact.hop} of {known.lead_id}, which is {known.ownership}")
        if not known.live or known.merged_into is not None:
            self._broken(22, f"{fact.rep} answered about {known.lead_id}, which nobody works")


def _held(known: Lead) -> tuple[int, str | None]:
    return known.ownership.hop, known.ownership.rep
