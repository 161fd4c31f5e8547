"""The audit: the latest won and lost deals one by one, and in what the won ones differed from the lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Literal, NamedTuple

from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.audit.ranks import FEWEST, ranks_differ
from leadrelay.reports.breakdown import leads_of
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.measures import known, mean, median
from leadrelay.reports.money import Rates, day_of
from leadrelay.reports.result import Chart, Column, Kind, Line, Number, Remark, Table, Value

_PATH = 8
"""Steps of a path that are told; of a longer one the first and the last."""


class Row(NamedTuple):
    """A closed deal and the way of its lead; `path` are the classes of what they did, in order; `in_time` 1 where every
    first contact was made in time, None where none was owed."""

    lead_id: str
    deal_id: str
    captured_ms: int
    won_ms: int | None
    lost_ms: int | None
    reason: str | None
    amount: int | None
    currency: str | None
    rep: str | None
    pool: str | None
    segment: str | None
    rule: str | None
    first_source: str | None
    last_source: str | None
    path: str | None
    touches: int
    first_score: int | None
    mql_ms: int | None
    rep_ms: int | None
    contacted_ms: int | None
    meeting_ms: int | None
    attempts: int
    hops: int
    in_time: int | None


class Aspect(NamedTuple):
    """A side of a journey, a number of each deal. Where the lost ones had `worse` of it, the remark `advice` says which
    rule to look at; of shares the mean is told, of all else the median."""

    id: str
    kind: Kind
    of: Callable[[Row], float | None]
    worse: Literal["more", "less"]

    def middle(self, rows: Sequence[Row]) -> float | None:
        """What is told of a group."""
        values = self.values(rows)
        return mean(values) if self.kind == "share" else median(values)

    def values(self, rows: Sequence[Row]) -> list[float]:
        """Of those of which it is known."""
        return known(self.of(row) for row in rows)


def _since_capture(column: str) -> Callable[[Row], float | None]:
    def seconds(row: Row) -> float | None:
        then: int | None = getattr(row, column)
        return None if then is None else max(then - row.captured_ms, 0) / 1000

    return seconds


ASPECTS = (
    Aspect("reaction", "seconds", _since_capture("contacted_ms"), "more"),
    Aspect("in_time", "share", lambda row: row.in_time, "less"),
    Aspect("assigned", "seconds", _since_capture("rep_ms"), "more"),
    Aspect("hops", "number", lambda row: row.hops, "more"),
    Aspect("attempts", "number", lambda row: row.attempts, "less"),
    Aspect("meeting", "share", lambda row: row.meeting_ms is not None, "less"),
    Aspect("touches", "number", lambda row: row.touches, "less"),
    Aspect("first_score", "score", lambda row: row.first_score, "less"),
)
"""What is compared, in the order in which a rule can change it."""


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """The latest deals of each kind, side by side."""
    won = _latest([row for row in rows if row.won_ms is not None], asked.take.get("won", TAKES["won"]))
    lost = _latest([row for row in rows if row.won_ms is None], asked.take.get("lost", TAKES["lost"]))
    reaction, in_time = ASPECTS[0], ASPECTS[1]
    return Counted(
        leads=leads_of((*won, *lost)),
        numbers=(
            Number(id="reaction_won", kind="seconds", value=reaction.middle(won), of=len(won)),
            Number(id="reaction_lost", kind="seconds", value=reaction.middle(lost), of=len(lost)),
            Number(id="in_time_lost", kind="share", value=in_time.middle(lost), of=len(lost)),
        ),
        tables=(_differences(won, lost), _journeys((*won, *lost), asked, around), _reasons(lost)),
        charts=(Chart(id="reasons", table="reasons", form="bars", x="reason", series=("leads",)),),
        remarks=tuple(_remarks(won, lost)),
    )


def _closed_ms(row: Row) -> int:
    return row.won_ms or row.lost_ms or 0


def _latest(rows: Sequence[Row], most: int) -> list[Row]:
    return sorted(rows, key=lambda row: (-_closed_ms(row), row.deal_id))[:most]


def _differences(won: Sequence[Row], lost: Sequence[Row]) -> Table:
    columns = (Column(id="aspect", kind="code"), Column(id="won", kind="text"), Column(id="lost", kind="text"))
    lines = (
        Line(values=(each.id, *(_told(each, each.middle(rows)) for rows in (won, lost)), _verdict(each, won, lost)))
        for each in ASPECTS
    )
    return Table(id="differences", columns=(*columns, Column(id="differs", kind="code")), lines=tuple(lines))


def _told(aspect: Aspect, value: float | None) -> Value:
    """One column holds times, shares and points: each is written as people say it, in no language."""
    if value is None:
        return None
    if aspect.kind == "share":
        return f"{value:.0%}"
    if aspect.kind == "seconds":
        hours, seconds = divmod(round(value), 3600)
        return f"{hours}:{seconds // 60:02}:{seconds % 60:02}"
    return f"{value:g}"


def _verdict(aspect: Aspect, won: Sequence[Row], lost: Sequence[Row]) -> str:
    ours, theirs = aspect.values(won), aspect.values(lost)
    if min(len(ours), len(theirs)) < FEWEST:
        return "too_few"
    return "differs" if ranks_differ(ours, theirs) else "alike"


def _journeys(rows: Sequence[Row], asked: Asked, around: Around) -> Table:
    rates = Rates(around.inputs.rates)
    return Table(
        id="journeys", columns=_JOURNEY, lines=tuple(_journey(row, asked, rates) for row in rows), counts="leads"
    )


_JOURNEY = (
    Column(id="deal", kind="text"),
    Column(id="leads"),
    Column(id="outcome", kind="code"),
    Column(id="closed", kind="day"),
    Column(id="source", kind="code", codes="source"),
    Column(id="path", kind="text"),
    Column(id="touches"),
    Column(id="first_score", kind="score"),
    Column(id="reaction", kind="seconds"),
    Column(id="attempts"),
    Column(id="hops"),
    Column(id="rule", kind="text"),
    Column(id="rep", kind="code", codes="rep"),
    Column(id="amount", kind="money"),
    Column(id="reason", kind="code", codes="reason"),
)


def _journey(row: Row, asked: Asked, rates: Rates) -> Line:
    closed = day_of(_closed_ms(row), asked.zone)
    amount = None if row.amount is None else rates.convert(row.amount, row.currency, asked.currency, closed)
    source = row.first_source if asked.attribution == "first" else row.last_source
    values: tuple[Value, ...] = (
        row.deal_id, 1, "won" if row.won_ms is not None else "lost", str(closed), source, _path(row.path),
        row.touches, row.first_score, ASPECTS[0].of(row), row.attempts, row.hops, row.rule, row.rep, amount, row.reason,
    )  # fmt: skip
    return Line(values=values, opens=(Condition(column="lead_id", value=row.lead_id),))


def _path(path: str | None) -> Value:
    """Each step once in a row, with how often it came; the middle of a long way is left out."""
    if not path:
        return None
    steps = [f"{step} ×{times}" if times > 1 else step for step, times in _runs(path.split())]
    if len(steps) > _PATH:
        steps = [*steps[: _PATH // 2], "…", *steps[-_PATH // 2 :]]
    return " → ".join(steps)


def _runs(steps: Sequence[str]) -> Iterator[tuple[str, int]]:
    for step, same in groupby(steps):
        yield step, len(list(same))


def _reasons(lost: Sequence[Row]) -> Table:
    found: dict[str | None, list[Row]] = {}
    for row in lost:
        found.setdefault(row.reason, []).append(row)
    ordered = sorted(found.items(), key=lambda item: (-len(item[1]), item[0] or ""))
    columns = (Column(id="reason", kind="code", codes="reason"), Column(id="leads"))
    return Table(
        id="reasons", columns=columns, lines=tuple(Line(values=(each, leads_of(some))) for each, some in ordered)
    )


def _remarks(won: Sequence[Row], lost: Sequence[Row]) -> Iterator[Remark]:
    if min(len(won), len(lost)) < FEWEST:
        yield Remark(id="too_few", values={"won": len(won), "lost": len(lost), "fewest": FEWEST})
        return
    advised = [each for each in ASPECTS if _worse(each, won, lost)]
    for aspect in advised:
        values: dict[str, Value] = {"won": aspect.middle(won), "lost": aspect.middle(lost)}
        yield Remark(id=f"{aspect.id}_{aspect.worse}", values=values, weight="warning")
    if all(aspect.id != "first_score" for aspect in advised):
        yield Remark(id="score_silent", values=_scores(won, lost))
    if not advised:
        yield Remark(id="alike", values={"won": len(won), "lost": len(lost)})


def _scores(won: Sequence[Row], lost: Sequence[Row]) -> dict[str, Value]:
    score = ASPECTS[-1]
    return {"won": score.middle(won), "lost": score.middle(lost)}


def _worse(aspect: Aspect, won: Sequence[Row], lost: Sequence[Row]) -> bool:
    """The lost ones had more of what harms, or less of what helps, and not by chance. A score that is higher for what
    was lost is told by its absence from here."""
    ours, theirs = mean(aspect.values(won)), mean(aspect.values(lost))
    if ours is None or theirs is None or _verdict(aspect, won, lost) != "differs":
        return False
    return theirs > ours if aspect.worse == "more" else theirs < ours


TAKES: Mapping[str, int] = {"won": 10, "lost": 10}
"""How many deals of each kind are looked at, the latest."""

REPORT: Definition[Row] = Definition(
    row=Row, count=count, dates={"capture": "captured_ms", "activity": ("won_ms", "lost_ms")}, takes=TAKES
)
