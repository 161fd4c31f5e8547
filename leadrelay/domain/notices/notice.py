"""What somebody is to be told, and about which lead or source: what every decision about a notice is made from."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.lead import Lead
from leadrelay.domain.notices.plain import plain
from leadrelay.domain.notices.policy import ERASED
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.team import Pool
from leadrelay.domain.rules import Rules


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice with the lead as it is `now` (UTC), and the rules it is told by. `lines` are its words by language, the
    title first, where it is about numbers."""

    needed: NoticeNeeded
    lead: Lead
    profile: Profile
    rules: Rules
    now: datetime
    lines: Mapping[str, Sequence[str]] = field(default_factory=dict)

    @classmethod
    def of_source(
        cls, needed: NoticeNeeded, rules: Rules, now: datetime, lines: Mapping[str, Sequence[str]] | None = None
    ) -> Notice:
        """One about no lead."""
        return cls(needed, Lead(lead_id=""), Profile(), rules, now, lines or {})

    @property
    def about(self) -> str:
        """What it is about: several notices of one are told as one."""
        return self.lead.lead_id if self.needed.source is None else f"source:{self.needed.source}"

    @property
    def late(self) -> bool:
        """Whether it should have been told long ago."""
        patience = timedelta(minutes=self.rules.notices.digest_after_minutes)
        return self.needed.since is not None and self.needed.since + patience < self.now

    @property
    def kind(self) -> str:
        """Such as `warn`."""
        return self.needed.notice

    @property
    def key(self) -> str:
        """Equal for repeats of the same notice."""
        return f"{self.lead.lead_id}:{self.needed.notice_id}"

    @property
    def pool(self) -> Pool | None:
        """The pool that has the lead or gave it out; None where there is none (any more)."""
        return next((pool for pool in self.rules.team.pools if pool.id == self.lead.ownership.pool), None)

    def who(self, unnamed: str) -> str:
        """The person and the company, harmless in every channel; or the source."""
        if self.needed.source is not None:
            return plain(self.needed.source)
        names = (self.profile.text(name) for name in ("lead.first_name", "lead.last_name"))
        person = plain(" ".join(filter(None, names))) or unnamed
        return ", ".join(filter(None, (person, plain(self.profile.text("account.name") or ""))))


def is_nobodys(kind: str, lead: Lead) -> bool:
    """Whether a notice of this kind concerns nobody any more: the lead's record was deleted in the CRM, or its person
    was erased, and that alone is still told."""
    if lead.erased_at is not None:
        return kind != ERASED
    return lead.merged_into is None and not lead.live
