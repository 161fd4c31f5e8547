"""Leads, profiles and decisions for the tests, as short as they can be."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from leadrelay.domain.decide import hear, settle
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import LeadCreated
from leadrelay.domain.person.profile import Plain, Profile, Value
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.choose import Choice, choose
from leadrelay.domain.routing.facts import Looked
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.rules import Rules
from leadrelay.domain.signal import Signal
from leadrelay.domain.touch import Answer, Origin, Touch, Trust, Words, touch_id
from tests.system import MONDAY_NOON, default_rules

NOW = MONDAY_NOON


def profile(**values: Plain) -> Profile:
    """A profile; `account__employees=60` is the field account.employees."""
    said = {name.replace("__", "."): value for name, value in values.items()}
    return Profile(
        values={
            name: Value(value=value, basis="verified", source="website", touch_id="t", at=NOW)
            for name, value in said.items()
        }
    )


def did(*names: str, ago_days: float = 0, times: int = 1) -> dict[str, Signal]:
    """Signals, each this often."""
    at = NOW - timedelta(days=ago_days)
    return {name: Signal(count=times, times=(at,) * min(times, 10)) for name in names}


def touch(
    number: int = 1,
    form: str | None = "demo",
    at: datetime = NOW,
    trust: Trust = "verified",
    source: str = "website",
    **origin: str,
) -> Touch:
    """A stored submission of the website, or of another source."""
    vendor = default_rules().sources.sources[source].vendor if source in default_rules().sources.sources else "webform"
    return Touch(
        touch_id=touch_id(source, str(number)),
        kind="submission",
        source=source,
        vendor=vendor,
        trust=trust,
        received_at=at,
        occurred_at=at,
        origin=Origin(form=form, **origin),
    )


def words(anonymous: str | None = None, **answers: str) -> Words:
    return Words(
        answers=tuple(Answer(key=key, values=(value,)) for key, value in answers.items()), anonymous_id=anonymous
    )


def heard(said: Words, of: Touch | None = None, rules: Rules | None = None) -> Heard:
    return understood(of or touch(), said, rules or default_rules(), NOW)


def told(said: Words, of: Touch | None = None, rules: Rules | None = None, at: datetime = NOW) -> Decision:
    """A new lead that has just said this."""
    rules = rules or default_rules()
    decision = Decision(Lead(lead_id="0" * 32), Profile(), rules, at)
    found = understood(of or touch(at=at), said, rules, at)
    decision.say(LeadCreated(touch_id=found.touch.touch_id, captured_at=at))
    hear(found, decision)
    return decision


def given(decision: Decision, staffing: Staffing | None = None) -> Choice:
    """Give the lead of a decision to whom the rules choose."""
    choice = choose(decision.lead, decision.profile, staffing or Staffing(), decision.rules, decision.at)
    assign(choice, decision)
    return choice


def looked(decision: Decision, found: Looked = "nothing_there") -> None:
    """The CRM was asked whether the owner did call, and this came of it."""
    if decision.lead.wanted is not None and decision.lead.wanted.doubted:
        settle(found, decision)


def failures(candidates: Iterable[Candidate]) -> dict[str, str | None]:
    """Rep id → first failing test."""
    return {candidate.rep: candidate.failed for candidate in candidates}
