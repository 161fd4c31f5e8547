"""The backlog: who waits in a pool is given out as soon as somebody may take them, longest waiting first.

Nothing tells a lead that a rep is back, that a place was freed, that a working day began or that the rules changed. So
the sweep asks for each line whether the choice would be another now. It only asks the question again: `route` answers
it, as always, in one transaction with the pool and the rep; so a hint that was wrong costs a place to nobody.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from itertools import islice

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
from leadrelay.workflows.spare import Lasts, endless, for_at_most, spared
from leadrelay.workflows.staff import Staff

TAKEN_UP = ":backlog"
"""Ends the cause of a question that was asked again, so that it is told from what the same sweep says of a clock."""


@dataclass(frozen=True, slots=True)
class Backlog:
    """One sweep's look at the lines, each from its front: a `page` of each pool's in turn, until `taken` of a pool are
    taken up, the lines end, or `patience` does. Whoever waits for a skill that nobody free has hides nobody behind."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry
    page: int = 100
    longest: int = 5000
    taken: int = 25
    patience: timedelta = timedelta(seconds=5)

    def __call__(self, lasts: Lasts = endless) -> int:
        """Take up who can be, while it lasts; returns how many leads that were."""
        rules, now = self.rules.current(), self.clock.now()
        lines = deque((pool.id, self._line(pool.id, rules, now)) for pool in rules.team.pools)
        acted: list[Key[Record]] = []
        goes_on = for_at_most(self.patience, self.clock, lasts)
        while lines and goes_on():
            pool, line = lines.popleft()
            if spared("clock", pool_key(pool), partial(_goes_on, line, acted), self.telemetry):
                lines.append((pool, line))
        return len(acted)

    def _line(self, pool: str, rules: RuleSet, now: datetime) -> Iterator[Sequence[Key[Record]]]:
        """Who is taken up of each page. Each lead in its turn, with what those before it leave: one place that was
        freed is offered once."""
        keys, staff, left = self.store.listed(line_of(pool), self.longest), Staff(self.store), self.taken
        for start in range(0, len(keys), self.page):
            waiting = list(readable_leads(self.store, keys[start : start + self.page]))
            if start == 0:
                self._tell(pool, waiting, now)
            taken = list(islice(self._taken(waiting, staff, rules, now), left))
            left -= len(taken)
            yield taken
            if not left:
                return

    def _tell(self, pool: str, waiting: Sequence[LeadRecord], now: datetime) -> None:
        since = [record.lead.ownership.since or now for record in waiting if record.lead.waits]
        self.telemetry.count("PoolWaitSeconds", (now - min(since, default=now)).total_seconds(), pool=pool)

    def _taken(
        self, waiting: Sequence[LeadRecord], staff: Staff, rules: RuleSet, now: datetime
    ) -> Iterator[Key[Record]]:
        ready = [record for record in waiting if is_in_line(record.lead)]
        _read(staff, [(asking(record.lead, rules, now), record.profile) for record in ready], rules, now)
        for record in ready:
            choice = taken_up(record.lead, record.profile, staff.staffing, rules, now)
            if choice is None:
                continue
            staff.chosen(choice)
            staff.staffing = staff.staffing.shifted({choice.rep: 1} if choice.rep else {})
            if spared("clock", record.key(), partial(self._ask, record, choice.rep, rules, now), self.telemetry):
                yield record.key()

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
    staff = Staff(store)
    _read(staff, asked, rules, now)
    return staff.staffing


def _read(staff: Staff, asked: Iterable[tuple[Lead, Profile]], rules: RuleSet, now: datetime) -> None:
    needed = [needs(lead, profile, rules, now) for lead, profile in asked]
    pools, reps = (pool for each in needed for pool in each.pools), (rep for each in needed for rep in each.reps)
    staff.read(Needs(tuple(pools), tuple(reps)))


def _goes_on(line: Iterator[Sequence[Key[Record]]], acted: list[Key[Record]]) -> bool:
    """Whether there was another page."""
    taken = next(line, None)
    acted += taken or ()
    return taken is not None


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
