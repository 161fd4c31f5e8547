"""What a delivery has achieved so far: the sync row as it will be recorded, and the facts to tell."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.card.card import STAGE, STATUS, digest
from leadrelay.domain.card.circuit import ACCOUNT_WIDE
from leadrelay.domain.card.facts import CrmRefused, CrmSynced
from leadrelay.domain.card.talking import TALK
from leadrelay.domain.crm.adopt import HEARD, is_owner, offer
from leadrelay.domain.facts import Fact
from leadrelay.ports.crm import (
    OWNER,
    Moved,
    Ok,
    PutNote,
    PutTask,
    Rejected,
    RetryLater,
    SetMembership,
    Skipped,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.records import SyncRecord
from leadrelay.workflows.deliver.diff import LISTS, MOVED, others_may_stand
from leadrelay.workflows.deliver.refusals import refusal

DIED = "died"
"""Stands among the unsure operations for whatever a worker sent before it died."""

BROKE = "broke"
"""Stands among the unsure operations for whatever a connector had sent before it met a defect."""

_NOT_KNOWN = "?"
"""Stands where the digest of a value would: equal to none."""

_LOOK_AGAIN = timedelta(seconds=5)
_FOLLOWED_AT_MOST = 3
"""Two records that each name the other as the duplicate are for a person to mend."""


@dataclass
class Progress:
    """`foreign` says whether a record of the CRM belongs to another lead; `at` is now (UTC); a `merged` lead became
    another.

    `wait` is how long the rest has to wait, counted from when it is recorded: never shorter than the CRM asked for,
    however long its answers took. `stopped`: an operation was refused, the rest waits for a person. `chosen` is the
    owner whom a person chose in the CRM. `tried`: something was sent in vain that is not the whole account's trouble.
    `error` is a defect that a connector met.
    """

    sync: SyncRecord
    foreign: Callable[[str], bool]
    at: datetime
    hop: int
    merged: bool = False
    wait: timedelta | None = None
    stopped: bool = False
    tried: bool = False
    chosen: str | None = None
    error: Exception | None = None
    refused: list[CrmRefused] = field(default_factory=list)
    fields: list[str] = field(default_factory=list)

    @property
    def open(self) -> bool:
        """Whether more may be sent now."""
        return self.wait is None and not self.stopped

    def note(self, op: WriteOp, result: WriteResult) -> None:
        """Take one result in."""
        match result:
            case Ok() | Skipped():
                self._done(op, result)
            case RetryLater(after=after, scope=scope):
                self.tried = self.tried or (scope not in ACCOUNT_WIDE and scope != "budget")
                self.put_off(timedelta(seconds=after))
            case Moved(new_id=new_id):
                self._moved(new_id)
            case Unknown():
                self.unknown(op)
            case Rejected(code="DUPLICATE", existing_id=str(existing)) if self._may_follow(existing):
                self._moved(existing)
            case Rejected(code="NOT_FOUND") if self.merged:
                self.sync = self.sync.with_(crm_id=None)  # its record is gone: nothing is left to say
            case Rejected():
                self.stopped = self.tried = True
                self._refuse(type(op).__name__, type(op).__name__, result, None)

    def put_off(self, time: timedelta) -> None:
        """The rest has to wait. Of several wishes the longest counts."""
        self.wait = time if self.wait is None else max(time, self.wait)

    def unknown(self, op: WriteOp) -> None:
        """It may have happened or not: to be looked up before anything is made a second time."""
        self.tried = True
        self.sync = self.sync.with_(unsure=tuple(sorted({*self.sync.unsure, op.op_id})))
        self.put_off(_LOOK_AGAIN)

    def broke_together(self, op: WriteOp, error: Exception) -> None:
        """A defect met with other leads' operations: whose it is shows when each is sent by itself."""
        self.error = error
        self.unknown(op)
        self.sync = self.sync.with_(unsure=tuple(sorted({*self.sync.unsure, BROKE})))

    def broke(self, what: str, error: Exception) -> None:
        """A defect, not an answer: sending it again would break again. A person must look."""
        self.stopped = self.tried = True
        self.error = error
        self._refuse(what, what, Rejected(what, "DEFECT", type(error).__name__), None)

    def found(self, op_id: str, crm_id: str) -> None:
        """An operation whose outcome was unknown turned out to be done."""
        self.sync = self.sync.with_(done={**self.sync.done, op_id: crm_id})

    def doubt(self, names: Iterable[str]) -> None:
        """What was sent without an answer may be there or not, so what the CRM showed before is not known any more:
        these fields and the task are written anew even when the card is back to what it was."""
        self.sync = self.sync.with_(values=dict.fromkeys((*names, "task"), _NOT_KNOWN))

    def sure(self, every: Iterable[str]) -> None:
        """Every unknown outcome has been looked up, but for lists: the person may be on `every` one that we use; and
        for what nothing is written over: the record of a merged lead, and an owner while the lead has none. The owner
        whom we know of is none of the others who may stand there."""
        lists = tuple(sorted({*self.sync.lists, *every}))
        others = [each for each in self.sync.offered if is_owner(each) and each != self.sync.owner]
        owners = tuple(others) if OWNER not in self.fields and others_may_stand(self.sync) else ()
        offered = self.sync.offered if self.merged else owners
        self.sync = self.sync.with_(unsure=(LISTS,) if lists else (), offered=offered, lists=lists)

    def listed(self) -> None:
        """The person is on the list they should be on, and on no other."""
        self.sync = self.sync.with_(unsure=tuple(each for each in self.sync.unsure if each != LISTS))

    def _may_follow(self, crm_id: str) -> bool:
        return self.sync.tries < _FOLLOWED_AT_MOST and not self.foreign(crm_id)

    def _moved(self, crm_id: str) -> None:
        """The person is another record in the CRM: everything is written there, over whatever it shows; what was said
        is looked for there first."""
        self.tried = True
        done = {op: made for op, made in self.sync.done.items() if not op.startswith(TALK)}
        self.sync = self.sync.with_(crm_id=crm_id, done=done, unsure=tuple(sorted({*self.sync.unsure, MOVED})))
        self.put_off(timedelta(0))

    def _refuse(self, op: str, what: str, rejected: Rejected, value: str | None) -> None:
        others = tuple(each for each in self.sync.refused if each.what != what)
        self.sync = self.sync.with_(refused=(*others, refusal(what, rejected, value)))
        self.refused.append(CrmRefused(crm=self.sync.crm, op=op, code=rejected.code, field=rejected.field))

    def _done(self, op: WriteOp, result: Ok | Skipped) -> None:
        match op:
            case UpsertPerson():
                self._person(op, result)
            case SetMembership(list_id=list_id, member=member):
                others = {*self.sync.lists} - {list_id}
                self.sync = self.sync.with_(lists=tuple(sorted({*others, list_id} if member else others)))
                self.fields.append("list")
            case PutTask() | PutNote():
                self.found(op.op_id, result.crm_id or self.sync.done.get(op.op_id, ""))
                self.fields.append("task" if isinstance(op, PutTask) else "note")

    def _person(self, op: UpsertPerson, result: Ok | Skipped) -> None:
        """Fields that were left out are kept as refused; the others are known to be there now."""
        self.sync = self.sync.with_(crm_id=result.crm_id or self.sync.crm_id)
        if isinstance(result, Skipped):
            self.sync = self.sync.with_(unsure=(), offered=())  # no record is there, or the winner has it
            return
        digests = {write.name: None if write.value is None else digest(write.value) for write in op.fields}
        for rejected in result.refused:
            what = rejected.field or ""
            self._refuse(type(op).__name__, what, rejected, digests.get(what))
        left_out = {rejected.field for rejected in result.refused}
        taken = {name: value for name, value in digests.items() if name not in left_out}
        self.fields.extend(taken)
        stands = ((name, value) for name, value in result.applied.items() if name in HEARD)
        ours = {name: digest(value) for name, value in stands if offer(name, value) in self.sync.offered}
        self.sync = self.sync.with_(shows={**self.sync.shows, **ours})
        if STATUS in ours:
            self._status(result.applied[STATUS])
        if OWNER in taken:
            self._owner(op, result)
        values = {name: value for name, value in {**self.sync.values, **taken}.items() if value is not None}
        values.pop(OWNER, None)
        astray = tuple(name for name in self.sync.astray if name not in digests)
        if STAGE in self.sync.astray and digests.get(STAGE, "") is None:
            self.put_off(timedelta(0))  # it is empty now: the stage is written there next
        still = tuple(each for each in self.sync.refused if each.what not in taken)
        self.sync = self.sync.with_(values=values, refused=still, astray=astray)

    def _status(self, shows: str) -> None:
        """What it replaced may be read for a while: answers are under way."""
        was = self.sync.status_was if shows == self.sync.status else self.sync.status
        self.sync = self.sync.with_(status=shows, status_at=self.at, status_was=was)

    def _owner(self, op: UpsertPerson, result: Ok) -> None:
        """Whose the record is afterwards: whom we wrote, whom we may have written before, or a person's own choice."""
        wanted = next(str(write.value) for write in op.fields if write.name == OWNER)
        shows = result.applied.get(OWNER) or wanted
        if shows == wanted:
            self.sync = self.sync.with_(owner=shows, owner_at=self.at)
        elif shows in self.sync.offered:
            self.sync = self.sync.with_(owner=shows)
            self.put_off(timedelta(0))
        else:
            self.sync = self.sync.with_(gave_way=self.hop)
            self.chosen = shows

    def facts(self) -> list[Fact]:
        """What is told of this delivery."""
        told: list[Fact] = list(self.refused)
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
