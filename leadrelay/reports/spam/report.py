"""What was set aside and why, what share of all that came that is, and how often it was a mistake."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, by_month, everything, known_in, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.measures import share, shares_differ
from leadrelay.reports.result import Chart, Column, Number, Remark, Value

WRONG = 0.2
"""A suspicion that is wrong so often costs leads."""


class Row(NamedTuple):
    """A touch that said or did something; tests are left out. `reason` is why it was set aside, none where it was not;
    `suspected` whether that was for spam, `let_through` whether it became somebody's since: a person looked, or a
    mapping was mended."""

    lead_id: str | None
    touch_id: str
    received_ms: int
    source: str
    reason: str | None
    suspected: bool
    let_through: bool


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """By reason, source and month."""
    whole = everything(rows)
    parked = known_in(whole, "reason")
    reasons = by_column(parked, "reason")
    of_all: Measure[Row] = Measure("share", "share", lambda found: share(len(found), len(rows)))
    return Counted(
        numbers=tuple(_number(one, rows, around.before) for one in (_PARKED_SHARE, _SUSPECTED_SHARE, _WRONG)),
        tables=(
            table(
                "reasons",
                Column(id="reason", kind="code", codes="parked"),
                reasons,
                (_TOUCHES, of_all, _LET_THROUGH, _WRONG_SHARE),
                parked,
            ),
            table("sources", Column(id="source", kind="code", codes="source"), by_column(whole, "source"), _BY, whole),
            table("months", Column(id="month", kind="month"), by_month(whole, "received_ms", asked), _BY, whole),
        ),
        charts=(
            Chart(id="reasons", table="reasons", form="bars", x="reason", series=("touches", "let_through")),
            Chart(id="months", table="months", form="line", x="month", series=("parked_share", "suspected_share")),
        ),
        remarks=(*_mistaken(reasons, around), *_more(rows, around)),
    )


def _parked(rows: Sequence[Row]) -> int:
    return sum(row.reason is not None for row in rows)


def _suspected(rows: Sequence[Row]) -> int:
    return sum(row.suspected for row in rows)


def _let_through(rows: Sequence[Row]) -> int:
    return sum(row.let_through for row in rows)


def _wrong(rows: Sequence[Row]) -> float | None:
    """Of what was suspected, how much was let through."""
    return share(sum(row.suspected and row.let_through for row in rows), _suspected(rows))


_TOUCHES: Measure[Row] = Measure("touches", "count", len)
_LET_THROUGH: Measure[Row] = Measure("let_through", "count", _let_through)
_WRONG_SHARE: Measure[Row] = Measure("through_share", "share", lambda rows: share(_let_through(rows), _parked(rows)))
_WRONG: Measure[Row] = Measure("wrong_share", "share", _wrong)
_PARKED_SHARE: Measure[Row] = Measure("parked_share", "share", lambda rows: share(_parked(rows), len(rows)))
_SUSPECTED_SHARE: Measure[Row] = Measure("suspected_share", "share", lambda rows: share(_suspected(rows), len(rows)))
_BY: tuple[Measure[Row], ...] = (
    _TOUCHES,
    Measure("parked", "count", _parked),
    _PARKED_SHARE,
    Measure("suspected", "count", _suspected),
    _SUSPECTED_SHARE,
    _LET_THROUGH,
)


def _number(measure: Measure[Row], rows: Sequence[Row], before: Sequence[Row]) -> Number:
    """It rests on touches: most of them are nobody's."""
    return Number(id=measure.id, kind=measure.kind, value=measure.of(rows), of=len(rows), before=measure.of(before))


def _mistaken(reasons: Sequence[Group[Row]], around: Around) -> tuple[Remark, ...]:
    """Suspicions that are wrong too often."""
    found = ((group, _wrong(group.rows)) for group in reasons if len(group.rows) >= around.rules.reports.enough)
    return tuple(
        Remark(id="mistaken", values={"reason": group.value, "share": wrong}, weight="warning")
        for group, wrong in found
        if wrong is not None and wrong >= WRONG
    )


def _more(rows: Sequence[Row], around: Around) -> tuple[Remark, ...]:
    """A larger part is suspected than in the time before."""
    is_, was, enough = _suspected(rows), _suspected(around.before), around.rules.reports.enough
    of, then = len(rows), len(around.before)
    if min(of, then) < enough or is_ * then <= was * of or not shares_differ(is_, of, was, then):
        return ()
    values: dict[str, Value] = {"was": was / then, "now": is_ / of}
    return (Remark(id="more", values=values, weight="warning"),)


REPORT: Definition[Row] = Definition(
    row=Row, count=count, dates={"capture": "received_ms", "activity": "received_ms"}, filters=("source",)
)
