"""What one reader is told now and what waits: the night, the hour, old news."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.lead import Lead
from leadrelay.domain.notices.attention import Attention, heard, quiet_until, waits_until
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.policy import Channel, Night, NoticeRule, NoticesPolicy, Person, Quiet
from leadrelay.domain.notices.readers import Reader
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.rules import Rules
from tests.system import default_rules

WARSAW = ZoneInfo("Europe/Warsaw")
NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
NIGHT = Night.model_validate({"from": "20:00", "to": "07:00"})
SIESTA = Night.model_validate({"from": "12:00", "to": "14:00"})


def rules(**changes: object) -> Rules:
    policy = NoticesPolicy(
        channels={"team": Channel(notifier="apprise", secret="notify/team")},
        rules=(NoticeRule(notice="next_step", to=("owner",), channel="team"),),
        people={"anna": Person(channel="team")},
    )
    return Rules.of(default_rules().with_(notices=policy.with_(**changes)))


def anna(told_by: Rules, at_night: bool = False) -> Reader:
    rep = told_by.team.rep("anna")
    return Reader("team", rep, (rep,), (rep,), at_night)


def team(told_by: Rules) -> Reader:
    return Reader("team", None, (told_by.team.rep("anna"),), (), False)


def notice(told_by: Rules, now: datetime, number: int = 0, since: datetime | None = None) -> Notice:
    lead = Lead(lead_id=f"{number:032x}", standing="live", ownership=Ownership(rep="anna", hop=1))
    needed = NoticeNeeded(notice_id=f"next_step-1-{number}", notice="next_step", hop=1, rep="anna", since=since)
    return Notice(needed, lead, Profile(), told_by, now)


def warsaw(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=WARSAW).astimezone(UTC)


@pytest.mark.parametrize(
    ("quiet", "now", "morning"),
    [
        (NIGHT, "2026-11-23T19:59:59", None),
        (NIGHT, "2026-11-23T20:00:00", "2026-11-24T07:00:00"),
        (NIGHT, "2026-11-23T23:59:59", "2026-11-24T07:00:00"),
        (NIGHT, "2026-11-24T00:00:00", "2026-11-24T07:00:00"),
        (NIGHT, "2026-11-24T06:59:59", "2026-11-24T07:00:00"),
        (NIGHT, "2026-11-24T07:00:00", None),
        (NIGHT, "2026-03-28T22:00:00", "2026-03-29T07:00:00"),  # an hour is missing in this night
        (NIGHT, "2026-10-24T22:00:00", "2026-10-25T07:00:00"),  # one is there twice
        (SIESTA, "2026-11-23T11:59:59", None),
        (SIESTA, "2026-11-23T12:00:00", "2026-11-23T14:00:00"),
        (SIESTA, "2026-11-23T14:00:00", None),
        (Night.model_validate({"from": "18:00", "to": "24:00"}), "2026-11-23T19:00:00", "2026-11-24T00:00:00"),
        ("off_hours", "2026-11-23T12:00:00", None),
        ("off_hours", "2026-11-23T20:00:00", "2026-11-24T09:00:00"),
        ("off_hours", "2026-11-27T20:00:00", "2026-11-30T09:00:00"),  # Friday to Monday
        (None, "2026-11-24T03:00:00", None),
    ],
)
def test_the_night_ends_on_the_clock_of_who_sleeps(quiet: Quiet | None, now: str, morning: str | None) -> None:
    told_by = rules(quiet=quiet)
    expected = None if morning is None else warsaw(morning)
    assert quiet_until(told_by.team.rep("anna"), told_by, warsaw(now)) == expected


def test_a_person_may_have_other_quiet_hours_than_everybody() -> None:
    told_by = rules(quiet=NIGHT, people={"anna": Person(quiet=SIESTA)})
    night, noon = warsaw("2026-11-24T03:00:00"), warsaw("2026-11-24T12:30:00")
    assert quiet_until(told_by.team.rep("anna"), told_by, night) is None
    assert quiet_until(told_by.team.rep("anna"), told_by, noon) == warsaw("2026-11-24T14:00:00")
    assert quiet_until(told_by.team.rep("marek"), told_by, night) == warsaw("2026-11-24T07:00:00")


@given(st.integers(0, 2 * 366 * 24 * 60), st.integers(0, 47), st.integers(0, 47))
def test_a_night_ends_within_a_day_and_is_over_then(minutes: int, begins: int, ends: int) -> None:
    now = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
    words = {"from": _wall(begins), "to": _wall(ends)}
    told_by = rules(quiet=Night.model_validate(words))
    morning = quiet_until(told_by.team.rep("anna"), told_by, now)
    if morning is None:
        return
    assert now < morning <= now + timedelta(hours=25)
    assert f"{morning.astimezone(WARSAW):%H:%M}" in (_wall(ends), _hour_later(ends))
    again = quiet_until(told_by.team.rep("anna"), told_by, morning)
    assert again is None or begins == ends


def _wall(half_hours: int) -> str:
    return f"{half_hours // 2:02}:{30 * (half_hours % 2):02}"


def _hour_later(half_hours: int) -> str:
    """What a clock shows that was put forward over the time that is meant."""
    return _wall((half_hours + 2) % 48)


def test_a_channel_of_several_never_waits_but_for_old_news() -> None:
    told_by, night = rules(quiet=NIGHT, per_hour=1), warsaw("2026-11-24T03:00:00")
    busy = Attention(told={"a": night, "b": night})
    assert waits_until(notice(told_by, night), team(told_by), busy) is None
    old = notice(told_by, night, since=night - timedelta(minutes=31))
    assert waits_until(old, team(told_by), busy) == night + timedelta(minutes=1)


def test_what_cannot_wait_wakes_them_but_old_news_come_together_all_the_same() -> None:
    told_by, night = rules(quiet=NIGHT, per_hour=1), warsaw("2026-11-24T03:00:00")
    busy = Attention(told={"a": night})
    assert waits_until(notice(told_by, night), anna(told_by), busy) == warsaw("2026-11-24T07:00:00")
    assert waits_until(notice(told_by, night), anna(told_by, at_night=True), busy) is None
    old = notice(told_by, night, since=night - timedelta(minutes=31))
    assert waits_until(old, anna(told_by, at_night=True), busy) == night + timedelta(minutes=1)
    assert waits_until(old, anna(told_by), busy) == warsaw("2026-11-24T07:00:00")


@pytest.mark.parametrize(("minutes", "waits"), [(29, False), (30, False), (31, True)])
def test_news_are_old_after_the_minutes_of_the_rules(minutes: int, waits: bool) -> None:
    told_by = rules(digest_after_minutes=30)
    old = notice(told_by, NOON, since=NOON - timedelta(minutes=minutes))
    assert (waits_until(old, anna(told_by), Attention()) is not None) == waits


def test_what_is_too_much_for_the_hour_waits_for_room() -> None:
    told_by, attention = rules(per_hour=2), Attention()
    for number in range(2):
        told, attention = heard(notice(told_by, NOON + timedelta(minutes=number), number), anna(told_by), attention)
        assert told
    third = notice(told_by, NOON + timedelta(minutes=5), 3)
    told, attention = heard(third, anna(told_by), attention)
    assert not told
    assert attention.due_at == NOON + timedelta(hours=1)
    assert [kept.needed.notice_id for kept in attention.kept] == ["next_step-1-3"]


def test_the_same_notice_is_counted_once() -> None:
    told_by, attention = rules(per_hour=1), Attention()
    for minute in range(3):
        told, attention = heard(notice(told_by, NOON + timedelta(minutes=minute)), anna(told_by), attention)
        assert told
    assert list(attention.told.values()) == [NOON]


def test_more_than_can_wait_is_told() -> None:
    told_by, night = rules(quiet=NIGHT), warsaw("2026-11-24T03:00:00")
    attention = Attention()
    for number in range(501):
        told, attention = heard(notice(told_by, night, number), anna(told_by), attention)
        assert told == (number == 500)
    assert len(attention.kept) == 500


@given(st.lists(st.integers(0, 7200), min_size=1, max_size=40), st.integers(1, 5))
def test_nobody_hears_more_in_any_hour_than_the_rules_allow_and_nothing_is_lost(seconds: list[int], limit: int) -> None:
    told_by, attention, told = rules(per_hour=limit), Attention(), []
    for number, second in enumerate(sorted(seconds)):
        now = NOON + timedelta(seconds=second)
        now_told, attention = heard(notice(told_by, now, number), anna(told_by), attention)
        told += [now] if now_told else []
    for at in told:
        assert sum(at <= other < at + timedelta(hours=1) for other in told) <= limit
    assert len(told) + len(attention.kept) == len(seconds)
    assert (attention.due_at is not None) == bool(attention.kept)
