"""Operations as the workflow makes them."""

from __future__ import annotations

from datetime import UTC, datetime

from leadrelay.ports.crm import FieldWrite, Ok, Policy, PutNote, PutTask, RecordKey, UpsertPerson, WriteResult
from tests.connectors.salesforce.conftest import REP

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def key(number: int) -> str:
    """A lead key: 32 hex."""
    return f"{number:032x}"


def field(name: str, value: str | int | datetime | None, policy: Policy = "own", was: str | None = None) -> FieldWrite:
    return FieldWrite(name, value, policy, was)


def person(
    number: int = 1, *fields: FieldWrite, crm_id: str | None = None, email: str | None = "", fresh: bool = False
) -> UpsertPerson:
    """A person with an address of their own (`email` replaces it, None leaves it out)."""
    address = f"person{number}@example.com" if email == "" else email
    mail = (field("email", address, "fill_if_empty"),) if address else ()
    return UpsertPerson(f"op-{number}", RecordKey(key(number), crm_id, address, fresh), (*mail, *fields))


def known(number: int, crm_id: str, *fields: FieldWrite, create: bool = True) -> UpsertPerson:
    """A person whose record is known, with fields of our own only."""
    return UpsertPerson(f"op-{number}", RecordKey(key(number), crm_id), fields, create)


def task(crm_id: str, *, op_id: str = "op-task", owner: str | None = REP, task_id: str | None = None) -> PutTask:
    return PutTask(op_id, crm_id, "Call now", "Asked for a demo.\nFriday?", AT, owner, task_id=task_id)


def note(crm_id: str, *, op_id: str = "op-note", body: str = "Assigned.") -> PutNote:
    return PutNote(op_id, crm_id, body, AT)


def ok(result: WriteResult) -> Ok:
    assert isinstance(result, Ok), result
    return result
