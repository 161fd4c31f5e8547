"""Reconcile: count what a sender lists against what it delivered, by form and day.

It decides nothing about a lead: whatever the list brought is stored already, like anything that was sent. What is
counted is committed together with the cursor, so that two readers of one source count nothing twice.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.domain.person.facts import SourceGap
from leadrelay.domain.sources.tally import Sighting, Tally, Unheard, counted, settled, without
from leadrelay.domain.touch import NOT_THEIRS, TouchDraft, touch_id
from leadrelay.ports.records import CursorRecord, DayRecord, TouchRecord, day_key, touch_key
from leadrelay.ports.store import Store

MOST_UNHEARD = 1000
"""Touches whose delivery is waited for; of more, the oldest are counted as found without waiting."""

MOST_DAYS = 80
"""Days that one page is counted for. A page that spans more comes after months without a question."""


@dataclass(frozen=True, slots=True)
class Counted:
    """The cursor with whom it waits for, the days that changed, what is to be said of them, and how many touches were
    now found that no delivery brought."""

    record: CursorRecord
    days: tuple[DayRecord, ...] = ()
    gaps: tuple[SourceGap, ...] = ()
    found: int = 0

    def digest(self) -> str:
        """16 hex of what is to be committed. Two readers of one cursor may have seen different pages: only who counted
        the very same may take the other's commit for their own."""
        said = "\n".join(each.model_dump_json() for each in (self.record, *self.days))
        return hashlib.sha256(said.encode()).hexdigest()[:16]


@dataclass(frozen=True, slots=True)
class _Whole:
    """All that the sender lists of a day, by touch id; `day` None: what was read is a part of some days."""

    day: str | None
    listed: frozenset[str]
    now: datetime

    def looked_through(self, record: DayRecord) -> DayRecord:
        """The day with what is gone from the list, if this is the one."""
        if record.day != self.day:
            return record
        return record.with_(forms=without(record.forms, self.listed), checked_at=self.now)


@dataclass(frozen=True, slots=True)
class Reconcile:
    """The workflow with its port. `patience` is how long a delivery may come after the list."""

    store: Store
    patience: timedelta

    def __call__(
        self, record: CursorRecord, drafts: Sequence[TouchDraft], now: datetime, whole_day: str | None = None
    ) -> Counted:
        """After a page was stored. `whole_day` is set when the drafts are all that the sender lists of that day."""
        listed = {touch_id(record.source, each.key): each for each in drafts if _counts(each, record, now)}
        waiting = [each for each in record.unheard if each.touch_id not in listed]
        hurried = _too_many(waiting)
        due = [each for each in waiting if each.until <= now or each.touch_id in hurried]
        places = {each.touch_id: (each.form, each.day) for each in due}
        places |= {name: _place(each, now) for name, each in listed.items()}
        known, unheard = settled(self._sightings(places), self.patience, now, hurried)
        kept = (*(each for each in waiting if each not in due), *unheard)
        return self._counted(record.with_(unheard=kept), known, _Whole(whole_day, frozenset(listed), now))

    def _counted(self, record: CursorRecord, known: Sequence[Sighting], whole: _Whole) -> Counted:
        days, gaps, found = list[DayRecord](), list[SourceGap](), 0
        for before in self._days(record.source, known, whole.day):
            after = before.with_(forms=counted(before.forms, [each for each in known if each.day == before.day]))
            after = whole.looked_through(after)
            if after != before:
                days.append(after.with_(version=after.version + 1))
                gaps += _gaps(before, after)
                found += _found(after) - _found(before)
        return Counted(record, tuple(days), tuple(gaps), found)

    def _sightings(self, places: Mapping[str, tuple[str, str]]) -> Iterator[Sighting]:
        """What we hold of these; whose touch was removed meanwhile is nobody's gap."""
        found = self.store.load_all([touch_key(name) for name in places])
        for record, (form, day) in zip(found, places.values(), strict=True):
            if isinstance(record, TouchRecord):
                touch = record.touch
                yield Sighting(
                    touch_id=touch.touch_id,
                    form=form,
                    day=day,
                    received_at=touch.received_at,
                    delivered=touch.delivery is not None,
                )

    def _days(self, source: str, known: Sequence[Sighting], whole_day: str | None) -> Iterator[DayRecord]:
        """As they were counted before; of more than one transaction can hold, the newest."""
        named = sorted({each.day for each in known} | ({whole_day} if whole_day else set()))[-MOST_DAYS:]
        found = self.store.load_all([day_key(source, day) for day in named])
        for day, record in zip(named, found, strict=True):
            yield DayRecord(source=source, day=day) if record is None else record


def _counts(draft: TouchDraft, record: CursorRecord, now: datetime) -> bool:
    """What a person did, since deliveries are expected; tests and a CRM's own changes are nobody's gap, and what says
    no time is of no day."""
    at = draft.occurred_at
    return at is not None and at >= (record.begun_at or now) and not draft.test and draft.kind not in NOT_THEIRS


def _place(draft: TouchDraft, now: datetime) -> tuple[str, str]:
    return draft.origin.form or "", (draft.occurred_at or now).date().isoformat()


def _too_many(waiting: Sequence[Unheard]) -> frozenset[str]:
    """The oldest beyond what one record holds."""
    newest_first = sorted(waiting, key=lambda each: each.until, reverse=True)
    return frozenset(each.touch_id for each in newest_first[MOST_UNHEARD:])


def _gaps(before: DayRecord, after: DayRecord) -> Iterator[SourceGap]:
    """Forms of which something more is missing, or is gone, or came back."""
    for form, tally in after.forms.items():
        known = before.forms.get(form, Tally())
        if (tally.found, tally.gone) != (known.found, known.gone):
            yield SourceGap(
                source=after.source,
                form=form,
                day=after.day,
                theirs=tally.theirs,
                ours=len(tally.ours),
                found=len(tally.found),
                gone=len(tally.gone),
            )


def _found(record: DayRecord) -> int:
    return sum(len(tally.found) for tally in record.forms.values())
