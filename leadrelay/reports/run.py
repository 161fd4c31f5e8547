"""Runs a report: its rows, filtered, counted. The only place where a question meets the base tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any, get_type_hints

from leadrelay.domain.model import Model
from leadrelay.domain.rules import Rules
from leadrelay.reports.asked import Asked, Condition
from leadrelay.reports.definition import Around, Inputs
from leadrelay.reports.engine import Engine
from leadrelay.reports.filters import Sql, behind, narrowed
from leadrelay.reports.registry import Entry
from leadrelay.reports.result import Report


class Opened(Model):
    """A lead behind a number, by ids and codes alone. `captured_ms` is UTC."""

    lead_id: str
    captured_ms: int | None
    source: str | None
    stage: str
    owner: str | None
    score: int | None


def answered(entry: Entry, asked: Asked, engine: Engine, rules: Rules, now: datetime, inputs: Inputs) -> Report:
    """The report for what was asked, at `now` (UTC). Raises UnknownFilter."""
    rows = _rows(entry, asked, engine, rules)
    before = _rows(entry, asked.before(), engine, rules)
    found = entry.definition.count(rows, asked, Around(rules=rules, now=now, inputs=inputs, before=before))
    leads = len({row.lead_id for row in rows} - {None}) if found.leads is None else found.leads
    return Report(
        name=entry.name,
        asked=asked,
        leads=leads,
        numbers=found.numbers,
        tables=found.tables,
        charts=found.charts,
        remarks=found.remarks,
    )


def opened(entry: Entry, asked: Asked, opens: Sequence[Condition], engine: Engine, rules: Rules) -> tuple[Opened, ...]:
    """The distinct leads behind a line, newest first. Raises UnknownFilter."""
    own = get_type_hints(entry.definition.row)
    where, values = _where([*_asked(entry, asked, rules), *behind(opens, own)])
    chosen = f"SELECT lead_id FROM ({entry.sql}\n) AS rows WHERE {where}"
    columns = ", ".join(("lead_id", "captured_ms", f"{asked.attribution}_source", "stage", "rep", "score"))
    sql = f"SELECT {columns} FROM lead_rows WHERE lead_id IN ({chosen}) ORDER BY captured_ms DESC, lead_id"
    return tuple(Opened(**dict(zip(Opened.model_fields, found, strict=True))) for found in engine.select(sql, values))


def _rows(entry: Entry, asked: Asked, engine: Engine, rules: Rules) -> list[Any]:
    where, values = _where(_asked(entry, asked, rules))
    columns = ", ".join(f'"{name}"' for name in _columns(entry))
    sql = f"SELECT {columns} FROM ({entry.sql}\n) AS rows WHERE {where} ORDER BY ALL"
    return [entry.definition.row._make(found) for found in engine.select(sql, values)]


def _asked(entry: Entry, asked: Asked, rules: Rules) -> list[Sql]:
    """Within the days, and of whom."""
    since, until = asked.span_ms()
    dated = entry.definition.dated(asked.date_by)
    within = " OR ".join(f'("{column}" >= ? AND "{column}" < ?)' for column in dated)
    return [(f"({within})", [since, until] * len(dated)), *narrowed(asked, _columns(entry), rules)]


def _columns(entry: Entry) -> tuple[str, ...]:
    columns: tuple[str, ...] = entry.definition.row._fields
    return columns


def _where(conditions: Iterable[Sql]) -> tuple[str, list[object]]:
    found = list(conditions)
    return " AND ".join(condition for condition, _ in found), [value for _, values in found for value in values]
