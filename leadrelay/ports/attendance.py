"""Who is at work, as an outside system knows it: a CRM knows who left it, a calendar who is on leave."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from leadrelay.domain.routing.absences import When


@dataclass(frozen=True, slots=True)
class Span:
    """From `start` to the first day, or instant, after (`until`). Days, and times without a zone, are the rep's own."""

    start: When
    until: When


@dataclass(frozen=True, slots=True)
class Seen:
    """What is said of one person; None where this system says nothing of the kind. `gone`: they can own nothing there
    any more. `away` are all absences that it knows, under way and ahead. `open` counts what they have to work on
    there. `trouble` names why nothing can be said of them now: what was said before stands."""

    gone: bool | None = None
    away: tuple[Span, ...] | None = None
    open: int | None = None
    trouble: str | None = None


class Attendance(Protocol):
    """One system that is asked about our people."""

    def seen(self, people: Mapping[str, str], now: datetime) -> Mapping[str, Seen]:
        """What is said of whom, by rep id. `people` maps a rep id to what names them there; who is unknown there is
        left out. `now` is UTC. Raises Retry, Reject or Misconfigured."""
        ...
