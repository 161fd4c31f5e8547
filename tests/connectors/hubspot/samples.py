"""Operations as the workflow makes them."""

from __future__ import annotations

from datetime import UTC, datetime

from leadrelay.ports.crm import (
    OWNER,
    FieldWrite,
    Ok,
    Policy,
    PutNote,
    PutTask,
    RecordKey,
    SetMembership,
    UpsertPerson,
    WriteResult,
)

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)


def key(number: int) -> str:
    """A lead key: 32 hex."""
    return f"{number:032x}"


def field(name: str, value: str | int | datetime | None, policy: Policy = "own") -> FieldWrite:
    return FieldWrite(name, value, policy)


def person(number: int = 1, *fields: FieldWrite, crm_id: str | None = None, email: str | None = "") -> UpsertPerson:
    """A person with an address of their own (`email` replaces it, None leaves it out)."""
    address = f"person{number}@example.com" if email == "" else email
    mail = (field("email", address, "fill_if_empty"),) if address else ()
    return UpsertPerson(f"op-{number}", RecordKey(key(number), crm_id, address), (*mail, *fields))


def owner(crm_id: str, to: str | None, *, was: str | None = None, policy: Policy = "guarded") -> UpsertPerson:
    """A known contact given to somebody, unless a person has given it to somebody else."""
    return UpsertPerson("op-owner", RecordKey(key(1), crm_id), (FieldWrite(OWNER, to, policy, was),))


def member(crm_id: str, list_id: str, *, on: bool = True, op_id: str = "op-list") -> SetMembership:
    return SetMembership(op_id, crm_id, list_id, on)


def task(crm_id: str, *, op_id: str = "op-task", owner: str | None = "7", task_id: str | None = None) -> PutTask:
    return PutTask(op_id, crm_id, "Call now", "Asked for a demo.\nFriday?", AT, owner, task_id=task_id)


def note(crm_id: str, *, op_id: str = "op-note", body: str = "Assigned.") -> PutNote:
    return PutNote(op_id, crm_id, body, AT)


def ok(result: WriteResult) -> Ok:
    assert isinstance(result, Ok), result
    return result
