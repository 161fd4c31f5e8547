"""Route: choose the owner and start the clocks. Reads and writes the table only."""

from __future__ import annotations

from dataclasses import dataclass

from leadrelay.domain.decide import assign
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Metadata
from leadrelay.domain.routing.choose import choose, needs
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.log import answering
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written
from leadrelay.workflows.staff import Staff


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
        staff = Staff(self.store)
        staff.read(asked := needs(record.lead, record.profile, rules, now))
        staffing = staff.staffing.only(asked)
        choice = choose(record.lead, record.profile, staffing, rules, now)
        decision = Decision(record.lead, record.profile, rules, now)
        assign(choice, decision)
        if record.lead.live:
            staff.chosen(choice)
        staff.feel(record, decision)
        kept = DecisionRecord.of(choice, staffing, rules.routing, now).kept()
        outcome = Outcome(decision, record, answering(metadata, now), kept)
        self.store.commit(Change(cause=metadata.fact_id, puts=tuple(written([outcome], self.store, staff))))
        self.telemetry.count("Assignments", pool=choice.pool or choice.queue or "none")
        self.telemetry.line(
            "lead_assigned", lead_id=record.lead.lead_id, rep=choice.rep, pool=choice.pool, queue=choice.queue
        )
