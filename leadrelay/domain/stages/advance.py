"""Moving through the lifecycle: forward only, every jump stamped."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadrelay.domain.lead import Lead, Ownership
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import StageChanged, StatusChanged


def advanced(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> StageChanged | None:
    """The move to the highest stage whose condition holds, or None when the lead stays where it is."""
    lifecycle = rules.stages.lifecycle
    here = rules.stages.rank(lead.stage)
    there = max(
        (
            rank
            for rank, rule in enumerate(lifecycle)
            if rank > here and rule.if_ is not None and rules.holds(rule.if_, seen, now)
        ),
        default=None,
    )
    if there is None or lead.stage in rules.stages.outside:
        return None
    return StageChanged(
        before=lead.stage,
        after=lifecycle[there].id,
        skipped=tuple(rule.id for rule in lifecycle[here + 1 : there]),
        why=lifecycle[there].if_ or "",
    )


def moved(lead: Lead, stage: str, rules: Rules, why: str) -> StageChanged | None:
    """The move to a stage that others say it has reached; None when it is there already, or beyond, or outside."""
    here, there = rules.stages.rank(lead.stage), rules.stages.rank(stage)
    if there <= here or lead.stage in rules.stages.outside:
        return None
    jumped = tuple(rule.id for rule in rules.stages.lifecycle[here + 1 : there])
    return StageChanged(before=lead.stage, after=stage, skipped=jumped, why=why)


def queue_status(before: Ownership, lead: Lead) -> StatusChanged | None:
    """A queue nurtures; leaving it is a new start."""
    after = "nurturing" if lead.ownership.queue is not None else "new"
    moved = before.queue != lead.ownership.queue and {lead.status, after} == {"new", "nurturing"}
    return StatusChanged(before=lead.status, after=after, why="assigned") if moved else None
