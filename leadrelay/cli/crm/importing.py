"""Bringing a CRM's people in, page by page, so that it may be interrupted anywhere.

A page's cursor is kept behind its touches, and a touch is known by its key: what was taken twice was taken once.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from leadrelay.cli.crm.drafts import drafts, recognised
from leadrelay.cli.crm.telling import many
from leadrelay.cli.resuming import Bookmark, Patience
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import TouchDraft
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.clock import Clock
from leadrelay.ports.crm_setup import CrmSetup, PeoplePage
from leadrelay.ports.source import SourceSettings
from leadrelay.ports.store import Store
from leadrelay.workflows.take import Brought, Take


def import_of(crm: str) -> str:
    """The name under which it is kept how far an import came."""
    return f"import:{crm}"


@dataclass(frozen=True, slots=True)
class Tally:
    """What this run did: `new` were not known as they are now, `unknowable` have neither address nor number."""

    pages: int = 0
    new: int = 0
    known: int = 0
    deals: int = 0
    unknowable: int = 0
    complete: bool = False

    @property
    def people(self) -> int:
        """Everybody who was looked at."""
        return self.new + self.known + self.unknowable

    def __str__(self) -> str:
        """As people read it."""
        told = f"{many(self.people, 'person', 'people')} in {many(self.pages, 'page', 'pages')}"
        return f"{told}: {self.new:,} new, {self.known:,} known as they are; {many(self.deals, 'deal', 'deals')}"

    def with_(self, draft: TouchDraft, *, new: bool) -> Tally:
        """One more touch."""
        if draft.event == "deal":
            return replace(self, deals=self.deals + new)
        return replace(self, new=self.new + new, known=self.known + (not new))

    def turned(self, page: PeoplePage) -> Tally:
        """The page is done, and whom it could not be told of is counted."""
        unknowable = self.unknowable + sum(not recognised(person) for person in page.people)
        return replace(self, pages=self.pages + 1, unknowable=unknowable, complete=page.following is None)


@dataclass(frozen=True, slots=True)
class Import:
    """The import of one account into a store. `pause` waits for so many seconds."""

    crm: str
    account: CrmSetup
    store: Store
    rules: Rules
    clock: Clock
    pause: Callable[[float], None]

    def __call__(self, tell: Callable[[Tally], None], limit: int | None = None) -> Tally:
        """Read on from where the last run stopped, until the end or `limit` new people; each step is told.

        Raises Retry when the CRM or the table stays away or asks for a long pause, Conflict when another import of the
        same account is running. All that was told of is kept.
        """
        tally, bookmark, patiently = Tally(), self._bookmark(), Patience(self.pause)
        cursor = bookmark.here()
        while True:
            page = patiently(partial(self.account.people, cursor.cursor))
            for draft in drafts(page, self.crm):
                if limit is not None and tally.new >= limit and draft.event != "deal":
                    return tally
                tally = tally.with_(draft, new=self._take(draft))
                tell(tally)
            cursor = bookmark.keep(cursor, page.following)
            tally = tally.turned(page)
            tell(tally)
            if tally.complete:
                return tally

    def restart(self) -> None:
        """Forget how far the last run came. Raises Conflict when another import is running."""
        self._bookmark().forget()

    def begun(self) -> bool:
        """Whether a run before this one stopped half-way."""
        return self._bookmark().here().cursor is not None

    def _bookmark(self) -> Bookmark:
        return Bookmark(import_of(self.crm), self.store, Patience(self.pause))

    def _take(self, draft: TouchDraft) -> bool:
        at = self.clock.now()
        brought = Brought(self._settings(), "verified", import_of(self.crm), self.rules.version, at)
        return Patience(self.pause)(lambda: Take(self.store, MemoryTelemetry())(draft, brought))

    def _settings(self) -> SourceSettings:
        """The rules' own source for this CRM says how its words are read; else the vendor's folder does."""
        named = (name for name, policy in self.rules.sources.sources.items() if policy.vendor == self.crm)
        return SourceSettings(name=next(named, self.crm), vendor=self.crm)
