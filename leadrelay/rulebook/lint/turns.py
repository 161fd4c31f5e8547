"""Turns: what the rules say about sharing a pool's leads does something."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem


def weighed(draft: Draft) -> Iterator[Problem]:
    """Weights are heeded."""
    for number, pool in enumerate(draft.of(TeamPolicy).pools):
        if pool.strategy == "round_robin" and len({member.weight for member in pool.members}) > 1:
            message = f"weights do not count in '{pool.id}': by round_robin everybody gets one in turn"
            yield draft.fault("team", ("pools", number, "strategy"), message, _WEIGHTED, severity="warning")


def grown(draft: Draft) -> Iterator[Problem]:
    """Who is new is known to be new, and where that matters."""
    team = draft.of(TeamPolicy)
    dated = {rep.id for rep in team.reps if rep.since is not None}
    growing = [pool for pool in team.pools if pool.fairness.ramp_days is not None]
    for number, pool in enumerate(team.pools):
        if pool in growing and not dated & {member.rep for member in pool.members}:
            message = f"nobody in '{pool.id}' has a first day (`since`), so `ramp_days` changes nobody's share"
            yield draft.fault("team", ("pools", number, "fairness", "ramp_days"), message, severity="warning")
    begin = {member.rep for pool in growing for member in pool.members}
    for number, rep in enumerate(team.reps):
        if rep.id in dated - begin:
            message = f"no pool of '{rep.id}' has `fairness.ramp_days`, so `since` changes nothing"
            yield draft.fault("team", ("reps", number, "since"), message, severity="warning")


_WEIGHTED = "weighted_round_robin"

CHECKS = (weighed, grown)
