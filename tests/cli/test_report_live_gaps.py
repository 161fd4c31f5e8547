"""`leadrelay report live gaps`: what senders list against what they delivered, readable and for programs."""

from __future__ import annotations

import json

import pytest

from leadrelay.cli import report_live as command
from tests.cli.conftest import Run
from tests.cli.test_lead import Stage
from tests.system import System
from tests.workflows.test_reconcile import List, listening, minutes, now, submission


@pytest.fixture
def system(monkeypatch: pytest.MonkeyPatch) -> System:
    """Three of the demo form, of which one was delivered; one of another form, delivered."""
    theirs = List()
    system = listening(theirs)
    heard, other = submission(1, now(system)), submission(2, now(system), form="offer")
    system.tell(heard, other)
    theirs.drafts += [heard, other, submission(3, now(system)), submission(4, now(system))]
    minutes(system, 45)
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(system))
    monkeypatch.setattr(command, "SystemClock", lambda: system.clock)
    monkeypatch.setenv("COLUMNS", "200")
    return system


@pytest.mark.usefixtures("system")
def test_what_is_missing_is_told_by_form_and_day(run: Run) -> None:
    (gap,) = json.loads(run("report", "live", "gaps", "--json").out)
    assert gap == {
        "source": "website", "form": "demo", "day": "2026-11-23", "theirs": 3, "ours": 1, "found": 2, "gone": 0,
        "checked_at": None,
    }  # fmt: skip
    table = run("report", "live", "gaps").out
    assert [line.split() for line in table.splitlines() if "demo" in line] == [
        ["website", "demo", "2026-11-23", "3", "1", "2", "0"]
    ]
    assert "offer" not in table


@pytest.mark.usefixtures("system")
def test_all_shows_what_agrees_and_the_sum(run: Run) -> None:
    table = run("report", "live", "gaps", "--all", "--days", "2").out
    assert ["website", "offer", "2026-11-23", "1", "1", "0", "0"] in [line.split() for line in table.splitlines()]
    assert ["all", "4", "2", "2", "0"] in [line.split() for line in table.splitlines()]


def test_days_that_are_over_are_left_out(run: Run, system: System) -> None:
    for _ in range(2):
        system.later(hours=24)
    assert json.loads(run("report", "live", "gaps", "--days", "2", "--json").out) == []
    assert "nothing is missing in 2 days" in run("report", "live", "gaps", "--days", "2").out
    assert len(json.loads(run("report", "live", "gaps", "--days", "3", "--json").out)) == 1


@pytest.mark.usefixtures("system")
def test_a_source_that_is_not_counted_is_refused_with_those_that_are(run: Run) -> None:
    result = run("report", "live", "gaps", "--source", "meta")
    assert result.code == 1
    assert "is set for: website" in result.err


def test_nothing_counted_says_what_to_set(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(command, "Deployed", lambda stage: Stage(System()))
    assert "set poll_seconds and gap_after_minutes" in run("report", "live", "gaps").out
