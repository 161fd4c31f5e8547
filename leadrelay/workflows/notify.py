"""Notify: claim, tell, record. Who is told, and where, is said by the rules."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded, NoticeSent
from leadrelay.domain.card.placement import placed_why, their_time, waiting_why
from leadrelay.domain.card.reasons import reasons
from leadrelay.domain.facts import Metadata
from leadrelay.domain.notices.policy import NoticeRule
from leadrelay.domain.routing.team import Rep
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Misconfigured, Reject, Retry
from leadrelay.ports.notifier import Message, Notifier
from leadrelay.ports.records import LeadRecord, NoticeRecord, lead_key, notice_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Put, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.links import Links
from leadrelay.workflows.log import answering, notice_log

Addresses = tuple[tuple[str, str], ...]
"""Labels with the addresses behind them."""

_CLAIM = timedelta(seconds=90)
_WHEN_MISCONFIGURED = timedelta(minutes=5)

_TITLES = {
    "assigned": "New lead for {who}",
    "new_request": "Your lead asks again: {who}",
    "warn": "Time is running out: {who}",
    "breach": "No contact in time: {who}",
    "waiting": "Still waiting for a free rep: {who}",
    "offered": "Who takes it first? {who}",
    "unassigned": "Nobody owns this lead yet: {who}",
    "unassignable": "No rule or rep took this lead; fallback: {who}",
    "next_step": "Next step overdue: {who}",
    "get_back": "Time to get back in touch: {who}",
    "score_alert": "High score: {who}",
}


NOBODYS = "lead_gone"
"""The lead's record was deleted in the CRM since the notice was asked for: nobody wants to hear of it any more."""


@dataclass(frozen=True, slots=True)
class Notify:
    """The workflow with its ports; `notifier` gives a channel by its connector and the path of its secret, `links` what
    the owner may follow to answer."""

    store: Store
    rules: Rules
    notifier: Callable[[str, str], Notifier]
    links: Links
    clock: Clock
    telemetry: Telemetry

    def __call__(self, fact: NoticeNeeded, metadata: Metadata) -> None:
        """Tell everybody whom the rules name. After a crash between telling and recording, some may hear it twice."""
        record = self.store.load(notice_key(metadata.lead_id or "", fact.notice_id))
        lead = self.store.load(lead_key(metadata.lead_id or ""))
        now = self.clock.now()
        if record is None or record.due_at is None or lead is None or _is_held(record, now):
            return
        if lead.lead.merged_into is None and not lead.lead.live:
            self._record(record.with_(due_at=None, outcome=NOBODYS), metadata)
            return
        claimed = record.with_(version=record.version + 1, due_at=now + _CLAIM, lease_until=now + _CLAIM)
        try:
            self.store.commit(Change(cause=f"claim:{record.key()}:{claimed.version}", puts=(Put(claimed),)))
        except Conflict:
            return
        self._record(self._tell(claimed, lead, self.rules.version(metadata.rules_version)), metadata)

    def _tell(self, record: NoticeRecord, lead: LeadRecord, rules: RuleSet) -> NoticeRecord:
        """Every channel that has not been reached yet. One that is away is tried again; others are not held up."""
        wait: timedelta | None = None
        outcome = "sent"
        for rule in rules.notices.named(record.notice):
            if rule.channel in record.sent:
                continue
            try:
                self._send(rule, record, lead, rules)
            except Retry as later:
                wait = timedelta(seconds=later.after)
            except Misconfigured as wrong:
                self.telemetry.line("notify_misconfigured", channel=rule.channel, error=str(wrong))
                wait = _WHEN_MISCONFIGURED
            except Reject as refused:
                outcome = refused.reason
            else:
                record = record.with_(sent=(*record.sent, rule.channel))
        due_at = None if wait is None else self.clock.now() + wait
        return record.with_(due_at=due_at, lease_until=None, tries=0, outcome=None if due_at else outcome)

    def _send(self, rule: NoticeRule, record: NoticeRecord, lead: LeadRecord, rules: RuleSet) -> None:
        channel = rules.notices.channels[rule.channel]
        links = self._links(rule, record, lead, rules)
        self.notifier(channel.notifier, channel.secret).send(_message(rule, record, lead, rules, links))

    def _links(self, rule: NoticeRule, record: NoticeRecord, lead: LeadRecord, rules: RuleSet) -> Addresses:
        """For who may answer, if they are told. A notice without links is better than none."""
        reps = _answering(rule, record, lead, rules)
        try:
            return self.links.of(lead.lead, reps, rules, self.clock.now()) if reps else ()
        except (Misconfigured, Retry) as trouble:
            self.telemetry.line("links_left_out", error=str(trouble))
            return ()

    def _record(self, record: NoticeRecord, metadata: Metadata) -> None:
        told = record.with_(version=record.version + 1)
        fact = NoticeSent(notice_id=told.notice_id, channel=",".join(told.sent), outcome=told.outcome or "later")
        log = notice_log(told, [fact], answering(metadata, self.clock.now()))
        self.store.commit(Change(cause=f"notify:{told.version}:{metadata.fact_id}", puts=(Put(told), Put(log))))
        self.telemetry.count("Notices", outcome=fact.outcome)


def _is_held(record: NoticeRecord, now: datetime) -> bool:
    """Another worker is telling it: the same fact may come twice at the same time."""
    return record.lease_until is not None and record.lease_until > now


def _message(rule: NoticeRule, record: NoticeRecord, lead: LeadRecord, rules: RuleSet, links: Addresses) -> Message:
    """What people read: who it is, what it is worth and why, who has it, by when."""
    state, profile = lead.lead, lead.profile.plain()
    name = " ".join(str(profile[part]) for part in ("lead.first_name", "lead.last_name") if part in profile)
    who = ", ".join(filter(None, (name or "unnamed", str(profile.get("account.name", "")))))
    contact, step, rep = state.clock("first_contact"), state.next_step, state.ownership.rep
    why = placed_why(state, rules)
    lines = [
        f"For: {', '.join(person.name for person in _people(rule.to, record, lead, rules))}",
        f"Owner: {_owner(lead, rules)}",
        f"Score {state.score.total}, stage {state.stage}. {reasons(state, rules)}",
        f"Why: {why}" if why else "",
        f"First contact due: {their_time(contact.due_at, rep, rules)}" if contact else "",
        f"Next step: {step.what}, due {their_time(step.due_at, rep, rules)}" if step else "",
        f"Lead {state.lead_id}",
    ]
    title = _TITLES.get(record.notice, record.notice + ": {who}").format(who=who)
    return Message(f"{state.lead_id}:{record.notice_id}", title, "\n".join(filter(None, lines)), links)


def _people(named: Sequence[str], record: NoticeRecord, lead: LeadRecord, rules: RuleSet) -> list[Rep]:
    """The people of the roles that a rule names; who has none of the role, RevOps stands in for. `pool` are all of
    the pool who may take the lead."""
    owner = lead.lead.ownership
    pool = next((each for each in rules.team.pools if each.id == owner.pool), None)
    roles: dict[str, Sequence[str | None]] = {
        "owner": (record.rep,),
        "manager": (None if pool is None else pool.manager,),
        "revops": (rules.team.revops,),
        "pool": [] if pool is None else [each.rep for each in pool.members if each.rep not in owner.skipped],
    }
    return [rules.team.rep(rep or rules.team.revops) for role in named for rep in roles[role] or (None,)]


def _answering(rule: NoticeRule, record: NoticeRecord, lead: LeadRecord, rules: RuleSet) -> list[Rep]:
    """Whom the notice was asked for as the owner, or all whom the lead is open to; what each may answer by now is for
    the links to say."""
    role = "owner" if lead.lead.ownership.waits is None else "pool"
    return _people((role,), record, lead, rules) if role in rule.to else []


def _owner(lead: LeadRecord, rules: RuleSet) -> str:
    owner = lead.lead.ownership
    if owner.rep is not None:
        return rules.team.rep(owner.rep).name
    if owner.waits is not None:
        return f"nobody yet. {waiting_why(lead.lead, rules)}"
    return rules.team.queue(owner.queue).name if owner.queue is not None else "nobody yet"
