"""After a refresh: who crossed a line is told, once, in the words of the reader; and once a week what moved."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from leadrelay.domain.notices.policy import NoticeRule
from leadrelay.domain.reporting.policy import ReportsPolicy, Threshold, WeeklyDigest
from leadrelay.domain.rules import Rules
from leadrelay.memory.rows import MemoryInputs, MemoryRows
from leadrelay.ports.records import NoticeRecord
from leadrelay.ports.warehouse import About
from leadrelay.reports.base import BASE
from leadrelay.reports.engine import Engine
from leadrelay.reports.watch import Watch
from tests.reports.told import Told
from tests.system import System, noisy_rules

NOW = datetime(2026, 11, 23, 9, tzinfo=UTC)  # a Monday
DAY = 86_400_000


def ago(days: float) -> int:
    return int(NOW.timestamp() * 1000 - days * DAY)


def world() -> Engine:
    """Last week 10 leads came, before that 60: of meta 50 fewer."""
    told = Told()
    for number in range(10):
        told.submission(f"new{number}", source="google", at=ago(3))
    for number in range(60):
        told.submission(f"old{number}", source="google" if number < 10 else "meta", at=ago(9))
    return told.engine()


@dataclass
class Office:
    system: System
    rows: MemoryRows = field(default_factory=MemoryRows)

    def refresh(self, engine: Engine, folder: Path) -> None:
        engine.keep(folder)
        for table in BASE:
            self.rows.put("run", table, folder / f"{table}.parquet")
        tables = dict.fromkeys(BASE, 1)
        about = About(
            run="run", made_at=NOW, looked_at=NOW, shape="", facts=1, tables=tables, since=NOW.date(), objects=1
        )
        self.rows.show(about, None)

    def watch(self) -> int:
        return Watch(self.system.store, self.system.rules, self.rows, MemoryInputs(), self.system.clock)()

    def notices(self) -> list[NoticeRecord]:
        return [each for each in self.system.records() if isinstance(each, NoticeRecord)]


def rules(*thresholds: Threshold, digest: WeeklyDigest | None = None, heard: bool = True) -> Rules:
    found = noisy_rules()
    told = tuple(
        NoticeRule(notice=kind, to=("revops",), channel="sales") for kind in ("report_threshold", "weekly_digest")
    )
    notices = found.notices.with_(rules=(*found.notices.rules, *told) if heard else ())
    policy = ReportsPolicy(zone="Europe/Warsaw", thresholds=thresholds, digest=digest)
    return found.with_(reports=policy, notices=notices)


FEW = Threshold(id="few", report="funnel", number="leads", below=50)


@pytest.fixture
def office(tmp_path: Path) -> Office:
    system = System(rules(FEW, digest=WeeklyDigest()))
    system.clock.set(NOW)
    office = Office(system)
    office.refresh(world(), tmp_path)
    return office


def test_a_crossed_line_is_told_once_with_its_cause_in_every_language(office: Office) -> None:
    assert office.watch() == 2
    assert office.watch() == 0
    [threshold] = [each for each in office.notices() if each.notice == "report_threshold"]
    title, *rest = threshold.lines["en"]
    assert title == "Funnel: Leads is 10, past the line of 50 (16 Nov 2026 – 22 Nov 2026)"
    assert rest[0] == "In as many days before it was 60."
    assert "traffic" in rest[2]
    assert threshold.lines["pl"][0].startswith("Lejek")
    assert set(threshold.lines) == {"en", "pl", "sr"}
    office.system.clock.set(NOW + timedelta(hours=5))
    assert office.watch() == 0


def test_the_week_names_what_moved_and_who_moved_it(office: Office) -> None:
    office.watch()
    [digest] = [each for each in office.notices() if each.notice == "weekly_digest"]
    lines = digest.lines["en"]
    assert lines[0].startswith("The numbers that moved most, 16 Nov 2026")
    assert "Funnel: Leads: 10, was 60" in lines
    assert any(line.strip().startswith("most of it by source: ") and "0, was 50" in line for line in lines)


def test_the_words_reach_the_reader(office: Office) -> None:
    office.watch()
    office.system.settle()
    office.system.later(minutes=2)
    said = [(message.title, message.body) for message in office.system.notifier.sent]
    titles = [title for title, _ in said]
    assert any(title.startswith("Funnel: Leads is 10") for title in titles), titles
    body = next(body for title, body in said if title.startswith("Funnel: Leads is 10"))
    assert "In as many days before it was 60." in body


@pytest.mark.parametrize(
    ("told", "count"),
    [
        (rules(), 0),  # nothing is watched
        (rules(FEW, heard=False), 0),  # nobody wants to hear
        (rules(FEW), 1),
        (rules(FEW.with_(where={"source": ("meta",)}, below=1)), 1),  # none of meta
        (rules(FEW.with_(below=5)), 0),
    ],
)
def test_only_what_the_rules_name_is_told(tmp_path: Path, told: Rules, count: int) -> None:
    system = System(told)
    system.clock.set(NOW)
    office = Office(system)
    office.refresh(world(), tmp_path)
    assert office.watch() == count
    assert len(office.notices()) == count


def test_a_digest_that_nobody_hears_is_not_counted_every_quarter_of_an_hour(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def never(*_: object) -> None:
        raise AssertionError("counted for nobody")

    monkeypatch.setattr("leadrelay.reports.watch.week", never)
    system = System(rules(digest=WeeklyDigest(), heard=False))
    system.clock.set(NOW)
    office = Office(system)
    office.refresh(world(), tmp_path)
    assert office.watch() == 0
