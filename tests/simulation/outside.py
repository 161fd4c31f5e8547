"""The outside behind the door: CRM, messenger, the vendors' read APIs, the bus, rules, time and what operators see."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta
from random import Random
from typing import TYPE_CHECKING

from leadrelay.domain.facts import Said
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.ports.crm import (
    Marked,
    Meter,
    Ok,
    RecordKey,
    Rejected,
    RetryLater,
    Snapshot,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)  # fmt: skip
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed
from leadrelay.ports.notifier import Message
from leadrelay.ports.records import lead_key
from leadrelay.ports.source import SecretValues
from leadrelay.workflows.deliver.deliver import Asked, Deliver

if TYPE_CHECKING:
    from tests.simulation.hub import Invocation
    from tests.simulation.world import World

_PICKY = "job_title"
"""The field that a CRM refuses which refuses only one."""

MOODS = ("429", "503", "503 done", "reset", "reset done", "locked", "token expired")


class CrmDoor:
    """The CRM. Every operation has its own fate, so an answer may be partial."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._meter: Meter = lambda: 0.0

    def metered(self, meter: Meter) -> CrmDoor:
        """The same, asking a worker's meter before each call."""
        door = CrmDoor(self._world)
        door._meter = meter
        return door

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        self._world.witness.left_alone(ops)
        results = [self._one(op) for op in ops]
        if len({type(result) for result in results}) > 1:
            self._world.seen.add("the CRM answered in part")
        return results

    def _one(self, op: WriteOp) -> WriteResult:
        wait = self._meter()
        if wait > 0:
            self._world.seen.add("our share of the CRM's rate was used up")
            return RetryLater(op.op_id, wait, "budget")
        self._world.witness.called()
        try:
            result = self._world.door.call("crm", "write", lambda: self._moody(op))
        except Retry as error:
            result = RetryLater(op.op_id, 10, "10s") if error.scope == "second" else Unknown(op.op_id)
        self._world.witness.answered(op, result)
        return result

    def _moody(self, op: WriteOp) -> WriteResult:
        world, crm = self._world, self._world.crm
        if world.witness.is_away():
            return RetryLater(op.op_id, world.dice.rng.choice((10, 30, 120)), "outage")
        if world.witness.is_refusing() and isinstance(op, UpsertPerson):
            return self._without(_PICKY, op) if world.seed % 2 else Rejected(op.op_id, "VALIDATION", "not now", "email")
        mood = world.dice.one_of(world.mix.crm, MOODS)
        if mood is None:
            return crm.write([op])[0]
        world.tell(f"the CRM answers {type(op).__name__} with {mood}")
        if mood.endswith("done"):
            crm.write([op])
            world.seen.add("a CRM write done, its answer lost")
        answers: dict[str, WriteResult] = {
            "429": RetryLater(op.op_id, 10, "10s"),
            "locked": RetryLater(op.op_id, 2, "record"),
            "token expired": RetryLater(op.op_id, 300, "auth"),
        }
        return answers.get(mood, Unknown(op.op_id))

    def _without(self, name: str, op: UpsertPerson) -> WriteResult:
        """Everything is taken but one field."""
        others = tuple(write for write in op.fields if write.name != name)
        result = self._world.crm.write([replace(op, fields=others)])[0]
        if not isinstance(result, Ok) or len(others) == len(op.fields):
            return result
        self._world.seen.add("the CRM refused one field")
        return replace(result, refused=(*result.refused, Rejected(op.op_id, "VALIDATION", "not now", name)))

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        return self._world.door.call("crm", "read", lambda: self._world.crm.read(keys))

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        return self._world.door.call("crm", "find_marked", lambda: self._marked(crm_id, op_ids))

    def _marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        if self._world.witness.is_away():
            raise Retry(30, "the CRM is away", "outage")
        if self._world.dice.strikes(self._world.mix.crm / 4):
            raise Misconfigured("the CRM's token has expired")
        found = self._world.crm.find_marked(crm_id, op_ids)
        self._world.seen.add("an unknown outcome was looked up")
        return found


class Warm:
    """Machines that stay warm: each works for one invocation at a time, and who died does not come back."""

    def __init__(self, new: Callable[[], Deliver]) -> None:
        self._new = new
        self._free: list[Deliver] = []

    def __call__(self, batch: Sequence[Asked]) -> Mapping[int, Exception]:
        worker = self._free.pop() if self._free else self._new()
        failed = worker(batch)
        self._free.append(worker)
        return failed


class NotifierDoor:
    """The messenger."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, message: Message) -> None:
        self._world.door.call("notifier", "send", lambda: self._heard(message))

    def _heard(self, message: Message) -> None:
        record = self._world.store.load(lead_key(message.key.partition(":")[0]))
        if record is not None and record.lead.standing in ("shadow", "imported"):
            self._world.broken.append((9, f"{message.key} was told about a lead that is {record.lead.standing}"))
        self._world.notifier.send(message)
        if self._world.hub.current:
            self._world.hub.current.notes.append(f"told {message.key}")


class FetchDoor:
    """A vendor's read API: knows the leads that its webhooks named."""

    def __init__(self, world: World) -> None:
        self._world = world

    def complete(self, touch: Touch) -> Completed:
        return self._world.door.call("vendor", "complete", lambda: self._complete(touch.fetch_id or ""))

    def _complete(self, fetch_id: str) -> Completed:
        lead = self._world.cast.vendor_leads[fetch_id]
        if lead.gone:
            raise Reject("gone", "the lead was deleted at the vendor")
        if lead.poison and not self._world.calm:
            self._world.seen.add("a poison touch was met")
            if self._world.hub.current:
                self._world.hub.current.notes.append("poison")
            raise ValueError("an answer of a shape that nobody expected")
        if self._world.dice.strikes(self._world.mix.crm / 4):
            raise Misconfigured("the vendor's token has expired")
        return lead.completed

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        raise NotImplementedError


class BusDoor:
    """The bus: refuses some, and hands the rest to their queues, late, twice or never."""

    def __init__(self, world: World) -> None:
        self._world = world

    def send(self, facts: Sequence[Said]) -> list[int]:
        return self._world.door.call("bus", "send", lambda: self._accept(facts))

    def _accept(self, facts: Sequence[Said]) -> list[int]:
        world = self._world
        refused = [number for number, _ in enumerate(facts) if world.dice.strikes(world.mix.door / 2)]
        for number, fact in enumerate(facts):
            if number not in refused:
                world.route(fact)
        return refused


class RulesDoor:
    """Rules as they are deployed; while a deployment is broken, workers that start anew cannot read any."""

    def __init__(self, world: World) -> None:
        self._world = world

    def current(self) -> Rules:
        self._readable()
        return self._world.events.rules_seen()

    def version(self, rules_version: str) -> Rules:
        self._readable()
        return self._world.rules.version(rules_version)

    def _readable(self) -> None:
        world = self._world
        window = world.mix.broken_rules
        if window is not None and not world.calm and window.covers(world.hub.now) and world.dice.strikes(0.3):
            world.witness.disturb("rules", "read", "broken")
            raise Retry(5, "the rules cannot be read")


class SecretsDoor:
    """Secrets, as the workers have them."""

    def __init__(self, world: World) -> None:
        self._world = world

    def get(self, path: str) -> SecretValues:
        return self._world.door.call("secrets", "get", lambda: self._world.secrets.get(path))

    def refresh(self, path: str) -> SecretValues:
        return self._world.door.call("secrets", "refresh", lambda: self._world.secrets.refresh(path))


class HostClock:
    """The clock of the machine that an invocation runs on."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._rng = Random(f"clocks {world.seed}")

    def wrong(self) -> float:
        """By how many seconds a machine's clock is wrong that is not right."""
        return self._rng.choice(self._world.mix.skews)

    def now(self) -> datetime:
        current = self._world.hub.current
        if current is not None and current.skew and self._rng.random() < self._world.mix.jumps:
            self._jump(current)
        skew = current.skew if current else 0.0
        return self._world.start + timedelta(seconds=self._world.hub.now + skew)

    def _jump(self, run: Invocation) -> None:
        """The machine hears what time it is, or hears it wrong."""
        before, run.skew = run.skew, self._rng.choice((0.0, *self._world.mix.skews))
        if run.skew != before:
            run.jumped = True
            self._world.seen.add("a clock jumped")


SITUATIONS = {
    "SaidAgain": "the sweep said a fact again",
    "DuplicateTouches": "a sender repeated an accepted touch",
    "TouchesParked": "a touch was set aside with its reason",
}


class Watching:
    """Telemetry: what is counted tells which rare situations occurred."""

    def __init__(self, world: World) -> None:
        self._world = world

    def count(self, metric: str, value: float = 1, **dimensions: str) -> None:
        if metric in SITUATIONS:
            self._world.seen.add(SITUATIONS[metric])
        if metric == "MessagesFailed":
            self._world.tell(f"{'':8} a message failed: {dimensions['error']}")

    def line(self, event: str, **ids: str | int | float | bool | None) -> None:
        if self._world.story is not None and event in (
            "touch_stored",
            "lead_scored",
            "lead_assigned",
            "touch_set_aside",
            "sweep_failed",
        ):
            self._world.tell(f"{'':8} {event} {' '.join(f'{name}={value}' for name, value in ids.items())}")
