"""Writing to a CRM: what the sales team sees.

The connector only reads by key and writes operations. Everything that keeps a CRM calm (what changed since the last
write, ownership guard, rate budget, retries, leases) is decided outside, in `workflows/deliver`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol

Policy = Literal["own", "fill_if_empty", "forward_only", "clear"]
"""Who may change a field: `own` we write it whenever it differs, `fill_if_empty` only into an empty field,
`forward_only` never back in its order (the lifecycle stage), `clear` empty it."""


@dataclass(frozen=True, slots=True)
class FieldWrite:
    """One field of the person's record. `name` is our word (`score`, `email`); the connector translates it."""

    name: str
    value: str | int | bool | datetime | None
    policy: Policy = "own"


@dataclass(frozen=True, slots=True)
class RecordKey:
    """How a person is found without search: by our `lead_key` (32 hex), the CRM's own id, or e-mail (claim only)."""

    lead_key: str
    crm_id: str | None = None
    email: str | None = None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A person's record as the CRM shows it now; `fields` are in our words, absent ones are empty in the CRM."""

    crm_id: str
    lead_key: str | None
    owner_id: str | None
    fields: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpsertPerson:
    """Create or update the person; `key.crm_id` is used when known, else claim by e-mail, else our lead key."""

    op_id: str
    key: RecordKey
    fields: tuple[FieldWrite, ...]


@dataclass(frozen=True, slots=True)
class SetOwner:
    """Make `owner_id` (the CRM's owner id) the owner of the record; None clears it."""

    op_id: str
    crm_id: str
    owner_id: str | None


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


WriteOp = UpsertPerson | SetOwner | PutTask | PutNote


@dataclass(frozen=True, slots=True)
class Ok:
    """Done. `crm_id` is the id of what was written: the person's, or the task's or note's own. `applied` are the
    person's fields as the CRM answered them, in our words (a refused stage shows here)."""

    op_id: str
    crm_id: str
    created: bool = False
    applied: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Skipped:
    """Nothing to do, e.g. the marker of this operation was found in the CRM already."""

    op_id: str
    why: str
    crm_id: str | None = None


@dataclass(frozen=True, slots=True)
class RetryLater:
    """Try again after so many seconds; `scope` says what is blocked: second, 10s, day, record, outage, auth."""

    op_id: str
    after: float
    scope: Literal["second", "10s", "day", "record", "outage", "auth"]
    message: str = ""


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
class Moved:
    """The record was merged into another one; write there from now on."""

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
        """Carry the operations out in order; same length and order as `ops`."""
        ...

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        """Which of these operations' tasks and notes exist on the record: asked after an unknown outcome."""
        ...


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `crm doctor`: `ok`, what was looked at, and what to do when it is not ok."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class SchemaOp:
    """One missing field, option or group in the CRM that `apply` would create."""

    kind: Literal["group", "field"]
    name: str
    payload: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CrmOwner:
    """A person the CRM can own records with; `owner_id` is what SetOwner takes."""

    owner_id: str
    email: str
    name: str
    active: bool


class CrmSetup(Protocol):
    """What the CLI needs to prepare an account; never called by a Lambda."""

    def check(self) -> list[Check]:
        """Credentials, scopes, fields, quota."""
        ...

    def plan(self) -> list[SchemaOp]:
        """What is missing, without changing anything."""
        ...

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Create what is missing; idempotent. Returns one line per operation carried out."""
        ...

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record."""
        ...
