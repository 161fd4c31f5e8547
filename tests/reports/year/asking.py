"""Questions to the year, and what they mean in plain frames: days and filters, worked out without the reports' code."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any

import pandas as pd
import pytest

from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked
from leadrelay.reports.definition import Inputs, Rate, Spend, Visits
from leadrelay.reports.registry import report
from leadrelay.reports.result import Report, Table
from leadrelay.reports.run import answered
from tests.reports.year.known import Known
from tests.system import default_rules

NOW = datetime(2026, 12, 31, 23, 0, tzinfo=UTC)
"""The end of the year in Warsaw."""

INPUTS = Inputs(
    spend=(
        *(Spend(f"2026-{month:02}", "meta", None, None, 900_000 + month * 1000, "EUR") for month in range(1, 13)),
        *(Spend(f"2026-{month:02}", "google_ads", "search-demo", None, 1_500_000, "PLN") for month in range(1, 13)),
        *(Spend(f"2026-{month:02}", "google_ads", "search", None, 500_000, "PLN") for month in range(2, 13)),
        Spend("2026-05", "radio", None, None, 250_000, "EUR"),
    ),
    visits=tuple(Visits(f"2026-{month:02}-{day:02}", None, 700) for month in range(1, 13) for day in range(1, 29)),
    rates=(
        Rate("2025-12-01", "PLN", "EUR", 0.23),
        Rate("2026-07-01", "PLN", "EUR", 0.24),
    ),
)
"""Nobody brought a rate of dinars."""

QUESTIONS: Mapping[str, Asked] = {
    "year": Asked(since=date(2026, 1, 1), until=date(2026, 12, 31), zone="Europe/Warsaw"),
    "spring": Asked(
        since=date(2026, 3, 29),
        until=date(2026, 6, 30),
        zone="Europe/Belgrade",
        where={"source": ("meta", "website")},
        attribution="last",
    ),
    "autumn": Asked(
        since=date(2026, 10, 1),
        until=date(2026, 11, 15),
        zone="America/New_York",
        where={"lead.country": ("PL", ""), "segment": ("smb", "enterprise")},
    ),
    "done": Asked(since=date(2026, 9, 1), until=date(2026, 10, 25), zone="Europe/Warsaw", date_by="activity"),
}


@dataclass
class Asking:
    """Answers each question to each report once."""

    known: Known
    rules: Rules = field(default_factory=default_rules)
    _answers: dict[tuple[str, str, int], Report] = field(default_factory=dict)

    def answer(self, name: str, asked: Asked, inputs: Inputs = INPUTS) -> Report:
        """By the real runner."""
        key = (name, asked.model_dump_json(), id(inputs))
        if key not in self._answers:
            self._answers[key] = answered(report(name), asked, self.known.engine, self.rules, NOW, inputs)
        return self._answers[key]

    # ---- what a question means

    def span(self, asked: Asked) -> tuple[int, int]:
        """From the first midnight to the one after the last day, there."""
        start = pd.Timestamp(asked.since, tz=asked.zone)
        end = pd.Timestamp(asked.until, tz=asked.zone) + pd.DateOffset(days=1)
        return start.value // 1_000_000, end.value // 1_000_000

    def within(self, times: pd.Series[Any], asked: Asked) -> pd.Series[bool]:
        """Whether each time (ms) lies in the days; what did not happen does not."""
        since, until = self.span(asked)
        return ((times >= since) & (times < until)).fillna(False).astype(bool)

    def chosen(self, asked: Asked) -> pd.DataFrame:
        """Who passes the filters, and counts as a lead or is a visitor, whenever they came."""
        leads = self.known.leads
        leads = leads[leads.counted | (leads.standing == "visitor")]
        for name, values in asked.where.items():
            leads = leads[_column(leads, name, asked).fillna("").isin(values)]
        return leads

    def leads(self, asked: Asked) -> pd.DataFrame:
        """The leads that were captured in the days."""
        chosen = self.chosen(asked)
        return chosen[chosen.counted & self.within(chosen.captured_ms, asked)]

    def happened(self, times: pd.Series[Any], asked: Asked) -> pd.Series[bool]:
        """Whether it counts: by the days of capture whenever it happened, else in the days."""
        return times.notna() if asked.date_by == "capture" else self.within(times, asked)


def _column(leads: pd.DataFrame, name: str, asked: Asked) -> pd.Series[Any]:
    if "." in name:
        return leads.fields.map(lambda fields: fields.get(name))
    found: pd.Series[Any] = leads[f"{asked.attribution}_{name}" if f"first_{name}" in leads.columns else name]
    return found


# ---- what was answered, beside what is right


def lines(table: Table, keys: int = 1) -> dict[Any, dict[str, Any]]:
    """By the values of the first columns."""
    names = [column.id for column in table.columns]
    found = {}
    for line in table.lines:
        key = line.values[0] if keys == 1 else line.values[:keys]
        found[key] = dict(zip(names[keys:], line.values[keys:], strict=True))
    return found


def assert_same(told: Mapping[Any, Mapping[str, Any]], right: Mapping[Any, Mapping[str, Any]]) -> None:
    """Every line and value that is right is told; floats to nine digits."""
    assert set(told) == set(right)
    for key, values in right.items():
        for name, value in values.items():
            assert near(told[key][name], value), (key, name, told[key][name], value)


def near(told: Any, right: Any) -> bool:
    """Equal, or both missing."""
    if right is None or right is pd.NA or right != right:
        return told is None
    return (
        bool(told == pytest.approx(float(right), rel=1e-9)) if isinstance(right, int | float) else bool(told == right)
    )


def share(part: float, whole: float) -> float | None:
    """None of nothing."""
    return part / whole if whole else None


def middle(values: Iterable[Any] | pd.Series[Any], part: float = 0.5) -> float | None:
    """A quantile with a straight line between neighbours; None of nothing."""
    found = pd.Series(plain(list(values)), dtype="float64").dropna()
    return None if found.empty else float(found.quantile(part))


def parts(rows: pd.DataFrame, column: str) -> Iterator[tuple[Any, pd.DataFrame]]:
    """The rows by what stands in a column; None for those without."""
    for name in plain(rows[column].unique()):
        yield name, rows[rows[column].isna() if name is None else rows[column] == name]


def month_of(times: pd.Series[Any], asked: Asked) -> pd.Series[Any]:
    """The month (2026-11) of each time (ms), where the reader is."""
    return pd.to_datetime(times, unit="ms", utc=True).dt.tz_convert(asked.zone).dt.strftime("%Y-%m")


def plain(names: Sequence[Any]) -> list[Any]:
    """None for what is missing, whatever pandas calls it."""
    return [None if pd.isna(name) else name for name in names]


def jsonable(answer: Report) -> Any:
    """As it is told to others."""
    return json.loads(answer.model_dump_json())
