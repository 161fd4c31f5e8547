"""What reps do, and what comes of it, given the leads they got."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.bands import by_band
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, leads_of, number, table
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import known, mean, share
from leadrelay.reports.reps.adjusted import Adjusted, Outcome
from leadrelay.reports.reps.row import TRIES, Row
from leadrelay.reports.result import Chart, Column, Number, Remark, Value

OUTCOMES = ("sql", "opportunity")
CHANCE = 0.05
"""A finding is wrong in one of twenty cases, all reps taken together."""


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """Rep by rep: what they got, did and made; and what was to be expected of such leads."""
    whole, policy = everything(rows), around.rules.reports
    adjusted = {outcome: Adjusted(outcome, rows, around.rules.team, policy) for outcome in OUTCOMES}
    reps, got, first = by_column(whole, "rep"), _got(whole), Column(id="rep", kind="code", codes="rep")
    made = tuple(measure for outcome in OUTCOMES for measure in _made(outcome, adjusted[outcome]))
    bands = tuple(measure for outcome in OUTCOMES for measure in _made(outcome, adjusted[outcome])[:2])
    return Counted(
        leads=leads_of(got.rows),
        numbers=_numbers(rows, around),
        tables=(
            table("reps", first, reps, (_SCORE, *made), whole, _got),
            table("done", first, reps, _DONE, whole, _got),
            table("bands", Column(id="band", kind="text"), by_band(got, "score", policy), bands, got),
        ),
        charts=(
            Chart(id="done", table="done", form="stacked", x="rep", series=(*_NAMES, "meetings")),
            Chart(id="made", table="reps", form="bars", x="rep", series=("sql_share", "sql_expected")),
        ),
        remarks=(
            *not_enough(leads_of(got.rows), around.rules),
            *(remark for outcome in OUTCOMES for remark in _off(reps, outcome, adjusted[outcome], policy.enough)),
            *((Remark(id="narrowed"),) if asked.where.keys() & {"rep", "pool"} else ()),
        ),
    )


def _got(group: Group[Row]) -> Group[Row]:
    """The leads that they got."""
    rows = [row for row in group.rows if row.what == "lead"]
    return Group(group.value, group.where(Condition(column="what", value="lead")), rows)


def _handled(rows: Sequence[Row]) -> int:
    """Leads that they reached out to."""
    return leads_of(_tried(rows))


def _tried(rows: Sequence[Row]) -> list[Row]:
    return [row for row in rows if row.what in TRIES]


def _tries(rows: Sequence[Row]) -> int:
    return len(_tried(rows))


def _did(name: str, what: str) -> Measure[Row]:
    return Measure(name, "count", lambda rows: sum(row.what == what for row in rows))


_NAMES = ("calls", "emails", "others")
_PER_LEAD: Measure[Row] = Measure("tries_per_lead", "number", lambda rows: share(_tries(rows), _handled(rows)), _tried)
_SCORE: Measure[Row] = Measure("score", "score", lambda rows: mean(known(row.score for row in rows)))
_DONE: tuple[Measure[Row], ...] = (
    Measure("handled", "count", _handled),
    *(_did(name, what) for name, what in zip(_NAMES, TRIES, strict=True)),
    _did("meetings", "meeting"),
    _PER_LEAD,
)


def _made(outcome: str, adjusted: Adjusted) -> tuple[Measure[Row], ...]:
    """How many became it, what part that is of those that could, what part was to be expected, and how both compare:
    above 1 is more than expected."""

    def part(rows: Sequence[Row]) -> Value:
        found = adjusted.of(rows)
        return share(found.made, found.leads)

    def expected(rows: Sequence[Row]) -> Value:
        found = adjusted.of(rows)
        return share(found.expected, found.leads)

    def index(rows: Sequence[Row]) -> Value:
        found = adjusted.of(rows)
        return share(found.made, found.expected)

    return (
        Measure(f"{outcome}_made", "count", lambda rows: adjusted.of(rows).made),
        Measure(f"{outcome}_share", "share", part),
        Measure(f"{outcome}_expected", "share", expected),
        Measure(f"{outcome}_index", "number", index),
    )


def _numbers(rows: Sequence[Row], around: Around) -> tuple[Number, ...]:
    """Over all reps."""

    def worked(found: Sequence[Row]) -> Value:
        got = {(row.rep, row.lead_id) for row in found if row.what == "lead"}
        tried = {(row.rep, row.lead_id) for row in found if row.what in TRIES}
        return share(len(got & tried), len(got))

    def got(found: Sequence[Row]) -> list[Row]:
        return [row for row in found if row.what == "lead"]

    def sqls(found: Sequence[Row]) -> Value:
        made = Adjusted("sql", found, around.rules.team, around.rules.reports).of(found)
        return share(made.made, made.leads)

    measures: tuple[Measure[Row], ...] = (
        Measure("handled_share", "share", worked, got),
        _PER_LEAD,
        Measure("sql_share", "share", sqls, lambda found: [row for row in got(found) if not row.was_sql]),
    )
    return tuple(number(one, rows, around.before) for one in measures)


def _off(reps: Sequence[Group[Row]], outcome: str, adjusted: Adjusted, enough: int) -> Iterator[Remark]:
    """Who made most more, and who most fewer, than such leads become, by more than chance; the more reps are compared,
    the clearer it must be."""
    found = {str(group.value): adjusted.of(group.rows) for group in reps}
    large = {rep: one for rep, one in found.items() if one.leads >= enough}
    sure = {rep: one for rep, one in large.items() if one.chance * len(large) < CHANCE}
    above = {rep: one for rep, one in sure.items() if one.made > one.expected}
    yield from _told("above", outcome, above)
    yield from _told("below", outcome, {rep: one for rep, one in sure.items() if rep not in above})


def _told(name: str, outcome: str, found: Mapping[str, Outcome]) -> Iterator[Remark]:
    if not found:
        return
    rep = min(found, key=lambda each: found[each].chance)
    one = found[rep]
    values: dict[str, Value] = {"rep": rep, "share": share(one.made, one.leads)}
    values |= {"expected": share(one.expected, one.leads), "outcome": outcome, "leads": one.leads}
    yield Remark(id=name, values=values, weight="note" if name == "above" else "warning")


REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": "happened_ms"})
