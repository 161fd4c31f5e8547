"""Spam as a report: what came, by day, source and form, and how much of it was suspected of what.

Counted from the touches themselves, so that what a person let through afterwards shows: a suspicion that is often wrong
costs leads, and its limit should be looked at.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, date

from leadrelay.domain.model import Model
from leadrelay.domain.touch import Touch

_COUNTED = frozenset({"submission", "behaviour"})


class SpamRow(Model):
    """How many `touches` one suspicion had in a form on a day (UTC), what `share` (0 to 1) of `all` that came there
    that is, and
    how many of them a person `let_through` since."""

    day: date
    source: str
    form: str | None
    suspicion: str
    touches: int
    all: int
    share: float
    let_through: int


class SpamReport(Model):
    """`all` touches that came, and how many of them were `suspected`; `rows` say where and of what."""

    all: int
    suspected: int
    rows: tuple[SpamRow, ...]


_Place = tuple[date, str, str | None]


def spam_report(touches: Iterable[Touch]) -> SpamReport:
    """One row for each day, source, form and suspicion that there was; the newest day first. Tests count nowhere."""
    everything: Counter[_Place] = Counter()
    suspected: Counter[tuple[_Place, str]] = Counter()
    let_through: Counter[tuple[_Place, str]] = Counter()
    for touch in touches:
        if touch.test or touch.kind not in _COUNTED:
            continue
        place = (touch.received_at.astimezone(UTC).date(), touch.source, touch.origin.form)
        everything[place] += 1
        if suspicion := touch.suspicion or touch.cleared:
            suspected[place, suspicion] += 1
            let_through[place, suspicion] += touch.suspicion is None
    rows = [
        _row(place, suspicion, number, everything[place], let_through[place, suspicion])
        for (place, suspicion), number in suspected.items()
    ]
    return SpamReport(
        all=everything.total(),
        suspected=suspected.total(),
        rows=tuple(sorted(rows, key=lambda row: (-row.day.toordinal(), row.source, row.form or "", row.suspicion))),
    )


def _row(place: _Place, suspicion: str, touches: int, everything: int, let_through: int) -> SpamRow:
    day, source, form = place
    return SpamRow(
        day=day,
        source=source,
        form=form,
        suspicion=suspicion,
        touches=touches,
        all=everything,
        share=touches / everything,
        let_through=let_through,
    )
