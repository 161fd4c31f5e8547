"""Route: choose the owner and start the clocks. Reads and writes the table only."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from leadrelay.domain.decide import assign
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Metadata
from leadrelay.domain.routing.choose import choose, needs
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LeadRecord, PoolRecord, RepRecord, lead_key, pool_key, rep_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import answering
from leadrelay.workflows.outcome import ATTEMPTS, Outcome


@dataclass(frozen=True, slots=True)
class Route:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: OwnerNeeded, metadata: Metadata) -> None:
        """Choose, unless the question was answered already: its hop has passed."""
        for _ in range(ATTEMPTS):
            record = self.store.load(lead_key(metadata.lead_id or ""))
            if record is None or record.lead.wanted is None or record.lead.wanted.hop != fact.hop:
                return
            try:
                self._work(record, metadata)
            except Conflict:
                self.telemetry.count("Conflicts", workflow="route")
            else:
                return
        raise Retry(1, "the pool is being changed by others")

    def _work(self, record: LeadRecord, metadata: Metadata) -> None:
        """The pool's memory and the lead change together or not at all: no turn is skipped, no lead has two owners. A
        lead in shadow takes nobody's turn."""
        rules, now = self.rules.version(metadata.rules_version), self.clock.now()
        asked = needs(record.lead, record.profile, rules, now)
        pools, reps = self._pools(asked.pools), self._reps(asked.reps)
        staffing = Staffing(
            {pool.pool_id: pool.turns for pool in pools.values()}, {rep.rep_id: rep.state for rep in reps.values()}
        )
        choice = choose(record.lead, record.profile, staffing, rules, now)
        decision = Decision(record.lead, record.profile, rules, now)
        assign(choice, decision)
        kept = DecisionRecord.of(choice, staffing, rules.routing, now).kept()
        outcome = Outcome(decision, record.version, answering(metadata, now), kept)
        puts = [*outcome.puts(self.store)]
        if record.lead.live:
            changed = ((pools[pool_id], turns) for pool_id, turns in choice.turns.items())
            puts += [Put(pool.with_(version=pool.version + 1, turns=turns)) for pool, turns in changed]
        self.store.commit(Change(cause=metadata.fact_id, puts=tuple(puts)))
        self.telemetry.count("Assignments", pool=choice.pool or choice.queue or "none")
        self.telemetry.line(
            "lead_assigned", lead_id=record.lead.lead_id, rep=choice.rep, pool=choice.pool, queue=choice.queue
        )

    def _pools(self, ids: Sequence[str]) -> dict[str, PoolRecord]:
        known = self.store.load_all([pool_key(pool) for pool in ids]) if ids else []
        return {pool: record or PoolRecord(pool_id=pool) for pool, record in zip(ids, known, strict=True)}

    def _reps(self, ids: Sequence[str]) -> dict[str, RepRecord]:
        known = self.store.load_all([rep_key(rep) for rep in ids]) if ids else []
        return {rep: record or RepRecord(rep_id=rep) for rep, record in zip(ids, known, strict=True)}
