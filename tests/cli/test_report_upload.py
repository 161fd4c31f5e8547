"""`leadrelay report upload` and `refresh`: what is taken, what is refused, and for how long somebody waits."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pytest

from leadrelay.cli import report_refresh, report_upload
from leadrelay.memory.rows import MemoryInputs, MemoryRows
from leadrelay.ports.warehouse import About
from tests.cli.conftest import Run
from tests.cli.test_lead import Stage
from tests.system import System

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Lake(Stage):
    """A stage with rows and inputs."""

    kept: MemoryRows
    brought: MemoryInputs

    def rows(self) -> MemoryRows:
        return self.kept

    def inputs(self) -> MemoryInputs:
        return self.brought

    def function(self, name: str) -> str:
        return f"leadrelay-test-{name.lower()}"


@pytest.fixture
def lake(monkeypatch: pytest.MonkeyPatch) -> Lake:
    lake = Lake(System(), MemoryRows(), MemoryInputs())
    for command in (report_upload, report_refresh):
        monkeypatch.setattr(command, "Deployed", lambda stage: lake)
    monkeypatch.setattr(report_refresh, "now", lambda: AT)
    monkeypatch.setattr("time.sleep", lambda _: None)
    return lake


def about(at: datetime) -> About:
    tables = {"lead_rows": 1234}
    return About(
        run="r", made_at=at, looked_at=at, shape="", facts=56789, tables=tables, since=date(2026, 1, 1), objects=1
    )


def test_a_file_replaces_the_one_before(run: Run, lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "rates.csv"
    for value in ("4.2", "4.3"):
        file.write_text(f"\ufeffday,currency,into,value\n2026-11-02,EUR,PLN,{value}\n", encoding="utf-8")
        assert "1 lines are in place" in run("report", "upload", "rates", str(file)).out
    assert lake.brought.texts == {"rates": "day,currency,into,value\n2026-11-02,EUR,PLN,4.3\n"}


def test_a_file_with_one_wrong_line_is_not_taken_and_each_fault_is_named(run: Run, lake: Lake, tmp_path: Path) -> None:
    file = tmp_path / "spend.csv"
    file.write_text(
        "month,source,amount,currency\n2026-11,website,1,EUR\n2026-11,nobody,1,EUR\n2026-11,website,x,EUR\n"
    )
    refused = run("report", "upload", "spend", str(file))
    assert refused.code == 1
    assert "spend.csv:3: no source 'nobody'" in refused.err
    assert "spend.csv:4: 'x' in amount is no number" in refused.err
    assert lake.brought.texts == {}


@pytest.mark.parametrize(("content", "told"), [(b"m\xf3nth\n", "UTF-8"), (b"x" * 5_000_001, "5,000,000 bytes")])
def test_a_file_of_another_kind_is_refused(run: Run, lake: Lake, tmp_path: Path, content: bytes, told: str) -> None:
    (tmp_path / "visits.csv").write_bytes(content)
    refused = run("report", "upload", "visits", str(tmp_path / "visits.csv"))
    assert (refused.code, told in refused.err) == (1, True)


def test_a_refresh_is_waited_for_until_somebody_has_looked(
    run: Run, lake: Lake, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake.kept.show(about(AT - timedelta(minutes=5)), None)
    called: list[str] = []
    monkeypatch.setattr(report_refresh, "call", called.append)
    late = run("report", "refresh", "--wait", "3")
    assert (late.code, "no rows after 3 s" in late.err) == (1, True)

    def work(function: str) -> None:
        called.append(function)
        shown = lake.kept.shown()
        assert shown
        lake.kept.show(about(AT), shown.token)

    monkeypatch.setattr(report_refresh, "call", work)
    done = run("report", "refresh", "--wait", "3")
    assert done.out == "56,789 facts, 1,234 people; made 2026-11-02 09:00:00 UTC\n"
    assert run("report", "refresh", "--wait", "0").out == ""
    assert called == ["leadrelay-test-refresh"] * 3
