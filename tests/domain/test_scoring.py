"""Every number that sales and marketing agreed on, and the shape of points between them."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.enrichment.derive import derived
from leadrelay.domain.lead import Lead, Score
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.scoring.score import scored
from leadrelay.domain.signal import Signal, together
from tests.domain.people import NOW, did, profile, told, touch, words
from tests.system import default_rules


def score(behaviour: dict[str, Signal] | None = None, /, **values: Plain) -> Score:
    known = derived(profile(**values), None, default_rules())
    return scored(Lead(lead_id="1", signals=behaviour or {}), known, default_rules(), NOW).score


def points(found: Score, rule: str) -> int:
    return next((line.kept for line in found.lines if line.rule == rule), 0)


@pytest.mark.parametrize(
    ("values", "fit"),
    [
        ({"account__industry": "software"}, 25),
        ({"account__industry": "finance"}, 20),
        ({"account__industry": "logistics"}, 10),
        ({"account__industry": "bakery"}, 0),
        ({"account__employees": 501}, 20),
        ({"account__employees": 500}, 15),
        ({"account__employees": 51}, 15),
        ({"account__employees": 50}, 10),
        ({"account__employees": 10}, 0),
        ({"account__country": "PL"}, 15),
        ({"account__country": "DE"}, 10),
        ({"account__country": "US"}, 0),
        ({"lead__job_title": "Managing Director"}, 10),
        ({"lead__job_title": "Marketing Director"}, 8),
        ({"lead__job_title": "Office Manager"}, 4),
        ({}, 0),
    ],
    ids=str,
)
def test_fit_by_trait(values: dict[str, Plain], fit: int) -> None:
    assert (score(**values).fit, score(**values).lost) == (fit, 0)


def test_fit_is_clipped_at_forty_and_says_what_was_lost() -> None:
    found = score(account__industry="software", account__employees=900, account__country="RS", lead__job_title="CEO")
    assert (found.fit, found.total, found.lost) == (40, 40, 25 + 20 + 15 + 10 - 40)


@pytest.mark.parametrize(
    ("signal", "values", "engagement"),
    [
        ("webinar_attended", {}, 25),
        ("webinar_attended", {"lead__budget_authority": True}, 50),
        ("webinar_attended", {"lead__budget_authority": False}, 25),
        ("case_study_download", {}, 20),
        ("case_study_download", {"lead__job_title": "Director of Sales"}, 30),
        ("case_study_download", {"lead__job_title": "CEO"}, 20),
        ("pricing_page_viewed", {}, 15),
        ("contact_page_viewed", {}, 15),
        ("email_opened", {}, 5),
        ("newsletter", {}, 0),
        ("unheard_of", {}, 0),
    ],
    ids=str,
)
def test_engagement_by_signal(signal: str, values: dict[str, Plain], engagement: int) -> None:
    assert score(did(signal), **values).engagement == engagement


@pytest.mark.parametrize(
    ("signal", "times", "engagement"),
    [
        ("pricing_page_viewed", 2, 25),
        ("pricing_page_viewed", 9, 25),
        ("email_opened", 2, 10),
        ("email_opened", 50, 10),
        ("case_study_download", 3, 30),
        ("page_viewed", 2, 0),
        ("page_viewed", 3, 10),
        ("page_viewed", 5, 15),
        ("page_viewed", 6, 20),
        ("page_viewed", 60, 20),
    ],
)
def test_repeats_are_worth_more_up_to_their_cap(signal: str, times: int, engagement: int) -> None:
    assert score(did(signal, times=times)).engagement == engagement


def test_engagement_is_clipped_at_sixty() -> None:
    found = score(did("demo_request", "demo_request@linkedin", "offer_request", "webinar_attended"))
    assert (found.engagement, found.lost) == (60, 20 + 25 + 20 + 25 - 60)


def test_a_demo_from_linkedin_is_hot_worth_more_and_needs_an_owner_at_once() -> None:
    decision = told(words(email="ada@example.com"), touch(origin_source="LinkedIn"))
    assert decision.lead.temperature == "hot"
    assert points(decision.lead.score, "demo_linkedin") == 25
    assert decision.lead.wanted is not None


def test_points_are_whole_on_the_day_they_are_earned_and_fade_day_by_day() -> None:
    demo = [score(did("demo_request", ago_days=days)).engagement for days in (0, 1e-6, 0.99, 1, 45, 89.9, 90, 4000)]
    assert demo == [20, 20, 20, 19, 10, 0, 0, 0]


def test_what_a_wrong_clock_says_of_tomorrow_is_worth_no_more() -> None:
    assert score(did("demo_request", ago_days=-1)).engagement == 20


@given(
    signals=st.lists(st.sampled_from([rule.signal for rule in default_rules().scoring.engagement.rules]), max_size=12),
    employees=st.none() | st.integers(0, 5000),
    industry=st.sampled_from(["software", "finance", "bakery"]),
    country=st.sampled_from(["PL", "US", "DE"]),
    title=st.sampled_from(["CEO", "Director", "Manager", "Clerk"]),
)
def test_a_score_is_the_sum_of_its_reasons_less_what_the_caps_took(
    signals: list[str], employees: int | None, industry: str, country: str, title: str
) -> None:
    known: dict[str, Plain] = {"account__industry": industry, "account__country": country, "lead__job_title": title}
    found = score(did(*signals), **known, **({} if employees is None else {"account__employees": employees}))
    assert found.total == found.fit + found.engagement == sum(line.points for line in found.lines) - found.lost
    assert found.total == sum(line.kept for line in found.lines)
    assert found.fit <= 40
    assert found.engagement <= 60
    groups = [line.group for line in found.lines if line.group in default_rules().scoring.fit.groups]
    assert len(groups) == len(set(groups))
    assert [abs(line.kept) for line in found.lines] == sorted((abs(line.kept) for line in found.lines), reverse=True)


moments = st.dictionaries(
    st.sampled_from("abc"),
    st.lists(st.integers(0, 500), min_size=1, max_size=14).map(
        lambda hours: Signal(
            count=len(hours),
            times=tuple(sorted((NOW - timedelta(hours=h) for h in hours), reverse=True))[:10],
            touch_ids=tuple(f"t{h}" for h in sorted(hours))[:10],
        )
    ),
)


@given(moments, moments, moments)
def test_signals_come_together_in_any_order(
    one: dict[str, Signal], two: dict[str, Signal], three: dict[str, Signal]
) -> None:
    assert together(one, two) == together(two, one)
    assert together(together(one, two), three) == together(one, together(two, three))
    assert all(len(signal.times) <= 10 for signal in together(one, two).values())


def test_a_demo_scores_whole_however_long_the_webhook_took() -> None:
    late = told(words(email="ada@example.com"), touch(at=NOW - timedelta(hours=3)), at=NOW)
    assert points(late.lead.score, "demo") == 20
