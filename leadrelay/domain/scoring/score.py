"""Scoring: every point has a rule, every lost point is shown."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime

from leadrelay.domain.lead import Lead, Score, ScoreLine
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.facts import LeadScored
from leadrelay.domain.scoring.policy import FitRule, SignalRule
from leadrelay.domain.scoring.signals import KINDS
from leadrelay.domain.view import view


def scored(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> LeadScored:
    """Segment, persona, relation and score of a lead at `now` (UTC).

    The segment, persona and relation are found first, from the profile alone; points may ask for them.
    """
    seen = view(lead.with_(segment=None, persona=None, icp=False, relation=None), profile, rules)
    segment = next((rule for rule in rules.segments.segments if rules.holds(rule.if_, seen, now)), None)
    persona = next((rule for rule in rules.segments.personas if rules.holds(rule.if_, seen, now)), None)
    relation = next((rule for rule in rules.segments.relations if rules.holds(rule.if_, seen, now)), None)
    known = lead.with_(
        segment=segment and segment.id,
        persona=persona and persona.id,
        relation=relation and relation.id,
        icp=segment is not None and segment.icp,
    )
    return LeadScored(
        score=_score(known, view(known, profile, rules), rules, now),
        segment=known.segment,
        persona=known.persona,
        icp=known.icp,
        relation=known.relation,
    )


def _score(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> Score:
    fit = _fit(seen, rules, now)
    engagement = _engagement(lead, seen, rules, now)
    kept_fit = _clip(sum(line.kept for line in fit), rules.scoring.fit.cap)
    kept_engagement = _clip(sum(line.kept for line in engagement), rules.scoring.engagement.cap)
    lines = (*fit, *engagement)
    total = _clip(kept_fit + kept_engagement, 100)
    return Score(
        fit=kept_fit,
        engagement=kept_engagement,
        total=total,
        lost=max(0, sum(line.points for line in lines) - total),
        lines=tuple(sorted(lines, key=lambda line: (-abs(line.kept), line.rule))),
    )


def _clip(points: int, cap: int) -> int:
    return max(0, min(points, cap))


def _fit(seen: Mapping[str, object], rules: Rules, now: datetime) -> list[ScoreLine]:
    """The best rule of each group, capped by the group."""
    policy = rules.scoring.fit
    best = _best(rule for rule in policy.rules if rules.holds(rule.if_, seen, now))
    return [
        ScoreLine(
            rule=rule.id,
            group=rule.group,
            points=rule.points,
            kept=min(rule.points, policy.groups.get(rule.group, rule.points)),
        )
        for rule in best
    ]


def _best(rules: Iterable[FitRule]) -> list[FitRule]:
    best: dict[str, FitRule] = {}
    for rule in rules:
        if rule.group not in best or rule.points > best[rule.group].points:
            best[rule.group] = rule
    return list(best.values())


def _engagement(lead: Lead, seen: Mapping[str, object], rules: Rules, now: datetime) -> list[ScoreLine]:
    lines = []
    for rule in rules.scoring.engagement.rules:
        signal = lead.signals.get(rule.signal)
        points = KINDS[rule.kind](rule, signal, _worth(rule, seen, rules, now), now) if signal else 0
        if points:
            lines.append(ScoreLine(rule=rule.id, group="engagement", points=points, kept=points))
    return lines


def _worth(rule: SignalRule, seen: Mapping[str, object], rules: Rules, now: datetime) -> int:
    return next((boost.points for boost in rule.when if rules.holds(boost.if_, seen, now)), rule.points)
