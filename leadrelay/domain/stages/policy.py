"""`stages.yaml`: the lifecycle in order, the statuses, and who handles which qualification."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model
from leadrelay.domain.nurture.policy import NurturePolicy


class OnEntry(Model):
    """What happens when a lead comes to a stage, beside its owner and clock, which follow from `routing.yaml` and
    `sla.yaml`: what its owner does next, who is told (a kind of `notices.yaml`), and the nurture sequence it is in for
    as long as it stays, whoever owns it."""

    next_step: str | None = None
    notice: str | None = None
    enrol: str | None = None


class QualificationRule(Model):
    """A kind of qualification and the team that handles it. It is gained once: when `if` first holds, or at the stage
    that names it. `stage`: gaining it moves the lead at least there."""

    type: str
    if_: str | None = Field(default=None, alias="if")
    team: str
    stage: str | None = None
    about: str = ""


class StageRule(Model):
    """A lifecycle stage. Without `if` it is reached only by what sales or the CRM says. `deal`: it is reached when the
    CRM has a deal in this state; `accepted`: when sales take the lead on. `qualification` is gained on reaching it."""

    id: str
    if_: str | None = Field(default=None, alias="if")
    qualification: str | None = None
    team: str | None = None
    deal: Literal["open", "won"] | None = None
    accepted: bool = False
    on_entry: OnEntry = OnEntry()
    about: str = ""


class StagesPolicy(Model):
    """`lifecycle` is ordered: a lead only moves forward in it. `outside` are the ways out of it; `exits` says which of
    them a lead takes that sales gave back. A customer stays one."""

    lifecycle: tuple[StageRule, ...]
    outside: tuple[str, ...] = ("disqualified", "recycled")
    exits: dict[Literal["rejected", "recycled"], str] = Field(default_factory=dict)
    qualifications: tuple[QualificationRule, ...] = ()
    statuses: tuple[str, ...]
    dispositions: dict[str, Literal["accepted", "rejected", "recycled"]] = Field(default_factory=dict)
    """What a status that a rep sets means for the lead: taken on, given back for good, or too early. The last two want
    a reason."""
    hand_back: tuple[str, ...] = ()
    """Reasons for giving back by which the team that took a lead over returns it to the one that had it before: it
    stays open, and theirs."""
    nurture: NurturePolicy = NurturePolicy()
    alert: str | None = None
    """A condition; when it first holds, the sales manager is told at once, and the lead is on the next call list."""
    alert_rearm: str | None = None
    """A condition that takes the alert back, so that the next crossing is told again; without it, once is for ever."""

    def rank(self, stage: str) -> int:
        """Position in the lifecycle; -1 for a stage outside it."""
        return next((number for number, rule in enumerate(self.lifecycle) if rule.id == stage), -1)

    def rule(self, stage: str) -> StageRule | None:
        """The stage of the lifecycle, None for one outside it."""
        return next((rule for rule in self.lifecycle if rule.id == stage), None)

    def status_of(self, means: Literal["accepted", "rejected", "recycled"], now: str) -> str:
        """The status that stands for it: the one it has `now` where that fits, else the first that does. Where the
        rules have none for it, the status stays."""
        fits = [status for status, meaning in self.dispositions.items() if meaning == means]
        return now if now in fits or not fits else fits[0]

    def is_customer(self, stage: str) -> bool:
        """Whether a deal was won on the way here."""
        won = next((rule.id for rule in self.lifecycle if rule.deal == "won"), None)
        return won is not None and self.rank(stage) >= self.rank(won)

    def team_of(self, qualification: str) -> str | None:
        """Who handles it, as its own rule says, or the stage that names it."""
        own = (rule.team for rule in self.qualifications if rule.type == qualification)
        named = (rule.team for rule in self.lifecycle if rule.qualification == qualification)
        return next(own, next(named, None))
