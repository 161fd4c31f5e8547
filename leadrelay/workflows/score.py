"""Score: identify, merge, score, stage. Reads and writes the table only."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from pydantic import JsonValue

from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.crm.choice import inherit
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context, Metadata
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.merging import absorbed, merged, owed
from leadrelay.domain.person.facts import LeadCreated, TouchParked, TouchReady
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.screening import screened
from leadrelay.domain.stages.advance import moved
from leadrelay.domain.touch import MACHINE, Touch
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import (
    MapRecord,
    SyncRecord,
    TouchRecord,
    TouchState,
    company_key,
    map_key,
    rep_key,
    sync_key,
    touch_key,
    words_key,
)
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.accounts import Accounts, account_of, called, concerned, placed
from leadrelay.workflows.companies import known_of
from leadrelay.workflows.erase import Busy, Erase
from leadrelay.workflows.forget import refuse, silenced
from leadrelay.workflows.identify import Found, Tangled, find
from leadrelay.workflows.in_crm import is_echo, may_show, seen_there, shown_of
from leadrelay.workflows.log import answering, touch_log
from leadrelay.workflows.met_rules import MetRules
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written
from leadrelay.workflows.pseudonyms import Pseudonyms

UNMAPPABLE = "unmappable"
"""Nothing in the touch names a person: its mapping is missing. A mapping fix and a redrive heal it."""

TANGLED = "tangled_aliases"
"""The leads that it leads to are aliases of one another: a person must look."""

NOT_OURS = "not_ours"
"""It happened in the CRM, to somebody who is no lead; or was found out about somebody who is none, or done by a machine
in their mailbox."""

OWNER = "owner"
"""What a log row keeps, where it was read and says anything: the absences of the owner whose person asked again."""

UNPROVEN = "unproven_erasure"
"""Anybody could have sent it: a person must look before somebody is removed."""

PATIENCE = timedelta(minutes=5)
"""How long what is about somebody unknown waits: the touch, or the CRM's answer, that names them may be under way."""


@dataclass(frozen=True, slots=True)
class Score:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    pseudonyms: Pseudonyms
    clock: Clock
    telemetry: Telemetry
    met: MetRules = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "met", MetRules(self.store))

    def __call__(self, fact: TouchReady, metadata: Metadata) -> None:
        """Work the touch into its lead. The chain of decisions begins here, with the current rules."""
        for _ in range(ATTEMPTS):
            record = self.store.load(touch_key(fact.touch_id))
            if record is None or record.state != "ready":
                return
            try:
                self._work(record, metadata)
            except Conflict:
                self.telemetry.count("Conflicts", workflow="score")
            else:
                return
        raise Retry(1, "the lead is being changed by others")

    def _work(self, record: TouchRecord, metadata: Metadata) -> None:
        rules, now = self.rules.current(), self.clock.now()
        self.met(rules, now)
        context = answering(metadata, now, rules.version)
        if record.touch.kind == "erasure" and record.touch.problem is None:
            self._erase(record, context, rules)
            return
        if record.erased_at is not None:
            refuse(record, context, self.store, self.telemetry)  # to the end: who began did not come so far
            return
        words = self.store.load(words_key(record.touch.touch_id))
        reason = record.touch.problem or record.touch.suspicion or ("" if words else "words_removed")
        if record.touch.test or words is None or reason:
            self._set_aside(record, "test" if record.touch.test else reason, context)
            return
        heard = understood(record.touch, words.words, rules, now)
        judged = screened(record.touch, words.words, heard.values, rules)
        if judged.test or judged.suspicion:
            self._set_aside(record.with_(touch=judged), "test" if judged.test else judged.suspicion or "", context)
            return
        called_so = called(heard.values)
        names = None if called_so is None else self.store.load(called_so)
        heard = self._informed(placed(heard, names), rules)
        try:
            found = find(heard, rules.fields, self.store, self.pseudonyms)
        except Tangled:
            self._set_aside(record, TANGLED, context)
            return
        if found.erased:
            refuse(record, context, self.store, self.telemetry)
            return
        leads = (*found.losers, *(() if found.winner is None else (found.winner,)))
        accounts = Accounts.of(concerned(heard, (lead.profile for lead in leads)), self.store, names)
        heard = heard.with_(matched_by=found.matched_by(found.winner), accounts=accounts.crowds)
        nobodys = record.touch.kind == "enrichment" or record.touch.origin.medium == MACHINE
        if found.winner is not None or (heard.identities and not nobodys):
            self._tell(record, heard, found, accounts, rules, context)
        elif record.touch.record is None and not nobodys:
            self._set_aside(record, UNMAPPABLE, context)
        elif record.touch.kind in ("activity", "enrichment") and now < record.touch.received_at + PATIENCE:
            self._wait(record, context)
        else:
            self._set_aside(record, NOT_OURS, context)

    def _informed(self, heard: Heard, rules: RuleSet) -> Heard:
        """With what was looked up about the company."""
        domain = account_of(heard)
        known = None if domain is None else self.store.load(company_key(domain))
        if known is None:
            return heard
        return heard.with_(looked_up={**known_of(known, rules, heard.touch.touch_id), **heard.looked_up})

    def _wait(self, record: TouchRecord, context: Context, wait: timedelta = timedelta(minutes=1)) -> None:
        """The sweep says it again."""
        later = record.with_(version=record.version + 1, due_at=context.at + wait, said=())
        self.store.commit(Change(cause=context.causation_id, puts=(Put(later),)))

    def _erase(self, record: TouchRecord, context: Context, rules: RuleSet) -> None:
        """Only who proved a secret may take anything back. While the CRM is being written of them, it waits."""
        if record.touch.trust != "verified":
            self._set_aside(record, UNPROVEN, context)
            return
        try:
            Erase(self.store, self.pseudonyms, rules, self.telemetry)(record, context)
        except Tangled:
            self._set_aside(record, TANGLED, context)
        except Busy as later:
            self._wait(record, context, later.wait)

    def _set_aside(self, record: TouchRecord, reason: str, context: Context) -> None:
        """Refused (the sender's test button, somebody else's contact) or parked, with its reason."""
        state: TouchState = "refused" if record.touch.test or reason == NOT_OURS else "parked"
        touch = record.touch
        aside = record.with_(
            version=record.version + 1, state=state, reason=reason, parked_at=context.at, due_at=None, said=()
        )
        fact = TouchParked(touch_id=touch.touch_id, source=touch.source, reason=reason)
        log = touch_log(aside, [fact], context)
        words = silenced(touch.touch_id, self.store) if reason == NOT_OURS else ()  # of somebody who is no lead
        self.store.commit(Change(cause=context.causation_id, puts=(Put(aside), Put(log), *words)))
        if state == "parked":
            self.telemetry.count("TouchesParked", source=touch.source)
        self.telemetry.line("touch_set_aside", touch_id=touch.touch_id, state=state, reason=reason)

    def _tell(
        self,
        record: TouchRecord,
        heard: Heard,
        found: Found,
        accounts: Accounts,
        rules: RuleSet,
        context: Context,
    ) -> None:
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
