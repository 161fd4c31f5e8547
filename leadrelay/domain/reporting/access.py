"""Who may see what of reports and leads. Numbers are everybody's who works here; names are not.

What somebody proves (`Claim`) lasts as long as their session; what they may (`Viewer`) is read from the rules each
time, so that a change of team.yaml counts at once.
"""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.model import Model
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.team import Rep, TeamPolicy
from leadrelay.domain.rules import Rules

Role = Literal["rep", "manager", "revops"]


class Claim(Model):
    """What somebody proved. An issuer proves an `email`, `groups` and a `subject`; a link that we signed ourselves
    gives a `role`, and the id of the `rep` whose it is. Personal: it stays in the person's own cookie."""

    email: str | None = None
    groups: tuple[str, ...] = ()
    subject: str | None = None
    role: Role | None = None
    rep: str | None = None


class Viewer(Model):
    """Somebody who looks. `rep` is who they are in team.yaml; None for who is not there."""

    role: Role
    rep: str | None = None

    @property
    def sees_all(self) -> bool:
        """Whether every lead is shown to them by name."""
        return self.role != "rep"


def viewer_of(claim: Claim, rules: Rules) -> Viewer | None:
    """What the rules of now say of who proved this; None: nothing here is theirs to see. Who has left (`active: false`)
    is no rep any more."""
    rep = _rep(claim, rules.team)
    role = claim.role or _listed(claim, rules) or _in_team(rep, rules.team)
    if role is None or (role == "rep" and rep is None):
        return None
    return Viewer(role=role, rep=None if rep is None else rep.id)


def worth_keeping(claim: Claim, rules: Rules) -> Claim:
    """The claim with what the rules ask about, and nothing else: a cookie has little room and is seen by others."""
    listed = rules.reports.viewers
    return claim.with_(
        groups=tuple(each for each in claim.groups if any(each == one.group for one in listed)),
        subject=claim.subject if any(claim.subject == one.subject for one in listed) else None,
    )


def by_name(viewer: Viewer, owner: Ownership, rules: Rules) -> bool:
    """Whether this viewer may see who a lead with this ownership is."""
    if viewer.sees_all or rules.reports.reps_see == "all":
        return True
    if viewer.rep is not None and owner.rep == viewer.rep:
        return True
    return rules.reports.reps_see == "pool" and _of_their_pools(viewer, owner, rules.team)


def _of_their_pools(viewer: Viewer, owner: Ownership, team: TeamPolicy) -> bool:
    theirs = [pool for pool in team.pools if viewer.rep in pool.reps]
    colleagues = {rep for pool in theirs for rep in pool.reps}
    waiting = owner.waits is not None and owner.pool in {pool.id for pool in theirs}
    return waiting or owner.rep in colleagues


def _rep(claim: Claim, team: TeamPolicy) -> Rep | None:
    if claim.rep is not None:
        return next((rep for rep in team.reps if rep.id == claim.rep and rep.active), None)
    said = (claim.email or "").strip().casefold()
    return next((rep for rep in team.reps if said and rep.email.strip().casefold() == said and rep.active), None)


def _listed(claim: Claim, rules: Rules) -> Role | None:
    """RevOps before managers, where somebody is both."""
    said = (claim.email or "").strip().casefold()
    roles = {
        one.role
        for one in rules.reports.viewers
        if (one.email and one.email.strip().casefold() == said)
        or (one.group and one.group in claim.groups)
        or (one.subject and one.subject == claim.subject)
    }
    return "revops" if "revops" in roles else "manager" if roles else None


def _in_team(rep: Rep | None, team: TeamPolicy) -> Role | None:
    if rep is None:
        return None
    if rep.id == team.revops:
        return "revops"
    above = {each for pool in team.pools for each in (pool.manager, *pool.escalation)}
    return "manager" if rep.id in above else "rep"
