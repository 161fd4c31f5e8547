"""What a rep did to reach somebody, as Salesforce logs it: tasks that are done, and events in the calendar.

Only what a person did counts. A machine's is known by its user: one of Salesforce's own, the one we act as, or one of
the account's `machine_users`; what LeadRelay asks a rep to do carries its mark, and ticking it off reaches nobody. Of
what came in, only a call that was taken counts. Whether a mail was sent or received is not told by its task.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from connectors.kit.drafts import VALUE_BYTES
from connectors.kit.marker import mark_of_text
from connectors.kit.wild import Wild
from connectors.salesforce.channels import channel
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Reading
from connectors.salesforce.shown import CRM, SYSTEM
from connectors.salesforce.source import Options
from connectors.salesforce.values import at_path, moment, record_id
from leadrelay.domain.touch import CrmRecord, TouchDraft

MACHINES = frozenset({"AutomatedProcess", "CloudIntegrationUser", "Guest"})
WHO = ("WhoId", "CreatedBy.UserType", "Description")
TASK = ("IsClosed", "TaskSubtype", "Type", "CallType", "CallDurationInSeconds", "CompletedDateTime")
EVENT = ("StartDateTime", "EndDateTime")
_DESCRIPTION = 40_000


@dataclass(frozen=True, slots=True)
class Attempt:
    """What happened, when (UTC), and to whom."""

    event: str
    record: CrmRecord
    at: datetime

    def draft(self) -> TouchDraft:
        """A meeting that was agreed on and then held is two touches; a task that is edited afterwards stays one, even
        when its lead becomes a contact, and when an outbound message told it first."""
        key = f"{self.event}:{self.record.record_id}"
        return TouchDraft(kind="activity", key=key, event=self.event, occurred_at=self.at, record=self.record)


class Attempts:
    """Tasks and events of one account."""

    def __init__(self, reading: Reading, options: Options) -> None:
        self._reading = reading
        self._types = options.task_types
        self._machines = frozenset(options.machine_users)

    def tasks(self, rows: Sequence[Wild]) -> Iterator[Attempt]:
        """The tasks that were somebody's attempt to reach a person."""
        for row in self._peoples(rows):
            event = self._task(row)
            if event:
                at = row.get("CompletedDateTime").optional_time() or moment(row, "CreatedDate")
                yield _attempt(row, "Task", event, at)

    def events(self, rows: Sequence[Wild]) -> Iterator[Attempt]:
        """Meetings: agreed on while they lay ahead, held once they are over and somebody still looked after them."""
        for row in self._peoples(rows):
            start, end = row.get("StartDateTime").optional_time(), row.get("EndDateTime").optional_time()
            made = moment(row, "CreatedDate")
            if start is None:
                continue
            held = moment(row, "SystemModstamp") >= (end or start) or start <= made
            yield _attempt(row, "Event", "meeting" if held else "meeting_booked", start if held else made)

    def _peoples(self, rows: Sequence[Wild]) -> Iterator[Wild]:
        """Those that a person logged about a person, and that are still there."""
        machines = self._machines | {self._reading.me()} if rows else self._machines
        for row in rows:
            machine = at_path(row, "CreatedBy.UserType") in MACHINES or row.get("CreatedById").said(18) in machines
            marked = mark_of_text(row.get("Description").said(_DESCRIPTION)) is not None
            if _who(row) and not (machine or marked or row.get("IsDeleted").flag()):
                yield row

    def _task(self, row: Wild) -> str:
        """The contact that a task stands for, "" for none."""
        if not row.get("IsClosed").flag():
            return ""
        event = channel(row.get("TaskSubtype").said(VALUE_BYTES), row.get("Type").said(VALUE_BYTES), self._types)
        return event if event != "call" or _called(row) else ""


def _called(row: Wild) -> bool:
    """An attempt counts, whoever answered; a call that came in counts when it was taken; one within the house never."""
    direction = row.get("CallType").said(40)
    taken = (row.get("CallDurationInSeconds").said(20) or "0").strip("0.") != ""
    return direction in {"", "Outbound"} or (direction == "Inbound" and taken)


def _who(row: Wild) -> str | None:
    who = row.get("WhoId").optional_text() or ""
    return long_id(who, "Lead") or long_id(who, "Contact")


def _attempt(row: Wild, kind: str, event: str, at: datetime) -> Attempt:
    record = CrmRecord(crm=CRM, kind="activity", person=_who(row) or "", record_id=record_id(row, kind))
    return Attempt(event, record, at)


ASKED: Mapping[str, list[str]] = {"Task": [*SYSTEM, *WHO, *TASK], "Event": [*SYSTEM, *WHO, *EVENT]}
"""Every field to ask for."""
