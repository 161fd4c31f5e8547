"""The score over time: what was shown at any moment can be added up from the log, reason by reason."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from typing import Any

from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from leadrelay.cli import lead as command
from leadrelay.domain.lead import Lead, Score, ScoreLine, fold
from leadrelay.domain.scoring.history import score_history
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import LogRecord
from leadrelay.workflows.story import Story
from tests.system import MONDAY_NOON, System
from tests.workflows import lives


@cache
def lived() -> System:
    """A lead that asked twice, was called, and was left alone for two months."""
    system = System()
    lives.send(system, lives.demo())
    system.later(minutes=1)
    lives.call(system, "call-1")
    system.later(minutes=1)
    lives.send(system, lives.demo("case-study", "submission-0002"))
    for _ in range(60):
        system.later(days=1)
    return system


def versions(system: System) -> dict[datetime, Lead]:
    """The lead at each moment that changed it, folded from its log; a sweep may change it twice in one."""
    [record] = system.leads()
    rows = [row for row in system.store.story(record.key().pk) if isinstance(row, LogRecord)]
    rows = sorted((row for row in rows if row.sk.startswith("LOG#")), key=lambda row: row.sk)
    lead, found = Lead(lead_id=record.lead.lead_id), {}
    for row in rows:
        lead = fold(lead, [(read(said), row.at) for said in row.facts])
        found[row.at] = lead
    assert lead == record.lead
    return found


def test_what_was_shown_at_any_moment_is_the_sum_of_its_reasons() -> None:
    system = lived()
    [record] = system.leads()
    steps: list[Any] = Story(system.store)(record.lead.lead_id)["scores"]  # type: ignore[assignment]
    assert len(steps) > 10
    for at, lead in versions(system).items():
        assert lead.score.total == sum(line.kept for line in lead.score.lines)
        shown = [step["total"] for step in steps if datetime.fromisoformat(step["at"]) <= at]
        assert shown[-1] == lead.score.total


def test_every_step_says_which_reasons_made_the_difference_and_whether_anybody_did_anything() -> None:
    system = lived()
    [record] = system.leads()
    steps: list[Any] = Story(system.store)(record.lead.lead_id)["scores"]  # type: ignore[assignment]
    total = 0
    for step in steps:
        assert step["before"] == total
        total = step["total"]
        assert total - step["before"] == sum(shift["after"] - shift["before"] for shift in step["shifts"])
    assert total == record.lead.score.total
    by_time = [step["by_time"] for step in steps]
    touched = by_time.index(True)
    assert not any(by_time[:touched])
    assert all(by_time[touched:])
    assert all(step["total"] <= step["before"] for step in steps[touched:])


def test_it_is_told_readably() -> None:
    system = lived()
    [record] = system.leads()
    story = Story(system.store)(record.lead.lead_id)
    shown = Console(width=200)
    with shown.capture() as told:
        shown.print(command._scores(story))
    text = told.get()
    assert "0 → " in text
    assert "by time alone: -1 " in text
    assert "+20 demo" in text


lines = st.lists(
    st.builds(
        ScoreLine,
        rule=st.sampled_from(["demo", "webinar", "size", "title"]),
        group=st.just("g"),
        points=st.integers(-30, 60),
        kept=st.integers(-30, 60),
    ),
    max_size=5,
)


@given(st.lists(lines, max_size=8))
def test_the_differences_of_the_reasons_are_those_of_the_totals(found: list[list[ScoreLine]]) -> None:
    scores = [Score(total=sum(line.kept for line in each), lines=tuple(each)) for each in found]
    times = [MONDAY_NOON + timedelta(days=number) for number in range(len(scores))]
    steps = list(score_history(zip(times, [False] * len(scores), scores, strict=True)))
    assert [step.total for step in steps] == [score.total for score in scores]
    for step in steps:
        assert step.total - step.before == sum(shift.after - shift.before for shift in step.shifts)
        assert all(shift.before != shift.after for shift in step.shifts)
