"""A decision in the making: a lead, the rules, and the facts that say how it came about.

Nothing here reads a clock or a table, so a decision can be explained, replayed and simulated.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from leadrelay.domain.card.card import card_of, is_known
from leadrelay.domain.card.facts import CardChanged, NoticeNeeded
from leadrelay.domain.enrichment.derive import derived
from leadrelay.domain.facts import Fact
from leadrelay.domain.lead import Lead
from leadrelay.domain.notices.policy import ERASED
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.view import view


@dataclass
class Decision:
    """Each fact said is applied at once, so that the next one sees it. `judged`: score, stage and owner are those that
    the rules give now, not only those that an earlier decision left."""

    lead: Lead
    profile: Profile
    rules: Rules
    at: datetime
    facts: list[Fact] = field(default_factory=list)
    judged: bool = False

    def say(self, *facts: Fact | None) -> None:
        """Say facts that are not None; a notice only about a live lead or one that is erased, and when a rule sends it
        to somebody."""
        for fact in facts:
            if fact is None or (isinstance(fact, NoticeNeeded) and not self._is_told(fact)):
                continue
            self.lead = fact.apply(self.lead, self.at)
            self.facts.append(fact)

    def _is_told(self, fact: NoticeNeeded) -> bool:
        return (self.lead.live or fact.notice == ERASED) and bool(self.rules.notices.named(fact.notice))

    def conclude(self) -> None:
        """Let the profile say what follows from it."""
        self.profile = derived(self.profile, self.lead.last, self.rules)

    def seen(self) -> dict[str, object]:
        """What conditions see of the lead now."""
        return view(self.lead, self.profile, self.rules)

    def show(self) -> None:
        """Last of all: say that the card changed, if it did. A merged lead's card says so, where there was one; an
        erased one's says nothing more."""
        if self.has_card():
            card = card_of(self.lead, self.profile, self.rules).digest()
            self.say(CardChanged(card=card) if card != self.lead.card else None)

    def has_card(self) -> bool:
        """Whether the CRM shows the lead, or should."""
        if self.lead.merged_into is not None or self.lead.erased_at is not None:
            return self.lead.card is not None
        return is_known(self.profile) and self.lead.decided
