"""Handing back: the team that took a lead over finds it is not ready, and gives it back to the one it came from."""

from __future__ import annotations

from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.on import handed_on, may_be_handed_on
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.facts import LeadHandedBack
from leadrelay.domain.routing.team import Pool, TeamPolicy
from leadrelay.domain.stages.facts import StatusChanged


def handed_back(reason: str | None, decision: Decision) -> bool:
    """Ask the team that had the lead before, if that is what giving it back for this reason (a code of stages.yaml)
    means; whether it does. The lead stays open: for who gets it, it is new."""
    lead, rules = decision.lead, decision.rules
    pool = came_from(lead, rules.team) if reason in rules.stages.hand_back else None
    if pool is None or not may_be_handed_on(lead):
        return False
    decision.say(LeadHandedBack(rep=lead.ownership.rep or "", team=pool.team or "", reason=reason or ""))
    if lead.status != "new":
        decision.say(StatusChanged(before=lead.status, after="new", why="hand_back"))
    return handed_on(decision, "hand_back", pool.id)


def came_from(lead: Lead, team: TeamPolicy) -> Pool | None:
    """The pool whose team had it before its owner's; None where none had, and once it was handed back."""
    owner = lead.ownership
    if owner.rep is None or owner.handed_back_at is not None:
        return None
    own = team.team_of(owner.rep, owner.pool)
    before = [name for name in owner.teams if name != own]
    pools = (pool for pool in team.pools if before and pool.team == before[-1])
    last = owner.teams.get(before[-1]) if before else None
    return min(pools, key=lambda pool: last not in pool.reps, default=None)
