"""Working in: a touch becomes part of its lead, and everything that hangs on the lead moves in one transaction."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pydantic import JsonValue

from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.crm.choice import inherit
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.hearing import Heard
from leadrelay.domain.lead import Lead
from leadrelay.domain.merging import absorbed, merged, owed
from leadrelay.domain.person.facts import LeadCreated
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.stages.advance import moved
from leadrelay.domain.touch import Touch
from leadrelay.ports.records import (
    MapRecord,
    SyncRecord,
    TouchRecord,
    map_key,
    rep_key,
    sync_key,
)
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.accounts import Accounts
from leadrelay.workflows.forget import silenced
from leadrelay.workflows.identify import Found
from leadrelay.workflows.in_crm import is_echo, may_show, seen_there, shown_of
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.pseudonyms import Pseudonyms

OWNER = "owner"
"""What a log row keeps, where it was read and says anything: the absences of the owner whose person asked again."""


@dataclass(frozen=True, slots=True)
class WorkIn:
    """The workflow with its ports."""

    store: Store
    pseudonyms: Pseudonyms
    telemetry: Telemetry

    def __call__(
        self,
        record: TouchRecord,
        heard: Heard,
        found: Found,
        accounts: Accounts,
        rules: RuleSet,
        context: Context,
    ) -> None:
        """Decide about the lead and write it all down. Raises Conflict when something has moved on."""
        sync = self._sync(found, heard.touch)
        owner = self._owner(found, heard, context.at)
        decision = self._decide(found, heard, sync, owner, rules, context.at)
        done = record.with_(
            version=record.version + 1, state="done", lead_id=decision.lead.lead_id, due_at=None, said=()
        )
        if is_echo(heard.touch, decision, found.winner, sync):
            words = silenced(record.touch.touch_id, self.store)  # it told nothing, so nothing of it is kept
            puts = (Put(done), *words, *found.names(done.lead_id or ""))
            self.store.commit(Change(cause=context.causation_id, puts=puts))
            return
        farewells = self._farewells(found, decision.lead.lead_id, rules, context)
        leads = written([Outcome(decision, found.winner, context, _kept(owner)), *farewells], self.store)
        puts = (
            Put(done),
            *found.names(decision.lead.lead_id),
            *seen_there(leads, sync, heard.touch, found, decision, context),
            *accounts.puts(heard, decision),
        )
        unchanged = tuple(accounts.unchanged(heard))
        self.store.commit(Change(cause=context.causation_id, puts=puts, unchanged=unchanged))
        self.telemetry.line(
            "lead_scored",
            lead_id=decision.lead.lead_id,
            touch_id=record.touch.touch_id,
            score=decision.lead.score.total,
            stage=decision.lead.stage,
        )

    def _sync(self, found: Found, touch: Touch) -> SyncRecord | None:
        """What we wrote into the record that a touch from the CRM is about."""
        if touch.record is None or found.winner is None:
            return None
        return self.store.load(sync_key(found.winner.lead.lead_id, touch.record.crm))

    def _owner(self, found: Found, heard: Heard, now: datetime) -> RepState:
        """What is known of the absences of who has the lead, where its person may have asked again."""
        rep = None if found.winner is None else found.winner.lead.ownership.rep
        asks = heard.temperature is not None or heard.callback is not None or bool(found.losers)
        record = self.store.load(rep_key(rep)) if asks and rep is not None else None
        return RepState() if record is None else record.state.presence(now)

    def _shown(self, sync: SyncRecord | None, lead: Lead, touch: Touch) -> Shown:
        """What we wrote into the record: for this lead, for those that became it as long as they were others, and for
        who was erased and has come back as this one."""
        record = touch.record
        if record is None:
            return shown_of(sync)
        others = (sync_key(lead_id, record.crm) for lead_id in lead.absorbed)
        read = self.store.load_all([map_key(record.crm, record.person), *others])
        mapped = next((row for row in read if isinstance(row, MapRecord)), None)
        if mapped is not None and mapped.erased_lead is not None:
            read.append(self.store.load(sync_key(mapped.erased_lead, record.crm)))
        theirs = (row for row in read if isinstance(row, SyncRecord))
        return shown_of(sync, [row for row in theirs if may_show(row, record, mapped)])

    def _decide(
        self,
        found: Found,
        heard: Heard,
        sync: SyncRecord | None,
        owner: RepState,
        rules: RuleSet,
        now: datetime,
    ) -> Decision:
        if found.winner is None:
            lead_id = self.pseudonyms.of("lead", heard.touch.touch_id)
            decision = Decision(Lead(lead_id=lead_id), Profile(), rules, now)
            decision.say(LeadCreated(touch_id=heard.touch.touch_id, captured_at=heard.touch.received_at))
        else:
            decision = Decision(found.winner.lead, found.winner.profile, rules, now)
        for loser in found.losers:
            decision.profile = decision.profile.absorb(loser.profile)
            decision.say(absorbed(loser.lead, found.matched_by(loser)))
            decision.say(moved(decision.lead, loser.lead.stage, rules, "merged"))
            inherit(loser.lead, decision)
        shown = self._shown(sync, decision.lead, heard.touch)
        hear(heard, decision, shown, waits=any(owed(loser.lead) for loser in found.losers), owner=owner)
        return decision

    @staticmethod
    def _farewells(found: Found, winner: str, rules: RuleSet, context: Context) -> Iterator[Outcome]:
        """Merged leads become aliases, each with its own log row."""
        for loser in found.losers:
            decision = Decision(loser.lead, loser.profile, rules, context.at)
            decision.say(merged(winner, found.matched_by(loser)))
            decision.show()
            yield Outcome(decision, loser, context, {})


def _kept(owner: RepState) -> dict[str, JsonValue]:
    return {} if owner == RepState() else {OWNER: owner.model_dump(mode="json", exclude_defaults=True)}
