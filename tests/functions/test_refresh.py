"""The schedule's call: a run by the name of the invocation, in a folder of its own that is gone afterwards."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from functions import wiring
from functions.refresh import handler as refresh
from leadrelay.aws.athena import AthenaWarehouse
from leadrelay.ports.errors import Retry
from leadrelay.ports.warehouse import About
from leadrelay.reports.base.dialect import written

AT = datetime(2026, 11, 2, 9, tzinfo=UTC)


@dataclass(frozen=True)
class Context:
    aws_request_id: str = "7f3a"


def test_a_call_is_a_run_and_leaves_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def run(name: str, folder: Path) -> About:
        assert list(folder.iterdir()) == []
        (folder / "answer.csv").write_text("personal or large")
        seen.append(folder)
        return About(
            run=name, made_at=AT, looked_at=AT, shape="", facts=3, tables={}, since=date(2026, 1, 1), objects=1
        )

    monkeypatch.setattr(wiring, "refresh", lambda: run)
    monkeypatch.setattr(wiring, "watch", lambda: lambda: 2)
    told = refresh.handler({}, Context())
    assert told == {"run": "7f3a", "facts": 3, "looked_at": "2026-11-02T09:00:00+00:00", "told": 2}
    assert not seen[0].exists()


def test_what_goes_wrong_is_the_functions_error_and_leaves_no_files(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[Path] = []

    def fail(_name: str, folder: Path) -> About:
        seen.append(folder)
        raise Retry(60, "slow")

    monkeypatch.setattr(wiring, "refresh", lambda: fail)
    with pytest.raises(Retry):
        refresh.handler({}, Context())
    assert not seen[0].exists()


@pytest.mark.parametrize(("dialect", "staged"), [("duckdb", False), ("athena", True)])
def test_facts_are_staged_where_athena_itself_is_asked(
    monkeypatch: pytest.MonkeyPatch, dialect: str, staged: bool
) -> None:
    for name, value in {"DIALECT": dialect, "LAKE_BUCKET": "lake", "DATABASE": "d", "WORKGROUP": "w"}.items():
        monkeypatch.setenv(f"LEADRELAY_{name}", value)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "refresh")
    monkeypatch.setattr("functions.wiring.asking", lambda wanted: written() if wanted == dialect else None)
    wiring.refresh.cache_clear()
    made = wiring.refresh()
    wiring.refresh.cache_clear()
    assert made.warehouse == AthenaWarehouse("lake", "d", "w", staged)
    assert made.asking == written()
