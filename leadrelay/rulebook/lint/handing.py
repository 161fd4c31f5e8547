"""Hand-off and the way back: the reasons exist, somebody is there to give back to, and nothing goes to and fro."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.lint.conditions import compiled
from leadrelay.rulebook.problems import Problem, closest

_GUARD = "lead.handed_back_at"
SHOWN = ("sdr", "ae")
"""Teams whose last owner the card shows."""


def reasons(draft: Draft) -> Iterator[Problem]:
    """A lead is handed back for a reason that reps can give."""
    policy = draft.of(StagesPolicy)
    for number, reason in enumerate(policy.hand_back):
        if reason not in policy.nurture.reasons:
            message = f"`reasons` has no '{reason}'"
            yield draft.fault("stages", ("hand_back", number), message, closest(reason, policy.nurture.reasons))


def two_teams(draft: Draft) -> Iterator[Problem]:
    """A way back leads from one team to another."""
    teams = {pool.team for pool in draft.of(TeamPolicy).pools if pool.team is not None}
    if draft.of(StagesPolicy).hand_back and len(teams) < 2:
        message = "nobody can hand a lead back: give the pools of team.yaml their `team`, such as sdr and ae"
        yield draft.fault_at_key("stages", ("hand_back",), message, severity="warning")


def shown(draft: Draft) -> Iterator[Problem]:
    """The card has a field for the teams that it knows."""
    for number, pool in enumerate(draft.of(TeamPolicy).pools):
        if pool.team is not None and pool.team not in SHOWN:
            message = f"the card shows the last owner of {' and '.join(SHOWN)}, not of '{pool.team}'"
            yield draft.fault("team", ("pools", number, "team"), message, closest(pool.team, SHOWN), "warning")


def to_and_fro(draft: Draft) -> Iterator[Problem]:
    """What was handed back is not handed over again at once."""
    rules, back = draft.of(RoutingPolicy).rules, draft.of(StagesPolicy).hand_back
    teams = {pool.id: pool.team for pool in draft.of(TeamPolicy).pools}
    for site, condition in compiled(draft).items():
        if site.file != "routing" or not back:
            continue
        rule = rules[int(site.steps[1])]
        leads_on = rule.table is not None or teams.get(rule.pool or "") not in (None, "sdr")
        if rule.hand_off and leads_on and _GUARD not in condition.fields:
            message = f"a lead that was handed back would be taken over again at once; ask for {_GUARD}"
            yield draft.fault("routing", site.steps, message, severity="warning")


CHECKS = (reasons, two_teams, shown, to_and_fro)
