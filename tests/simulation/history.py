"""The CRM's own history: whatever was done there, by people or by us, can be read back, as it is by then."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from leadrelay.domain.touch import Answer, CrmRecord, Deal, Touch, TouchDraft, Words
from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import Ok, UpsertPerson, WriteResult
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed
from leadrelay.ports.records import CursorRecord, cursor_key

if TYPE_CHECKING:
    from tests.simulation.world import World

SOURCE = "hubspot"
_PAGE, _OVERLAP = 4, 2
_SHOWN = {"email": "lead.email", "first_name": "lead.first_name", "last_name": "lead.last_name"}


@dataclass(frozen=True, slots=True)
class Entry:
    """Something that was done to a record. `was` became it by a merge."""

    event: str
    crm_id: str
    at: datetime
    was: tuple[str, ...] = ()


class WatchedCrm(MemoryCrm):
    """A CRM that keeps a history; what we write is in it like anybody's work. `addressed` are the records that people
    entered with an address."""

    def __init__(self, world: World) -> None:
        super().__init__()
        self._world = world
        self.addressed: set[str] = set()

    def enter(self, **fields: str) -> str:
        crm_id = super().enter(**fields)
        if "email" in fields:
            self.addressed.add(crm_id)
        return crm_id

    def _upsert(self, op: UpsertPerson) -> WriteResult:
        result = super()._upsert(op)
        if isinstance(result, Ok):
            self._world.watch.writes(op, result.created)
            self._world.history.add("edited", result.crm_id)
        return result


class History:
    """Reads a world's CRM: the port `Fetch`, behind the door."""

    def __init__(self, world: World) -> None:
        self._world = world
        self.entries: list[Entry] = []

    def add(self, event: str, crm_id: str, was: tuple[str, ...] = ()) -> None:
        """One more thing was done."""
        self.entries.append(Entry(event, crm_id, self._world.moment(), was))
        self._world.store.dues_changed = True

    def keys(self) -> list[str]:
        """What each thing that was done is known by."""
        return [f"{entry.crm_id}:{number}" for number, entry in enumerate(self.entries)]

    def unread(self) -> bool:
        """Whether something was done that nobody has heard of, where anybody listens."""
        if not self._world.acting:
            return False
        record = self._world.store.rows.get((cursor_key(SOURCE).pk, cursor_key(SOURCE).sk))
        read = int(record.cursor or 0) if isinstance(record, CursorRecord) else 0
        return read < len(self.entries)

    def complete(self, touch: Touch) -> Completed:
        raise AssertionError(f"{touch.touch_id} is complete")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        return self._world.door.call("vendor", "since", lambda: self._since(int(cursor or 0)))

    def _since(self, start: int) -> tuple[Sequence[TouchDraft], str]:
        if self._world.dice.strikes(self._world.mix.crm / 4):
            raise Misconfigured("the token for reading has expired")
        if self._world.witness.is_away():
            raise Reject("REFUSED", "the CRM answers with a page of its own")
        end = min(start + _PAGE, len(self.entries))
        again = max(0, start - _OVERLAP) if self._world.dice.strikes(self._world.mix.repeats) else start
        return [self._draft(number) for number in range(again, end)], str(end)

    def made(self, people: Sequence[str], since: datetime, seconds: float) -> Sequence[TouchDraft]:
        """The port `PromptContacts`: what polling brings of these people, whether or not it has read that far."""
        return self._world.door.call("vendor", "made", lambda: self._made(people, seconds))

    def _made(self, people: Sequence[str], seconds: float) -> Sequence[TouchDraft]:
        if self._world.dice.strikes(self._world.mix.crm / 4):
            raise Misconfigured("the token for reading has expired")
        if self._world.witness.is_away():
            self._world.seen.add("the CRM was away when it was asked about a contact")
            raise Retry(30, f"no answer in {seconds:.0f} s", "outage")
        drafts = [self._draft(number) for number, entry in enumerate(self.entries) if entry.event == "call"]
        found = [draft for draft in drafts if draft.record is not None and draft.record.person in people]
        self._world.seen |= {"a contact was found by a second look"} if found else set()
        return found

    def _draft(self, number: int) -> TouchDraft:
        """What was done, with the record as it is now."""
        entry = self.entries[number]
        person = self._world.crm.people.get(self._world.crm._final(entry.crm_id))
        kind = "activity" if entry.event == "call" else "deal" if entry.event == "deal" else "person"
        fields = {} if person is None else person.fields
        gone = person is None and kind == "person"
        record = CrmRecord(
            crm=SOURCE,
            kind=kind,  # type: ignore[arg-type]
            person=entry.crm_id if person is None else person.crm_id,
            record_id=f"deal-{entry.crm_id}" if kind == "deal" else f"{entry.event}-{number}",
            owner=None if person is None or kind != "person" else person.owner_id,
            status=fields.get("lead_status") if kind == "person" else None,
            stage=fields.get("lifecycle_stage") if kind == "person" else None,
            was=entry.was,
            deal=Deal(state="won", amount=100_000, currency="EUR") if kind == "deal" else None,
        )
        said = tuple(Answer(key=ours, values=(fields[theirs],)) for theirs, ours in _SHOWN.items() if theirs in fields)
        return TouchDraft(
            kind="activity" if kind == "activity" else "crm_change",
            key=f"{entry.crm_id}:{number}",
            event="deleted" if gone else entry.event,
            occurred_at=entry.at,
            record=record,
            words=Words(answers=said if kind == "person" and not gone else ()),
        )
