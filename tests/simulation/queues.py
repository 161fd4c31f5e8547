"""The table's stream and the queues: at least once, in no order, five tries, then set aside."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from functions import consume as loop
from leadrelay.domain.facts import Fact, Said
from leadrelay.ports.store import Record
from leadrelay.workflows.publish import Announcement
from tests.simulation.hub import Invocation
from tests.system import TOGETHER

if TYPE_CHECKING:
    from tests.simulation.world import World

RECEIVED_AT_MOST = 5
BATCH = 10
STREAM_TRIES = 10
_SAID = TypeAdapter(tuple[Said, ...])


@dataclass
class Message:
    """A message in a queue. A `poison` one is not ours and cannot be read."""

    id: str
    body: str
    visible_at: float
    received: int = 0
    poison: bool = False


@dataclass
class Queue:
    """A queue with its function and its dead letters. Seconds are the template's, and `at_once` how many invocations
    there are at most. Often a function asks for more only after a `pause` of up to so many seconds: meanwhile
    messages gather."""

    world: World
    name: str
    kind: type[Fact]
    work: Callable[..., Any]
    visibility: float
    timeout: float
    at_once: int = 1000
    pause: float = 0.0
    busy: int = 0
    waiting: dict[str, Message] = field(default_factory=dict)
    dead: list[Message] = field(default_factory=list)

    def put(self, body: str, delay: float, poison: bool = False) -> None:
        """A message arrives after a while."""
        self.world.messages += 1
        message = Message(f"m{self.world.messages}", body, self.world.hub.now + delay, poison=poison)
        self.waiting[message.id] = message
        wait = self.world.hub.rng.choice((0.0, self.world.hub.rng.uniform(0, self.pause))) if self.pause else 0.0
        self.world.hub.after(delay + wait, self._poll)

    def redrive(self) -> int:
        """Dead letters are put back, as good as new; what is not ours is thrown away."""
        letters, self.dead = self.dead, []
        ours = [letter for letter in letters if not letter.poison]
        for letter in ours:
            self.put(letter.body, 1.0)
        return len(ours)

    def _poll(self) -> None:
        hub = self.world.hub
        if self.busy >= self.at_once:
            return
        visible = [message for message in self.waiting.values() if message.visible_at <= hub.now]
        if len(visible) > 1:
            hub.rng.shuffle(visible)
        batch = [message for message in visible[:BATCH] if self._receive(message)]
        if batch:
            self.busy += 1
            records = [{"messageId": message.id, "body": message.body} for message in batch]
            self.world.begin(self.name, lambda: self._consume(records), self._ended(batch), self.timeout)
        if len(visible) > BATCH:
            hub.after(0.1, self._poll)

    def _receive(self, message: Message) -> bool:
        """One more try, or the end of them."""
        if message.received >= RECEIVED_AT_MOST:
            self.dead.append(self.waiting.pop(message.id))
            self.world.seen.add("a dead letter")
            self.world.tell(f"{'':8} {message.id} of {self.name} is dead")
            return False
        message.received += 1
        message.visible_at = self.world.hub.now + self.visibility
        self.world.hub.at(message.visible_at, self._poll)
        return True

    def _consume(self, records: list[dict[str, str]]) -> loop.Answer:
        worked = loop.consume_together if self.kind in TOGETHER else loop.consume
        return worked({"Records": records}, self.kind, self.work, self.world.telemetry)

    def _ended(self, batch: list[Message]) -> Callable[[Invocation], None]:
        def ended(run: Invocation) -> None:
            self.busy -= 1
            if self.at_once <= self.busy + 1:
                self.world.hub.after(0, self._poll)
            failed = {message.id for message in batch}
            if run.fate == "done":
                failed = {failure["itemIdentifier"] for failure in run.result["batchItemFailures"]}
            self.world.witness.worked(run, batch, failed)
            for message in batch:
                if message.id not in failed:
                    self.waiting.pop(message.id, None)
                    if self.world.dice.strikes(self.world.mix.doubled):
                        self.put(message.body, self.world.dice.rng.uniform(0, 90), message.poison)

        return ended


@dataclass
class Stream:
    """One shard of the table's stream: in order, a batch again and again until it is published or given up."""

    world: World
    pending: list[Announcement] = field(default_factory=list)
    busy: bool = False
    tries: int = 0

    def add(self, record: Record) -> None:
        """A record was inserted."""
        said = record.announces()
        if said:
            key = record.key()
            facts = _SAID.dump_json(said, by_alias=True).decode()
            self.pending.append(Announcement(f"{key.pk}/{key.sk}", facts))
            self.world.hub.after(0.2, self._read)

    def _read(self) -> None:
        if self.busy or not self.pending:
            return
        self.busy = True
        batch = self.pending[: self.world.hub.rng.randint(1, BATCH)]
        self.world.begin("publish", lambda: self.world.publish(batch), self._ended(len(batch)), 30)

    def _ended(self, size: int) -> Callable[[Invocation], None]:
        def ended(run: Invocation) -> None:
            self.busy, self.tries = False, self.tries + 1
            if run.fate == "done" or self._gives_up():
                del self.pending[:size]
                self.tries = 0
            self.world.hub.after(1 if run.fate == "done" else 5, self._read)

        return ended

    def _gives_up(self) -> bool:
        """After ten tries, or sooner where the shard lagged too far behind."""
        given_up = self.tries > STREAM_TRIES or self.world.dice.strikes(self.world.mix.lost)
        if given_up:
            self.world.seen.add("the stream gave a batch up")
            self.world.tell(f"{'lost':8} a batch of the stream")
        return given_up


def message_of(fact: Said) -> str:
    """The body that the bus puts into a queue."""
    metadata = fact.metadata.model_dump_json(by_alias=True)
    return f'{{"detail-type":"{fact.name}","detail":{{"metadata":{metadata},"data":{json.dumps(fact.data)}}}}}'


def older(body: str, kind: type[Fact]) -> str:
    """The message as an older release wrote it: without what has a default."""
    event = json.loads(body)
    detail = event["detail"]
    detail["metadata"].pop("schema", None)
    for name, field_ in kind.model_fields.items():
        if not field_.is_required() and detail["data"].get(name) in (None, [], {}):
            detail["data"].pop(name, None)
    return json.dumps(event)
