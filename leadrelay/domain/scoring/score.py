"""Scoring: every point has a rule, every lost point is shown, and it is known when the next one goes."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from itertools import chain

from leadrelay.domain.lead import Lead, Score, ScoreLine
from leadrelay.domain.model import code
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.facts import LeadScored
from leadrelay.domain.scoring.given import NOTHING, Given
from leadrelay.domain.scoring.ledger import capped, strongest_first
from leadrelay.domain.scoring.policy import FitRule, SignalRule
from leadrelay.domain.scoring.signals import KINDS
from leadrelay.domain.view import view

_Seen = Mapping[str, object]


def scored(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> LeadScored:
    """Segment, persona, relation, criteria and score of a lead at `now` (UTC).

    The first three are found first, from what is known of them alone; criteria may ask for them, and points for all of
    these.
    """
    known = _known(lead, profile, rules, now)
    caps = rules.caps(known.segment, known.persona)
    seen = view(known, profile, rules)
    fit = capped(list(_fit(known, seen, rules, now)), rules.scoring.fit.groups, caps.fit)
    engagement = capped(list(_engagement(known, seen, rules, now)), rules.scoring.engagement.groups, caps.engagement)
    lines = (*fit, *engagement)
    return LeadScored(
        score=Score(
            fit=sum(line.kept for line in fit),
            engagement=sum(line.kept for line in engagement),
            total=sum(line.kept for line in lines),
            lost=sum(max(0, line.points - max(0, line.kept)) for line in lines),
            lines=tuple(sorted(lines, key=strongest_first)),
        ),
        segment=known.segment,
        persona=known.persona,
        icp=known.icp,
        relation=known.relation,
        criteria=known.criteria,
        fields=reported(profile, rules.fields),
    )


def reported(profile: Profile, policy: FieldsPolicy) -> dict[str, str]:
    """What reports may filter by, in codes: people write anything into any field, an address for instance."""
    told = ((name, profile.text(name)) for name, field in policy.fields.items() if field.report and not field.personal)
    return {name: said for name, text in sorted(told) if (said := code(text)) is not None}


def next_change(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> datetime | None:
    """The next instant (UTC) at which segment, relation, criteria or points change by time alone; None if they stay.

    Rules that give nothing yet count as well: silence may cost points one day.
    """
    known = _known(lead, profile, rules, now)
    seen, before = view(known, profile, rules), _anonymous(lead, profile, rules)
    changes = chain(
        (rules.condition(text).changes_at(before, now) for text in _who(rules)),
        (rules.condition(rule.if_).changes_at(seen, now) for rule in rules.scoring.criteria),
        (_given_fit(rule, known, seen, rules, now).changes_at for rule in rules.scoring.fit.rules),
        (_given_signal(rule, known, seen, rules, now).changes_at for rule in rules.scoring.engagement.rules),
    )
    return min((at for at in changes if at is not None), default=None)


def _who(rules: Rules) -> Iterator[str]:
    yield from (segment.if_ for segment in rules.segments.segments)
    yield from (persona.if_ for persona in rules.segments.personas)
    yield from (relation.if_ for relation in rules.segments.relations)


def _anonymous(lead: Lead, profile: Profile, rules: Rules) -> _Seen:
    """What is seen before these are found: never the answer of last time."""
    return view(lead.with_(segment=None, persona=None, icp=False, relation=None, criteria=()), profile, rules)


def _known(lead: Lead, profile: Profile, rules: Rules, now: datetime) -> Lead:
    """The lead with its segment, persona, relation and criteria."""
    seen = _anonymous(lead, profile, rules)
    segment = next((rule for rule in rules.segments.segments if rules.holds(rule.if_, seen, now)), None)
    persona = next((rule for rule in rules.segments.personas if rules.holds(rule.if_, seen, now)), None)
    relation = next((rule for rule in rules.segments.relations if rules.holds(rule.if_, seen, now)), None)
    known = lead.with_(
        segment=segment and segment.id,
        persona=persona and persona.id,
        relation=relation and relation.id,
        icp=segment is not None and segment.icp,
        criteria=(),
    )
    if not rules.scoring.criteria:
        return known
    seen = view(known, profile, rules)
    return known.with_(criteria=tuple(one.id for one in rules.scoring.criteria if rules.holds(one.if_, seen, now)))


def _meant_for(rule: FitRule | SignalRule, lead: Lead) -> bool:
    """Whether the rule is for leads of this segment and persona."""
    return (not rule.segments or lead.segment in rule.segments) and (not rule.personas or lead.persona in rule.personas)


def _fit(lead: Lead, seen: _Seen, rules: Rules, now: datetime) -> Iterator[ScoreLine]:
    """The best rule of each group, and the worst."""
    given = [(rule, _given_fit(rule, lead, seen, rules, now)) for rule in rules.scoring.fit.rules]
    best: dict[tuple[str, bool], ScoreLine] = {}
    for rule, gift in given:
        line = _line(rule.id, rule.group, gift)
        place = (rule.group, line.points < 0)
        if line.points and (place not in best or abs(line.points) > abs(best[place].points)):
            best[place] = line
    yield from best.values()


def _given_fit(rule: FitRule, lead: Lead, seen: _Seen, rules: Rules, now: datetime) -> Given:
    if not _meant_for(rule, lead):
        return NOTHING
    points = rule.points if rules.holds(rule.if_, seen, now) else 0
    return Given(points, points, None, rules.condition(rule.if_).changes_at(seen, now))


def _engagement(lead: Lead, seen: _Seen, rules: Rules, now: datetime) -> Iterator[ScoreLine]:
    for rule in rules.scoring.engagement.rules:
        given = _given_signal(rule, lead, seen, rules, now)
        if given.points:
            yield _line(rule.id, rule.group, given)


def _given_signal(rule: SignalRule, lead: Lead, seen: _Seen, rules: Rules, now: datetime) -> Given:
    """What its kind gives, where its conditions hold; they may change before the points fade."""
    if not _meant_for(rule, lead):
        return NOTHING
    conditions = [rules.condition(text) for text in (rule.if_, *(boost.if_ for boost in rule.when)) if text is not None]
    holds = rule.if_ is None or rules.holds(rule.if_, seen, now)
    given = KINDS[rule.kind].gives(rule, lead, _worth(rule, seen, rules, now), now) if holds else NOTHING
    changes = (given.changes_at, *(condition.changes_at(seen, now) for condition in conditions))
    return given._replace(changes_at=_earliest(changes)) if conditions else given


def _worth(rule: SignalRule, seen: _Seen, rules: Rules, now: datetime) -> int:
    return next((boost.points for boost in rule.when if rules.holds(boost.if_, seen, now)), rule.points)


def _earliest(instants: Iterable[datetime | None]) -> datetime | None:
    return min((at for at in instants if at is not None), default=None)


def _line(rule: str, group: str, given: Given) -> ScoreLine:
    return ScoreLine(
        rule=rule,
        group=group,
        points=given.points,
        kept=given.kept,
        touch_id=given.touch_id or None,
        fades_at=given.changes_at,
    )
