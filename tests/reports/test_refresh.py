"""The rows that pages read: made of all facts, shown at once, and never taken away by a run that fails."""

from __future__ import annotations

import json
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from infra.build.athena import translated
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.lake import MemoryLake
from leadrelay.memory.rows import MemoryRows
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.memory.warehouse import MemoryWarehouse
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.reports.base import BASE
from leadrelay.reports.base.dialect import TOLD, TRANSLATED, Asking, asking, written
from leadrelay.reports.engine import Engine
from leadrelay.reports.parquet import to_parquet
from leadrelay.reports.refresh import LATE, Refresh
from leadrelay.workflows.lake import row
from tests.reports.lake import engine_of, frozen_facts

SQL = {"text": "VARCHAR", "int": "BIGINT", "float": "DOUBLE", "bool": "BOOLEAN"}
AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


def _hollow(table: str) -> str:
    """Its columns without anything in them; of people a row each, with their ids."""
    told = ", ".join(f'{"lead_id" if name == "lead_id" else "NULL"} AS "{name}"' for name in BASE[table])
    which = "WHERE lead_id IS NOT NULL GROUP BY lead_id" if table == "lead_rows" else "LIMIT 0"
    return f"SELECT {told} FROM facts {which}"


PLAIN = Asking(
    "SELECT DISTINCT ON (fact_id) * FROM lake",
    {**{table: _hollow(table) for table in BASE}, TOLD: written().queries[TOLD]},
)
"""Quick to ask, for what is about when to ask."""


class World:
    """A refresh with everything around it in memory."""

    def __init__(self, folder: Path, asking: Asking = PLAIN) -> None:
        self.lake, self.rows, self.clock = MemoryLake(), MemoryRows(), MemoryClock(AT)
        self.warehouse, self.telemetry = MemoryWarehouse(self.lake), MemoryTelemetry()
        self.refresh = Refresh(self.warehouse, self.rows, asking, self.clock, self.telemetry)
        self._folder, self._runs = folder, 0

    def run(self) -> str:
        """One refresh; the run that is shown then."""
        self._runs += 1
        folder = self._folder / f"run{self._runs}"
        folder.mkdir()
        return self.refresh(f"run{self._runs}", folder).run

    def engine(self) -> Engine:
        """What a reader of the rows has."""
        shown = self.rows.shown()
        assert shown
        folder = self._folder / "read"
        folder.mkdir(exist_ok=True)
        for table in BASE:
            self.rows.fetch(shown.about.run, table, folder / f"{table}.parquet")
        return Engine.over_rows(folder)


@pytest.fixture
def world(tmp_path: Path) -> World:
    return World(tmp_path)


def test_rows_are_what_the_facts_alone_would_make(tmp_path: Path) -> None:
    world = World(tmp_path, written())
    facts = frozen_facts()
    world.lake.append([row(said) for said in facts])
    world.run()
    alone, kept = engine_of(facts), world.engine()
    for table in BASE:
        asked = f"SELECT * FROM {table} ORDER BY ALL"
        assert kept.select(asked) == alone.select(asked), table
        types = dict(kept.select(f"SELECT column_name, column_type FROM (DESCRIBE {table})"))
        assert types == {name: SQL[kind] for name, kind in BASE[table].items()}, table
    shown = world.rows.shown()
    assert shown
    assert shown.about.facts == len({said.metadata.fact_id for said in facts})
    assert shown.about.newest_ms == max(int(said.metadata.occurred_at.timestamp() * 1000) for said in facts)
    assert shown.about.tables["lead_rows"] == len(kept.select("FROM lead_rows")) > 0


def test_nothing_to_read_yet_is_empty_rows(world: World) -> None:
    assert world.run() == "run1"
    assert not [table for table in BASE if world.engine().select(f"FROM {table}")]


def test_nothing_new_asks_nothing_and_says_that_it_looked(world: World) -> None:
    world.lake.append([row(said) for said in frozen_facts()])
    world.run()
    world.warehouse.asked.clear()
    world.clock.advance(timedelta(minutes=15))
    assert world.run() == "run1"
    shown = world.rows.shown()
    assert shown
    assert (shown.about.made_at, shown.about.looked_at) == (AT, AT + timedelta(minutes=15))
    assert world.warehouse.asked == []
    assert world.telemetry.total("RowsShown") == 2


@pytest.mark.parametrize("cause", ["new facts", "other statements", "a day"])
def test_rows_are_made_anew_for_each_cause(world: World, cause: str) -> None:
    world.lake.append([row(said) for said in frozen_facts()[:5]])
    world.run()
    world.clock.advance(timedelta(minutes=15))
    if cause == "new facts":
        world.lake.append([row(said) for said in frozen_facts()[5:]])
    if cause == "other statements":
        changed = PLAIN._replace(facts=PLAIN.facts + "-- otherwise")
        world.refresh = Refresh(world.warehouse, world.rows, changed, world.clock, world.telemetry)
    if cause == "a day":
        world.clock.advance(LATE)
    assert world.run() == "run2"
    assert set(world.rows.runs) == {"run1", "run2"}, "whoever reads the former rows still finds them"
    world.lake.append([row(frozen_facts()[0])])
    assert world.run() == "run3"
    assert set(world.rows.runs) == {"run2", "run3"}


@pytest.mark.parametrize("trouble", [Retry(60, "slow"), Reject("query_refused", "lead_rows: no such column")])
def test_a_run_that_fails_leaves_what_was_shown(
    world: World, monkeypatch: pytest.MonkeyPatch, trouble: Exception
) -> None:
    world.lake.append([row(said) for said in frozen_facts()])
    world.run()
    before = world.rows.shown()
    world.lake.append([row(frozen_facts()[0])])

    def fail(*_: object) -> None:
        raise trouble

    monkeypatch.setattr(MemoryWarehouse, "answers", fail)
    with pytest.raises(type(trouble)):
        world.run()
    assert world.rows.shown() == before
    assert world.engine().select("SELECT count(*) FROM lead_rows") != [(0,)]


def test_a_run_that_fails_half_way_shows_none_of_its_tables(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.run()
    world.lake.append([row(said) for said in frozen_facts()])
    put = world.rows.put

    def full(run: str, table: str, parquet: Path) -> None:
        if table == list(BASE)[-1]:
            raise Retry(5, "away")
        put(run, table, parquet)

    monkeypatch.setattr(world.rows, "put", full)
    with pytest.raises(Retry):
        world.run()
    monkeypatch.setattr(world.rows, "put", put)
    assert world.engine().select("FROM lead_rows") == []
    assert world.run() == "run3"
    assert "run2" not in world.rows.runs, "what was left half done is cleared away"


def test_of_two_runs_at_once_one_gives_way_and_its_facts_are_found_next_time(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    world.run()
    world.lake.append([row(said) for said in frozen_facts()[:5]])
    ask = MemoryWarehouse.answers
    others: list[str] = []

    def meanwhile(self: MemoryWarehouse, *asked: object) -> object:
        monkeypatch.setattr(MemoryWarehouse, "answers", ask)
        others.append(world.run())
        world.lake.append([row(said) for said in frozen_facts()[5:]])
        return ask(self, *asked)  # type: ignore[arg-type]

    monkeypatch.setattr(MemoryWarehouse, "answers", meanwhile)
    assert world.run() == others[0] == "run3"
    assert set(world.rows.runs) == {"run1", "run2", "run3"}
    assert world.run() == "run4"
    shown = world.rows.shown()
    assert shown
    assert shown.about.facts == len(frozen_facts())
    assert set(world.rows.runs) == {"run3", "run4"}


def test_an_answer_keeps_its_types_and_tells_nothing_from_an_empty_text(tmp_path: Path) -> None:
    """As Athena writes it: every value in quotes, nothing where there is none."""
    answer = tmp_path / "lead_rows.csv"
    answer.write_text('"a","b","c","d"\n"x, ""y""","9007199254740993","0.5","true"\n"",,,"False"\n,"-1","1E3",\n')
    columns = {"a": "text", "b": "int", "c": "float", "d": "bool"}
    assert to_parquet(answer, columns, tmp_path / "made.parquet") == 3  # type: ignore[arg-type]
    import duckdb

    assert duckdb.sql(f"FROM '{tmp_path}/made.parquet'").fetchall() == [
        ('x, "y"', 9007199254740993, 0.5, True),
        ("", None, None, False),
        (None, -1, 1000.0, None),
    ]


@pytest.mark.parametrize("text", ["a\nx\n", "b,a\n1,x\n", "", "a,b\nx,one\n"])
def test_an_answer_with_other_columns_or_values_is_refused(tmp_path: Path, text: str) -> None:
    answer = tmp_path / "lead_rows.csv"
    answer.write_text(text)
    with pytest.raises(Reject, match="lead_rows"):
        to_parquet(answer, {"a": "text", "b": "int"}, tmp_path / "made.parquet")


def test_a_package_brings_the_statements_of_the_other_engine(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr("leadrelay.reports.base.dialect.files", lambda _: tmp_path)
    with pytest.raises(Misconfigured, match="make deploy"):
        asking("athena")
    other = translated(written())
    (tmp_path / TRANSLATED).write_text(json.dumps(other._asdict()))
    assert asking("athena") == other
    assert asking("athena").shape == other.shape != written().shape
    assert set(other.queries) == {*BASE, TOLD}


def test_days_without_facts_are_counted_from_the_day_before_the_run(world: World) -> None:
    world.run()
    world.lake.append([row(frozen_facts()[0])])
    world.run()
    shown = world.rows.shown()
    assert shown
    assert shown.about.since == date(2026, 11, 1)


def test_what_comes_while_it_is_asked_is_found_by_the_next_run(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    ask = MemoryWarehouse.answers

    def meanwhile(self: MemoryWarehouse, *asked: object) -> object:
        found = ask(self, *asked)  # type: ignore[arg-type]
        world.lake.append([row(said) for said in frozen_facts()[:1]])
        return found

    monkeypatch.setattr(MemoryWarehouse, "answers", meanwhile)
    world.run()
    monkeypatch.setattr(MemoryWarehouse, "answers", ask)
    assert [world.run(), world.run()] == ["run2", "run2"]
    shown = world.rows.shown()
    assert shown
    assert shown.about.facts == 1
