"""`stages.yaml`: the lifecycle in order, the statuses, and who handles which qualification."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model


class StageRule(Model):
    """A lifecycle stage. Without `if` it is reached only by what sales or the CRM says. `deal`: it is reached when the
    CRM has a deal in this state."""

    id: str
    if_: str | None = Field(default=None, alias="if")
    qualification: str | None = None
    team: str | None = None
    deal: Literal["open", "won"] | None = None
    about: str = ""


class StagesPolicy(Model):
    """`lifecycle` is ordered: a lead only moves forward in it. `outside` are the ways out of it."""

    lifecycle: tuple[StageRule, ...]
    outside: tuple[str, ...] = ("disqualified", "recycled")
    statuses: tuple[str, ...]
    dispositions: dict[str, Literal["rejected", "recycled"]] = Field(default_factory=dict)
    """What a status that a rep sets means for the lead: given back for good, or too early. Both want a reason."""
    alert: str | None = None
    """A condition; when it first holds, the sales manager is told at once, and the lead is on the next call list."""
    alert_rearm: str | None = None
    """A condition that takes the alert back, so that the next crossing is told again; without it, once is for ever."""

    def rank(self, stage: str) -> int:
        """Position in the lifecycle; -1 for a stage outside it."""
        return next((number for number, rule in enumerate(self.lifecycle) if rule.id == stage), -1)
