"""The backlog: who waits in a pool is given out as soon as somebody may take them, longest waiting first.

Nothing tells a lead that a rep is back, that a place was freed, that a working day began or that the rules changed. So
the sweep asks for each line whether the choice would be another now. It only asks the question again: `route` answers
it, as always, in one transaction with the pool and the rep; so a hint that was wrong costs a place to nobody.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial

from leadrelay.domain.clocks.starting import asked_again
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.lead import Lead
from leadrelay.domain.model import Instant, Model
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import needs
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.routing.staffing import Needs, Staffing
from leadrelay.domain.routing.taking_up import asking, is_in_line, taken_up
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.records import LeadRecord, pool_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Key, Record, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.readable import readable
from leadrelay.workflows.spare import spared
from leadrelay.workflows.staff import Staff

TAKEN_UP = ":backlog"
"""Ends the cause of a question that was asked again, so that it is told from what the same sweep says of a clock."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One sweep's look at the lines: at most `looked_at` leads of each pool, of which at most `taken` are taken up."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    looked_at: int = 100
    taken: int = 25

    def __call__(self) -> int:
        """Take up who can be; returns how many leads that were."""
        rules, now = self.rules.current(), self.clock.now()
        lines = {pool.id: self.store.listed(line_of(pool.id), self.looked_at) for pool in rules.team.pools}
        acted: list[Key[Record]] = []
        for pool, keys in lines.items():
            if keys:
                spared("clock", pool_key(pool), partial(self._line, pool, keys, rules, now, acted), self.telemetry)
        return len(acted)

    def _line(
        self, pool: str, keys: Sequence[Key[Record]], rules: RuleSet, now: datetime, acted: list[Key[Record]]
    ) -> bool:
        """Each lead in its turn, with what those before it leave: one place that was freed is offered once."""
        waiting = [record for record in readable_leads(self.store, keys) if record.lead.waits]
        since = [record.lead.ownership.since or now for record in waiting]
        oldest = (now - min(since, default=now)).total_seconds()
        self.telemetry.count("PoolWaitSeconds", oldest, pool=pool)
        ready = [record for record in waiting if is_in_line(record.lead)]
        asked = [(asking(record.lead, rules, now), record.profile) for record in ready]
        staffing, most = staffing_for(self.store, asked, rules, now), len(acted) + self.taken
        for record in ready:
            choice = taken_up(record.lead, record.profile, staffing, rules, now) if len(acted) < most else None
            if choice is not None:
                work = partial(self._ask, record, choice.rep, rules, now)
                acted += [record.key()] if spared("clock", record.key(), work, self.telemetry) else []
                staffing = staffing.after(choice.turns, choice.reps).shifted({choice.rep: 1} if choice.rep else {})
        return True

    def _ask(self, record: LeadRecord, rep: str | None, rules: RuleSet, now: datetime) -> bool:
        decision = Decision(record.lead, record.profile, rules, now)
        decision.say(*asked_again(record.lead, rules, now))
        context = Context(
            correlation_id="" if record.lead.last is None else record.lead.last.touch_id,
            causation_id=f"sweep:{record.key()}:{record.version}{TAKEN_UP}",
            rules_version=rules.version,
            at=now,
        )
        outcome = Outcome(decision, record, context, {"free": rep})
        self.store.commit(Change(cause=context.causation_id, puts=tuple(written([outcome], self.store))))
        self.telemetry.count("TakenUp", pool=record.lead.ownership.pool or "none")
        return True


def line_of(pool: str) -> str:
    """The name of the list of who waits in a pool."""
    return f"WAITING#{pool}"


def readable_leads(store: Store, keys: Sequence[Key[Record]]) -> Iterator[LeadRecord]:
    """The leads of a list, in its order."""
    return (record for record in readable(store, keys) if isinstance(record, LeadRecord))


def staffing_for(store: Store, asked: Iterable[tuple[Lead, Profile]], rules: RuleSet, now: datetime) -> Staffing:
    """Everybody who may be chosen for one of these leads that ask for an owner, each read once."""
    needed = [needs(lead, profile, rules, now) for lead, profile in asked]
    pools, reps = (pool for each in needed for pool in each.pools), (rep for each in needed for rep in each.reps)
    staff = Staff(store)
    staff.read(Needs(tuple(pools), tuple(reps)))
    return staff.staffing


class Waiting(Model):
    """One lead in a line: since when (UTC), whether the manager heard of it by now, until when it waits at most, and
    who was passed over why."""

    pool: str
    lead_id: str
    waits: str
    since: Instant
    stale: bool
    until: Instant | None
    skipped: dict[str, Skip]


def waiting(store: Store, rules: RuleSet, now: datetime, limit: int = 500) -> list[Waiting]:
    """Who waits, pool by pool, longest waiting first."""
    pools = {pool.id: pool for pool in rules.team.pools}
    found = (record.lead for pool in pools for record in readable_leads(store, store.listed(line_of(pool), limit)))
    return [_line_in(lead, now, pools[lead.ownership.pool or ""].backlog.stale_minutes) for lead in found if lead.waits]


def _line_in(lead: Lead, now: datetime, stale_minutes: int) -> Waiting:
    owner, clock = lead.ownership, lead.clock("backlog")
    since = owner.since or now
    return Waiting(
        pool=owner.pool or "",
        lead_id=lead.lead_id,
        waits=owner.waits or "",
        since=since,
        stale=owner.waits == "backlog" and now >= since + timedelta(minutes=stale_minutes),
        until=None if clock is None else clock.due_at,
        skipped=owner.skipped,
    )
