"""A sweep passes nothing by: whatever the list does meanwhile and whenever a call fails, all of a span is read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit import history
from connectors.kit.history import Habit, Sweep
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Reject, Retry

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
HABIT = Habit(timedelta(days=2), timedelta(minutes=10))


def draft(key: str, at: datetime) -> TouchDraft:
    return TouchDraft(kind="submission", key=key, occurred_at=at)


@dataclass
class List:
    """A sender's list, newest first, whose pages go by what was shown last; `fails` are the calls that break."""

    rows: dict[str, datetime] = field(default_factory=dict)
    size: int = 3
    fails: set[int] = field(default_factory=set)
    calls: int = 0

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        self.calls += 1
        if self.calls in self.fails:
            raise Retry(1, "away")
        order = sorted(((at, key) for key, at in self.rows.items() if start <= at < end), reverse=True)
        rest = [(at, key) for at, key in order if page is None or f"{at:%s} {key}" < page]
        shown = rest[: self.size]
        following = f"{shown[-1][0]:%s} {shown[-1][1]}" if len(rest) > self.size else None
        return [draft(key, at) for at, key in shown], following


@given(
    st.lists(st.tuples(st.integers(0, 60), st.integers(0, 9)), max_size=40),
    st.sets(st.integers(1, 60), max_size=10),
    st.integers(1, 5),
)
def test_all_that_is_shown_within_the_overlap_is_read(made: list[tuple[int, int]], fails: set[int], size: int) -> None:
    """`made`: the minute it was made in, and how many minutes later the list shows it."""
    theirs, found, cursor = List(size=size, fails=fails), set[str](), None
    for minute in range(90):
        now = NOW + timedelta(minutes=minute)
        for number, (at, late) in enumerate(made):
            if at + late == minute:
                theirs.rows[str(number)] = NOW + timedelta(minutes=at)
        for _ in range(3):
            try:
                drafts, cursor = history.since(theirs.between, cursor, now, HABIT)
            except Retry:
                continue
            found |= {each.key for each in drafts}
    assert found == {str(number) for number in range(len(made))}


def test_a_call_is_as_much_as_is_enough_and_the_next_one_goes_on_within_the_same_span() -> None:
    theirs = List({str(number): NOW - timedelta(minutes=number) for number in range(1, 41)})
    drafts, cursor = history.since(theirs.between, None, NOW, HABIT)
    assert len(drafts) == history.PAGES_AT_ONCE * 3
    theirs.rows["new"] = NOW + timedelta(seconds=1)
    later = NOW + timedelta(minutes=5)
    while json.loads(cursor)["end"] is not None:
        more, cursor = history.since(theirs.between, cursor, later, HABIT)
        drafts += more
    assert len(drafts) == 40
    assert [each.key for each in history.since(theirs.between, cursor, later, HABIT)[0]][-1] == "new"


def test_the_first_sweep_goes_back_so_far_and_no_sweep_goes_back_behind_its_own_begin() -> None:
    theirs = List({"old": NOW - timedelta(days=3), "young": NOW - timedelta(days=1)})
    drafts, cursor = history.since(theirs.between, None, NOW, HABIT)
    assert [each.key for each in drafts] == ["young"]
    assert history.read(cursor) == Sweep(NOW - HABIT.overlap)
    quick = Sweep(NOW - timedelta(minutes=1)).written()
    assert history.read(history.since(theirs.between, quick, NOW, HABIT)[1]).begin == NOW - timedelta(minutes=1)


@pytest.mark.parametrize("cursor", [
    "", "x", "7", "[]", '{"begin":1}', '{"begin":"1","end":null,"page":null}', '{"begin":1,"end":null,"page":7}',
    '{"begin":1e99,"end":null,"page":null}', '{"begin":99999999999999999999,"end":null,"page":null}',
    '{"begin":1,"end":true,"page":"' + "x" * 3000 + '"}',
])  # fmt: skip
def test_a_cursor_that_is_none_is_refused(cursor: str) -> None:
    with pytest.raises(Reject, match="cursor"):
        history.read(cursor)
