"""Whose a lead is before it is anybody's turn: who owns its company in the CRM, has its deal, or knows the person.

They are asked first, and only as long as they may take it like everybody else; then the pool decides. Whoever was asked
stands in the decision with what ties them to the lead, so that the rep can read why it was, or was not, theirs.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal

from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.person.talks_with import REP
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.team import Pool, TeamPolicy
from leadrelay.domain.routing.waiting import IN_POOL, reason

Tie = Literal["owner", "team", "account", "deal", "person", "conversation", "colleague"]
"""What ties a rep to a lead: has it already, handed it over, owns its company in the CRM, has its open deal, had this
person last, talks with them, or has somebody else of the company."""

Known = tuple[str, Tie]


def known_owners(
    lead: Lead, profile: Profile, rule: RouteRule | None, pool: Pool, team: TeamPolicy, colleagues: Sequence[str] = ()
) -> dict[str, Tie]:
    """Rep id → their tie, in the order in which they are asked. `colleagues` are the reps who own other people of the
    account, newest first, where the pool asks for them. Nobody is asked who has just had it or is not of the team; by
    stickiness, only members of the pool are.
    """
    found = [*_owner(lead), *_handed_over(lead, pool), *_ruled(lead, profile, rule)]
    if pool.sticky:
        found += [(rep, tie) for rep, tie in _sticky(lead, profile, pool, colleagues) if rep in pool.reps]
    just_had = () if lead.wanted is None else lead.wanted.exclude
    known: dict[str, Tie] = {}
    for rep, tie in found:
        if rep not in just_had and any(each.id == rep for each in team.reps):
            known.setdefault(rep, tie)
    return known


def until(known: Mapping[str, Tie], taker: str | None) -> dict[str, Tie]:
    """Those who were asked: all up to the one who takes it."""
    order = list(known)
    asked = order if taker is None else order[: order.index(taker) + 1]
    return {rep: known[rep] for rep in asked}


def _owner(lead: Lead) -> Iterator[Known]:
    """Who has it, or had it until it came to wait, when its person asked again."""
    owner = lead.ownership
    last = owner.previous[-1:] if owner.waits is not None else (owner.rep,)
    if reason(lead) == "again":
        yield from ((rep, "owner") for rep in last if rep is not None)


def _handed_over(lead: Lead, pool: Pool) -> Iterator[Known]:
    """Who gave the lead on, when it comes back."""
    back = lead.wanted is not None and lead.wanted.why == "hand_back"
    rep = lead.ownership.teams.get(pool.team or "") if back else None
    if rep is not None:
        yield rep, "team"


def _ruled(lead: Lead, profile: Profile, rule: RouteRule | None) -> Iterator[Known]:
    if rule is not None and rule.owner is not None:
        yield from _OWNERS[rule.owner](lead, profile)


def _sticky(lead: Lead, profile: Profile, pool: Pool, colleagues: Sequence[str]) -> Iterator[Known]:
    rep = lead.ownership.teams.get(pool.team or "")
    if reason(lead) not in IN_POOL:  # else whoever had it did not call, or is not there
        yield from () if rep is None else ((rep, "person"),)
        yield from _of_person(lead, profile)
    yield from _of_account(lead, profile)
    yield from ((rep, "colleague") for rep in colleagues)


def _of_account(lead: Lead, profile: Profile) -> Iterator[Known]:
    rep = profile.text("account.owner")
    if rep is not None:
        yield rep, "account"


def _of_deal(lead: Lead, profile: Profile) -> Iterator[Known]:
    rep = profile.text("account.deal_owner")
    if rep is not None:
        yield rep, "deal"


def _of_person(lead: Lead, profile: Profile) -> Iterator[Known]:
    """Whoever had this person, the last first."""
    yield from ((rep, "person") for rep in reversed(lead.ownership.previous))


def _of_conversation(lead: Lead, profile: Profile) -> Iterator[Known]:
    rep = profile.text(REP)
    if rep is not None:
        yield rep, "conversation"


_OWNERS: Mapping[str, Callable[[Lead, Profile], Iterator[Known]]] = {
    "account": _of_account,
    "deal": _of_deal,
    "person": _of_person,
    "conversation": _of_conversation,
}
