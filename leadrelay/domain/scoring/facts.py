"""The fact of a score."""

from __future__ import annotations

from pydantic import Field

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.model import Instant


class LeadScored(Fact):
    """The score with its reasons, and who the person is to us; `criteria` are those that are met; `fields`
    are the codes of what is known of the fields that reports filter by (`report: true`), never personal data."""

    score: Score
    segment: str | None
    persona: str | None
    icp: bool
    relation: str | None = None
    criteria: tuple[str, ...] = ()
    fields: dict[str, str] = Field(default_factory=dict)

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep it."""
        return lead.with_(
            score=self.score,
            segment=self.segment,
            persona=self.persona,
            icp=self.icp,
            relation=self.relation,
            criteria=self.criteria,
            fields=self.fields,
        )
