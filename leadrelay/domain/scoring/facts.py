"""The fact of a score."""

from __future__ import annotations

from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.model import Instant


class LeadScored(Fact):
    """The score with its reasons, and who the person is to us; `criteria` are those that are met."""

    score: Score
    segment: str | None
    persona: str | None
    icp: bool
    relation: str | None = None
    criteria: tuple[str, ...] = ()

    def apply(self, lead: Lead, at: Instant) -> Lead:
        """Keep it."""
        return lead.with_(
            score=self.score,
            segment=self.segment,
            persona=self.persona,
            icp=self.icp,
            relation=self.relation,
            criteria=self.criteria,
        )
