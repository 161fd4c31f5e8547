"""Counting a sender's list: each touch once, what it was first counted as it stays, and what is gone may come back."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.sources import checking, tally
from leadrelay.domain.sources.tally import Sighting, Tally, counted, settled, without
from leadrelay.domain.touch import touch_id

NOON = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
PATIENCE = timedelta(minutes=30)


def seen(number: int, delivered: bool = True, form: str = "demo", minutes: int = 60) -> Sighting:
    return Sighting(
        touch_id=touch_id("meta", str(number)),
        form=form,
        day="2026-11-23",
        received_at=NOON - timedelta(minutes=minutes),
        delivered=delivered,
    )


def sizes(found: Tally) -> tuple[int, int, int, int]:
    return found.theirs, len(found.ours), len(found.found), len(found.gone)


sightings = st.lists(st.builds(seen, st.integers(0, 8), st.booleans(), st.sampled_from(["demo", ""])), max_size=40)


@given(sightings, st.integers(0, 40))
def test_however_often_and_in_whatever_pages_it_is_listed_each_touch_counts_once(
    all_: list[Sighting], cut: int
) -> None:
    at_once = counted({}, all_)
    in_pages = counted(counted(counted({}, all_[:cut]), all_), all_[cut:])
    assert in_pages == at_once
    assert sum(one.theirs for one in at_once.values()) == len({one.touch_id for one in all_})


@given(sightings, st.sets(st.integers(0, 8)))
def test_what_a_whole_day_does_not_list_is_gone_and_what_is_listed_again_is_back(
    all_: list[Sighting], left: set[int]
) -> None:
    known = counted({}, all_)
    after = without(known, [touch_id("meta", str(number)) for number in left])
    ids = {one.touch_id for one in all_}
    gone = ids - {touch_id("meta", str(number)) for number in left}
    assert sum(len(one.gone) for one in after.values()) == len(gone)
    assert sum(one.theirs for one in after.values()) == len(ids) - len(gone)
    assert without(known, ids) == known
    assert sum(len(one.gone) for one in counted(after, all_).values()) == 0


def test_a_delivery_has_its_time_to_come() -> None:
    young, old, ours = seen(1, delivered=False, minutes=29), seen(2, delivered=False, minutes=30), seen(3, minutes=0)
    known, unheard = settled([young, old, ours], PATIENCE, NOON)
    assert known == [old, ours]
    assert [(one.touch_id, one.until) for one in unheard] == [(young.touch_id, NOON + timedelta(minutes=1))]


def test_forms_are_counted_apart_and_found_is_told_from_ours() -> None:
    after = counted({}, [seen(1), seen(2, delivered=False), seen(3, delivered=False, form="")])
    assert {form: sizes(one) for form, one in after.items()} == {"demo": (2, 1, 1, 0), "": (1, 0, 1, 0)}


def test_what_it_was_first_counted_as_it_stays() -> None:
    late = counted(counted({}, [seen(1, delivered=False)]), [seen(1, delivered=True)])
    assert sizes(late["demo"]) == (1, 0, 1, 0)


def test_a_day_holds_no_more_than_a_record_takes(monkeypatch: object) -> None:
    limit, tally.MOST = tally.MOST, 3
    try:
        after = counted({}, [seen(number) for number in range(9)])
    finally:
        tally.MOST = limit
    assert sizes(after["demo"]) == (3, 3, 0, 0)


def test_a_full_day_fits_into_a_record() -> None:
    from leadrelay.ports.records import DayRecord
    from leadrelay.ports.store import RECORD_BYTES

    marks = tuple(touch_id("meta", str(number))[-16:] for number in range(tally.MOST))
    record = DayRecord(source="meta", day="2026-11-23", forms={"x" * 96: Tally(ours=marks)})
    assert len(record.model_dump_json()) < RECORD_BYTES


def test_a_check_lists_each_day_once_a_day_the_oldest_first_and_never_today() -> None:
    today = date(2026, 11, 23)
    check, days = checking.due(3, None, None, today), list[date]()
    while check is not None:
        days.append(check.of)
        check = check.following()
    assert days == [date(2026, 11, 20), date(2026, 11, 21), date(2026, 11, 22)]
    assert checking.due(3, None, today, today) is None
    assert checking.due(None, None, None, today) is None
    going_on = checking.due(3, date(2026, 11, 21), date(2026, 11, 22), today)
    assert going_on is not None
    assert going_on.following() is None
    assert going_on.span == (datetime(2026, 11, 21, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
