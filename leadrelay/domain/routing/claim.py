"""The first who accepts: who may claim a lead that is open to a pool, and that it counts as a turn of theirs."""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ledger import Turns
from leadrelay.domain.routing.muster import Muster
from leadrelay.domain.routing.team import Pool, TeamPolicy


def may_claim(lead: Lead, rep: str, team: TeamPolicy) -> bool:
    """Whether the lead still waits in a pool that this rep works in. Who takes a lead that nobody was free for does so
    of their own accord: no limit stands against it."""
    pool = pool_of(lead, team)
    return lead.waits and pool is not None and team.rep(rep).active and rep in {each.rep for each in pool.members}


def claimed_by(before: Lead, after: Lead, team: TeamPolicy) -> str | None:
    """The member of the pool who took a lead out of its line: by accepting it, or as its owner in the CRM, where it was
    open to all. None when nobody did."""
    rep, why = after.ownership.rep, after.ownership.why
    took = why == "claimed" or (why == "override" and before.ownership.waits == "claim")
    return rep if took and rep is not None and may_claim(before, rep, team) else None


def turn_of(muster: Muster, rep: str, pool: Pool) -> Mapping[str, Turns]:
    """The pool's memory, by its id, after `rep` took this lead: as if it had been their turn, but the circle of a round
    robin does not move on."""
    return muster.draw(pool, (rep,)).after(rep, by_turn=False)


def pool_of(lead: Lead, team: TeamPolicy) -> Pool | None:
    """The pool where the lead waits; None where it was closed meanwhile."""
    return next((pool for pool in team.pools if pool.id == lead.ownership.pool), None)
