"""The people of the accounts that a touch may concern: loaded before it is heard, written by what hears it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.account.counting import crowds_after, home
from leadrelay.domain.account.crowd import Crowd
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import Heard
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.scoring.night import night
from leadrelay.domain.touch import Touch
from leadrelay.ports.records import PeopleRecord, people_key
from leadrelay.ports.store import Put, Store


@dataclass(frozen=True, slots=True)
class Accounts:
    """The accounts by domain, as they were loaded."""

    records: dict[str, PeopleRecord]

    @classmethod
    def of(cls, domains: Iterable[str], store: Store) -> Accounts:
        """The people of these accounts."""
        names = sorted(set(domains))
        found = store.load_all([people_key(domain) for domain in names])
        return cls({name: record or PeopleRecord(domain=name) for name, record in zip(names, found, strict=True)})

    @property
    def crowds(self) -> dict[str, Crowd]:
        """As a decision takes them."""
        return {domain: record.crowd for domain, record in self.records.items()}

    def puts(self, touch: Touch, decision: Decision) -> Iterator[Put]:
        """What the touch changed, conditioned on the versions that were counted."""
        for domain, crowd in crowds_after(touch, decision, self.crowds).items():
            record = self.records[domain]
            if crowd != record.crowd:
                due_at = _told_at(record, crowd, decision)
                yield Put(record.with_(version=record.version + 1, crowd=crowd, due_at=due_at))


def _told_at(record: PeopleRecord, crowd: Crowd, decision: Decision) -> datetime | None:
    """The night in which the others hear of it; one that was planned already is never put off."""
    at = crowd.recounted_at(record.crowd, decision.rules.scoring.account, decision.at)
    fresh = None if at is None else night(record.domain, at, decision.rules)
    return min((each for each in (record.due_at, fresh) if each is not None), default=None)


def concerned(heard: Heard, profiles: Iterable[Profile]) -> set[str]:
    """The accounts that a touch may concern: the one it names, and those of the leads that it is heard by."""
    said = heard.looked_up.get("account.domain")
    named = (heard.values.get("account.domain"), None if said is None else said.value, *map(home, profiles))
    return {str(domain) for domain in named if domain is not None}
