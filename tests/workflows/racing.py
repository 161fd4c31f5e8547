"""A race of routers over any store: leads that ask for an owner, writers that work one queue, and who won what."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from fractions import Fraction
from queue import Empty, Queue
from random import Random

from leadrelay.domain.facts import Metadata
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.ownership import Wanted
from leadrelay.domain.rules import Rules
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import LeadRecord, LogRecord, PoolRecord, RepRecord, lead_key, pool_key, rep_key
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.route import TOGETHER, Asked, Route
from tests.domain.people import NOW, profile

POOL = "sdr"
_AT_ONCE = 50


def enter(store: Store, leads: int) -> list[Asked]:
    """So many hot leads, each with its question; told twice, because queues deliver at least once."""
    ids = [f"{number:032x}" for number in range(leads)]
    for start in range(0, leads, _AT_ONCE):
        puts = tuple(Put(_asking(lead_id)) for lead_id in ids[start : start + _AT_ONCE])
        store.commit(Change(f"enter:{start}", puts))
    return [question(lead_id) for lead_id in (*ids, *ids)]


def _asking(lead_id: str) -> LeadRecord:
    captured_at = NOW - timedelta(seconds=int(lead_id, 16))
    lead = Lead(lead_id=lead_id, standing="live", temperature="hot", captured_at=captured_at)
    wanted = lead.with_(wanted=Wanted(why="new", exclude=(), hop=0))
    return LeadRecord(version=1, lead=wanted, profile=profile(lead__email=f"{lead_id}@lead.example"))


def question(lead_id: str, hop: int = 0, rules_version: str = "") -> Asked:
    """Whose is it?"""
    metadata = Metadata(
        fact_id=f"{lead_id}:{hop}.0",
        lead_id=lead_id,
        correlation_id="t",
        causation_id="c",
        rules_version=rules_version,
        occurred_at=NOW,
    )
    return OwnerNeeded(why="new", hop=hop), metadata


@dataclass
class Race:
    """One queue, worked by `writers` at the same time; what fails comes back."""

    store: Store
    rules: Rules
    writers: int
    seed: int = 1
    telemetry: MemoryTelemetry = field(default_factory=MemoryTelemetry)
    broken: list[BaseException] = field(default_factory=list)
    _left: Queue[list[Asked]] = field(default_factory=Queue)

    def run(self, asked: Sequence[Asked]) -> None:
        """Until every question is answered, in batches of any size."""
        dice, questions = Random(self.seed), [self._named(each) for each in asked]
        dice.shuffle(questions)
        while questions:
            size = dice.randint(1, TOGETHER)
            self._left.put(questions[:size])
            del questions[:size]
        threads = [threading.Thread(target=self._write) for _ in range(self.writers)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def _named(self, asked: Asked) -> Asked:
        fact, metadata = asked
        return fact, metadata.with_(rules_version=self.rules.version)

    def _write(self) -> None:
        """A cold function of its own."""
        route = Route(self.store, MemoryRules(self.rules), MemoryClock(NOW), self.telemetry)
        while True:
            try:
                batch = self._left.get_nowait()
            except Empty:
                return
            failed = route(batch)
            self.broken += [error for error in failed.values() if not isinstance(error, Retry)]
            if failed:
                self._left.put([batch[number] for number in failed])


def misses(store: Store, asked: Sequence[Asked], rules: Rules) -> list[str]:
    """What the race broke: owners, turns, shares, open leads. Empty: nothing."""
    ids = dict.fromkeys(metadata.lead_id or "" for _, metadata in asked)
    leads = [record.lead for record in store.load_all([lead_key(lead_id) for lead_id in ids]) if record is not None]
    owned, wrong = Counter(lead.ownership.rep or "" for lead in leads), list[str]()
    wrong += [f"{lead.lead_id} has no owner" for lead in leads if lead.ownership.rep is None or lead.wanted is not None]
    wrong += [f"{lead.lead_id} had {lead.ownership.hop} owners" for lead in leads if lead.ownership.hop != 1]
    for lead in leads:
        rows = [row for row in store.story(f"LEAD#{lead.lead_id}") if isinstance(row, LogRecord)]
        given = [said.data["rep"] for row in rows for said in row.facts if said.name == "LeadAssigned"]
        wrong += [] if given == [lead.ownership.rep] else [f"{lead.lead_id} was given to {given}"]
    pool = store.load(pool_key(POOL)) or PoolRecord(pool_id=POOL)
    weights = {member.rep: member.weight for member in rules.team.pool(POOL).members}
    if {rep: given for rep, given in pool.turns.given.items() if given} != owned:
        wrong.append(f"the pool counts {pool.turns.given}, and there are {owned}")
    for rep, weight in weights.items():
        share = Fraction(len(leads) * weight, sum(weights.values()))
        wrong += [] if abs(owned[rep] - share) < 1 else [f"{rep} got {owned[rep]} instead of {share}"]
        state = (store.load(rep_key(rep)) or RepRecord(rep_id=rep)).state
        wrong += [] if state.open == owned[rep] else [f"{rep} is said to have {state.open}, and has {owned[rep]}"]
    return wrong
