"""Who looks every few seconds looks that far ahead: what warns comes in time, what is a breach comes never early."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.clock import AT_ONCE, Checkpoint, Clock

NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SECOND = timedelta(seconds=1)


def clock(due: int, points: list[int], grace: int = 0) -> Clock:
    """Due so many seconds after noon, with a checkpoint at each of these."""
    return Clock(
        kind="first_contact",
        hop=1,
        policy="hot",
        calendar="elapsed",
        started_at=NOON,
        due_at=NOON + due * SECOND,
        grace_seconds=grace,
        checkpoints=tuple(Checkpoint(id=str(at), at=NOON + at * SECOND, notice="warn") for at in points),
    )


def test_a_warning_is_looked_for_early_and_the_breach_and_what_follows_it_at_their_time() -> None:
    ten = 10 * SECOND
    assert clock(300, [225]).looked_for(ten) == NOON + 215 * SECOND
    assert clock(300, []).looked_for(ten) == NOON + 300 * SECOND
    after = clock(300, [600]).with_(breached_at=NOON + 300 * SECOND)
    assert after.looked_for(ten) == NOON + 600 * SECOND
    assert after.reached(NOON + 599 * SECOND, ten) == ()
    assert [point.id for point in after.reached(NOON + 600 * SECOND, ten)] == ["600"]


def test_until_the_grace_is_over_a_checkpoint_still_warns() -> None:
    assert clock(300, [310], grace=30).looked_for(10 * SECOND) == NOON + 300 * SECOND
    assert [point.id for point in clock(300, [310], grace=30).reached(NOON + 301 * SECOND, 10 * SECOND)] == ["310"]


@settings(deadline=None)
@given(st.integers(1, 600), st.lists(st.integers(1, 1200), max_size=4, unique=True), st.integers(1, 60))
def test_looks_of_any_beat_say_each_warning_before_its_instant_and_nothing_else_before_its_time(
    due: int, points: list[int], every: int
) -> None:
    """Nobody breaches it here, so that all checkpoints stay."""
    measured, ahead, said = clock(due, points), every * SECOND, dict[str, int]()
    for at in range(every, 1300, every):
        reached = measured.reached(NOON + at * SECOND, ahead)
        early = measured.looked_for(ahead)
        assert not reached or (early is not None and early <= NOON + at * SECOND), "what is reached is looked for"
        for point in reached:
            measured = measured.passed(point.id)
            said[point.id] = at
    for point in points:
        at = said[str(point)]
        assert at <= max(point, every) if point < due else point <= at < point + every


@settings(deadline=None)
@given(st.integers(1, 600), st.lists(st.integers(1, 1200), max_size=4, unique=True))
def test_who_does_not_look_ahead_finds_what_is_due(due: int, points: list[int]) -> None:
    measured = clock(due, points)
    assert measured.next_at == measured.looked_for(AT_ONCE) == NOON + min([due, *points]) * SECOND
