"""What is promised of clocks, held against books of our own: what a clock has yet to say is known from the facts alone,
so that a clock which forgets something, or says it twice, is noticed whatever it believes of itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import (
    ClockStarted,
    ClockStopped,
    NextStepMissed,
    NextStepPlanned,
    SlaBreached,
    SlaMet,
    SlaWarned,
)
from leadrelay.domain.crm.facts import RecordDeleted
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.nurture.facts import LeadRetired
from leadrelay.domain.person.erasure_facts import LeadErased
from leadrelay.domain.person.facts import LeadMerged
from leadrelay.domain.routing.facts import QuestionWithdrawn
from leadrelay.ports.records import LeadRecord, lead_key

if TYPE_CHECKING:
    from tests.simulation.hub import Invocation
    from tests.simulation.world import World

BREACH = "breach"
"""Stands for the deadline among the checkpoints of a clock."""

Name = tuple[object, ...]
"""What one clock is known by, whatever becomes of it."""

_ENDS: Mapping[type[Fact], Callable[[Fact, Clock], bool]] = {
    ClockStarted: lambda fact, clock: isinstance(fact, ClockStarted) and fact.clock.kind == clock.kind,
    ClockStopped: lambda fact, clock: isinstance(fact, ClockStopped) and fact.kind == clock.kind,
    SlaMet: lambda fact, clock: isinstance(fact, SlaMet) and _is_met(fact, clock),
    SlaBreached: lambda fact, clock: isinstance(fact, SlaBreached) and fact.kind == clock.kind,
    NextStepPlanned: lambda _, clock: clock.kind == "next_step",
    NextStepMissed: lambda _, clock: clock.kind == "next_step",
    LeadMerged: lambda fact, clock: isinstance(fact, LeadMerged) and (fact.into is not None or _outwaits(fact, clock)),
    RecordDeleted: lambda *_: True,
    LeadErased: lambda *_: True,
    LeadRetired: lambda *_: True,
}
"""What may end a clock, or all of them, before it has said everything."""


class ClockWatch:
    """Holds one world to what it promises of clocks; `broken` takes the number of a promise and why."""

    def __init__(self, world: World, broken: Callable[[int, str], None]) -> None:
        self._world = world
        self._broken = broken
        self._fired: set[Name] = set()
        self._over: set[Name] = set()
        self._met: set[Name] = set()
        self._breached: set[Name] = set()

    # ---- at every write

    def heard(self, known: Lead, facts: Sequence[Fact], at: datetime) -> None:
        """One decision about a lead, known as `known` until then."""
        self._in_order(known, facts)
        for fact in facts:
            after = fact.apply(known, at)
            if isinstance(fact, SlaWarned | SlaBreached):
                self._fires(fact, known, at)
            if isinstance(fact, SlaBreached):
                self._breached.add((known.lead_id, fact.kind, fact.hop))
            if isinstance(fact, SlaMet):
                self._meets(fact, known)
            if isinstance(fact, QuestionWithdrawn) and fact.why == "contact":
                self._world.seen.add("a contact withdrew the question for another owner")
            if isinstance(fact, ClockStarted) and fact.clock.kind == "first_contact":
                self._world.events.in_the_last_minute(known.lead_id, fact.clock.over_at)
            if known.clocks != after.clocks:
                self._changes(fact, known, after)
            known = after

    def _meets(self, fact: SlaMet, known: Lead) -> None:
        if fact.corrects and (known.lead_id, fact.kind, fact.hop) not in self._breached:
            self._broken(6, f"a breach was corrected that nobody said: {fact.kind} of hop {fact.hop}")
        held = [lapse.clock for lapse in known.lapsed if fact.kind == "first_contact"]
        clock = next((each for each in (*known.clocks, *held) if _is_met(fact, each)), None)
        if clock is None:
            self._broken(6, f"a clock was met that does not run: {fact.kind} of hop {fact.hop}")
            return
        if _name(known, clock) in self._met:
            self._broken(6, f"a clock was met twice: {fact.kind} of hop {fact.hop}")
        self._met.add(_name(known, clock))
        self._world.seen |= {"a contact corrected a breach"} if fact.corrects else set()
        self._world.seen |= {"a former owner's clock was met"} if clock in held else set()
        self._world.seen.add(f"{fact.kind}: met {'in time' if fact.in_time else 'late'}")

    def _in_order(self, known: Lead, facts: Sequence[Fact]) -> None:
        current, due = self._world.hub.current, known.due_at()
        speaks = any(isinstance(fact, SlaWarned | SlaBreached | NextStepMissed) for fact in facts)
        if current is not None and due is not None and speaks:
            current.fired.append((due, known.lead_id))

    def _fires(self, fact: SlaWarned | SlaBreached, known: Lead, now: datetime) -> None:
        """Of a clock that runs, in its time, once."""
        clock, what = known.clock(fact.kind), _checkpoint(fact)
        at = None if clock is None or clock.hop != fact.hop else _owed(clock).get(what)
        if clock is None or at is None:
            self._broken(6, f"{fact.name()} of a clock that does not run: {fact.kind}")
            return
        name = _name(known, clock)
        if clock.pause is not None:
            self._broken(6, f"{fact.name()} of a clock that stands still: {fact.kind} of hop {fact.hop}")
        if name in self._over:
            self._broken(6, f"{fact.name()} of a clock that is over: {fact.kind} of hop {fact.hop}")
        if (*name, what) in self._fired:
            self._broken(6, f"{fact.name()} twice: {what} of {fact.kind}, hop {fact.hop}")
        self._fired.add((*name, what))
        early = self._world.ahead if at < clock.over_at else timedelta()
        if self._world.moment() + timedelta(seconds=self._world.mix.ahead) + early < at:
            self._broken(6, f"{fact.name()} too early: {what} of {fact.kind}, hop {fact.hop}")
        if isinstance(fact, SlaWarned) and clock.breached_at is None and at < clock.over_at <= now:
            self._broken(6, f"{what} of {fact.kind}, hop {fact.hop}, is said when the time is up already")
        self._worth_telling(fact, clock, what)

    def _worth_telling(self, fact: SlaWarned | SlaBreached, clock: Clock, what: str) -> None:
        seen = self._world.seen
        if what == BREACH and clock.warn_at is not None:
            seen.add("a clock was breached before it warned")
        seen.add(f"{fact.kind}: {'breached' if isinstance(fact, SlaBreached) else 'warned'}")

    def _changes(self, fact: Fact, known: Lead, after: Lead) -> None:
        """Nothing that a clock has yet to say is forgotten, but by what ends it."""
        for clock in known.clocks:
            now = next((each for each in after.clocks if _name(after, each) == _name(known, clock)), None)
            left = {} if now is None else _owed(now)
            lost = sorted(what for what in _owed(clock) if what not in left and what != _said_by(fact, clock))
            ends = type(fact) in _ENDS and _ENDS[type(fact)](fact, clock)
            if now is not None and isinstance(
                fact, SlaBreached
            ):  # it measures on: what comes later is still to be said
                ends = all(_owed(clock)[what] <= clock.over_at for what in lost)
            if lost and not ends:
                self._broken(6, f"{fact.name()} makes the {clock.kind} clock of hop {clock.hop} forget {lost}")
            if now is None:
                self._over.add(_name(known, clock))
        if isinstance(fact, ClockStarted):
            name = _name(after, fact.clock)
            self._over.discard(name)
            if name in self._met:
                self._broken(6, f"the {fact.clock.kind} clock of hop {fact.clock.hop} was met, and starts again")

    # ---- at every sweep

    def due(self, until: datetime) -> dict[str, int]:
        """The leads with a clock that is due by then for who sweeps, each with its version."""
        rows = [row for row in self._world.store.rows.values() if isinstance(row, LeadRecord)]
        dues = ((row, row.lead.due_at(self._world.ahead)) for row in rows)
        return {row.lead.lead_id: row.version for row, at in dues if at is not None and at <= until}

    def swept(self, run: Invocation, due: Mapping[str, int]) -> None:
        """A sweep has ended: undisturbed, it left nothing as it was that was due when it began."""
        if run.fate != "done" or run.broken or run.jumped:
            return
        left = sorted(lead for lead, version in due.items() if self._version(lead) == version)
        if left:
            self._broken(6, f"nothing disturbed a sweep, and it left what was due: {left}")
        alone = {lead for lead, version in due.items() if self._version(lead) == version + 1}  # nobody else changed it
        order = [at.replace(microsecond=at.microsecond // 1000 * 1000) for at, lead in run.fired if lead in alone]
        if order != sorted(order) and "conflict" not in run.notes:
            self._broken(6, "nothing disturbed a sweep, and who had waited longest did not come first")
        if len(order) > 1:
            self._world.seen.add("clocks of several leads in one sweep")

    def _version(self, lead_id: str) -> int:
        return self._world.store.rows[(lead_key(lead_id).pk, "LEAD")].version


def _name(lead: Lead, clock: Clock) -> Name:
    return lead.lead_id, clock.kind, clock.hop, clock.started_at


def _is_met(fact: SlaMet, clock: Clock) -> bool:
    return (fact.kind, fact.hop, fact.started_at) == (clock.kind, clock.hop, clock.started_at)


def _outwaits(fact: LeadMerged, clock: Clock) -> bool:
    """Whether the other of two leads that are one person has waited for longer: its clock counts on in this one's
    place."""
    other = None if fact.absorbed is None else fact.absorbed.lead_clock
    return other is not None and clock.kind == "lead" and other.started_at < clock.started_at


def _owed(clock: Clock) -> dict[str, datetime]:
    """What it has yet to say, and when."""
    breach = {BREACH: clock.over_at} if clock.breached_at is None else {}
    return {**{point.id: point.at for point in clock.checkpoints}, **breach}


def _checkpoint(fact: SlaWarned | SlaBreached) -> str:
    return BREACH if isinstance(fact, SlaBreached) else fact.checkpoint


def _said_by(fact: Fact, clock: Clock) -> str | None:
    """What of this clock the fact says."""
    said = isinstance(fact, SlaWarned | SlaBreached) and (fact.kind, fact.hop) == (clock.kind, clock.hop)
    return _checkpoint(fact) if said and isinstance(fact, SlaWarned | SlaBreached) else None
