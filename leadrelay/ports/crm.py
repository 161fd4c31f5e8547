"""Writing to a CRM: what the sales team sees.

The connector only reads by key and writes operations. Everything that keeps a CRM calm (what changed since the last
write, rate budget, retries, leases) is decided outside, in `workflows/deliver`.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Policy = Literal["own", "fill_if_empty", "forward_only", "clear", "guarded"]
"""Who may change a field: `own` we write it whenever it differs, `fill_if_empty` only into an empty field,
`forward_only` never back in its order (the lifecycle stage), `clear` empty it, `guarded` only while the CRM still shows
what we wrote last (`was`) or nothing: what a person put there since then stays (the owner)."""

OWNER = "owner"
"""The field that names who owns the record; its value is the CRM's own owner id, a user's or a queue's."""

Meter = Callable[[], float]
"""Asked before each request to the CRM: 0 means go ahead; otherwise the request is not sent, and everything that is
left of the work is answered `RetryLater` with scope "budget" and this many seconds."""

Scope = Literal["second", "10s", "day", "record", "outage", "auth", "budget"]
"""What is blocked: the account for a second, ten seconds, until its day ends; one record; the service is away; nobody
is let in; our own share of the account's rate is used up."""


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of the person's record. `name` is our word (`score`, `email`, `owner`); the connector translates it.
    `was` is what we wrote last, for a `guarded` field."""

    name: str
    value: str | int | bool | datetime | None
    policy: Policy = "own"
    was: str | None = None


@dataclass(frozen=True, slots=True)
class RecordKey:
    """How a person is found without search: by our `lead_key` (32 hex), the CRM's own id, or e-mail (claim only).
    `fresh`: nothing was ever sent about this lead, so no record can carry its key and none need be asked for by it."""

    lead_key: str
    crm_id: str | None = None
    email: str | None = None
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A person's record as the CRM shows it now; `fields` are in our words, absent ones are empty in the CRM."""

    crm_id: str
    lead_key: str | None
    owner_id: str | None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpsertPerson:
    """Create or update the person; `key.crm_id` is used when known, else claim by e-mail, else our lead key.

    The record is read first only where a field's policy depends on what it shows. A field that the CRM will not take
    (a list value it does not have, an owner who left) is left out and told in `Ok.refused`: it holds up no other. With
    `create` false a person who is not there is `Skipped`.
    """

    op_id: str
    key: RecordKey
    fields: tuple[FieldWrite, ...]
    create: bool = True


@dataclass(frozen=True, slots=True)
class SetMembership:
    """Put the person on a list (HubSpot) or campaign (Salesforce), or take them off. Both are repeatable."""

    op_id: str
    crm_id: str
    list_id: str
    member: bool


@dataclass(frozen=True, slots=True)
class PutTask:
    """One task for the owner, due at `due_at` (UTC). `task_id` is the CRM's id when it was written before."""

    op_id: str
    crm_id: str
    subject: str
    body: str
    due_at: datetime
    owner_id: str | None
    done: bool = False
    priority: Literal["HIGH", "MEDIUM", "LOW"] = "MEDIUM"
    task_id: str | None = None


@dataclass(frozen=True, slots=True)
class PutNote:
    """One note on the record; notes are written once and never changed."""

    op_id: str
    crm_id: str
    body: str
    at: datetime
    note_id: str | None = None


WriteOp = UpsertPerson | SetMembership | PutTask | PutNote


@dataclass(frozen=True, slots=True)
class Rejected:
    """The CRM refused; `code` is ours (VALIDATION, DUPLICATE, PERMISSION, OWNER_INACTIVE, STAGE_REFUSED, NOT_FOUND,
    AUTH), `message` is the CRM's own, `field` the field it names, `existing_id` the record a duplicate points to."""

    op_id: str
    code: str
    message: str
    field: str | None = None
    existing_id: str | None = None


@dataclass(frozen=True, slots=True)
class Ok:
    """Done. `crm_id` is the id of what was written: the person's, or the task's or note's own. `applied` are the
    person's fields as the CRM shows them afterwards, in our words (a refused stage, another owner show here); fields
    that were not looked at are as they were sent. `refused` are fields that were left out, one each."""

    op_id: str
    crm_id: str
    created: bool = False
    applied: dict[str, str] = field(default_factory=dict)
    refused: tuple[Rejected, ...] = ()


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing to do, e.g. the marker of this operation was found in the CRM already."""

    op_id: str
    why: str
    crm_id: str | None = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Try again after so many seconds."""

    op_id: str
    after: float
    scope: Scope
    message: str = ""


@dataclass(frozen=True, slots=True)
class Moved:
    """The record was merged or converted into another one; write there from now on."""

    op_id: str
    new_id: str


@dataclass(frozen=True, slots=True)
class Unknown:
    """Sent, but no answer: it may or may not have happened. Read before sending again."""

    op_id: str
    message: str = ""


WriteResult = Ok | Skipped | RetryLater | Rejected | Moved | Unknown


@dataclass(frozen=True, slots=True)
class Marked:
    """A task or note in the CRM that carries the marker of an operation."""

    op_id: str
    crm_id: str
    kind: Literal["task", "note"]


class Crm(Protocol):
    """One CRM account.

    `read` and `find_marked` raise Retry (throttled, away), Reject (the CRM refuses the question) or Misconfigured
    (credentials, scopes). `write` never raises per operation: every operation gets its result, in the same order.
    """

    def read(self, keys: Sequence[RecordKey]) -> list[Snapshot | None]:
        """The records now, in the order of the keys; None where there is none. Never uses the search index."""
        ...

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """Carry the operations out in order; same length and order as `ops`. Neighbours of one kind travel together."""
        ...

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """Which of these operations' tasks and notes exist on the record: asked after an unknown outcome."""
        ...
