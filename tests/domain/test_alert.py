"""The manager hears of a score once, the lead is on one call list, and only a real fall makes it news again."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.card.card import card_of
from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead, Score, fold
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.alert import alert
from leadrelay.domain.stages.facts import ScoreAlerted
from tests.domain.people import NOW, profile
from tests.system import default_rules, noisy_rules

MONDAY, TUESDAY = date(2026, 11, 23), date(2026, 11, 24)


def scored(total: int, lead: Lead | None = None, at: datetime = NOW, rules: Rules | None = None) -> Decision:
    """A lead whose score has just become this."""
    lead = lead or Lead(lead_id="1", standing="live")
    decision = Decision(lead.with_(score=Score(total=total)), profile(), rules or noisy_rules(), at)
    alert(decision)
    return decision


def said(decision: Decision) -> list[str]:
    return [fact.name() for fact in decision.facts]


@pytest.mark.parametrize(("total", "told"), [(84, []), (85, ["ScoreAlerted", "NoticeNeeded"])])
def test_the_manager_hears_of_it_from_the_line_on(total: int, told: list[str]) -> None:
    assert said(scored(total)) == told


def test_it_is_told_once_and_again_only_after_a_fall_under_the_second_line() -> None:
    lead = scored(90).lead
    heard = []
    for total in (90, 84, 80, 90, 79, 79, 84, 85, 100):
        decision = scored(total, lead)
        heard.append("+".join(said(decision)))
        lead = decision.lead
    assert heard == ["", "", "", "", "AlertRearmed", "", "", "ScoreAlerted+NoticeNeeded", ""]


def test_lines_that_cross_do_not_ring_at_every_judgement() -> None:
    """A persona may have one line, its segment the other."""
    rules = noisy_rules()
    crossed = Rules.of(rules.with_(stages=rules.stages.with_(alert_rearm="lead.score < 95")))
    lead = scored(90, rules=crossed).lead
    assert said(scored(90, lead, rules=crossed)) == []
    assert said(scored(84, lead, rules=crossed)) == ["AlertRearmed"]


def test_without_a_second_line_once_is_for_ever() -> None:
    rules = Rules.of(noisy_rules().with_(stages=noisy_rules().stages.with_(alert_rearm=None)))
    lead = scored(0, scored(90, rules=rules).lead, rules=rules).lead
    assert said(scored(90, lead, rules=rules)) == []


@pytest.mark.parametrize("standing", ["shadow", "imported", "gone"])
def test_of_a_lead_that_is_shown_to_nobody_nobody_hears(standing: str) -> None:
    assert said(scored(90, Lead(lead_id="1", standing=standing))) == []  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("at", "day"),
    [
        ("2026-11-23T11:00:00Z", "2026-11-24"),  # Monday at work: tomorrow's list
        ("2026-11-23T03:00:00Z", "2026-11-23"),  # Monday before dawn: the list of the day to come
        ("2026-11-23T08:00:00Z", "2026-11-24"),  # the minute the day begins is not before it
        ("2026-11-23T22:30:00Z", "2026-11-24"),  # Monday 23:30 in Warsaw
        ("2026-11-27T20:00:00Z", "2026-11-30"),  # Friday evening: Monday
        ("2026-12-24T16:30:00Z", "2026-12-28"),  # Christmas, and a weekend after it
    ],
)
def test_the_list_is_that_of_the_next_working_day_that_has_not_begun(at: str, day: str) -> None:
    decision = scored(90, at=datetime.fromisoformat(at))
    assert decision.lead.listed_on == day
    assert card_of(decision.lead, decision.profile, decision.rules).fields["call_list_on"] == day


def test_the_day_is_that_of_the_manager_of_the_leads_pool() -> None:
    """6 January is a holiday in Poland, 7 January in Serbia."""
    rules = default_rules()
    reps = tuple(rep.with_(calendar="belgrade") if rep.id == "nina" else rep for rep in rules.team.reps)
    serbian = Rules.of(rules.with_(team=rules.team.with_(reps=reps)))
    evening = datetime(2027, 1, 5, 20, 0, tzinfo=UTC)
    owned = Lead(lead_id="1", standing="live", ownership=Ownership(rep="anna", pool="sdr", hop=1))
    assert scored(90, owned, evening, serbian).lead.listed_on == "2027-01-06"
    assert scored(90, Lead(lead_id="1", standing="live"), evening, serbian).lead.listed_on == "2027-01-07"


def test_an_alert_of_the_former_release_has_no_list() -> None:
    lead = ScoreAlerted.model_validate({"score": 90}).apply(Lead(lead_id="1"), NOW)
    assert (lead.alerted, lead.listed_on) == (True, None)


@given(st.lists(st.integers(0, 100), max_size=30))
def test_alerts_and_falls_take_turns_and_folding_gives_the_lead(totals: list[int]) -> None:
    lead = start = Lead(lead_id="1", standing="live")
    facts, words = [], []
    for number, total in enumerate(totals):
        at = NOW + timedelta(hours=number)
        decision = scored(total, lead, at)
        lead = decision.lead
        facts += [(fact, at) for fact in decision.facts]
        words += [name for name in said(decision) if name != "NoticeNeeded"]
    assert all(first != second for first, second in pairwise(words))
    assert words[:1] in ([], ["ScoreAlerted"])
    assert fold(start, facts) == lead.with_(score=Score())
