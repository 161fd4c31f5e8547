"""Where a lead is and why, in the words of people: on the card and in notices."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadrelay.domain.card.deadline import their_zone, wall_time
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.skipped import MOST, Skip, telling
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.rules import Rules

ENGLISH_WHY = {
    "new": "new lead",
    "qualified": "it qualified for sales",
    "hand_off": "handed over to the team for this stage",
    "hand_back": "given back by the team that had it",
    "breach": "the previous owner did not make contact in time",
    "handover": "the previous owner is away or left",
    "waiting": "it waited for somebody who is free",
    "passed": "the previous owner passed it on",
    "claimed": "the first who accepted it",
    "again": "they asked again while the previous owner was not there",
}
"""Why an owner was needed."""


def waiting_place(lead: Lead, team: TeamPolicy) -> str | None:
    """Where it waits for an owner; None for a lead that does not."""
    owner = lead.ownership
    if owner.waits is None or owner.pool is None:
        return None
    names = {pool.id: pool.name for pool in team.pools}
    what = "Waits in" if owner.waits == "backlog" else "Open to all of"
    return f"{what} {names.get(owner.pool, owner.pool)}"


def waiting_why(lead: Lead, rules: Rules) -> str | None:
    """The place with who may not take it and why: what a manager can do something about."""
    place, skipped = waiting_place(lead, rules.team), passed_over(lead.ownership.skipped, rules)
    return place if place is None or not skipped else f"{place}: {skipped}"


def passed_over(skipped: Mapping[str, Skip], rules: Rules) -> str:
    """Who was passed over, each with the reason, on their own clocks. Of a large pool the first are named: a field of
    a CRM holds a sentence or two."""
    known = ((rules.team.rep(rep), skip) for rep, skip in list(skipped.items())[:MOST])
    named = [f"{rep.name}, {telling(skip, rules.zone(rep.calendar))}" for rep, skip in known]
    others = len(skipped) - len(named)
    return "; ".join([*named, f"and {others} more"] if others else named)


def placed_why(lead: Lead, rules: Rules) -> str | None:
    """The rule that put it there, who was asked first, why somebody was needed and what could be promised; None where
    no rule did."""
    owner = lead.ownership
    if owner.rule is None:
        return None
    says = rules.routing.says(owner.rule) or "no routing rule matched"
    known = theirs_first(owner, rules)
    told = says if known is None else f"{says}; {known}"
    return f"{told} ({ENGLISH_WHY.get(owner.why or '', owner.why)}){promise(lead, rules)}"


def promise(lead: Lead, rules: Rules) -> str:
    """The honest one, where nobody could be in time, as the end of a sentence and on the owner's own clock."""
    owner = lead.ownership
    if owner.rep is None or owner.due_at is None:
        return ""
    due = their_time(owner.due_at, owner.rep, rules)
    return f"; nobody could be in time, first contact is promised by {due}"


def their_time(at: datetime, rep: str | None, rules: Rules) -> str:
    """An instant on the clock of this rep, of RevOps where there is none: `Mon 23 Nov 12:05 Warsaw`."""
    return wall_time(at, their_zone(rep, rules))


TIES: Mapping[str, str] = {
    "owner": "has it already",
    "team": "had it before",
    "account": "owns the company in the CRM",
    "deal": "has the company's open deal",
    "person": "knows them already",
    "conversation": "talks with them already",
    "colleague": "has somebody else of the company",
}
"""What ties a rep to a lead before it is anybody's turn."""

ACCOUNT_BY: Mapping[str, str] = {
    "name": "its name",
    "domain": "the domain of the address",
    "parent_domain": "the domain above that of the address",
    "alias": "a domain that stands for it",
    "website": "the website they gave",
}
"""How the company of a lead is known."""

_OF_COMPANY = frozenset({"account", "deal", "colleague"})


def theirs_first(owner: Ownership, rules: Rules) -> str | None:
    """Who was asked before it was anybody's turn, and why it is not theirs if it is not; None where nobody was."""
    said = [
        f"{rules.team.rep(rep).name} {TIES.get(tie, tie)}{_but(rep, owner, rules)}"
        for rep, tie in owner.asked_first.items()
    ]
    if not said:
        return None
    by = ACCOUNT_BY.get(owner.account_by or "") if _OF_COMPANY.intersection(owner.asked_first.values()) else None
    return "; ".join(said) + (f"; the company is known by {by}" if by else "")


def _but(rep: str, owner: Ownership, rules: Rules) -> str:
    skip = owner.skipped.get(rep)
    return "" if skip is None else f", but: {telling(skip, rules.zone(rules.team.rep(rep).calendar))}"
