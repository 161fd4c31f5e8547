"""The words of the world: what a CRM keeps, whoever its vendor is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

Actor = Literal["api", "hand"]
"""Who acts: a program with a token, or a person in the CRM's own pages."""
Action = Literal["created", "updated", "deleted", "forgotten", "merged", "linked", "unlinked"]


@dataclass(frozen=True, slots=True)
class Owner:
    """Somebody who can own records; an inactive one no longer takes new ones."""

    id: str
    email: str
    first_name: str
    last_name: str
    active: bool = True

    @property
    def name(self) -> str:
        """What the page shows."""
        return f"{self.first_name} {self.last_name}".strip() or self.email


@dataclass(frozen=True, slots=True)
class Property:
    """A declared field of a kind of record; `type` is one of string, number, datetime, bool, enumeration."""

    name: str
    label: str
    type: str = "string"
    group: str = ""
    field_type: str = "text"
    options: tuple[tuple[str, str], ...] = ()  # (value, label), in their order
    unique: bool = False
    description: str = ""


@dataclass(frozen=True, slots=True)
class Record:
    """One person, deal, task … `merged` are the ids of records that were merged into this one."""

    kind: str
    id: str
    values: Mapping[str, str]
    created_at: datetime
    updated_at: datetime
    merged: tuple[str, ...] = ()
    made_by: Actor = "api"

    def plain(self) -> dict[str, object]:
        """As JSON values."""
        times = {"created_at": self.created_at.isoformat(), "updated_at": self.updated_at.isoformat()}
        return {"id": self.id, "values": dict(self.values), "merged": list(self.merged), **times}


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to a record, for whoever listens. `values` are those that changed ("" where one was removed),
    `other` the record at the other end of a link or the one that was merged away, as (kind, id)."""

    action: Action
    kind: str
    id: str
    by: Actor
    at: datetime
    values: Mapping[str, str] = field(default_factory=dict)
    other: tuple[str, str] | None = None


@dataclass(frozen=True, slots=True)
class Asked:
    """A line of the journal: no bodies, no query strings, so nothing personal."""

    method: str
    path: str
    status: int
    fault: str = ""
