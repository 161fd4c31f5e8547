"""What senders list against what they delivered, as it was counted: one line for each source, form and day."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import DayRecord, day_key
from leadrelay.ports.store import Store


class Gap(Model):
    """One form ("" where it has none) of a source on one day (UTC, ISO). `theirs` is how many the sender lists, `ours`
    how many came by themselves, `found` how many only the list brought, `gone` how many it lists no more. `checked_at`
    is when the whole day was last listed anew."""

    source: str
    form: str
    day: str
    theirs: int
    ours: int
    found: int
    gone: int
    checked_at: Instant | None = None

    @property
    def agrees(self) -> bool:
        """Whether all that they list came by itself, and is there still."""
        return not (self.found or self.gone)


def counted_sources(rules: Rules) -> list[str]:
    """Whose lists are counted against their deliveries."""
    sources = rules.sources.sources
    return sorted(name for name in rules.polled if name in sources and sources[name].gap_after_minutes is not None)


@dataclass(frozen=True, slots=True)
class Gaps:
    """The report with its port."""

    store: Store

    def __call__(self, sources: Sequence[str], today: date, days: int) -> Iterator[Gap]:
        """The last `days` days, today among them; the newest first within each source."""
        named = [(today - timedelta(days=number)).isoformat() for number in range(days)]
        keys = [day_key(source, day) for source in sources for day in named]
        for record in self.store.load_all(keys) if keys else ():
            if record is not None:
                yield from _forms(record)


def _forms(record: DayRecord) -> Iterator[Gap]:
    for form, tally in sorted(record.forms.items()):
        yield Gap(
            source=record.source,
            form=form,
            day=record.day,
            theirs=tally.theirs,
            ours=len(tally.ours),
            found=len(tally.found),
            gone=len(tally.gone),
            checked_at=record.checked_at,
        )
