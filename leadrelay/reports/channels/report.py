"""What each source, channel, campaign and form brought, from leads to revenue, and what that cost."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import NamedTuple

from leadrelay.reports.asked import Asked
from leadrelay.reports.breakdown import Group, Measure, by_column, everything, leads_of, same, table
from leadrelay.reports.channels import spend
from leadrelay.reports.channels.paid import COLUMNS, Paid
from leadrelay.reports.definition import Around, Counted, Definition
from leadrelay.reports.earned import Earned, unrated
from leadrelay.reports.findings import not_enough
from leadrelay.reports.measures import counts_differ
from leadrelay.reports.money import Rates
from leadrelay.reports.result import Chart, Column, Kind, Line, Number, Remark, Table, Value
from leadrelay.reports.when import When, as_old


class Row(NamedTuple):
    """A lead and one of its deals; a lead without a deal has one row."""

    lead_id: str
    captured_ms: int
    mql_ms: int | None
    sql_ms: int | None
    opportunity_ms: int | None
    customer_ms: int | None
    first_source: str | None
    first_channel: str | None
    first_class: str | None
    first_campaign: str | None
    first_form: str | None
    last_source: str | None
    last_channel: str | None
    last_class: str | None
    last_campaign: str | None
    last_form: str | None
    opened_ms: int | None
    won_ms: int | None
    amount: int | None
    currency: str | None


class Days:
    """The rows of some days, and what was spent in them: None where nobody told it, or the filters cannot."""

    def __init__(self, rows: Sequence[Row], asked: Asked, around: Around) -> None:
        rates = Rates(around.inputs.rates)
        self.rows, self.asked, self.when = rows, asked, When.of(asked)
        self.earned = Earned(rates, asked, self.when)
        self.margin = around.rules.reports.lifetime_margin
        costs, self.left_out = spend.costs(around.inputs.spend, asked, rates)
        self.costs = costs if around.inputs.spend and asked.where.keys() <= spend.TOLD_BY else None

    @property
    def spent(self) -> float | None:
        """In all."""
        return None if self.costs is None else sum(cost.amount for cost in self.costs)

    def leads(self, rows: Sequence[Row], column: str = "captured_ms") -> int:
        """How many leads came, or came to a stage."""
        return leads_of(self.when.rows(rows, column))

    def paid(self, rows: Sequence[Row], spent: float | None) -> Paid:
        """What these leads cost."""
        revenue = self.earned.revenue(rows).sum
        return Paid.of(spent, self.leads(rows), self.leads(rows, "customer_ms"), revenue, self.margin)


def count(rows: Sequence[Row], asked: Asked, around: Around) -> Counted:
    """The same numbers by everything that a lead can have come from."""
    now, before = Days(rows, asked, around), Days(as_old(around.before, asked, around.now), asked.before(), around)
    return Counted(
        leads=now.leads(rows),
        numbers=_numbers(now, before),
        tables=tuple(_table(now, dimension, name) for dimension, name in _TABLES.items()),
        charts=_CHARTS,
        remarks=(*_left_out(now, around), *_findings(now, before, around)),
    )


def _numbers(now: Days, before: Days) -> tuple[Number, ...]:
    is_, was = now.paid(now.rows, now.spent), before.paid(before.rows, before.spent)
    told: dict[str, tuple[Kind, Value, Value]] = {
        "revenue": ("money", now.earned.revenue(now.rows).sum, before.earned.revenue(before.rows).sum),
        "cost_per_lead": ("money", is_.cost_per_lead, was.cost_per_lead),
        "roi": ("share", is_.roi, was.roi),
    }
    won, came = now.earned.revenue(now.rows).deals, now.leads(now.rows)
    return tuple(
        Number(id=name, kind=kind, value=value, of=came if name == "cost_per_lead" else won, before=old)
        for name, (kind, value, old) in told.items()
    )


def _table(days: Days, dimension: str, name: str) -> Table:
    """By one thing that leads came from. What was paid for and brought nobody has a line, too."""
    column, whole = f"{days.asked.attribution}_{dimension}", everything(days.rows)
    groups = by_column(whole, column)
    named = spend.by_name(days.costs or (), dimension) if dimension in spend.TOLD_BY else {}
    lonely = sorted(named.keys() - {group.value for group in groups})
    groups += [Group(value, whole.where(same(column, value)), []) for value in lonely]
    first = Column(id=dimension, kind="code", codes=dimension)
    made = table(name, first, groups, _measures(days), whole, lambda group: days.when.group(group, "captured_ms"))
    lines = (_with(line, days.paid(group.rows, spent)) for line, group, spent in zip(
        made.lines, groups, _spent(days, groups, dimension, named), strict=True))  # fmt: skip
    total = None if made.total is None else _with(made.total, days.paid(days.rows, days.spent))
    return made.with_(columns=(*made.columns, *COLUMNS), lines=tuple(lines), total=total)


def _with(line: Line, paid: Paid) -> Line:
    return line.with_(values=(*line.values, *paid))


def _measures(days: Days) -> tuple[Measure[Row], ...]:
    reached = {"mqls": "mql_ms", "sqls": "sql_ms", "opportunities": "opportunity_ms", "customers": "customer_ms"}
    return (
        *(Measure[Row](name, "count", partial(days.leads, column=column)) for name, column in reached.items()),
        Measure("pipeline", "money", lambda rows: days.earned.pipeline(rows).sum),
        Measure("revenue", "money", lambda rows: days.earned.revenue(rows).sum),
    )


def _spent(days: Days, groups: Sequence[Group[Row]], dimension: str, named: dict[str, float]) -> list[float | None]:
    """What each group cost: a source that nothing was spent on cost nothing; of a campaign or form that no spend names
    nobody knows."""
    if days.costs is None:
        return [None] * len(groups)
    if dimension in spend.TOLD_BY:
        unnamed = 0.0 if dimension == "source" else None
        return [named.get(str(group.value), unnamed) for group in groups]
    carried = spend.by_lead(days.costs, days.when.rows(days.rows, "captured_ms"), days.asked.attribution)
    return [sum(carried.get(lead_id, 0.0) for lead_id in {row.lead_id for row in group.rows}) for group in groups]


def _left_out(days: Days, around: Around) -> Iterator[Remark]:
    """What the amounts lack."""
    yield from unrated(days.asked.currency, days.earned.pipeline(days.rows), days.earned.revenue(days.rows))
    if not around.inputs.spend:
        yield Remark(id="no_spend")
    elif days.costs is None:
        yield Remark(id="spend_by_source")
    elif days.left_out:
        yield Remark(
            id="no_spend_rate", values={"lines": days.left_out, "currency": days.asked.currency}, weight="warning"
        )


def _findings(now: Days, before: Days, around: Around) -> Iterator[Remark]:
    enough = around.rules.reports.enough
    yield from not_enough(now.leads(now.rows), around.rules)
    is_, was = _by_source(now), _by_source(before)
    for source in sorted(was.keys() | is_.keys()):
        (leads, mqls), (earlier, _) = is_.get(source, (0, 0)), was.get(source, (0, 0))
        if earlier >= enough and leads < earlier and counts_differ(leads, earlier):
            values: dict[str, Value] = {"source": source, "now": leads, "before": earlier}
            yield Remark(id="source_fell", values=values, weight="warning")
        if leads >= enough and not mqls:
            yield Remark(id="source_without_mql", values={"source": source, "leads": leads}, weight="warning")


def _by_source(days: Days) -> dict[str, tuple[int, int]]:
    """Leads and MQLs of each source."""
    groups = by_column(everything(days.rows), f"{days.asked.attribution}_source")
    return {
        str(group.value): (days.leads(group.rows), days.leads(group.rows, "mql_ms"))
        for group in groups
        if group.value is not None
    }


_TABLES = {"source": "sources", "channel": "channels", "class": "classes", "campaign": "campaigns", "form": "forms"}
_DATES = ("captured_ms", "mql_ms", "sql_ms", "opportunity_ms", "customer_ms", "opened_ms", "won_ms")
_CHARTS = (
    Chart(id="sources", table="sources", form="bars", x="source", series=("leads", "mqls", "sqls")),
    Chart(id="classes", table="classes", form="bars", x="class", series=("pipeline", "revenue", "spend")),
)

REPORT: Definition[Row] = Definition(row=Row, count=count, dates={"capture": "captured_ms", "activity": _DATES})
