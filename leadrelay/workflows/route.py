"""Route: choose the owner and start the clocks. Reads and writes the table only."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from pydantic import JsonValue

from leadrelay.domain.decide import assign
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Metadata
from leadrelay.domain.routing.choose import Choice, choose, pool_asked
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.fairness import Turns
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LeadRecord, PoolRecord, lead_key, pool_key
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
        asked = pool_asked(record.lead, record.profile, rules, now)
        pool = None if asked is None else self._pool(asked)
        turns = Turns() if pool is None else pool.turns
        choice = choose(record.lead, record.profile, turns, rules, now)
        decision = Decision(record.lead, record.profile, rules, now)
        assign(choice, decision)
        outcome = Outcome(decision, record.version, answering(metadata, now), _explained(choice, turns))
        puts = [*outcome.puts(self.store)]
        if pool is not None and choice.turns is not None and record.lead.live:
            puts.append(Put(pool.with_(version=pool.version + 1, turns=choice.turns)))
        self.store.commit(Change(cause=metadata.fact_id, puts=tuple(puts)))
        self.telemetry.count("Assignments", pool=choice.pool or choice.queue or "none")
        self.telemetry.line(
            "lead_assigned", lead_id=record.lead.lead_id, rep=choice.rep, pool=choice.pool, queue=choice.queue
        )

    def _pool(self, pool_id: str) -> PoolRecord:
        return self.store.load(pool_key(pool_id)) or PoolRecord(pool_id=pool_id)


def _explained(choice: Choice, turns: Turns) -> Mapping[str, JsonValue]:
    """Every candidate with the first test that failed, and what each had been given before."""
    candidates: dict[str, JsonValue] = dict((choice.verdicts or {}).items())
    given: dict[str, JsonValue] = dict(turns.given.items())
    return {"rule": choice.rule, "candidates": candidates, "given": given, "unassignable": choice.unassignable}
