"""Reps: who is away and who is back, as a person says it; and how everybody stands.

An absence is a fact about days, not a rule: it needs no deploy, and the next choice of an owner knows it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.facts import Context, Fact
from leadrelay.domain.routing.absences import When, back, begins, ends, told
from leadrelay.domain.routing.rep_facts import RepAway, RepBack
from leadrelay.domain.routing.rep_state import Absence, RepState
from leadrelay.domain.routing.team import Rep, TeamPolicy
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import RepRecord, rep_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.workflows.log import rep_log
from leadrelay.workflows.outcome import ATTEMPTS

Turn = Callable[[RepState, datetime], tuple[RepState, Sequence[Fact]]]
"""From a rep's state now (UTC) to the state afterwards, with what there is to say."""


def named(team: TeamPolicy, rep_id: str) -> Rep:
    """The rep of this id. Raises Reject, naming who there is."""
    found = next((rep for rep in team.reps if rep.id == rep_id), None)
    if found is None:
        known = ", ".join(rep.id for rep in team.reps)
        raise Reject("unknown_rep", f"team.yaml has no rep '{rep_id}'; it has {known}")
    return found


@dataclass(frozen=True, slots=True)
class Reps:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock

    def away(self, rep_id: str, until: When | None, start: When | None = None, why: str = "") -> Absence:
        """Nothing new for them in this time. Raises Reject for an unknown rep and for a time that is over before it
        begins, Retry while others change the same rep."""
        rules, now = self.rules.current(), self.clock.now()
        zone = rules.zone(named(rules.team, rep_id).calendar)
        absence = Absence(
            start=max(now, now if start is None else begins(start, zone)),
            until=None if until is None else ends(until, zone),
            why=why,
        )
        if absence.until is not None and absence.until <= absence.start:
            raise Reject("over_already", f"it would end {absence.until:%Y-%m-%d %H:%M} UTC, before it begins")
        fact = RepAway(rep=rep_id, start=absence.start, until=absence.until)
        self.change(rep_id, lambda state, at: (told(state, absence, at), [fact]))
        return absence

    def back(self, rep_id: str) -> Absence | None:
        """At work from now on; the absence that this ended, if any. Raises Reject for an unknown rep, Retry as
        `away`."""
        named(self.rules.current().team, rep_id)
        ended: list[Absence | None] = [None]

        def come_back(state: RepState, at: datetime) -> tuple[RepState, Sequence[Fact]]:
            ended[0] = state.away(at)
            return (state, []) if ended[0] is None else (back(state, at), [RepBack(rep=rep_id)])

        self.change(rep_id, come_back)
        return ended[0]

    def state(self, rep_id: str) -> RepState:
        """What is known of them now."""
        record = self.store.load(rep_key(rep_id))
        return RepState() if record is None else record.state

    def roster(self) -> list[tuple[Rep, RepState]]:
        """Everybody of the team with their state, in the order of the team."""
        reps = self.rules.current().team.reps
        known = self.store.load_all([rep_key(rep.id) for rep in reps])
        return [(rep, RepState() if record is None else record.state) for rep, record in zip(reps, known, strict=True)]

    def change(self, rep_id: str, turn: Turn) -> None:
        """Load, decide, commit; nothing is written where nothing changes. Raises Retry while others change the same
        rep."""
        for _ in range(ATTEMPTS):
            record, now = self.store.load(rep_key(rep_id)) or RepRecord(rep_id=rep_id), self.clock.now()
            state, facts = turn(record.state, now)
            if state == record.state:
                return
            changed = record.with_(version=record.version + 1, state=state)
            context = self._context(changed, facts, now)
            puts = [Put(changed), *([Put(rep_log(changed, facts, context))] if facts else [])]
            try:
                self.store.commit(Change(cause=context.causation_id, puts=tuple(puts)))
            except Conflict:
                continue
            return
        raise Retry(1, f"{rep_id} is being changed by others")

    def _context(self, record: RepRecord, facts: Sequence[Fact], now: datetime) -> Context:
        """A person's word answers no fact: what was said of which version is its cause."""
        said = "+".join(fact.name() for fact in facts)
        return Context(
            correlation_id=f"rep:{record.rep_id}",
            causation_id=f"{said}:{record.rep_id}:{record.version}:{now:%Y%m%dT%H%M%S.%fZ}",
            rules_version=self.rules.current().version,
            at=now,
        )
