"""Where a lead is and why, in the words of people: on the card and in notices."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.skipped import Skip, moment, telling
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
    """Who was passed over, each with the reason, on their own clocks."""
    known = ((rules.team.rep(rep), skip) for rep, skip in skipped.items())
    return "; ".join(f"{rep.name}, {telling(skip, rules.zone(rep.calendar))}" for rep, skip in known)


def promise(lead: Lead, rules: Rules) -> str:
    """The honest one, where nobody could be in time, as the end of a sentence and on the owner's own clock."""
    owner = lead.ownership
    if owner.rep is None or owner.due_at is None:
        return ""
    zone = rules.zone(rules.team.rep(owner.rep).calendar)
    place = zone.key.rpartition("/")[2].replace("_", " ")
    return f"; nobody could be in time, first contact is promised by {moment(owner.due_at, zone)} {place}"
