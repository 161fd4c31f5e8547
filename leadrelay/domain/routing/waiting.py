"""Waiting in a pool: when nobody may take a lead now but somebody may later, it keeps its place in the pool's line.

The line has an end for everybody: the manager hears of who waits too long, and has them in the end.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.ownership import Why
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.team import Pool

PASSING = ("away", "off_hours", "cap", "rate", "ramp")
"""Failed tests that time or work mends. Where nobody failed one of these, nobody is worth waiting for."""

STAYS = ("breach", "handover", "passed")
"""Questions after which a lead stays in the pool that was responsible, and is not given back to who had it."""

IN_POOL = (*STAYS, "again")
"""Questions that the pool answers which was responsible."""


def may_wait(lead: Lead, pool: Pool, found: Iterable[Candidate], now: datetime) -> bool:
    """Whether the lead waits in this pool for somebody: one of them may take it some day, and its time is not up."""
    mends = any(candidate.failed in PASSING for candidate in found)
    return mends and now < _given_up_at(lead, pool, now)


def _given_up_at(lead: Lead, pool: Pool, now: datetime) -> datetime:
    """When the manager has it (UTC), counted from when it came into the line."""
    owner = lead.ownership
    since = owner.since if owner.waits == "backlog" and owner.pool == pool.id and owner.since is not None else now
    return since + timedelta(minutes=pool.backlog.manager_minutes)


def reason(lead: Lead) -> Why:
    """Why an owner is needed; for who waits, why it came to wait."""
    asked: Why = "new" if lead.wanted is None else lead.wanted.why
    waited = lead.ownership.why if asked == "waiting" and lead.ownership.waits is not None else None
    return next((why for why in _REASONS if why == waited), asked)


_REASONS: tuple[Why, ...] = ("new", "qualified", "hand_off", "hand_back", "breach", "handover", "passed", "again")


def asks_again(lead: Lead, policy: RoutingPolicy) -> OwnerNeeded:
    """The question for a lead that waits: who had it and lost it is not asked again."""
    owner = lead.ownership
    last = policy.exclude_last if owner.why == "breach" else 1
    exclude = owner.previous[-last:] if owner.why in STAYS else ()
    return OwnerNeeded(why="waiting", hop=owner.hop, exclude=exclude)


def owes_first_contact(lead: Lead) -> bool:
    """Whether a lead that waits is owed a first contact by who gets it: as when it came to wait, unless somebody
    reached out since; and again, if they have asked since."""
    owner, asked = lead.ownership, lead.last.at if lead.last is not None and lead.temperature is not None else None
    since = owner.since if owner.owed else None
    if asked is not None and owner.since is not None and asked > owner.since:
        since = asked
    return since is not None and (lead.contacted_at is None or lead.contacted_at < since)
