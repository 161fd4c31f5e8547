"""Score: identify, merge, score, stage. Reads and writes the table only."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

from leadrelay.domain.facts import Context, Metadata
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.person.facts import TouchParked, TouchReady
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.domain.sources.screening import screened
from leadrelay.domain.touch import MACHINE, OPENED, Touch
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import (
    TouchRecord,
    TouchState,
    company_key,
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
from leadrelay.workflows.identify import Tangled, find
from leadrelay.workflows.log import answering, touch_log
from leadrelay.workflows.met_rules import MetRules
from leadrelay.workflows.outcome import ATTEMPTS
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.work_in import WorkIn

UNMAPPABLE = "unmappable"
"""Nothing in the touch names a person: its mapping is missing. A mapping fix and a redrive heal it."""

TANGLED = "tangled_aliases"
"""The leads that it leads to are aliases of one another: a person must look."""

NOT_OURS = "not_ours"
"""It happened in the CRM, to somebody who is no lead; or was found out about somebody who is none, or done by a machine
in their mailbox."""

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
        elif record.erased_at is not None:
            refuse(record, context, self.store, self.telemetry)  # to the end: who began did not come so far
        else:
            self._listen(record, context, rules)

    def _listen(self, record: TouchRecord, context: Context, rules: RuleSet) -> None:
        """What it says, unless something speaks against it: at once, or when its words are understood."""
        words = self.store.load(words_key(record.touch.touch_id))
        against = _against(record.touch) or ("" if words else "words_removed")
        if words is None or against:
            self._set_aside(record, against, context)
            return
        heard = understood(record.touch, words.words, rules, context.at)
        judged = screened(record.touch, words.words, heard.values, rules)
        if against := _against(judged):
            self._set_aside(record.with_(touch=judged), against, context)
        else:
            self._find(record, heard, rules, context)

    def _find(self, record: TouchRecord, heard: Heard, rules: RuleSet, context: Context) -> None:
        """Whose it is; a lead of its own where somebody new is named."""
        called_so = called(heard.values)
        names = None if called_so is None else self.store.load(called_so)
        heard = self._informed(placed(heard, names), rules)
        try:
            found = find(heard, rules.fields, self.store, self.pseudonyms)
        except Tangled:
            self._set_aside(record, TANGLED, context)
            return
        nobodys = _introduces_nobody(record.touch)
        if found.erased:
            refuse(record, context, self.store, self.telemetry)
        elif found.winner is not None or (heard.identities and not nobodys):
            leads = (*found.losers, *(() if found.winner is None else (found.winner,)))
            accounts = Accounts.of(concerned(heard, (lead.profile for lead in leads)), self.store, names)
            heard = heard.with_(matched_by=found.matched_by(found.winner), accounts=accounts.crowds)
            WorkIn(self.store, self.pseudonyms, self.telemetry)(record, heard, found, accounts, rules, context)
        elif record.touch.record is None and not nobodys:
            self._set_aside(record, UNMAPPABLE, context)
        elif record.touch.kind in ("activity", "enrichment") and context.at < record.touch.received_at + PATIENCE:
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
            self.telemetry.count("TouchesSuspected" if touch.suspicion else "TouchesParked", source=touch.source)
        self.telemetry.line("touch_set_aside", touch_id=touch.touch_id, state=state, reason=reason)


def _introduces_nobody(touch: Touch) -> bool:
    """Whether it says something only of who is known already."""
    return touch.kind == "enrichment" or touch.origin.medium == MACHINE or touch.event == OPENED


def _against(touch: Touch) -> str:
    """Why nobody in sales sees a touch, "" where nothing speaks against it."""
    return "test" if touch.test else touch.problem or touch.suspicion or ""
