"""Every place in the rules that holds a condition, and when on a lead's way it is asked.

A lead is decided in steps: its channel, its segment, persona and relation, its criteria, its points, its qualifications
and stage, then who is told, who gets it and how fast, the sequence it is in while nobody calls, at last what its owner
promises beside the first call. A condition may
only read what an earlier step has found, or it would read the answer of last time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import IntEnum

from leadrelay.domain.clocks.policy import LISTS, SlaPolicy
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.scoring.policy import ScoringPolicy, SegmentsPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.rulebook.draft import Draft, NotReadable
from leadrelay.rulebook.read import Steps


class Step(IntEnum):
    """The order of decisions about a lead."""

    CHANNEL = 1
    SEGMENT = 2
    CRITERIA = 3
    POINTS = 4
    STAGE = 5
    PLACE = 6
    NURTURE = 7
    PROMISE = 8


FOUND_IN: Mapping[str, Step] = {
    "touch.channel": Step.CHANNEL,
    "touch.channel_class": Step.CHANNEL,
    "lead.segment": Step.SEGMENT,
    "lead.persona": Step.SEGMENT,
    "lead.icp": Step.SEGMENT,
    "lead.relation": Step.SEGMENT,
    "lead.criteria": Step.CRITERIA,
    "lead.bant": Step.CRITERIA,
    "lead.score": Step.POINTS,
    "lead.grade": Step.POINTS,
    "lead.fit": Step.POINTS,
    "lead.engagement": Step.POINTS,
    "lead.stage": Step.STAGE,
    "lead.sequence": Step.NURTURE,
}
"""Fields that a step finds. All others are known from the start."""


@dataclass(frozen=True, slots=True)
class Site:
    """One condition. `ordered` names the list in which the first that holds wins, None where each is asked."""

    file: str
    steps: Steps
    text: str
    step: Step
    ordered: str | None = None

    def may_read(self, field: str) -> bool:
        """Whether the field is known when this condition is asked."""
        if self.step is Step.CHANNEL:
            return field.startswith("touch.") and field not in FOUND_IN
        return FOUND_IN.get(field, 0) < self.step


def sites(draft: Draft) -> Iterator[Site]:
    """Every condition of the files that could be read."""
    for each in (_channels, _segments, _points, _stages, _routes, _clocks, _nurture):
        with suppress(NotReadable):
            yield from each(draft)


def _channels(draft: Draft) -> Iterator[Site]:
    for number, rule in enumerate(draft.of(SourcesPolicy).channels):
        yield Site("sources", ("channels", number, "if"), rule.if_, Step.CHANNEL, "channels")


def _segments(draft: Draft) -> Iterator[Site]:
    policy = draft.of(SegmentsPolicy)
    for number, segment in enumerate(policy.segments):
        yield Site("segments", ("segments", number, "if"), segment.if_, Step.SEGMENT, "segments")
    for number, persona in enumerate(policy.personas):
        yield Site("segments", ("personas", number, "if"), persona.if_, Step.SEGMENT, "personas")
    for number, relation in enumerate(policy.relations):
        yield Site("segments", ("relations", number, "if"), relation.if_, Step.SEGMENT, "relations")


def _points(draft: Draft) -> Iterator[Site]:
    policy = draft.of(ScoringPolicy)
    for number, rule in enumerate(policy.fit.rules):
        yield Site("scoring", ("fit", "rules", number, "if"), rule.if_, Step.POINTS)
    for number, criterion in enumerate(policy.criteria):
        yield Site("scoring", ("criteria", number, "if"), criterion.if_, Step.CRITERIA)
    for number, signal in enumerate(policy.engagement.rules):
        if signal.if_ is not None:
            yield Site("scoring", ("engagement", "rules", number, "if"), signal.if_, Step.POINTS)
        for place, boost in enumerate(signal.when):
            steps = ("engagement", "rules", number, "when", place, "if")
            yield Site("scoring", steps, boost.if_, Step.POINTS, f"when of '{signal.id}'")


def _stages(draft: Draft) -> Iterator[Site]:
    policy = draft.of(StagesPolicy)
    for number, kind in enumerate(policy.qualifications):
        if kind.if_ is not None:
            yield Site("stages", ("qualifications", number, "if"), kind.if_, Step.STAGE)
    for number, rule in enumerate(policy.lifecycle):
        if rule.if_ is not None:
            yield Site("stages", ("lifecycle", number, "if"), rule.if_, Step.STAGE)
    for name, line in (("alert", policy.alert), ("alert_rearm", policy.alert_rearm)):
        if line is not None:
            yield Site("stages", (name,), line, Step.PLACE)


def _routes(draft: Draft) -> Iterator[Site]:
    for number, rule in enumerate(draft.of(RoutingPolicy).rules):
        yield Site("routing", ("rules", number, "if"), rule.if_, Step.PLACE, "rules")


def _clocks(draft: Draft) -> Iterator[Site]:
    sla = draft.of(SlaPolicy)
    if sla.handover is not None:
        yield Site("sla", ("handover", "if"), sla.handover.if_, Step.PROMISE)
        for number, criterion in enumerate(sla.handover.criteria):
            yield Site("sla", ("handover", "criteria", number, "if"), criterion.if_, Step.PROMISE)
    for kind, name in LISTS.items():
        step = Step.PLACE if kind == "first_contact" else Step.PROMISE
        for number, rule in enumerate(sla.of(kind)):
            yield Site("sla", (name, number, "if"), rule.if_, step, name)


def _nurture(draft: Draft) -> Iterator[Site]:
    policy = draft.of(StagesPolicy).nurture
    for number, sequence in enumerate(policy.sequences):
        if sequence.if_ is not None:
            yield Site("stages", ("nurture", "sequences", number, "if"), sequence.if_, Step.NURTURE, "sequences")
    if policy.retire is not None:
        yield Site("stages", ("nurture", "retire", "if"), policy.retire.if_, Step.STAGE)
