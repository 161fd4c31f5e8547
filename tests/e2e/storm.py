"""Forty people ask for a demo while everything goes wrong in turn; what was seen meanwhile, and who they are."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import count

from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules
from leadrelay.local.cast import Scene
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier
from leadrelay.local.traffic import Act, perform
from leadrelay.local.watch import Picture, crm_owner, look, sweep
from leadrelay.ports.sample import Person, Visit
from tests.e2e import trouble

PATIENCE = 60.0
FUNCTIONS = ("score", "route", "deliver", "notify", "fetch", "publish")
NOTICED = 2.0
"""Seconds in which the emulator takes note of a changed mapping, and in which functions ask for newer rules."""


@dataclass
class Storm:
    """`acts` by what was going on; `died` are the workers that were killed; pictures taken in the middle."""

    acts: dict[str, list[Act]] = field(default_factory=dict)
    died: list[int] = field(default_factory=list)
    without_crm: Picture | None = None
    unread: Picture | None = None
    new_rules: Rules | None = None

    def all(self) -> list[Act]:
        """Everybody."""
        return [act for acts in self.acts.values() for act in acts]


@dataclass(frozen=True)
class Weather:
    """Makes the storm."""

    cloud: Cloud
    courier: Courier
    storm: Storm = field(default_factory=Storm)
    numbers: Iterator[int] = field(default_factory=lambda: count(1))

    def workers_die(self, people: int) -> None:
        """A function after the other loses its workers while leads come in."""
        with trouble.killing(self.cloud, FUNCTIONS, every=0.7) as died:
            self.come("workers die", people, pause=0.5)
        self.storm.died = died

    def crm_is_away(self, people: int, until_end: contextlib.ExitStack) -> None:
        """Until the last of them has an owner."""
        with trouble.crm_stopped(self.cloud, until_end):
            self.come("the CRM is away", people)
            self.storm.without_crm = self._until(
                "all are owned without a CRM", lambda seen: self._all_placed(seen, "the CRM is away")
            )

    def stream_is_unread(self, people: int) -> None:
        """What is stored meanwhile is heard of later."""
        with trouble.stream_unread(self.cloud):
            time.sleep(NOTICED)
            self.come("the stream is unread", people)
            time.sleep(NOTICED)
            self.storm.unread = look(self.cloud)

    def rules_change(self, people: int, rules: Rules) -> None:
        """In the middle of it: the first of them are decided, the others are not even there."""
        self.storm.new_rules = rules
        self.come("the rules change", people // 3, pause=0.1)
        first = self.storm.acts["the rules change"]
        self._until("one is decided by the old rules", lambda seen: any(map(seen.lead_of, first)))
        trouble.release(self.cloud, rules)
        self.come("the rules change", people - people // 3, pause=3 * NOTICED / people)

    def come(self, when: str, people: int, pause: float = 0.0) -> None:
        """So many more people ask for a demo."""
        acts = self.storm.acts.setdefault(when, [])
        for _ in range(people):
            scene = Scene(_demo(next(self.numbers)))
            acts.extend(perform([scene], self.cloud.outside, self.cloud.rules, self.courier))
            time.sleep(pause)

    def _all_placed(self, seen: Picture, when: str) -> bool:
        return all(lead and lead.ownership.placed for lead in map(seen.lead_of, self.storm.acts[when]))

    def _until(self, what: str, true: Callable[[Picture], bool]) -> Picture:
        give_up = time.monotonic() + PATIENCE
        while time.monotonic() < give_up:
            sweep(self.cloud)
            seen = look(self.cloud)
            if true(seen):
                return seen
            time.sleep(0.3)
        raise AssertionError(f"not in {PATIENCE:g} s: {what}")


def unfinished(cloud: Cloud, acts: list[Act], seen: Picture) -> list[str]:
    """What is missing until everybody is in the CRM as they should be, and nobody waits for anything."""
    return [problem for act in acts for problem in _problems(cloud, act, seen)]


def _problems(cloud: Cloud, act: Act, seen: Picture) -> Iterator[str]:
    who, lead = act.scene.visit.person.email, seen.lead_of(act)
    if lead is None or not lead.ownership.placed:
        yield f"{who} is nobody's"
        return
    sync = seen.syncs.get(lead.lead_id)
    if sync is None or sync.due_at is not None:
        yield f"{who} is still to be delivered"
    if [contact.owner_id for contact in seen.contacts_of(who)] != [_owner(cloud, lead)]:
        yield f"{who} is not in the CRM with the right owner"


def _owner(cloud: Cloud, lead: Lead) -> str:
    return crm_owner(cloud, lead.ownership.rep)


def _demo(number: int) -> Visit:
    """A demo request that the rules give to the pool `sdr`."""
    name = f"Visitor{number}"
    person = Person(
        first_name=name,
        last_name="Sample",
        email=f"{name.lower()}@storm-{number}.example",
        phone="",
        job_title="Head of Data",
        company=f"Storm {number} Works",
        country="Poland",
        industry="Software",
        employees=120,
    )
    return Visit("website", person, "demo", f"website-storm-{number:03d}")
