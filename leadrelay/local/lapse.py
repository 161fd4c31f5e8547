"""The lead that nobody calls at first: its owner is warned, the time runs out, somebody else has it and calls.

What the product promises above all, told in the order in which it happened and held against that order.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from datetime import datetime

from leadrelay.domain.facts import Said
from leadrelay.domain.rules import Rules
from leadrelay.local.notices import Notice
from leadrelay.local.traffic import Act
from leadrelay.local.watch import Picture

CLOCK = "first_contact"
NOTICES_SHOWN = 4

Line = tuple[str, str]
"""What is read, and in which style."""

_TOLD = {"warn": "the owner was not told that time runs out", "breach": "the manager was not told that nobody called"}


def is_handed_over(facts: Sequence[Said]) -> bool:
    """Whether a breach of its clock gave the lead to somebody else."""
    return any(fact.name == "LeadAssigned" and fact.data["why"] == "breach" for fact in facts)


def problems(act: Act, picture: Picture) -> Iterator[str]:
    """What does not hold yet: warned of, breached, given to somebody else, called by them in time, and then left in
    peace; and the people concerned were told."""
    lead, who = picture.lead_of(act), act.scene.visit.person.email
    if lead is None:
        return
    facts = list(picture.facts.get(lead.lead_id, ()))
    for step, missing in _STEPS:
        at = next((number for number, fact in enumerate(facts) if step(fact)), None)
        if at is None:
            yield f"{who} {missing}"
            return
        facts = facts[at + 1 :]
    if any(_is_warned(fact) or _is_breached(fact) or is_handed_over([fact]) for fact in facts):
        yield f"{who} was called, and was chased all the same"
    told = _told(lead.lead_id, picture)
    yield from (f"{who}: {missing}" for kind, missing in _TOLD.items() if kind not in told)


def lines(act: Act, picture: Picture, rules: Rules, told: Sequence[Notice]) -> Iterator[Line]:
    """Its way, moment by moment, and who was told of it."""
    lead, person = picture.lead_of(act), act.scene.visit.person
    for fact in picture.facts.get(lead.lead_id, ()) if lead else ():
        found = next(((words, style) for holds, words, style in _MOMENTS if holds(fact)), None)
        if found is not None:
            words, style = found
            yield f"  {after(act, fact)}  {person.first_name} {words(fact, rules)}", style
    about = [notice for notice in told if person.company in notice.title]
    for notice in about[-NOTICES_SHOWN:]:
        yield f"            told on #{notice.channel}: {notice.title}. {notice.body.partition(chr(10))[0]}", "magenta"


def _told(lead_id: str, picture: Picture) -> set[str]:
    """The kinds of notices about it that have reached a channel."""
    sent = {fact.data["notice_id"] for fact in picture.said(lead_id, "NoticeSent") if fact.data["outcome"] == "sent"}
    asked = picture.said(lead_id, "NoticeNeeded")
    return {str(fact.data["notice"]) for fact in asked if fact.data["notice_id"] in sent}


def after(act: Act, fact: Said) -> str:
    """Seconds since the webhook was sent."""
    return f"{(fact.metadata.occurred_at - act.begun_at).total_seconds():6.1f} s"


def _is_warned(fact: Said) -> bool:
    return fact.name == "SlaWarned" and fact.data["kind"] == CLOCK


def _is_breached(fact: Said) -> bool:
    return fact.name == "SlaBreached" and fact.data["kind"] == CLOCK


def _is_met(fact: Said) -> bool:
    return fact.name == "SlaMet" and fact.data["kind"] == CLOCK


def _is_met_in_time(fact: Said) -> bool:
    return _is_met(fact) and bool(fact.data["in_time"])


_STEPS: tuple[tuple[Callable[[Said], bool], str], ...] = (
    (lambda fact: fact.name == "LeadAssigned", "has no owner"),
    (_is_warned, "was not warned of"),
    (_is_breached, "has no breach, and nobody had called"),
    (lambda fact: is_handed_over([fact]), "was not handed over"),
    (_is_met_in_time, "was not called in time by who has it now"),
)
"""What must have happened, one after the other, each with what is missing without it."""


def _given(fact: Said, rules: Rules) -> str:
    rep = fact.data["rep"]
    name = rules.team.rep(str(rep)).name if rep else f"queue {fact.data['queue']}"
    return f"goes to {name} ({fact.data['why']})"


def _deadline(fact: Said) -> str:
    return f"{datetime.fromisoformat(str(fact.data['due_at'])):%H:%M:%S} UTC"


def _called(how: str) -> Callable[[Said, Rules], str]:
    return lambda fact, _: f"was called {fact.data['owner_seconds']} s later, {how}: the clock stops"


_MOMENTS: tuple[tuple[Callable[[Said], bool], Callable[[Said, Rules], str], str], ...] = (
    (lambda fact: fact.name == "LeadAssigned", _given, "green"),
    (_is_warned, lambda fact, _: f"must be called by {_deadline(fact)}: the owner is warned", "yellow"),
    (_is_breached, lambda fact, _: f"was not called by {_deadline(fact)}: breached", "red"),
    (_is_met_in_time, _called("in time"), "bold green"),
    (_is_met, _called("too late"), "bold yellow"),
)
"""What is worth telling of it, in which words and style; the first that holds."""
