"""Who sees what happens inside: which faults struck whom, what the CRM asked for, which rare situations occurred."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from leadrelay.domain.account.crowd import Crowd
from leadrelay.ports.crm import RetryLater, WriteOp, WriteResult
from leadrelay.ports.records import PeopleRecord, SyncRecord, people_key
from leadrelay.ports.store import Key, R
from tests.simulation.faults import HOUR
from tests.simulation.hub import Invocation
from tests.simulation.queues import Message

if TYPE_CHECKING:
    from tests.simulation.world import World

_PEOPLE = people_key("")


class Witness:
    """Sees for one world."""

    def __init__(self, world: World) -> None:
        self._world = world
        self._waits: dict[str, float] = {}
        self._calls: list[float] = []

    def called(self) -> None:
        """One call to the CRM: in any window of its length they must keep to our share."""
        budget, now = self._world.rules.current().crm.budget, self._world.hub.now
        self._calls = [at for at in self._calls if at > now - budget.seconds]
        self._calls.append(now)
        share = budget.calls * budget.share / 100
        if len(self._calls) > share and not self._world.mix.skew:
            self._world.broken.append((17, f"{len(self._calls)} calls in {budget.seconds} s, our share is {share:g}"))

    def forget_waits(self) -> None:
        """A person takes parked work up at once, whatever the CRM asked for."""
        self._waits.clear()

    def is_away(self) -> bool:
        """Whether the CRM is down."""
        away = (
            not self._world.calm
            and self._world.mix.outage is not None
            and self._world.mix.outage.covers(self._world.hub.now)
        )
        if away:
            self._world.seen.add("the CRM was asked during an outage")
            if self._world.mix.outage and self._world.mix.outage.end - self._world.mix.outage.start > HOUR:
                self._world.seen.add("the CRM was away for more than an hour")
        return away

    def is_refusing(self) -> bool:
        """Whether the CRM refuses what we write."""
        refusing = (
            not self._world.calm
            and self._world.mix.refusing is not None
            and self._world.mix.refusing.covers(self._world.hub.now)
        )
        if refusing:
            self._world.seen.add("the CRM refused for good")
        return refusing

    def answered(self, op: WriteOp, result: WriteResult) -> None:
        """The CRM asked to be left alone: remembered once the delivery that heard it has ended."""
        if isinstance(result, RetryLater) and self._world.hub.current:
            self._world.hub.current.notes.append(f"wait {op.op_id[:12]} {self._world.hub.now + result.after}")

    def left_alone(self, ops: Sequence[WriteOp]) -> None:
        """Whether nobody writes before the CRM wants to hear of this record again."""
        for op in ops:
            until = self._waits.get(op.op_id[:12], 0.0)
            if self._world.hub.now < until - 0.01 and not self._world.mix.skew:
                self._world.broken.append(
                    (9, f"{op.op_id} is written {until - self._world.hub.now:.0f} s before Retry-After")
                )

    def worked(self, run: Invocation, batch: list[Message], failed: set[str]) -> None:
        """A batch has ended: what its run leaves behind."""
        undisturbed = run.fate == "done" and not run.broken
        if "killed" in run.notes:
            self._world.seen.add("killed by its time-out")
        for note in run.notes:
            what, _, rest = note.partition(" ")
            if what == "told" and not undisturbed:
                self._world.excused[rest] += 1
            elif what == "wait" and undisturbed and not failed:
                lead, until = rest.split()
                self._waits[lead] = max(self._waits.get(lead, 0.0), float(until))
        innocent = [message.id for message in batch if message.id in failed and not message.poison]
        excused = "conflict" in run.notes or not undisturbed
        if not excused and len(innocent) > run.notes.count("poison"):
            self._world.broken.append((11, f"{innocent} failed, and nothing was wrong with them"))
        if undisturbed and any(message.poison for message in batch) and len(batch) > 1:
            self._world.seen.add("a message that nobody can read beside good ones")

    def disturb(self, port: str, verb: str, kind: str) -> None:
        """A fault struck the running invocation."""
        if self._world.hub.current:
            self._world.hub.current.broken = True
        self._world.hub.mark(f"{port} {verb} {kind}")
        wrote = port == "store" and verb == "commit"
        self._world.seen.add(
            {"before": "a worker died", "after": "a worker died", "slow": "a slow answer"}.get(kind, "a refused call")
        )
        if wrote and kind == "after":
            self._world.seen.add("died right after a commit")
        if wrote and kind == "unknown":
            self._world.seen.add("the answer of a commit was lost")

    def read(self, keys: Sequence[Key[R]], records: Sequence[R | None]) -> None:
        """The running invocation counts the people of accounts as it has read them."""
        if self._world.hub.current is not None:
            for key, record in zip(keys, records, strict=True):
                if key.sk == _PEOPLE.sk:
                    crowd = record.crowd if isinstance(record, PeopleRecord) else Crowd()
                    self._world.hub.current.crowds[key.pk.removeprefix(_PEOPLE.pk)] = crowd

    def saw(self, record: SyncRecord) -> None:
        """A worker looks at a delivery: another's lease and the CRM's wish to wait are to be respected."""
        current, now = self._world.hub.current, self._world.clock.now()
        if current is None or current.name != "CardChanged" or f"claimed {record.lead_id}" in current.notes:
            return
        if record.lease_until is not None and record.lease_until > now:
            self._world.seen.add("a worker met another's lease")
        if record.wait_until is not None and record.wait_until > now:
            self._world.seen.add("the CRM's wish to wait was obeyed")

    def conflict(self, key: str) -> None:
        """Somebody else changed a record first."""
        if self._world.hub.current:
            self._world.hub.current.notes.append("conflict")
            names = {self._world.hub.current.name} | {run.name for run in self._world.hub.active}
            if key.startswith("LEAD#") and "sweep" in names:
                self._world.seen.add("the sweep raced a decision")
        self._world.seen.add("two changed one record")
        if key.startswith("POOL#"):
            self._world.seen.add("two leads wanted the same turn")
