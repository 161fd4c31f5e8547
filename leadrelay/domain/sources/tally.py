"""Counting a sender's own list against what we have, by form and day.

Each touch is counted once, by a mark of its id, however often it is listed and by how many readers at once: pages
overlap, and a page that failed is read again. A touch that only the list brought is a gap if its delivery does not come
within the time that the rules give it.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime, timedelta

from leadrelay.domain.model import Instant, Model

MOST = 15_000
"""So many touches of a source are counted for one day: their marks fill one record."""

_MARK = 16
"""Hex digits: within one day no two touches share so many."""


class Tally(Model):
    """One form on one day, in marks: `ours` are listed touches that a delivery brought, `found` those that only the
    list did, `gone` those of both that the sender listed once and does not list any more."""

    ours: tuple[str, ...] = ()
    found: tuple[str, ...] = ()
    gone: tuple[str, ...] = ()

    @property
    def theirs(self) -> int:
        """How many the sender lists."""
        return len(self.ours) + len(self.found) - len(self.gone)


class Sighting(Model):
    """A touch that the sender lists and we hold. `form` is "" where it has none, `day` its day in UTC (ISO),
    `received_at` when we first had it, `delivered` whether a delivery brought it, then or since."""

    touch_id: str
    form: str
    day: str
    received_at: Instant
    delivered: bool


class Unheard(Model):
    """A touch that only the list brought so far; its delivery may still come until then (UTC)."""

    touch_id: str
    form: str
    day: str
    until: Instant


Tallies = Mapping[str, Tally]
"""By form."""


def settled(
    sightings: Iterable[Sighting], patience: timedelta, now: datetime, hurried: Collection[str] = ()
) -> tuple[list[Sighting], list[Unheard]]:
    """Those of which we know whether a delivery brings them, and those of which time will tell; for touches that are
    `hurried` nobody waits any longer."""
    known: list[Sighting] = []
    open_: list[Unheard] = []
    for one in sightings:
        until = one.received_at + patience
        if one.delivered or until <= now or one.touch_id in hurried:
            known.append(one)
        else:
            open_.append(Unheard(touch_id=one.touch_id, form=one.form, day=one.day, until=until))
    return known, open_


def counted(tallies: Tallies, sightings: Sequence[Sighting]) -> dict[str, Tally]:
    """With these of one day. What a touch was first counted as, it stays; who is listed is not gone."""
    after = dict(tallies)
    for one in sightings:
        tally, mark = after.get(one.form, Tally()), one.touch_id[-_MARK:]
        if mark in tally.gone:
            tally = tally.with_(gone=tuple(each for each in tally.gone if each != mark))
        elif not _knows(after, mark) and _size(after) < MOST:
            kept = (*(tally.ours if one.delivered else tally.found), mark)
            tally = tally.with_(ours=kept) if one.delivered else tally.with_(found=kept)
        else:
            continue
        after[one.form] = tally
    return after


def without(tallies: Tallies, listed: Iterable[str]) -> dict[str, Tally]:
    """After the whole day was listed: what is not among these touch ids is gone."""
    marks = {touch_id[-_MARK:] for touch_id in listed}
    return {
        form: tally.with_(gone=tuple(mark for mark in (*tally.ours, *tally.found) if mark not in marks))
        for form, tally in tallies.items()
    }


def _knows(tallies: Tallies, mark: str) -> bool:
    return any(mark in tally.ours or mark in tally.found for tally in tallies.values())


def _size(tallies: Tallies) -> int:
    return sum(len(tally.ours) + len(tally.found) for tally in tallies.values())
