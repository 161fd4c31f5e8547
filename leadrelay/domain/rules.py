"""The rules: everything RevOps edits, compiled into one immutable set with a content hash as its version."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from functools import cached_property
from zoneinfo import ZoneInfo

from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.clocks.business_time import Calendar, CalendarSpec, always, calendar_of
from leadrelay.domain.clocks.duration import ELAPSED
from leadrelay.domain.clocks.policy import CalendarsPolicy, SlaPolicy
from leadrelay.domain.conditions import Condition, FieldType, compile_condition
from leadrelay.domain.conditions.turns import is_timed
from leadrelay.domain.enrichment.policy import EnrichmentPolicy, Provider
from leadrelay.domain.model import Model
from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.scoring.policy import Caps, PersonaRule, ScoringPolicy, SegmentRule, SegmentsPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.domain.stages.policy import StagesPolicy
from leadrelay.domain.view import schema

ATTENDANCE = "attendance:"
"""Begins the names of what is asked who is at work; no source can have such a name."""


class RuleFiles(Model):
    """The rules as the files say them, one attribute per file."""

    fields: FieldsPolicy
    sources: SourcesPolicy
    segments: SegmentsPolicy
    scoring: ScoringPolicy
    stages: StagesPolicy
    team: TeamPolicy
    calendars: CalendarsPolicy
    routing: RoutingPolicy
    sla: SlaPolicy
    crm: CrmPolicy
    notices: NoticesPolicy
    enrichment: EnrichmentPolicy = EnrichmentPolicy()
    reports: ReportsPolicy = ReportsPolicy()

    def content_hash(self) -> str:
        """SHA-256 (64 hex) of the canonical JSON: equal rules have equal versions."""
        canonical = json.dumps(self.model_dump(mode="json", by_alias=True, exclude={"version"}), sort_keys=True)
        return hashlib.sha256(canonical.encode()).hexdigest()


class Rules(RuleFiles):
    """One compiled version. Conditions are compiled when first asked, and kept as long as the set."""

    version: str

    @classmethod
    def of(cls, files: RuleFiles) -> Rules:
        """The set with its version computed."""
        return cls.model_validate({**files.model_dump(by_alias=True), "version": files.content_hash()})

    @cached_property
    def schema_(self) -> dict[str, FieldType]:
        """Types of the fields that conditions may read."""
        return schema(self.fields, self.segments.thresholds)

    @cached_property
    def _compiled(self) -> dict[str, Condition]:
        return {}

    @cached_property
    def timed(self) -> tuple[Condition, ...]:
        """The conditions whose answer may change by time alone, wherever they stand."""
        found = (self.condition(text) for text in dict.fromkeys(conditions_in(self)) if "age_" in text)
        return tuple(condition for condition in found if any(map(is_timed, condition.leaves)))

    def condition(self, text: str) -> Condition:
        """The compiled condition. Raises ConditionError; a checked rule set has none that do."""
        if text not in self._compiled:
            self._compiled[text] = compile_condition(text, self.schema_)
        return self._compiled[text]

    def holds(self, text: str, view: Mapping[str, object], now: datetime) -> bool:
        """Whether the condition holds for this view of a lead, now (UTC)."""
        return self.condition(text).holds(view, now)

    @cached_property
    def providers(self) -> tuple[Provider, ...]:
        """Who is asked about companies, in this order."""
        return self.enrichment.asked(self.crm.vendor)

    @cached_property
    def polled(self) -> dict[str, int]:
        """What is asked from time to time, by name, with the seconds between two questions: sources, and who knows who
        is at work."""
        sources = self.sources.sources.items()
        asked = {name: one.poll_seconds for name, one in sources if one.poll_seconds is not None and one.enabled}
        seconds = self.team.attendance_minutes.seconds
        return asked | {f"{ATTENDANCE}{teller}": every for teller, every in seconds.items()}

    def thresholds(self, segment: str | None, persona: str | None = None) -> dict[str, int]:
        """Thresholds as they stand for leads of a segment and a persona: what the segment says goes before what the
        persona says, and both before the common ones."""
        found = dict(self.segments.thresholds)
        for own in reversed(self._own(segment, persona)):
            found |= own.thresholds
        return found

    def caps(self, segment: str | None, persona: str | None) -> Caps:
        """How much each half of a score counts for leads of a segment and a persona, in the same order."""
        common = Caps(fit=self.scoring.fit.cap, engagement=self.scoring.engagement.cap)
        return next((own.caps for own in self._own(segment, persona) if own.caps is not None), common)

    def _own(self, segment: str | None, persona: str | None) -> list[SegmentRule | PersonaRule]:
        return [
            *(rule for rule in self.segments.segments if rule.id == segment),
            *(rule for rule in self.segments.personas if rule.id == persona),
        ]

    def calendar(self, name: str) -> Calendar:
        """The named calendar, ready to compute; "elapsed" is never closed. A clock may still run by one that was
        removed: RevOps's stands in."""
        return calendar_of(self._calendar(name))

    def zone(self, name: str) -> ZoneInfo:
        """The time zone of the named calendar."""
        return ZoneInfo(self._calendar(name).tz)

    def _calendar(self, name: str) -> CalendarSpec:
        known = self.calendars.calendars
        if name == ELAPSED:
            return always()
        return known[name] if name in known else known[self.team.rep(self.team.revops).calendar]


_BESIDE = ("alert", "alert_rearm")
"""Conditions that stand under another name than `if`."""


def conditions_in(part: object) -> Iterator[str]:
    """The text of every condition in a part of the rules, in the order of the files."""
    if isinstance(part, Model):
        for name, field in type(part).model_fields.items():
            value = getattr(part, name)
            if field.alias != "if" and name not in _BESIDE:
                yield from conditions_in(value)
            elif value is not None:
                yield str(value)
    elif isinstance(part, tuple):
        for each in part:
            yield from conditions_in(each)
    elif isinstance(part, Mapping):
        for each in part.values():
            yield from conditions_in(each)
