"""Reading: one page of a source's list is taken in, like anything that was sent, and counted against what was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.facts import Metadata
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import TouchDraft, touch_id
from leadrelay.ports.fetch import Listed
from leadrelay.ports.records import CursorRecord, touch_key
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.reconcile import Counted, Reconcile
from leadrelay.workflows.take import Brought, Take

_PAGES = 20
"""Of a day that has more, what was read is kept, and nothing is said to be gone from it."""


@dataclass(frozen=True, slots=True)
class Reading:
    """One source, in answer to one question (`metadata`)."""

    store: Store
    telemetry: Telemetry
    source: str
    policy: SourcePolicy
    rules: Rules
    metadata: Metadata

    def take(self, drafts: Sequence[TouchDraft], now: datetime) -> int:
        """Store what we do not have; how much that was."""
        settings = SourceSettings(name=self.source, vendor=self.policy.vendor, options=self.policy.options)
        brought = Brought(settings, "verified", f"poll:{self.metadata.fact_id}", self.rules.version, now)
        known = self.store.load_all([touch_key(touch_id(self.source, each.key)) for each in drafts]) if drafts else []
        unknown = [draft for draft, held in zip(drafts, known, strict=True) if held is None]
        return Take(self.store, self.telemetry).all(unknown, brought)

    def count(
        self, record: CursorRecord, drafts: Sequence[TouchDraft], now: datetime, whole_day: str | None = None
    ) -> Counted:
        """What these, stored by now, mean for the count of their days; nothing where no deliveries are expected."""
        if self.policy.gap_after_minutes is None:
            return Counted(record.with_(unheard=()))
        reconcile = Reconcile(self.store, timedelta(minutes=self.policy.gap_after_minutes))
        return reconcile(record, drafts, now, whole_day)


def whole(fetcher: Listed, span: tuple[datetime, datetime]) -> tuple[list[TouchDraft], bool]:
    """All that is listed of a day, and whether it was all."""
    drafts: list[TouchDraft] = []
    page: str | None = None
    for _ in range(_PAGES):
        found, page = fetcher.between(*span, page)
        drafts += found
        if page is None:
            return drafts, True
    return drafts, False
