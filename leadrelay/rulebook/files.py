"""The files of a rulebook, as they are written: which there are, and what each may say.

They are the domain's own models but for calendars, where a person names a country and compiling writes its holidays.
"""

from __future__ import annotations

from collections.abc import Mapping

from pydantic import Field

from leadrelay.domain.card.policy import CrmPolicy
from leadrelay.domain.clocks.business_time import CalendarSpec
from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.enrichment.policy import EnrichmentPolicy
from leadrelay.domain.model import Model
from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.domain.routing.policy import RoutingPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.domain.scoring.policy import ScoringPolicy, SegmentsPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.domain.stages.policy import StagesPolicy


class WrittenCalendar(CalendarSpec):
    """Working hours, and whose public holidays close them: `country` (ISO 3166 alpha-2) and its `region`, if any."""

    country: str | None = None
    region: str | None = None


class WrittenCalendars(Model):
    """`calendars.yaml`: named calendars, with countries in place of their holidays."""

    calendars: dict[str, WrittenCalendar] = Field(min_length=1)


FILES: Mapping[str, type[Model]] = {
    "fields": FieldsPolicy,
    "sources": SourcesPolicy,
    "segments": SegmentsPolicy,
    "scoring": ScoringPolicy,
    "stages": StagesPolicy,
    "team": TeamPolicy,
    "calendars": WrittenCalendars,
    "routing": RoutingPolicy,
    "sla": SlaPolicy,
    "crm": CrmPolicy,
    "notices": NoticesPolicy,
    "enrichment": EnrichmentPolicy,
    "reports": ReportsPolicy,
}
"""File name without `.yaml` -> what it says."""

OPTIONAL = frozenset({"enrichment", "reports"})
"""Files that need not be there: what they say has a default."""
