"""`crm.yaml`: which CRM, and which fields are ours there."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model

FieldUse = Literal["own", "fill_if_empty", "forward_only", "never"]


class Budget(Model):
    """How fast the CRM may be called: it takes `calls` in `seconds`, of which `share` percent are ours (the rest is
    left to other integrations), and of those `reserve` percent are kept for new leads and new owners."""

    calls: int = Field(default=100, ge=1)
    seconds: float = Field(default=10, gt=0)
    share: int = Field(default=50, ge=1, le=100)
    reserve: int = Field(default=25, ge=0, le=75)

    @property
    def ours(self) -> float:
        """The calls of a window that are ours."""
        return self.calls * self.share / 100


class CrmPolicy(Model):
    """`vendor` is the connector folder. In `mode` plan nothing is sent: what would be written is computed and listed.
    `fields` overrides what we do with a field of the card: `own` it, only `fill_if_empty`, `forward_only`, or `never`
    write it; `properties` places fields of the card in other fields of the account than the connector does. Changes
    that can wait are collected for `coalesce_seconds`; new leads, owners and clocks never wait. What is said in a chat
    within `conversation_minutes` becomes one note. `record_url` is where a person's record is looked at, with `{id}`
    for its id: pages of ours link to it."""

    vendor: str
    mode: Literal["live", "plan"] = "live"
    fields: dict[str, FieldUse] = Field(default_factory=dict)
    properties: dict[str, str] = Field(default_factory=dict)
    coalesce_seconds: int = Field(default=60, ge=0, le=3600)
    budget: Budget = Budget()
    next_step_task: bool = True
    notes: bool = True
    conversation_minutes: int = Field(default=5, ge=1, le=1440)
    record_url: str | None = Field(default=None, pattern=r"^https?://[^\s\"'<>{}]+\{id\}[^\s\"'<>{}]*$")
