"""In which night a lead is judged again: as soon as time has changed something, and never in vain before that."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.conditions import FieldType, compile_condition
from leadrelay.domain.conditions.turns import next_turn
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.rules import Rules, conditions_in
from leadrelay.domain.scoring.night import dawn, night, wakes_at
from leadrelay.domain.scoring.score import scored
from leadrelay.domain.signal import Signal
from leadrelay.rulebook.draft import drafted
from leadrelay.rulebook.sites import sites
from tests.domain.people import NOW, profile
from tests.system import default_rules

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
WARSAW = ZoneInfo("Europe/Warsaw")
SCHEMA = {"lead.captured_at": FieldType.TIME, "lead.score": FieldType.NUMBER}
SIGNALS = sorted({rule.signal for rule in default_rules().scoring.engagement.rules if rule.signal})

instants = st.integers(0, 400 * 24 * 60).map(lambda minutes: NOW + timedelta(minutes=minutes))
lead_ids = st.integers(0, 10_000).map(str)


def decided(lead: Lead, at: datetime = NOW, rules: Rules | None = None) -> Decision:
    known = profile(lead__email="ada@example.com", account__industry="software", account__employees=60)
    return Decision(lead, known, rules or default_rules(), at)


@given(lead_ids, instants)
def test_a_night_is_the_leads_own_minute_of_the_next_nightly_hour(lead_id: str, at: datetime) -> None:
    due = night(lead_id, at, default_rules())
    assert at <= due < at + 25 * HOUR
    assert due.astimezone(WARSAW).hour == 2 or due.astimezone(WARSAW).date().month in (3, 10), due
    assert night(lead_id, due, default_rules()) == due
    assert night(lead_id, due + timedelta(microseconds=1), default_rules()) - due >= 23 * HOUR


@pytest.mark.parametrize(
    ("at", "begins"),
    [
        ("2026-11-23T11:00:00Z", "2026-11-24T01:00:00Z"),
        ("2026-11-24T01:00:00Z", "2026-11-24T01:00:00Z"),
        ("2026-11-24T01:00:01Z", "2026-11-25T01:00:00Z"),
        ("2027-03-27T12:00:00Z", "2027-03-28T01:00:00Z"),  # 2:00 is skipped: the hour after it
        ("2027-10-30T12:00:00Z", "2027-10-31T00:00:00Z"),  # 2:00 comes twice: the first
    ],
)
def test_the_hour_is_that_of_the_wall(at: str, begins: str) -> None:
    assert dawn(datetime.fromisoformat(at), default_rules()) == datetime.fromisoformat(begins).astimezone(UTC)


def test_leads_are_spread_over_the_hour() -> None:
    minutes = {night(f"{number:032x}", NOW, default_rules()).minute for number in range(1000)}
    assert len(minutes) == 60


@settings(max_examples=60)
@given(
    signals=st.dictionaries(
        st.sampled_from(SIGNALS), st.lists(st.integers(0, 200 * 24), min_size=1, max_size=3), max_size=4
    ),
    lead_id=lead_ids,
)
def test_until_its_night_nothing_changes_that_an_earlier_night_would_have_shown(
    signals: dict[str, list[int]], lead_id: str
) -> None:
    """Hour by hour: as long as the lead is not due, its score is the stored one, but for the day it takes to be due."""
    did = {
        name: Signal(count=len(hours), times=tuple(NOW - timedelta(hours=hour) for hour in sorted(hours)))
        for name, hours in signals.items()
    }
    lead = Lead(lead_id=lead_id, standing="live", captured_at=NOW - 200 * DAY, signals=did)
    decision = decided(lead)
    due = wakes_at(decision)
    stored = scored(lead, decision.profile, decision.rules, NOW).score.total
    until = NOW + 100 * DAY if due is None else due - DAY - HOUR
    for hours in range(0, max(0, int((until - NOW) / HOUR)), 7):
        at = NOW + hours * HOUR
        assert scored(lead, decision.profile, decision.rules, at).score.total == stored, f"changed {at}, due {due}"


def test_a_visitor_an_imported_and_a_merged_lead_have_none() -> None:
    signals = {SIGNALS[0]: Signal(count=1, times=(NOW,))}
    lead = Lead(lead_id="1", standing="live", captured_at=NOW, signals=signals)
    assert wakes_at(decided(lead)) is not None
    assert wakes_at(decided(lead.with_(standing="imported"))) is None
    assert wakes_at(decided(lead.with_(standing="gone"))) is None
    assert wakes_at(decided(lead.with_(merged_into="2", card="shown"))) is None
    assert wakes_at(Decision(lead, profile(), default_rules(), NOW)) is None


AGES = [
    ("age_days(lead.captured_at) >= 30", timedelta(days=30)),
    ("age_days(lead.captured_at) > 30", timedelta(days=30)),
    ("30 <= age_days(lead.captured_at)", timedelta(days=30)),
    ("age_hours(lead.captured_at) < 0.5", timedelta(minutes=30)),
    ("age_minutes(lead.captured_at) == 7", timedelta(minutes=7)),
    ("age_days(lead.captured_at) < lead.score", timedelta(days=40)),
    ("not (lead.score < 1 or age_days(lead.captured_at) <= 2)", timedelta(days=2)),
]


@pytest.mark.parametrize(("text", "age"), AGES, ids=[text for text, _ in AGES])
def test_an_age_turns_when_it_crosses_its_number(text: str, age: timedelta) -> None:
    condition = compile_condition(text, SCHEMA)
    seen = {"lead.captured_at": NOW, "lead.score": 40}
    turn = next_turn(condition.leaves, seen, NOW)
    assert turn is not None
    assert timedelta() <= turn - (NOW + age) <= timedelta(seconds=1)
    around = {condition.holds(seen, turn + timedelta(microseconds=each)) for each in (-1, 0, 1)}
    assert len(around) == 2
    assert next_turn(condition.leaves, seen, NOW + age + timedelta(seconds=2)) is None


@pytest.mark.parametrize("seen", [{}, {"lead.captured_at": NOW}, {"lead.score": 40}], ids=str)
def test_what_is_missing_never_turns(seen: dict[str, object]) -> None:
    assert next_turn(compile_condition("age_days(lead.captured_at) < lead.score", SCHEMA).leaves, seen, NOW) is None


@given(st.integers(-400, 400), st.integers(0, 60 * 24 * 400))
def test_between_two_turns_no_answer_changes(number: int, minutes: int) -> None:
    condition = compile_condition(f"age_days(lead.captured_at) >= {number}", SCHEMA)
    seen = {"lead.captured_at": NOW - timedelta(minutes=minutes)}
    turn = next_turn(condition.leaves, seen, NOW)
    later = NOW + 1000 * DAY if turn is None else turn - timedelta(seconds=2)
    if later > NOW:
        assert condition.holds(seen, NOW) == condition.holds(seen, later)


def test_every_condition_of_the_rules_is_looked_through_for_ages() -> None:
    """Also those that stand under another name than `if`."""
    draft = drafted(Path(__file__).parents[2] / "infra" / "rules")
    assert {site.text for site in sites(draft)} <= set(conditions_in(default_rules()))
