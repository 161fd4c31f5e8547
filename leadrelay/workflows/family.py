"""A lead with all that became it: their logs, and every touch that was ever told to them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from leadrelay.domain.parting import Row, effective, touches
from leadrelay.domain.person.facts import LeadUnmerged
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.store import Record, Store
from leadrelay.workflows.testimony import commits


@dataclass(frozen=True, slots=True)
class Family:
    """The living lead first. `stories` is all that is stored beside each, by lead id."""

    leads: Sequence[LeadRecord]
    stories: dict[str, Sequence[Record]]
    store: Store

    @classmethod
    def of(cls, lead: LeadRecord, store: Store) -> Family:
        """Read it."""
        others = store.load_all([lead_key(each) for each in lead.lead.absorbed])
        leads = (lead, *(each for each in others if each is not None))
        return cls(leads, {each.lead.lead_id: store.story(each.key().pk) for each in leads}, store)

    @property
    def ids(self) -> tuple[str, ...]:
        """Lead ids, the living one first."""
        return tuple(each.lead.lead_id for each in self.leads)

    def book(self, lead_id: str) -> list[Row]:
        """A lead's log as it counts today."""
        return effective(commits(self.stories[lead_id]))

    def touches(self) -> list[str]:
        """Every touch of theirs, each once."""
        return list(
            dict.fromkeys(touch for each in self.ids for touch in (*touches(self.book(each)), *self._won(each)))
        )

    def _won(self, lead_id: str) -> Iterator[str]:
        """Touches that a person gave to this lead, out of another's log."""
        for fact in _unmerges(commits(self.stories[lead_id])):
            for _, other in fact.apart:
                log = commits(self.store.story(lead_key(other).pk))
                yield from (touch for each in _unmerges(log) if each.other == lead_id for touch in each.moved)


def _unmerges(rows: Iterable[Row]) -> Iterator[LeadUnmerged]:
    return (fact for row in rows for fact in row.facts if isinstance(fact, LeadUnmerged))
