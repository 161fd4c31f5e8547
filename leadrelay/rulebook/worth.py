"""What a lead is worth, told to a person: each point with its touch and its end, what is not known yet, and what it
lacks for the next stage."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from leadrelay.domain.lead import Lead, ScoreLine
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.explanation import Needed, Points


def points(lead: Lead, rules: Rules) -> tuple[Points, ...]:
    """The lines of the score, strongest first."""
    says = {rule.id: rule.says for rule in rules.scoring.fit.rules}
    says |= {rule.id: rule.says for rule in rules.scoring.engagement.rules}
    times = _times(lead)
    return tuple(_points(line, says.get(line.rule, line.rule), times) for line in lead.score.lines)


def _points(line: ScoreLine, says: str, times: Mapping[str, datetime]) -> Points:
    return Points(
        rule=line.rule,
        group=line.group,
        points=line.points,
        kept=line.kept,
        says=says,
        touched_at=times.get(line.touch_id or ""),
        fades_at=line.fades_at,
    )


def _times(lead: Lead) -> dict[str, datetime]:
    """When each touch was, of those that the lead remembers."""
    found = {touch_id: at for signal in lead.signals.values() for at, touch_id in signal.moments()}
    return found if lead.last_touch is None else {lead.last_touch.touch_id: lead.last_touch.at, **found}


def needed(lead: Lead, rules: Rules) -> tuple[Needed, ...]:
    """The criteria, met or not."""
    return tuple(Needed(criterion=one.id, asks=one.asks, met=one.id in lead.criteria) for one in rules.scoring.criteria)


def next_stage(lead: Lead, rules: Rules) -> tuple[str, str] | None:
    """The stage after the lead's that has a condition, with it; None after the last, and for who left the lifecycle."""
    if lead.stage in rules.stages.outside:
        return None
    ahead = rules.stages.lifecycle[rules.stages.rank(lead.stage) + 1 :]
    return next(((rule.id, rule.if_) for rule in ahead if rule.if_ is not None), None)
