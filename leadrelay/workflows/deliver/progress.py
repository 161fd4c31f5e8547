"""What a delivery has achieved so far: the sync row as it will be recorded, and the facts to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from leadrelay.domain.card.facts import CrmRefused, CrmSynced
from leadrelay.domain.facts import Fact
from leadrelay.ports.crm import (
    Moved,
    Ok,
    PutNote,
    PutTask,
    Rejected,
    RetryLater,
    SetOwner,
    Skipped,
    Unknown,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.records import SyncRecord

DIED = "died"
"""Stands among the unsure operations for whatever a worker sent before it died."""

MOVED = "moved"
"""Stands among the unsure operations for whatever the record shows that a person's was merged into."""

_NOT_KNOWN = "?"
"""Stands where the digest of a value would: equal to none."""

_LOOK_AGAIN = timedelta(seconds=5)
_FOLLOWED_AT_MOST = 3
"""Two records that each name the other as the duplicate are for a person to mend."""


@dataclass
class Progress:
    """`wait` is how long the rest has to wait, counted from when it is recorded: never shorter than the CRM asked for,
    however long its answers took. `refusals` park the delivery for a person. `foreign` says whether a record of the CRM
    belongs to another lead."""

    sync: SyncRecord
    foreign: Callable[[str], bool]
    wait: timedelta | None = None
    refusals: list[CrmRefused] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether more may be sent now."""
        return self.wait is None and not self.refusals

    def note(self, op: WriteOp, result: WriteResult) -> None:
        """Take one result in."""
        match result:
            case Ok() | Skipped():
                self._done(op, result)
            case RetryLater(after=after):
                self.put_off(timedelta(seconds=after))
            case Moved(new_id=new_id):
                self._moved(new_id)
            case Unknown():
                self.sync = self.sync.with_(unsure=tuple(sorted({*self.sync.unsure, op.op_id})))
                self.put_off(_LOOK_AGAIN)
            case Rejected(code="DUPLICATE", existing_id=str(existing)) if self._may_follow(existing):
                self._moved(existing)
            case Rejected():
                self.refusals.append(
                    CrmRefused(crm=self.sync.crm, op=type(op).__name__, code=result.code, field=result.field)
                )

    def put_off(self, time: timedelta) -> None:
        """The rest has to wait. Of several wishes the longest counts."""
        self.wait = time if self.wait is None else max(time, self.wait)

    def found(self, op_id: str, crm_id: str) -> None:
        """An operation whose outcome was unknown turned out to be done."""
        self.sync = self.sync.with_(done={**self.sync.done, op_id: crm_id})

    def doubt(self, names: Iterable[str]) -> None:
        """What was sent without an answer may be there or not, so what the CRM showed before is not known any more:
        these fields, the task and the owner are written anew even when the card is back to what it was."""
        self.sync = self.sync.with_(values=dict.fromkeys((*names, "task"), _NOT_KNOWN), owner=None)

    def sure(self) -> None:
        """Every unknown outcome has been looked up."""
        self.sync = self.sync.with_(unsure=())

    def _may_follow(self, crm_id: str) -> bool:
        return self.sync.tries < _FOLLOWED_AT_MOST and not self.foreign(crm_id)

    def _moved(self, crm_id: str) -> None:
        """The person is another record in the CRM: everything is written there, over whatever it shows."""
        self.sync = self.sync.with_(crm_id=crm_id, unsure=tuple(sorted({*self.sync.unsure, MOVED})))
        self.put_off(timedelta(0))

    def _done(self, op: WriteOp, result: Ok | Skipped) -> None:
        match op:
            case SetOwner(owner_id=owner):
                self.sync = self.sync.with_(owner=owner)
                self.fields.append("owner")
            case PutTask() | PutNote():
                self.found(op.op_id, result.crm_id or self.sync.done.get(op.op_id, ""))
                self.fields.append("task" if isinstance(op, PutTask) else "note")
            case _:
                self.sync = self.sync.with_(crm_id=result.crm_id or self.sync.crm_id)
                self.fields.extend(write.name for write in op.fields)

    def facts(self) -> list[Fact]:
        """What is told of this delivery."""
        told: list[Fact] = list(self.refusals)
        if self.fields and self.sync.crm_id is not None:
            told.append(
                CrmSynced(
                    crm=self.sync.crm,
                    crm_id=self.sync.crm_id,
                    written=self.sync.wanted,
                    fields=tuple(sorted(set(self.fields))),
                )
            )
        return told
