"""`team.yaml` and `routing.yaml`: people, pools, queues, and the ordered rules that choose among them."""

from __future__ import annotations

from datetime import timedelta
from typing import Literal

from pydantic import Field, model_validator

from leadrelay.domain.model import Model


class Rep(Model):
    """A person who works leads. `crm` maps a CRM to this person's owner id there."""

    id: str
    name: str
    email: str
    crm: dict[str, str] = Field(default_factory=dict)
    calendar: str
    active: bool = True


class Member(Model):
    """A rep in a pool; leads are shared in proportion to the weights."""

    rep: str
    weight: int = Field(default=1, ge=1, le=100)


class Pool(Model):
    """A team to route into. `manager` is a rep id: who hears of breaches and takes what nobody else can."""

    id: str
    name: str
    members: tuple[Member, ...]
    manager: str
    strategy: Literal["weighted_round_robin"] = "weighted_round_robin"


class Queue(Model):
    """A named marketing queue: no contact clock, but always a next step, due in so many days. `crm` maps a CRM to the
    queue's owner id there. `list` maps it to a list or campaign for who waits here, where `stages.yaml` has no nurture
    sequences; with them the lists are theirs. `status` is the status of who waits there."""

    id: str
    name: str
    next_step: str
    next_step_days: int
    status: str = "nurturing"
    crm: dict[str, str] = Field(default_factory=dict)
    list: dict[str, str] = Field(default_factory=dict)

    @property
    def nurtures(self) -> bool:
        """Whether who waits there is courted: mails, lists, sequences."""
        return self.status == "nurturing"


class TeamPolicy(Model):
    """`revops` is the rep who owns what no rule matches."""

    reps: tuple[Rep, ...]
    pools: tuple[Pool, ...]
    queues: tuple[Queue, ...] = ()
    revops: str

    def rep(self, rep_id: str) -> Rep:
        """The person. Who is not in the team any more may still own leads: known by id alone, inactive, with the
        working hours of RevOps."""
        known = {rep.id: rep for rep in self.reps}
        return known.get(rep_id) or known[self.revops].with_(id=rep_id, name=rep_id, email="", crm={}, active=False)

    def rep_in(self, crm: str, owner_id: str | None) -> str | None:
        """Whose owner id it is in that CRM, or None for somebody the team does not know."""
        return next((rep.id for rep in self.reps if owner_id is not None and rep.crm.get(crm) == owner_id), None)

    def pool(self, pool_id: str) -> Pool:
        """KeyError when there is none."""
        return {pool.id: pool for pool in self.pools}[pool_id]

    def queue(self, queue_id: str) -> Queue:
        """The queue. Leads may still wait in one that was closed: a person looks at them the next day."""
        closed = Queue(id=queue_id, name=queue_id, next_step="Give it a new place", next_step_days=1)
        return {queue.id: queue for queue in self.queues}.get(queue_id, closed)


class RouteRule(Model):
    """If the condition holds, the lead goes there; the first rule that holds wins.

    Exactly one of `pool`, `rep`, `queue`. A rule with `hand_off` also takes a lead that already has an owner
    elsewhere: SDR to AE when it becomes SQL.
    """

    id: str
    if_: str = Field(alias="if")
    pool: str | None = None
    rep: str | None = None
    queue: str | None = None
    hand_off: bool = False
    next_step: str = "Call"
    says: str

    @model_validator(mode="after")
    def _one_destination(self) -> RouteRule:
        if sum(place is not None for place in (self.pool, self.rep, self.queue)) != 1:
            raise ValueError("give exactly one of pool, rep, queue")
        return self


class RoutingPolicy(Model):
    """`max_hops` ends reassignment for sure: after so many owners the pool's manager takes the lead; the last
    `exclude_last` owners are not asked again. For `override_hours` (elapsed) after a person chose the owner in the CRM,
    nobody takes the lead away from them. Who may not be contacted goes to the queue `do_not_contact`, whatever the
    rules say."""

    rules: tuple[RouteRule, ...]
    max_hops: int = Field(default=3, ge=1, le=20)
    exclude_last: int = Field(default=2, ge=1, le=20)
    override_hours: int = Field(default=24, ge=0, le=24 * 365)
    do_not_contact: str = "do_not_contact"

    @property
    def override(self) -> timedelta:
        """How long a person's choice is not touched."""
        return timedelta(hours=self.override_hours)

    @property
    def refused(self) -> RouteRule:
        """Stands before all rules: who may not be contacted is nobody's to contact."""
        says = "Nobody may contact them"
        return RouteRule.model_validate(
            {"id": "do_not_contact", "if": "lead.do_not_contact", "queue": self.do_not_contact, "says": says}
            | {"hand_off": True}
        )
