"""Act: a rep answers by the link in a notice. Looking changes nothing; saying it is one change of the lead."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Literal

from leadrelay.domain.answering import GIVES_BACK, Answer, Hindrance, answer, hindrance
from leadrelay.domain.card.deadline import their_zone, told
from leadrelay.domain.clocks.reckoning import reckoned
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context
from leadrelay.domain.handing.back import came_from
from leadrelay.domain.lead import Lead
from leadrelay.domain.link import Action, Link
from leadrelay.domain.nurture.policy import UNLISTED
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.links import Links
from leadrelay.workflows.outcome import ATTEMPTS, Outcome, written

State = Literal["unknown", "open", "incomplete", "said"] | Hindrance
"""No link of ours, or nothing is known of its lead; it may be said; a reason is missing; it is said now; or why not."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What whoever has the link may see. `who` is the company with the person's initials: a mail may be forwarded.
    `due` is the deadline of first contact with its reasons, in the rep's own time; empty where none runs. `reasons` and
    `timings` are the codes to choose from."""

    state: State
    action: Action | None = None
    who: str = ""
    due: str = ""
    reasons: Sequence[str] = ()
    timings: Sequence[str] = ()


_UNKNOWN = Seen("unknown")


@dataclass(frozen=True, slots=True)
class Act:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    links: Links
    clock: Clock
    telemetry: Telemetry

    def __call__(self, token: str, form: Mapping[str, str] | None = None) -> Seen:
        """What the link does, or did just now. Without a `form` it only looks; the form names a `reason` or tells it
        in `words`, and a `timing`. Raises Retry when the lead keeps changing or the table is away."""
        link = self.links.read(token)
        if link is None:
            return _UNKNOWN
        rules = self.rules.current()
        for _ in range(ATTEMPTS):
            record = self.store.load(lead_key(link.lead_id))
            seen = _UNKNOWN if record is None else _seen(link, record, rules, self.clock.now())
            if record is None or form is None or seen.state != "open":
                return self._told(seen)
            said = _said(link, form, rules)
            if said is None:
                return replace(seen, state="incomplete")
            try:
                self._say(link, said, record, rules)
            except Conflict:
                self.telemetry.count("Conflicts", workflow="act")
            else:
                return self._told(replace(seen, state="said"))
        raise Retry(1, "the lead is being changed by others")

    def _say(self, link: Link, said: Answer, record: LeadRecord, rules: RuleSet) -> None:
        decision = Decision(record.lead, record.profile, rules, self.clock.now())
        answer(link, said, decision)
        touch_id = "" if record.lead.last is None else record.lead.last.touch_id
        context = Context(correlation_id=touch_id, causation_id=link.cause, rules_version=rules.version, at=decision.at)
        explanation = {"link": link.model_dump(mode="json"), "said": said.model_dump(mode="json")}
        outcome = Outcome(decision, record, context, explanation)
        self.store.commit(Change(cause=link.cause, puts=tuple(written([outcome], self.store))))
        self.telemetry.line("lead_answered", lead_id=link.lead_id, rep=link.rep, kind=link.action, reason=said.reason)

    def _told(self, seen: Seen) -> Seen:
        self.telemetry.count("LinksFollowed", state=seen.state)
        return seen


def _seen(link: Link, record: LeadRecord, rules: RuleSet, now: datetime) -> Seen:
    lead = record.lead
    contact = lead.clock("first_contact")
    zone = their_zone(link.rep, rules)
    return Seen(
        hindrance(link, lead, rules.team, now) or "open",
        link.action,
        _who(record.profile),
        "" if contact is None else told(reckoned(contact, lead, rules, zone)),
        _reasons(lead, rules) if link.action in GIVES_BACK else (),
        tuple(rules.stages.nurture.timings) if link.action == "nurture" else (),
    )


def _reasons(lead: Lead, rules: RuleSet) -> tuple[str, ...]:
    """Those that hand a lead back are only for who has it from another team."""
    elsewhere = () if came_from(lead, rules.team) is not None else rules.stages.hand_back
    return (*(each for each in rules.stages.nurture.reasons if each not in elsewhere), UNLISTED)


def _who(profile: Profile) -> str:
    names = (profile.text(name) for name in ("lead.first_name", "lead.last_name"))
    initials = " ".join(f"{name[0].upper()}." for name in names if name)
    return ", ".join(filter(None, (profile.text("account.name"), initials))) or "a new lead"


def _said(link: Link, form: Mapping[str, str], rules: RuleSet) -> Answer | None:
    """What the rep chose; None while a reason is missing. Words of their own may name somebody: only the code that they
    stand for is kept."""
    if link.action not in GIVES_BACK:
        return Answer()
    nurture, chosen, words = rules.stages.nurture, form.get("reason", ""), form.get("words", "").strip()
    reason = chosen if chosen in nurture.reasons else nurture.reason(words or None)
    timing = form.get("timing", "")
    if reason is None and chosen != UNLISTED:
        return None
    return Answer(reason=reason or UNLISTED, timing=timing if timing in nurture.timings else None)
