"""A whole deployment in one process: the real workflows and the real batch loop, over ports that fail as told.

One seed is one history. Trouble lasts as long as the mix says; then everything is mended, an operator takes up what was
set aside, and the world comes to rest.
"""

from __future__ import annotations

import zlib
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import UTC, datetime, timedelta
from functools import cached_property
from random import Random
from typing import Any

from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.facts import Said
from leadrelay.domain.person.facts import TouchReady, TouchReceived
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.vocabulary import ADDRESSED
from leadrelay.memory.crm import MemoryCrm
from leadrelay.memory.notifier import MemoryNotifier
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.ports.crm import RetryLater, WriteOp, WriteResult
from leadrelay.ports.records import LeadRecord, SyncRecord, TouchRecord, touch_key
from leadrelay.ports.store import Record
from leadrelay.workflows.deliver.deliver import Deliver
from leadrelay.workflows.fetch import FetchTouch
from leadrelay.workflows.identify import Pseudonyms
from leadrelay.workflows.ingest import Ingest
from leadrelay.workflows.notify import Notify
from leadrelay.workflows.publish import Publish
from leadrelay.workflows.redrive import Redrive
from leadrelay.workflows.route import Route
from leadrelay.workflows.score import Score
from leadrelay.workflows.sla_check import SlaCheck
from tests.simulation import outside
from tests.simulation.door import Door, StoreDoor
from tests.simulation.faults import HOUR, Dice, Mix, drawn
from tests.simulation.hub import Hub, Invocation
from tests.simulation.promises import Watch
from tests.simulation.queues import Message, Queue, Stream, message_of, older
from tests.simulation.senders import SECRETS, Cast, Casting, Saying, source
from tests.simulation.small_rules import versions
from tests.simulation.store import WorldStore

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

_PARKED = ("unanswered", "crm_hubspot", "notice")
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
        self.hub = Hub(Random(f"turns {seed}"))
        self.dice = Dice(Random(f"faults {seed}"), keep)
        self.door = Door(self)
        self.door.planned = planned or {}
        self.store = WorldStore(through_json=seed % 16 == 0)
        self.crm, self.notifier = MemoryCrm(), MemoryNotifier()
        self.rules, self.secrets = MemoryRules(versions()[0]), MemorySecrets(SECRETS)
        self.calm = False
        self.broken: list[tuple[int, str]] = []
        self.seen: set[str] = set()
        self.story: list[str] | None = None
        self.messages = 0
        self.accepted: dict[str, Saying] = {}
        self.excused: Counter[str] = Counter()
        self.edits: dict[str, str] = {}
        self.cast = cast or Casting(Random(f"cast {seed}"), versions()[0], self.secrets, self.start).drawn(
            self.mix.trouble
        )
        self.without = without
        self.unaccepted: set[str] = set()
        self._waits: dict[str, float] = {}
        self._rules_before: tuple[Rules, float] = (versions()[0], -1.0)
        self._last_sweep = -60.0
        self._sweep_at: float | None = None
        self._wire()
        self.watch = Watch(self)
        self.store.watchers.append(self.watch.before_write)
        self.store.on_insert.append(self._announce)

    def _wire(self) -> None:
        self.telemetry = outside.Watching(self)
        self.clock = outside.HostClock(self)
        store, rules, secrets = StoreDoor(self), outside.RulesDoor(self), outside.SecretsDoor(self)
        clock, telemetry = self.clock, self.telemetry
        crm, notifier, vendor = outside.CrmDoor(self), outside.NotifierDoor(self), outside.FetchDoor(self)
        self.ingest = Ingest(store, rules, secrets, self._source, clock, telemetry)
        self.publish = Publish(outside.BusDoor(self), store, clock, telemetry)
        self.sweep = SlaCheck(store, rules, clock, telemetry)
        self.redrive = Redrive(store, rules, clock)
        fetch = FetchTouch(store, lambda _: vendor, clock, telemetry)
        score = Score(store, rules, Pseudonyms(secrets), clock, telemetry)
        deliver = Deliver(store, rules, lambda _: crm, clock, telemetry)
        notify = Notify(store, rules, lambda *_: notifier, clock, telemetry)
        route = Route(store, rules, clock, telemetry)
        queues = (
            Queue(self, "TouchReceived", TouchReceived, fetch, 240, 40),
            Queue(self, "TouchReady", TouchReady, score, 60, 10),
            Queue(self, "OwnerNeeded", OwnerNeeded, route, 60, 10),
            Queue(self, "CardChanged", CardChanged, deliver, 360, 60),
            Queue(self, "NoticeNeeded", NoticeNeeded, notify, 120, 20),
        )
        self.queues = {queue.name: queue for queue in queues}
        self.streams = [Stream(self) for _ in range(_SHARDS)]

    @staticmethod
    def _source(vendor: str) -> Any:
        return source(vendor)

    # ---- the course of events

    def run(self) -> World:
        """Trouble, then calm, then rest. Returns itself."""
        self._schedule()
        while self._advance(self.mix.trouble):
            pass
        self._mend()
        patience = max([self.mix.trouble, *(saying.at for saying in self.cast.sayings)]) + PATIENCE
        while not self.broken and not self.at_rest():
            if not self._advance(None) or self.hub.now > patience:
                self.broken.append((14, f"the world does not come to rest: {self.restless()}"))
        if not self.broken:
            self.watch.at_rest()
        self.hub.abandon()
        return self

    def _schedule(self) -> None:
        for saying in self.cast.sayings:
            if saying.key not in self.without:
                self.unaccepted.add(saying.key)
                self.hub.at(saying.at, lambda saying=saying: self._attempt(saying, 0))
        for at, number in self.mix.flips:
            self.hub.at(at, lambda number=number: self._deploy(number))
        for at in self.mix.upgrades:
            self.hub.at(at, self._upgrade)
        for at in self.mix.redrives:
            self.hub.at(at, self._operate)
        self._people()

    def _advance(self, horizon: float | None) -> bool:
        self._plan_sweep()
        return not self.broken and self.hub.step(horizon)

    def _mend(self) -> None:
        """Everything that can be mended is: from now on nothing goes wrong."""
        self.calm = self.dice.calm = True
        self.hub.now = max(self.hub.now, self.mix.trouble)
        self.store.dues_changed = True
        self.tell(f"{'calm':8} everything is mended")
        self._operate()

    def _operate(self) -> None:
        """A person puts dead letters back and takes up parked work; again while something is left."""
        if sum(queue.redrive() for queue in self.queues.values()):
            self.seen.add("dead letters redriven")
        self._waits.clear()
        for why in _PARKED:
            if self.store.listed(f"PARKED#{why}", 1):
                self.seen.add("parked work redriven")
                self.begin("redrive", lambda why=why: self.redrive(why), lambda _: None, 60)
        if self.calm:
            self.hub.after(300, self._operate)

    def at_rest(self) -> bool:
        """Nothing is under way and nothing is owed but what the future holds."""
        upcoming = self.hub.next_event()
        if self.hub.active or (upcoming is not None and upcoming <= self.hub.now):
            return False
        return not self.restless()

    def restless(self) -> list[str]:
        """What is still to be done."""
        now = self.start + timedelta(seconds=self.hub.now)
        left = [f"{saying} was not accepted" for saying in sorted(self.unaccepted)]
        left += [f"{len(queue.waiting)} in {name}" for name, queue in self.queues.items() if queue.waiting]
        left += [f"{len(queue.dead)} dead in {name}" for name, queue in self.queues.items() if queue.dead]
        left += ["the stream" for stream in self.streams if stream.pending]
        left += [f"a {due.kind} is due" for due in self.store.dues() if due.kind != "clock" or due.at <= now]
        left += [f"{lead.key()} waits for an owner" for lead in self._leads() if lead.lead.wanted is not None]
        left += [f"parked: {why}" for why in _PARKED if self.store.listed(f"PARKED#{why}", 1)]
        return left

    def _leads(self) -> list[LeadRecord]:
        return [record for record in self.store.rows.values() if isinstance(record, LeadRecord)]

    # ---- senders

    def _attempt(self, saying: Saying, tries: int, repeat: bool = False) -> None:
        delivery = saying.delivery(self.start + timedelta(seconds=self.hub.now))
        self.tell(f"{'':8} {saying.key} is sent")

        def ended(run: Invocation) -> None:
            status = run.result.status if run.fate == "done" else 500
            if status == 200:
                self._accepted(saying)
            elif saying.refusable and status in (400, 401, 413):
                self.unaccepted.discard(saying.key)
                self.seen.add("a malformed delivery was refused")
            elif not repeat:
                wait = 20.0 if self.calm else min(600.0, 5.0 * 2**tries)
                self.hub.after(wait, lambda: self._attempt(saying, tries + 1))

        self.begin("ingest", lambda: self.ingest(saying.source, delivery), ended, 10)

    def _accepted(self, saying: Saying) -> None:
        self.unaccepted.discard(saying.key)
        expected = self.cast.expected(saying, versions()[0], self.start + timedelta(seconds=self.hub.now))
        for touch_id in expected:
            self.accepted[touch_id] = saying
            if self.store.load(touch_key(touch_id)) is None:
                self.broken.append((2, f"{saying.key} was answered 200, but {touch_id} is not stored"))
        if self.dice.strikes(self.mix.repeats):
            self.hub.after(self.dice.rng.choice((0.0, 3.0, 400.0)), lambda: self._attempt(saying, 0, repeat=True))

    # ---- people at the CRM

    def _people(self) -> None:
        """Somebody works in the CRM meanwhile: types a name, moves a stage, merges a copy."""
        rng = Random(f"people {self.seed}")
        for _ in range(rng.choice((0, 0, 1, 2))):
            if self.mix.trouble and self.dice.strike():
                at, what = rng.uniform(30, max(31.0, self.mix.trouble)), rng.choice(("edit", "edit", "merge"))
                self.hub.at(at, lambda what=what: self._in_the_crm(what))

    def _in_the_crm(self, what: str) -> None:
        ours = sorted(crm_id for crm_id, person in self.crm.people.items() if person.lead_key)
        if not ours:
            return
        crm_id = ours[0]
        if what == "edit":
            self.crm.edit(crm_id, first_name="Corrected", lifecycle_stage="customer")
            self.edits[crm_id] = "Corrected"
            self.seen.add("a person edited the CRM")
        elif len(ours) == 1:
            copy = self.crm._create()
            copy.fields["last_name"] = "Copy"
            self.crm.merge(crm_id, copy.crm_id)
            self.edits.pop(crm_id, None)
            self.seen.add("a person merged CRM records")
        self.tell(f"{'person':8} {what} {crm_id}")

    def is_away(self) -> bool:
        """Whether the CRM is down."""
        away = not self.calm and self.mix.outage is not None and self.mix.outage.covers(self.hub.now)
        if away:
            self.seen.add("the CRM was asked during an outage")
            if self.mix.outage and self.mix.outage.end - self.mix.outage.start > HOUR:
                self.seen.add("the CRM was away for more than an hour")
        return away

    def is_refusing(self) -> bool:
        """Whether the CRM refuses what we write."""
        refusing = not self.calm and self.mix.refusing is not None and self.mix.refusing.covers(self.hub.now)
        if refusing:
            self.seen.add("the CRM refused for good")
        return refusing

    def answered(self, op: WriteOp, result: WriteResult) -> None:
        """The CRM asked to be left alone: remembered once the delivery that heard it has ended."""
        if isinstance(result, RetryLater) and self.hub.current:
            self.hub.current.notes.append(f"wait {op.op_id[:12]} {self.hub.now + result.after}")

    def left_alone(self, ops: Sequence[WriteOp]) -> None:
        """Whether nobody writes before the CRM wants to hear of this record again."""
        for op in ops:
            until = self._waits.get(op.op_id[:12], 0.0)
            if self.hub.now < until - 0.01 and not self.mix.skew:
                self.broken.append((9, f"{op.op_id} is written {until - self.hub.now:.0f} s before Retry-After"))

    # ---- workers

    def begin(self, name: str, work: Callable[[], Any], ended: Callable[[Invocation], None], timeout: float) -> None:
        """Start an invocation; its machine's clock may be wrong."""
        skew = 0.0
        window = self.mix.skew
        if window is not None and not self.calm and window.covers(self.hub.now) and self.dice.strikes(0.5):
            skew = self.mix.skew_seconds
            self.seen.add("a clock was wrong")
        self.hub.begin(Invocation(name, work, ended, self.hub.now + timeout, skew))
        if len(self.hub.active) > 1:
            self.seen.add("two invocations at the same time")

    def worked(self, run: Invocation, batch: list[Message], failed: set[str]) -> None:
        """A batch has ended: what its run leaves behind."""
        undisturbed = run.fate == "done" and not run.broken
        if "killed" in run.notes:
            self.seen.add("killed by its time-out")
        for note in run.notes:
            what, _, rest = note.partition(" ")
            if what == "told" and not undisturbed:
                self.excused[rest] += 1
            elif what == "wait" and undisturbed and not failed:
                lead, until = rest.split()
                self._waits[lead] = max(self._waits.get(lead, 0.0), float(until))
        innocent = [message.id for message in batch if message.id in failed and not message.poison]
        excused = "conflict" in run.notes or not undisturbed
        if not excused and len(innocent) > run.notes.count("poison"):
            self.broken.append((11, f"{innocent} failed, and nothing was wrong with them"))
        if undisturbed and any(message.poison for message in batch) and len(batch) > 1:
            self.seen.add("a message that nobody can read beside good ones")

    def disturb(self, port: str, verb: str, kind: str) -> None:
        """A fault struck the running invocation."""
        if self.hub.current:
            self.hub.current.broken = True
        self.hub.mark(f"{port} {verb} {kind}")
        wrote = port == "store" and verb == "commit"
        self.seen.add(
            {"before": "a worker died", "after": "a worker died", "slow": "a slow answer"}.get(kind, "a refused call")
        )
        if wrote and kind == "after":
            self.seen.add("died right after a commit")
        if wrote and kind == "unknown":
            self.seen.add("the answer of a commit was lost")

    def saw(self, record: SyncRecord) -> None:
        """A worker looks at a delivery: another's lease and the CRM's wish to wait are to be respected."""
        current, now = self.hub.current, self.clock.now()
        if current is None or current.name != "CardChanged" or f"claimed {record.lead_id}" in current.notes:
            return
        if record.lease_until is not None and record.lease_until > now:
            self.seen.add("a worker met another's lease")
        if record.wait_until is not None and record.wait_until > now:
            self.seen.add("the CRM's wish to wait was obeyed")

    def conflict(self, key: str) -> None:
        """Somebody else changed a record first."""
        if self.hub.current:
            self.hub.current.notes.append("conflict")
            names = {self.hub.current.name} | {run.name for run in self.hub.active}
            if key.startswith("LEAD#") and "sweep" in names:
                self.seen.add("the sweep raced a decision")
        self.seen.add("two changed one record")
        if key.startswith("POOL#"):
            self.seen.add("two leads wanted the same turn")

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

    def _plan_sweep(self) -> None:
        """A sweep each minute; those that would find nothing due are left out."""
        if not self.store.dues_changed:
            return
        self.store.dues_changed = False
        due = self.store.next_due()
        if due is None:
            return
        ahead = max(0.0, self.mix.skew_seconds) if self.mix.skew and not self.calm else 0.0
        wanted = max((due - self.start).total_seconds() - ahead, self._last_sweep + 1, self.hub.now)
        minute = -(-wanted // 60) * 60
        if self._sweep_at is None or minute < self._sweep_at:
            self._sweep_at = minute
            self.hub.at(minute, lambda: self._sweep(minute))

    def _sweep(self, planned: float) -> None:
        if planned != self._sweep_at:
            return  # an earlier one was planned meanwhile
        self._sweep_at, self._last_sweep, self.store.dues_changed = None, self.hub.now, True
        luck = self.dice.one_of(self.mix.sweeps, ("late", "doubled", "skipped"))
        if luck == "skipped":
            self.seen.add("a sweep was skipped")
            return
        self.begin("sweep", self.sweep, lambda _: None, 60)
        if luck == "doubled":
            self.begin("sweep", self.sweep, lambda _: None, 60)
            self.seen.add("a sweep was doubled")
        if luck == "late":
            self.hub.after(self.dice.rng.uniform(5, 400), lambda: self.begin("sweep", self.sweep, lambda _: None, 60))

    # ---- deployments

    def rules_seen(self) -> Rules:
        """The current rules as a worker has them: for a minute after a deployment some still have the last."""
        before, until = self._rules_before
        if self.hub.now < until and self.hub.rng.random() < 0.5:
            return before
        return self.rules.current()

    def _deploy(self, number: int) -> None:
        if not self.dice.strike():
            return
        self._rules_before = (self.rules.current(), self.hub.now + 60)
        self.rules.deploy(versions()[number])
        busy = any(queue.waiting for queue in self.queues.values())
        if busy:
            self.seen.add("rules rolled back in flight" if number == 0 else "rules changed in flight")
        self.tell(f"{'rules':8} version {number}")

    def _upgrade(self) -> None:
        """New code: every worker dies, and what is queued was written by the release before."""
        if not self.dice.strike():
            return
        self.hub.kill_all()
        waiting = [(queue, message) for queue in self.queues.values() for message in queue.waiting.values()]
        for queue, message in waiting:
            message.body = message.body if message.poison else older(message.body, queue.kind)
        if waiting:
            self.seen.add("an upgrade with messages in flight")
        self.tell(f"{'upgrade':8} {len(waiting)} messages of the older release")

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

    @cached_property
    def syncs(self) -> list[SyncRecord]:
        """Every sync row, once the world is at rest."""
        return [record for record in self.store.rows.values() if isinstance(record, SyncRecord)]
