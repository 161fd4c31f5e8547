"""Completing a touch whose webhook carried only an id, and reading a vendor's history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, runtime_checkable

from leadrelay.domain.touch import CrmRecord, Origin, Touch, TouchDraft, Words


@dataclass(frozen=True, slots=True)
class Completed:
    """What the vendor said when asked. `origin` fields that are None keep what the webhook said.

    `test` marks what the vendor's own testing tool made, which some webhooks do not tell. `record` and `event` are a
    CRM's record as it is now, whatever order its webhooks came in; None keeps what the webhook said.
    """

    words: Words
    origin: Origin
    test: bool = False
    record: CrmRecord | None = None
    event: str | None = None


class Fetch(Protocol):
    """A vendor's read API. Raises Retry (throttled, away), Reject (gone, a dashboard test), Misconfigured (rights)."""

    def complete(self, touch: Touch) -> Completed:
        """The whole touch for `touch.fetch_id`."""
        ...

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """Touches after the cursor, oldest first, and the cursor of the last contiguous success; a page at a time, so
        that one call stays well under half a minute. A repeat of what was given before is harmless: its key is the
        same. A CRM's first cursor (None) is now: what was there before is for `leadrelay crm import`."""
        ...


@runtime_checkable
class Listed(Protocol):
    """A read API that can list any time again, so that a whole day can be counted. It raises what `Fetch` does. Its
    module says in `LISTS_DAYS` how many days back the vendor still shows."""

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        """What was submitted from `start` until before `end` (UTC): a page, and the next page's token; None behind the
        last. `page` None is the first."""
        ...


@dataclass(frozen=True, slots=True)
class Subscription:
    """One webhook as its sender has it: where it goes ("" where that is not told), whether it is on, and what else
    should be known of it (codes and words of ours)."""

    url: str
    active: bool
    note: str = ""


@runtime_checkable
class Subscribed(Protocol):
    """A sender that tells its webhooks: one that was switched off is silent otherwise. It raises what `Fetch` does."""

    def subscriptions(self) -> Sequence[tuple[str, Sequence[Subscription]]]:
        """For each thing whose deliveries are expected (a form, a page), in our words: the webhooks it has."""
        ...
