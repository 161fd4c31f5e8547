"""Moving through the lifecycle: forward only, every jump stamped; and the ways out of it and back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Literal

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import RegressRefused, StageChanged, StatusChanged


def advanced(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> StageChanged | None:
    """The move to the highest stage whose condition holds, or None when the lead stays where it is."""
    if lead.stage in rules.stages.outside:
        return None
    here = rules.stages.rank(lead.stage)
    there = max((rank for rank in _holding(seen, rules, now) if rank > here), default=None)
    return None if there is None else _move(lead, there, rules, rules.stages.lifecycle[there].if_ or "")


def moved(lead: Lead, stage: str, rules: Rules, why: str) -> StageChanged | None:
    """The move to a stage that others say it has reached; None when it is there already, or beyond. Who left the
    lifecycle is back in it only further on than ever before."""
    there = rules.stages.rank(stage)
    here = _furthest(lead, rules) if lead.stage in rules.stages.outside else rules.stages.rank(lead.stage)
    return None if there <= here else _move(lead, there, rules, why)


def reentered(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> StageChanged | None:
    """Back into the lifecycle, at the stage that holds now; None for a lead that never left it."""
    if lead.stage not in rules.stages.outside:
        return None
    states = set(lead.deals.values())
    dealt = (rank for rank, rule in enumerate(rules.stages.lifecycle) if rule.deal is not None and rule.deal in states)
    there = max([0, *_holding(seen, rules, now), *dealt])
    return _move(lead, there, rules, "reactivated")


def left(lead: Lead, disposition: Literal["rejected", "recycled"], rules: Rules) -> StageChanged | None:
    """The way out of the lifecycle for what sales gave back; None where the rules have none, and for a customer."""
    out = rules.stages.exits.get(disposition)
    if out is None or out == lead.stage or rules.stages.is_customer(lead.stage):
        return None
    return StageChanged(before=lead.stage, after=out, why=disposition)


def regress(lead: Lead, asked: str, rules: Rules, why: str) -> RegressRefused | None:
    """The refusal of a stage behind the lead's own; None when it is not behind, or no stage of ours."""
    there = rules.stages.rank(asked)
    behind = 0 <= there < rules.stages.rank(lead.stage)
    return RegressRefused(stage=lead.stage, asked=asked, why=why) if behind else None


def queue_status(before: Ownership, lead: Lead, rules: Rules) -> StatusChanged | None:
    """A queue has its own status, mostly nurturing; leaving it is a new start. What a rep set stands."""
    places = (before.queue, lead.ownership.queue)
    was, after = ("new" if queue is None else rules.team.queue(queue).status for queue in places)
    moves = places[0] != places[1] and lead.status in ("new", was) and lead.status != after
    return StatusChanged(before=lead.status, after=after, why="assigned") if moves else None


def _holding(seen: Mapping[str, object], rules: Rules, now: datetime) -> list[int]:
    """The places of the stages whose condition holds."""
    return [
        rank
        for rank, rule in enumerate(rules.stages.lifecycle)
        if rule.if_ is not None and rules.holds(rule.if_, seen, now)
    ]


def _furthest(lead: Lead, rules: Rules) -> int:
    """How far it came in the lifecycle; -1 for nowhere."""
    return max(map(rules.stages.rank, lead.reached), default=-1)


def _move(lead: Lead, there: int, rules: Rules, why: str) -> StageChanged:
    lifecycle = rules.stages.lifecycle
    jumped = lifecycle[rules.stages.rank(lead.stage) + 1 : there]
    skipped = tuple(rule.id for rule in jumped if rule.id not in lead.reached)
    return StageChanged(before=lead.stage, after=lifecycle[there].id, skipped=skipped, why=why)
