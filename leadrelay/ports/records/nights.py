"""Records of the night: which lead is judged again when, and which rules some leads may not have met yet."""

from __future__ import annotations

from typing import ClassVar

from pydantic import Field

from leadrelay.domain.model import Instant
from leadrelay.ports.store import Due, Key, Listing, Record


def rescore_key(lead_id: str) -> Key[RescoreRecord]:
    """Where it stands when a lead is judged again."""
    return Key(f"LEAD#{lead_id}", "RESCORE", RescoreRecord)


def superseded_key() -> Key[SupersededRecord]:
    """Where the versions of the rules stand by which leads were judged."""
    return Key("RULES", "SUPERSEDED", SupersededRecord)


def judged_by(version: str) -> str:
    """The list of the leads that these rules judged last."""
    return f"RULES#{version}"


class RescoreRecord(Record):
    """When a lead is judged again although nothing happens (`due_at`, UTC; None: time changes nothing), and by which
    version of the rules it was judged last, `since` when. Beside the lead and not in it, so that no clock waits behind
    it; written with the lead, and only when it changes. A lead without a card has no `rules_version`."""

    kind: ClassVar[str] = "rescore"
    lead_id: str
    due_at: Instant | None
    rules_version: str | None
    since: Instant

    def key(self) -> Key[RescoreRecord]:
        """Beside its lead."""
        return rescore_key(self.lead_id)

    def due(self) -> Due | None:
        """In its night."""
        return None if self.due_at is None else Due("rescore", self.due_at)

    def listing(self) -> Listing | None:
        """Among the leads of its rules, to be found when these are superseded."""
        return None if self.rules_version is None else Listing(judged_by(self.rules_version), self.since)


class SupersededRecord(Record):
    """The rules in force as the sweep saw them last, and the `former` ones by which leads may still stand judged, each
    with when it was superseded (UTC). Due in the night, as long as there are any."""

    kind: ClassVar[str] = "superseded"
    current: str
    former: dict[str, Instant] = Field(default_factory=dict)
    due_at: Instant | None = None

    def key(self) -> Key[SupersededRecord]:
        """There is one."""
        return superseded_key()

    def due(self) -> Due | None:
        """In the night after a deployment."""
        return None if self.due_at is None else Due("rescore", self.due_at)
