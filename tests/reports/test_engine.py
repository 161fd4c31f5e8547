"""The base tables: what facts become, wherever they are kept."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import duckdb
import pytest

from leadrelay.memory.rows import MemoryRows
from leadrelay.ports.warehouse import About
from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine, NoFacts
from leadrelay.reports.files import connect
from leadrelay.reports.kept import kept
from leadrelay.workflows.lake import row
from tests.reports.lake import engine_of, frozen_facts

_TYPES = {"VARCHAR": "text", "BIGINT": "int", "DOUBLE": "float", "BOOLEAN": "bool"}


@pytest.fixture(scope="module")
def engine() -> Engine:
    return engine_of(frozen_facts())


def _all(engine: Engine) -> dict[str, list[tuple[Any, ...]]]:
    return {table: engine.select(f"SELECT * FROM {table} ORDER BY ALL") for table in BASE}


def _lines(rows: list[dict[str, Any]], file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text("".join(json.dumps(each) + "\n" for each in rows))


def test_every_base_table_has_its_columns_in_order_and_of_their_types(engine: Engine) -> None:
    for table, columns in BASE.items():
        found = {row[0]: _TYPES[row[1]] for row in engine.select(f"DESCRIBE {table}")}
        assert list(found.items()) == list(columns.items()), table


def test_lines_and_parquet_of_many_folders_are_one_lake(engine: Engine, tmp_path: Path) -> None:
    rows = [dict(row(said)) for said in frozen_facts()]
    _lines(rows[::2], tmp_path / "facts" / "day=2026-11-22" / "one.json")
    _lines(rows[1::2], tmp_path / "two.jsonl")
    parquet = tmp_path / "facts" / "day=2026-11-23" / "three.parquet"
    parquet.parent.mkdir()
    duckdb.sql(f"COPY (SELECT * FROM read_json('{tmp_path}/two.jsonl')) TO '{parquet}' (FORMAT parquet)")
    (tmp_path / "two.jsonl").unlink()
    assert _all(Engine.over_facts(tmp_path)) == _all(engine)


@pytest.mark.parametrize("kind", ["json", "parquet"])
def test_a_row_of_a_former_release_lacks_what_it_did_not_know(kind: str, tmp_path: Path) -> None:
    known = {"fact": "TouchReceived", "fact_id": "t.1:1.0", "touch_id": "t.1", "source": "t", "kind": "submission"}
    _lines([{**known, "at_ms": 7, "log": "t.1", "version": 1, "n": 0}], tmp_path / "old.json")
    if kind == "parquet":
        duckdb.sql(f"COPY (FROM read_json('{tmp_path}/old.json')) TO '{tmp_path}/old.parquet' (FORMAT parquet)")
        (tmp_path / "old.json").unlink()
    found = Engine.over_facts(tmp_path).select("SELECT touch_id, source, kind, received_ms, ready_ms FROM touch_rows")
    assert found == [("t.1", "t", "submission", 7, None)]


def test_tables_that_were_kept_are_read_as_they_were(engine: Engine, tmp_path: Path) -> None:
    engine.keep(tmp_path / "rows")
    assert _all(Engine.over_rows(tmp_path / "rows")) == _all(engine)


def test_a_table_of_a_later_release_is_empty_and_a_column_is_null(engine: Engine, tmp_path: Path) -> None:
    engine.keep(tmp_path)
    (tmp_path / "gap_rows.parquet").unlink()
    lead_rows = tmp_path / "lead_rows.parquet"
    duckdb.sql(f"COPY (SELECT * EXCLUDE (score) FROM '{lead_rows}') TO '{tmp_path}/new' (FORMAT parquet)")
    (tmp_path / "new").rename(lead_rows)
    again = Engine.over_rows(tmp_path)
    assert again.select("SELECT * FROM gap_rows") == []
    assert {found for (found,) in again.select("SELECT score FROM lead_rows")} == {None}
    assert len(_all(again)["lead_rows"]) == len(_all(engine)["lead_rows"])


def test_a_folder_without_anything_says_what_it_should_have(tmp_path: Path) -> None:
    with pytest.raises(NoFacts, match="has no facts: give a folder with"):
        Engine.over_facts(tmp_path)
    with pytest.raises(NoFacts, match="has no base table"):
        Engine.over_rows(tmp_path)


def test_what_a_reader_says_is_a_value_and_no_statement(engine: Engine) -> None:
    text = "x'; DROP TABLE lead_rows; --"
    assert engine.select("SELECT count(*) FROM lead_rows WHERE lead_id = ?", [text]) == [(0,)]
    assert engine.beside().select("SELECT count(*) FROM lead_rows") == engine.select("SELECT count(*) FROM lead_rows")


def test_the_rows_that_are_shown_are_fetched_whole(engine: Engine, tmp_path: Path) -> None:
    rows, at = MemoryRows(), datetime(2026, 11, 23, tzinfo=UTC)
    with pytest.raises(NoFacts, match="no rows were made yet"):
        kept(rows)
    engine.keep(tmp_path)
    for table in BASE:
        rows.put("one", table, tmp_path / f"{table}.parquet")
    counts = dict.fromkeys(BASE, 1)
    about = About(run="one", made_at=at, looked_at=at, shape="s", facts=9, tables=counts, since=at.date(), objects=1)
    rows.show(about, None)
    found, said = kept(rows)
    assert (said, _all(found)) == (about, _all(engine))


def test_a_question_reaches_no_file(engine: Engine, tmp_path: Path) -> None:
    engine.keep(tmp_path / "rows")
    (tmp_path / "secret.txt").write_text("x")
    shown = Engine.over_rows(tmp_path / "rows").beside()
    for sql in (f"SELECT * FROM read_text('{tmp_path}/secret.txt')", f"COPY lead_rows TO '{tmp_path}/out.csv'"):
        with pytest.raises(duckdb.PermissionException):
            shown.select(sql)
    assert shown.select("SELECT * FROM lead_rows a, lead_rows b ORDER BY ALL LIMIT 1")


def test_what_memory_cannot_hold_goes_where_a_function_may_write(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    connection = connect("100MB")
    [(place,)] = connection.execute("SELECT current_setting('temp_directory')").fetchall()
    assert Path(place).parent == Path(tempfile.gettempdir())
    connection.execute("SET threads = 1; SET enable_external_access = false")
    many = "SELECT hash(range) AS h, repeat('x', 40) || range AS s FROM range(2500000)"
    sql = f"SELECT count(*) FROM (SELECT row_number() OVER (ORDER BY h, s) FROM ({many}))"
    assert connection.execute(sql).fetchall() == [(2500000,)]
    assert list(tmp_path.iterdir()) == []
    connection.close()
    assert not Path(place).exists()
