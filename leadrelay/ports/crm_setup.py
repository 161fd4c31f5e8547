"""Preparing a CRM account, and looking around in it: what the command line needs. No Lambda calls any of this."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal, Protocol

from leadrelay.ports.crm import Snapshot


@dataclass(frozen=True, slots=True)
class Check:
    """One line of `crm doctor`: `ok`, what was looked at, and what to do when it is not ok."""

    name: str
    ok: bool
    detail: str
    fix: str = ""


@dataclass(frozen=True, slots=True)
class SchemaOp:
    """One thing missing in the CRM that `apply` would create: a group of fields, a field, a view of records, or the
    right to see them."""

    kind: Literal["group", "field", "view", "permission"]
    name: str
    payload: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CrmOwner:
    """Who can own records; `owner_id` is what the field `owner` takes. A queue has no address."""

    owner_id: str
    email: str
    name: str
    active: bool
    kind: Literal["user", "queue"] = "user"


@dataclass(frozen=True, slots=True)
class OpenDeal:
    """A deal that is neither won nor lost. `amount` in minor units of `currency` (ISO 4217), None where not given."""

    deal_id: str
    crm_id: str
    amount: int | None = None
    currency: str | None = None


@dataclass(frozen=True, slots=True)
class PeoplePage:
    """A page of the people an account has, with their open deals; `following` is the next page's cursor, None at the
    end."""

    people: tuple[Snapshot, ...]
    deals: tuple[OpenDeal, ...]
    following: str | None


class CrmSetup(Protocol):
    """One account. Everything but `check` raises Retry, Reject or Misconfigured."""

    def check(self) -> list[Check]:
        """Credentials, scopes, fields and their types, list values, the order of stages, competing automations, quota
        left, clock skew (seconds). Never raises: what cannot be looked at is a finding."""
        ...

    def plan(self) -> list[SchemaOp]:
        """What is missing, without changing anything."""
        ...

    def apply(self, ops: Sequence[SchemaOp]) -> list[str]:
        """Create what is missing; idempotent. Returns one line per operation carried out."""
        ...

    def owners(self) -> list[CrmOwner]:
        """Everybody who can own a record, and those who no longer can."""
        ...

    def load(self) -> dict[str, int]:
        """Open records by owner id: everything a rep has to work on there, assigned by hand or by us."""
        ...

    def people(self, cursor: str | None) -> PeoplePage:
        """The people of the account, in a stable order, from the cursor on."""
        ...
