"""`team.yaml`: people, pools and queues; and how a pool shares what comes."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Model

Strategy = Literal["weighted_round_robin", "round_robin", "least_loaded", "fastest_responder", "claim"]
"""How a pool finds the next of its eligible reps; `routing/strategies.py` says what each means."""

OutsideHours = Literal["next_shift", "hold"]
"""When nobody of the pool can still be in time: who begins work first has it, or it waits in the pool's backlog."""


Credited = Literal["inactive", "skill", "language", "recent_owner", "away", "off_hours", "cap", "rate"]
"""Tests that may be credited: who fails them lost nothing that they would have to catch up."""


class Rep(Model):
    """A person who works leads. `crm` maps a CRM to this person's owner id there.

    `skills` and `languages` (ISO 639-1) are what they can take; without languages they are taken to speak all. `cap` is
    how many open leads they have at most, `monthly` how many new ones a month, spread over its working days; `since` is
    their first day, from which a pool's `ramp_days` count. None: no limit, no ramp. `away_calendar` is the name that
    the address of their calendar of absences has in the secret `fetch/ics`.
    """

    id: str
    name: str
    email: str
    crm: dict[str, str] = Field(default_factory=dict)
    calendar: str
    active: bool = True
    skills: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    cap: int | None = Field(default=None, ge=1)
    monthly: int | None = Field(default=None, ge=1)
    since: date | None = None
    away_calendar: str | None = None


class Member(Model):
    """A rep in a pool; leads are shared in proportion to the weights."""

    rep: str
    weight: int = Field(default=1, ge=1, le=100)


class Backlog(Model):
    """Leads that found nobody wait for so long (elapsed minutes) before the manager is told (`stale_minutes`), and
    before the manager has them (`manager_minutes`)."""

    stale_minutes: int = Field(default=30, ge=1)
    manager_minutes: int = Field(default=480, ge=1)


class Fairness(Model):
    """What a pool remembers. `credits` are the failed tests after which nobody has to catch up: who was away is not
    flooded on return. What somebody is behind or ahead by more than a lead halves in `half_life_days`; None: never.
    `returned` are the dispositions after which a lead does not count as given. `ramp_days`: from their first day
    (`since`) on, a new rep's share grows to the whole over so many days."""

    credits: tuple[Credited, ...] = ("inactive", "away", "off_hours")
    half_life_days: int | None = Field(default=30, ge=1)
    returned: tuple[Literal["rejected", "recycled"], ...] = ("rejected",)
    ramp_days: int | None = Field(default=None, ge=1)


class Pool(Model):
    """A team to route into. `manager` is a rep id: who hears of breaches and takes what nobody else can,
    `escalation` are those above, nearest first.

    `team` is its part in a hand-off, such as `sdr` or `ae`: a lead's card keeps the last owner of each. `sticky`: who
    comes back goes to whom they know there, while that rep may take it; `same_company`: so does who works where
    somebody else does whose lead a member has open. `in_time_minutes` is how long (elapsed) a lead may wait for its
    owner's working hours before another rep is better. `outside_hours` says what happens when nobody can be in time;
    `follow_the_sun` is the pool that is asked before that. `claim_minutes` is how long a lead is open to whoever
    accepts first, with the strategy `claim`.
    """

    id: str
    name: str
    members: tuple[Member, ...]
    manager: str
    escalation: tuple[str, ...] = ()
    strategy: Strategy = "weighted_round_robin"
    team: str | None = None
    sticky: bool = True
    same_company: bool = False
    in_time_minutes: int = Field(default=0, ge=0)
    outside_hours: OutsideHours = "next_shift"
    follow_the_sun: str | None = None
    claim_minutes: int = Field(default=10, ge=1)
    fairness: Fairness = Fairness()
    backlog: Backlog = Backlog()

    @property
    def patience(self) -> timedelta:
        """How late (elapsed) first contact may be."""
        return timedelta(minutes=self.in_time_minutes)

    @property
    def reps(self) -> tuple[str, ...]:
        """The ids of its members, in order."""
        return tuple(member.rep for member in self.members)


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


class AttendanceSources(Model):
    """Where is read who is away, each every so many elapsed minutes; None: not at all. `crm`: who has left the CRM, and
    how many open records everybody else has there. `calendars`: those that reps name as their `away_calendar`."""

    crm: int | None = Field(default=None, ge=5, le=1440)
    calendars: int | None = Field(default=None, ge=5, le=1440)

    @property
    def seconds(self) -> dict[str, int]:
        """What is asked -> how often."""
        minutes = {"crm": self.crm, "calendars": self.calendars}
        return {asked: 60 * every for asked, every in minutes.items() if every is not None}


class TeamPolicy(Model):
    """`revops` is the rep who owns what no rule matches. `attendance_minutes` says how often outside systems are asked
    who is at work."""

    reps: tuple[Rep, ...]
    pools: tuple[Pool, ...]
    queues: tuple[Queue, ...] = ()
    revops: str
    attendance_minutes: AttendanceSources = AttendanceSources()

    def rep(self, rep_id: str) -> Rep:
        """The person. Who is not in the team any more may still own leads: known by id alone, inactive, with the
        working hours of RevOps."""
        found = next((rep for rep in self.reps if rep.id == rep_id), None)
        nobody: dict[str, object] = {"id": rep_id, "name": rep_id, "email": "", "crm": {}, "active": False}
        return found or self.rep(self.revops).with_(**nobody)

    def rep_in(self, crm: str, owner_id: str | None) -> str | None:
        """Whose owner id it is in that CRM, or None for somebody the team does not know."""
        return next((rep.id for rep in self.reps if owner_id is not None and rep.crm.get(crm) == owner_id), None)

    def team_of(self, rep: str, pool_id: str | None = None) -> str | None:
        """The part in a hand-off of a rep whom this pool gave a lead, else of the first pool that they are in."""
        known = sorted((pool for pool in self.pools if rep in pool.reps), key=lambda pool: pool.id != pool_id)
        return next((pool.team for pool in known if pool.team is not None), None)

    def pool(self, pool_id: str) -> Pool:
        """KeyError when there is none."""
        return {pool.id: pool for pool in self.pools}[pool_id]

    def queue(self, queue_id: str) -> Queue:
        """The queue. Leads may still wait in one that was closed: a person looks at them the next day."""
        closed = Queue(id=queue_id, name=queue_id, next_step="Give it a new place", next_step_days=1)
        return {queue.id: queue for queue in self.queues}.get(queue_id, closed)
