"""A whole deployment in one process: the real workflows and the real batch loop, over ports that fail as told.

One seed is one history. Trouble lasts as long as the mix says; then everything is mended, an operator takes up what was
set aside, and the world comes to rest.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from functools import cached_property, partial
from random import Random
from typing import Any

from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.facts import Said
from leadrelay.domain.person.facts import SourceDue, TouchReady, TouchReceived
from leadrelay.domain.routing.facts import ContactDoubted, OwnerNeeded
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.vocabulary import ADDRESSED
from leadrelay.memory.counters import MemoryCounters
from leadrelay.memory.notifier import MemoryNotifier
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.ports.fetch import Fetch
from leadrelay.ports.records import LeadRecord, TouchRecord
from leadrelay.ports.store import Record
from leadrelay.workflows.act import Act
from leadrelay.workflows.deliver.deliver import Deliver
from leadrelay.workflows.dictionary import dictionary
from leadrelay.workflows.erasures import Erasures
from leadrelay.workflows.fetch import FetchTouch
from leadrelay.workflows.handover import Handover
from leadrelay.workflows.ingest import Ingest
from leadrelay.workflows.links import Links
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.poll import Poll
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.publish import Publish
from leadrelay.workflows.redrive import Redrive
from leadrelay.workflows.reps import Reps
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.screen import Screen
from leadrelay.workflows.second_look import SecondLook
from leadrelay.workflows.sla_check import SlaCheck
from leadrelay.workflows.telling import Voice
from tests.simulation import outside
from tests.simulation.door import Door, StoreDoor
from tests.simulation.events import PARKED, Events, acts_of
from tests.simulation.faults import HOUR, Dice, Mix, drawn
from tests.simulation.history import History, WatchedCrm
from tests.simulation.hub import Hub, Invocation
from tests.simulation.lists import SenderList
from tests.simulation.promises import Watch
from tests.simulation.queues import Queue, Stream, message_of
from tests.simulation.senders import SECRETS, Cast, Casting, Saying, source
from tests.simulation.small_rules import LISTED, unheard, versions
from tests.simulation.store import WorldStore
from tests.simulation.watch_erased import Erased
from tests.simulation.watch_night import after_the_night, begins, has_night
from tests.simulation.witness import Witness

STARTS = (
    datetime(2026, 11, 23, 11, 0, tzinfo=UTC),  # Monday, 12:00 in Warsaw
    datetime(2026, 11, 27, 15, 52, tzinfo=UTC),  # Friday, eight minutes before the end of work
    datetime(2027, 3, 26, 15, 50, tzinfo=UTC),  # the Friday before summer time begins
    datetime(2028, 2, 29, 10, 0, tzinfo=UTC),  # a leap day
)
PATIENCE = 12 * HOUR
"""Seconds after which a world that was mended must have come to rest."""

__all__ = ["ADDRESSED", "Queue", "World"]

GARBAGE = ("", "{", "[]", '{"detail-type":"Nothing","detail":{"metadata":{},"data":{}}}')
"""Messages that are none of ours."""

AHEAD = ("clock", "poll", "rescore")
"""What is always due some day: a world is at rest as soon as that day lies ahead."""

AHEAD_SECONDS = (0, 10, 60)
"""How far sweeps look ahead, world by world: not at all, a part of the way to the next one, all of it."""

_SHARDS = 2


class World:
    """One deployment. `broken` is every promise that was not kept, `seen` the rare situations that occurred."""

    def __init__(
        self,
        seed: int,
        *,
        mix: Mix | None = None,
        cast: Cast | None = None,
        keep: frozenset[int] | None = None,
        without: frozenset[str] = frozenset(),
        planned: dict[int, str] | None = None,
    ) -> None:
        self.seed = seed
        self.mix = mix or drawn(Random(f"mix {seed}"))
        self.start = STARTS[Random(f"start {seed}").choice((0, 0, 0, 1, 2, 3))]
        self.ahead = timedelta(seconds=AHEAD_SECONDS[seed % len(AHEAD_SECONDS)])
        self.hub = Hub(Random(f"turns {seed}"))
        self.dice = Dice(Random(f"faults {seed}"), keep)
        self.door = Door(self)
        self.door.planned = planned or {}
        self.store = WorldStore(through_json=seed % 16 == 0)
        self.history, self.list = History(self), SenderList(self)
        self.crm, self.notifier = WatchedCrm(self), MemoryNotifier()
        self.acting = acts_of(seed)
        self.versions = versions() if self.acting else unheard()
        self.rules, self.secrets = MemoryRules(self.versions[0]), MemorySecrets(SECRETS)
        self.calm = False
        self.broken: list[tuple[int, str]] = []
        self.seen: set[str] = set()
        self.story: list[str] | None = None
        self.messages = 0
        self.accepted: dict[str, Saying] = {}
        self.excused: Counter[str] = Counter()
        self.edits: dict[str, str] = {}
        self.given: dict[str, tuple[str, datetime]] = {}
        self.typed: set[tuple[str, str]] = set()
        self.gone: dict[str, datetime] = {}
        self.acts = 0
        casting = Casting(Random(f"cast {seed}"), versions()[0], self.secrets, self.start)
        self.cast = cast or casting.drawn(self.mix.trouble)
        self.without = without
        self.unaccepted: set[str] = set()
        self.events, self.witness, self.watch = Events(self), Witness(self), Watch(self)
        self._wire()
        self.store.watchers.append(self.watch.before_write)
        self.store.on_insert.append(self._announce)

    def _wire(self) -> None:
        self.telemetry = outside.Watching(self)
        self.clock = outside.HostClock(self)
        store, rules, secrets = StoreDoor(self), outside.RulesDoor(self), outside.SecretsDoor(self)
        clock, telemetry = self.clock, self.telemetry
        crm, notifier, vendor = outside.CrmDoor(self), outside.NotifierDoor(self), outside.FetchDoor(self)
        screen = Screen(MemoryCounters(), Pseudonyms(secrets), telemetry)
        self.ingest = Ingest(store, rules, secrets, self._source, clock, telemetry, screen)
        self.publish = Publish(outside.BusDoor(self), store, clock, telemetry)
        self.sweep = SlaCheck(store, rules, clock, telemetry, ahead=self.ahead)
        self.redrive = Redrive(store, rules, clock)
        self.reps, self.handover = Reps(store, rules, clock), Handover(store, rules, clock)
        fetch = FetchTouch(store, lambda _: vendor, lambda *_: None, clock, telemetry)
        score = Score(store, rules, Pseudonyms(secrets), clock, telemetry)
        deliver = outside.Warm(lambda: Deliver(store, rules, lambda _, meter: crm.metered(meter), clock, telemetry))
        poll = Poll(
            store,
            rules,
            lambda name, _: self.list if name == LISTED else self.history,
            lambda *_: None,
            clock,
            telemetry,
        )
        links = Links(secrets, "https://leadrelay.example.com")
        voice = Voice(lambda *_: notifier, links, dictionary(), telemetry)
        notify = Notify(store, rules, voice, clock, telemetry)
        self.act = Act(store, rules, links, clock, telemetry)
        self.erased = Erased(self, Erasures(store, rules, Pseudonyms(secrets), clock, telemetry))
        look = SecondLook(store, rules, lambda _: self.history, clock, telemetry)
        route = Route(store, rules, clock, telemetry)
        queues = (
            Queue(self, "TouchReceived", TouchReceived, fetch, 240, 40),
            Queue(self, "ContactDoubted", ContactDoubted, look, 240, 40),
            Queue(self, "SourceDue", SourceDue, poll, 360, 60),
            Queue(self, "TouchReady", TouchReady, score, 60, 10),
            Queue(self, "OwnerNeeded", OwnerNeeded, route, 60, 10, at_once=2, pause=0.5),
            Queue(self, "CardChanged", CardChanged, deliver, 360, 60),
            Queue(self, "NoticeNeeded", NoticeNeeded, notify, 120, 20),
        )
        self.queues = {queue.name: queue for queue in queues}
        self.streams = [Stream(self) for _ in range(_SHARDS)]

    @staticmethod
    def _source(vendor: str) -> Any:
        return source(vendor)

    def _reader(self, name: str, _: SourcePolicy) -> Fetch:
        return self.list if name == LISTED else self.history

    # ---- the course of events

    def run(self) -> World:
        """Trouble, then calm, then rest. Returns itself."""
        self._schedule()
        while self._advance(self.mix.trouble):
            pass
        self._mend()
        self._rest(max([self.mix.trouble, *(saying.at for saying in self.cast.sayings)]))
        if has_night(self.seed) and not self.broken:
            self._night()
        self.hub.abandon()
        return self

    def _rest(self, since: float) -> None:
        """Until nothing is under way, which takes no longer than PATIENCE."""
        while not self.broken and not self.at_rest():
            if not self._advance(None) or self.hub.now > since + PATIENCE:
                self.broken.append((14, f"the world does not come to rest: {self.restless()}"))
        if not self.broken:
            self.watch.at_rest()

    def _night(self) -> None:
        """No sweep is planned until an hour after the nightly hour began: a late sweep misses nothing."""
        begun = begins(self)
        over = (begun - self.start).total_seconds() + HOUR
        self.hub.at(over, lambda: setattr(self.store, "dues_changed", True))
        while self.hub.now < over:
            self.hub.step()
        self.tell(f"{'night':8} it is {begun:%A}")
        self._rest(self.hub.now)
        self.broken += [] if self.broken else after_the_night(self, begun)

    def _schedule(self) -> None:
        for saying in self.cast.sayings:
            if saying.key in self.without:
                continue
            if saying.source == LISTED:
                self.hub.at(saying.at, partial(self.list.show, saying))
            if not self.list.loses(saying):
                self.unaccepted.add(saying.key)
                self.hub.at(saying.at + self.list.lag(saying), partial(self.events.attempt, saying, 0))
        for at, number in self.mix.flips:
            self.hub.at(at, partial(self.events.deploy, number))
        for at in self.mix.upgrades:
            self.hub.at(at, self.events.upgrade)
        for at in self.mix.redrives:
            self.hub.at(at, self.events.operate)
        self.events.people()
        self.events.absences()
        self.erased.plan()
        self.watch.answers.plan()

    def _advance(self, horizon: float | None) -> bool:
        self.events.plan_sweep()
        return not self.broken and self.hub.step(horizon)

    def _mend(self) -> None:
        """Everything that can be mended is: from now on nothing goes wrong."""
        self.calm = self.dice.calm = True
        self.hub.now = max(self.hub.now, self.mix.trouble)
        self.store.dues_changed = True
        self.tell(f"{'calm':8} everything is mended")
        self.events.operate()

    def at_rest(self) -> bool:
        """Nothing is under way and nothing is owed but what the future holds."""
        upcoming = self.hub.next_event()
        if self.hub.active or (upcoming is not None and upcoming <= self.hub.now):
            return False
        return next(self._left(), None) is None

    def restless(self) -> list[str]:
        """What is still to be done."""
        return list(self._left())

    def _left(self) -> Iterator[str]:
        """What is quickly found out comes first: it is asked at every turn."""
        now = self.moment()
        yield from (f"{saying} was not accepted" for saying in sorted(self.unaccepted))
        yield from (f"{len(queue.waiting)} in {name}" for name, queue in self.queues.items() if queue.waiting)
        yield from (f"{len(queue.dead)} dead in {name}" for name, queue in self.queues.items() if queue.dead)
        yield from ("the stream" for stream in self.streams if stream.pending)
        soon = [due for due in self.store.dues() if due.kind not in AHEAD or due.at <= now]
        yield from (f"a {due.kind} is due" for due in soon if due.kind != "poll")
        if self.history.unread():
            yield "what was done in the CRM is not heard"
        if self.list.unread():
            yield "what a sender lists is not read"
        yield from (f"{lead.key()} waits for an owner" for lead in self._leads() if lead.lead.wanted is not None)
        if self.store.anybody_waits() and not self.events.has_looked():
            yield "who waits was not looked at since the last write"
        yield from (f"parked: {why}" for why in PARKED if self.store.listed(f"PARKED#{why}", 1))

    def moment(self) -> datetime:
        """The true time."""
        return self.start + timedelta(seconds=self.hub.now)

    def _leads(self) -> list[LeadRecord]:
        return [record for record in self.store.rows.values() if isinstance(record, LeadRecord)]

    # ---- workers

    def begin(self, name: str, work: Callable[[], Any], ended: Callable[[Invocation], None], timeout: float) -> None:
        """Start an invocation; its machine's clock may be wrong."""
        skew = 0.0
        window = self.mix.skew
        if window is not None and not self.calm and window.covers(self.hub.now) and self.dice.strikes(0.5):
            skew = self.clock.wrong()
            self.seen.add("a clock was wrong")
        self.hub.begin(Invocation(name, work, ended, self.hub.now + timeout, skew))
        if len(self.hub.active) > 1:
            self.seen.add("two invocations at the same time")

    def _announce(self, record: Record) -> None:
        self.streams[zlib.crc32(record.key().pk.encode()) % _SHARDS].add(record)

    def route(self, fact: Said) -> None:
        """From the bus to the queue of who must answer."""
        queue = self.queues.get(fact.name)
        if queue is None:
            return
        if self.dice.strikes(self.mix.lost / 2):
            self.seen.add("a message was lost")
            self.tell(f"{'lost':8} {fact.name} {fact.metadata.fact_id}")
            return
        delay = self.dice.rng.uniform(5, 200) if self.dice.strikes(self.mix.late) else self.hub.rng.uniform(0, 1)
        queue.put(message_of(fact), delay)
        if self.dice.strikes(self.mix.garbage):
            queue.put(self.dice.rng.choice(GARBAGE), delay, poison=True)
        if self.dice.strikes(self.mix.doubled):
            queue.put(message_of(fact), delay + self.dice.rng.uniform(0, 2))

    # ---- for the reader

    def tell(self, line: str) -> None:
        """A line of the history, when somebody reads it."""
        if self.story is not None:
            who = self.hub.current.name if self.hub.current else ""
            self.story.append(f"{self.hub.now:9.1f} s  {who:13} {line}")

    @cached_property
    def touches(self) -> list[TouchRecord]:
        """Every touch, once the world is at rest."""
        return [record for record in self.store.rows.values() if isinstance(record, TouchRecord)]
