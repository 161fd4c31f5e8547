"""The ledger adds up at any instant, whatever the caps took; and what only some leads are asked or given."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.lead import Lead, Score, ScoreLine, fold
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.ledger import capped
from leadrelay.domain.scoring.policy import Caps, FitRule
from leadrelay.domain.scoring.questions import asked
from leadrelay.domain.scoring.score import next_change, scored
from leadrelay.domain.touch import MACHINE
from leadrelay.domain.view import view
from tests.domain.people import NOW, did, heard, profile, told, touch, words
from tests.system import default_rules

NAMES = sorted(
    {name for rule in default_rules().scoring.engagement.rules for name in (rule.signal, *rule.signals) if name}
)
happened = st.lists(st.tuples(st.sampled_from(NAMES), st.integers(0, 300 * 24)), max_size=25)
facts_of_profile = st.fixed_dictionaries(
    {},
    optional={
        "account__industry": st.sampled_from(["software", "finance", "bakery"]),
        "account__country": st.sampled_from(["PL", "US", "DE"]),
        "account__employees": st.integers(0, 5000),
        "lead__job_title": st.sampled_from(["CEO", "Director of Sales", "Clerk"]),
        "lead__budget": st.sampled_from(["none", "approved", "20 000"]),
        "lead__buys_when": st.sampled_from(["now", "later"]),
        "lead__email_kind": st.sampled_from(["disposable", "company"]),
        "lead__budget_authority": st.booleans(),
    },
)


def lived(events: Sequence[tuple[str, int]]) -> Lead:
    """A lead that did these so many hours ago."""
    facts = [
        TouchIdentified(
            touch_id=f"touch-{name}-{hours}-{number}",
            kind="behaviour",
            occurred_at=NOW - timedelta(hours=hours),
            received_at=NOW,
            signals=(name,),
        )
        for number, (name, hours) in enumerate(events)
    ]
    return fold(Lead(lead_id="1"), [(fact, NOW) for fact in facts])


def rules_with(**changes: Any) -> Rules:
    """The rules, with segments or scoring changed."""
    return Rules.of(default_rules().with_(**changes))


def adds_up(score: Score, caps: Caps) -> None:
    assert score.total == sum(line.kept for line in score.lines) == score.fit + score.engagement
    assert 0 <= score.fit <= caps.fit
    assert 0 <= score.engagement <= caps.engagement
    for line in score.lines:
        assert line.points != 0
        assert 0 <= line.kept <= line.points or line.points <= line.kept <= 0
    groups = default_rules().scoring.engagement.groups
    for group, cap in groups.items():
        assert sum(line.kept for line in score.lines if line.group == group) <= cap


@given(events=happened, known=facts_of_profile, hours=st.integers(0, 400 * 24))
def test_the_ledger_adds_up_at_any_instant(events: list[tuple[str, int]], known: dict[str, Plain], hours: int) -> None:
    found = scored(lived(events), profile(**known), default_rules(), NOW + timedelta(hours=hours))
    adds_up(found.score, default_rules().caps(found.segment, found.persona))


@given(events=happened, known=facts_of_profile, order=st.randoms(use_true_random=False))
def test_the_order_of_the_touches_changes_nothing(
    events: list[tuple[str, int]], known: dict[str, Plain], order: Any
) -> None:
    events = [(name, hours * 100 + number) for number, (name, hours) in enumerate(events)]
    numbered = {event: f"touch-{number}" for number, event in enumerate(events)}
    shuffled = list(events)
    order.shuffle(shuffled)

    def told_in(sequence: list[tuple[str, int]]) -> Lead:
        lead = Lead(lead_id="1")
        for event in sequence:
            fact = TouchIdentified(
                touch_id=numbered[event],
                kind="behaviour",
                occurred_at=NOW - timedelta(hours=event[1]),
                received_at=NOW,
                signals=(event[0],),
            )
            lead = fact.apply(lead, NOW)
        return lead

    one, other = told_in(events), told_in(shuffled)
    assert one == other
    assert scored(one, profile(**known), default_rules(), NOW) == scored(other, profile(**known), default_rules(), NOW)


@given(events=happened, known=facts_of_profile)
def test_the_score_stands_until_its_next_change(events: list[tuple[str, int]], known: dict[str, Plain]) -> None:
    lead, person, rules = lived(events), profile(**known), default_rules()
    at, now = next_change(lead, person, rules, NOW), scored(lead, person, rules, NOW)
    if at is None:
        assert scored(lead, person, rules, NOW + timedelta(days=4000)) == now
        return
    assert at > NOW
    assert scored(lead, person, rules, at - timedelta(microseconds=1)) == now
    assert scored(lead, person, rules, at) != now
    fading = [line.fades_at for line in now.score.lines if line.fades_at is not None]
    assert at <= min(fading, default=at)


@given(
    events=happened, known=facts_of_profile, more=st.sampled_from(["demo_request", "webinar_attended", "trial_signup"])
)
def test_a_touch_more_never_lowers_the_score(events: list[tuple[str, int]], known: dict[str, Plain], more: str) -> None:
    before = scored(lived(events), profile(**known), default_rules(), NOW).score.total
    after = scored(lived([*events, (more, 0)]), profile(**known), default_rules(), NOW).score.total
    assert after >= before


def line(rule: str, points: int, group: str = "engagement") -> ScoreLine:
    return ScoreLine(rule=rule, group=group, points=points, kept=points)


@pytest.mark.parametrize(
    ("points", "cap", "kept"),
    [
        ([30, 20, 15, 10], 60, {"a": 30, "b": 20, "c": 10, "d": 0}),
        ([30, 20, -15], 60, {"a": 30, "b": 20, "c": -15}),
        ([10, -15, -3], 60, {"a": 10, "b": -10, "c": 0}),
        ([-15, -3], 60, {"a": 0, "b": 0}),
        ([50, 40, -10], 60, {"a": 50, "b": 20, "c": -10}),
        ([10, 10, 10], 20, {"a": 10, "b": 10, "c": 0}),
    ],
    ids=str,
)
def test_caps_take_from_the_weakest_and_nothing_falls_below_zero(
    points: list[int], cap: int, kept: dict[str, int]
) -> None:
    lines = [line(name, worth) for name, worth in zip("abcdef", points, strict=False)]
    assert {one.rule: one.kept for one in capped(lines, {}, cap)} == kept


def test_a_group_is_capped_before_the_sum() -> None:
    lines = [line("a", 10, "mails"), line("b", 10, "mails"), line("c", 10)]
    assert {one.rule: one.kept for one in capped(lines, {"mails": 15}, 22)} == {"a": 10, "b": 2, "c": 10}


def test_what_speaks_against_a_lead_is_taken_away_and_shown() -> None:
    found = scored(Lead(lead_id="1"), profile(account__industry="software", lead__budget="none"), default_rules(), NOW)
    assert found.score.total == 15
    assert {one.rule: one.kept for one in found.score.lines} == {"industry_core": 25, "no_budget": -10}
    alone = scored(Lead(lead_id="1"), profile(lead__email_kind="disposable"), default_rules(), NOW).score
    assert (alone.total, alone.lost) == (0, 0)
    assert [(one.rule, one.points, one.kept) for one in alone.lines] == [("disposable", -20, 0)]


def test_a_segment_goes_before_a_persona_and_both_before_the_common_rules() -> None:
    policy = default_rules().segments
    segments = tuple(
        rule.with_(caps=Caps(fit=60, engagement=40), thresholds={"sql": 60}) if rule.id == "enterprise" else rule
        for rule in policy.segments
    )
    personas = tuple(
        rule.with_(caps=Caps(fit=20, engagement=80), thresholds={"sql": 70, "mql": 30})
        if rule.id == "executive"
        else rule
        for rule in policy.personas
    )
    rules = rules_with(segments=policy.with_(segments=segments, personas=personas))
    chief: dict[str, Plain] = {"lead__job_title": "CEO", "lead__seniority": "executive"}
    big = scored(
        Lead(lead_id="1", signals=did("demo_request", "offer_request", "contact_request")),
        profile(account__employees=900, account__industry="software", account__country="PL", **chief),
        rules,
        NOW,
    )
    assert (big.segment, big.persona, big.score.fit, big.score.engagement) == ("enterprise", "executive", 60, 40)
    small = scored(
        Lead(lead_id="1", signals=did("demo_request")), profile(account__industry="software", **chief), rules, NOW
    )
    assert (small.segment, small.persona, small.score.fit) == (None, "executive", 20)
    assert rules.thresholds("enterprise", "executive")["sql"] == 60
    assert rules.thresholds("enterprise", "executive")["mql"] == 30
    assert rules.thresholds(None, "executive")["sql"] == 70
    assert rules.thresholds("smb", None)["sql"] == 75
    assert view(Lead(lead_id="1", persona="executive"), profile(), rules)["threshold.sql"] == 70


def test_a_rule_may_be_for_some_segments_and_personas_only() -> None:
    scoring = default_rules().scoring
    only = FitRule.model_validate(
        {
            "id": "only",
            "if": "True",
            "points": 5,
            "group": "budget",
            "says": "",
            "segments": ["smb"],
            "personas": ["director"],
        }
    )
    rules = rules_with(scoring=scoring.with_(fit=scoring.fit.with_(rules=(only,))))

    def fit(**known: Plain) -> int:
        return scored(Lead(lead_id="1"), profile(**known), rules, NOW).score.fit

    director: dict[str, Plain] = {"lead__job_title": "Director of Sales", "lead__seniority": "director"}
    assert fit(account__employees=20, **director) == 5
    assert fit(account__employees=200, **director) == 0
    assert fit(account__employees=20) == 0


def test_of_a_group_the_best_and_the_worst_count() -> None:
    found = scored(Lead(lead_id="1"), profile(lead__budget="approved"), default_rules(), NOW).score
    assert [(one.rule, one.kept) for one in found.lines] == [("bant_budget", 5)]


def test_criteria_that_are_met_can_be_asked_for() -> None:
    known = profile(lead__budget="approved", lead__budget_authority=True, lead__buys_when="later", lead__need="growth")
    found = scored(Lead(lead_id="1"), known, default_rules(), NOW)
    assert found.criteria == ("budget", "authority", "need")
    seen = view(found.apply(Lead(lead_id="1"), NOW), known, default_rules())
    assert seen["lead.bant"] == 3
    assert default_rules().holds('lead.bant >= 3 and "timing" not in lead.criteria', seen, NOW)
    assert scored(Lead(lead_id="1"), profile(lead__budget="none"), default_rules(), NOW).criteria == ()


@pytest.mark.parametrize(
    ("message", "asks"),
    [
        ("What is the PRICE for 40 people?", True),
        ("Proszę o cennik.", True),
        ("Ile kosztuje licencja?", True),
        ("ile  kosztuje\nlicencja?", True),
        ("Koliko košta za 10 korisnika?", True),
        ("Колико кошта?", True),
        ("Was kostet das? Preisliste bitte", True),
        ("Your product is priceless", False),
        ("ocena", False),
        ("Koliko ljudi? Nešto košta-no", True),
        ("", False),
    ],
)
def test_a_question_about_the_price_is_heard_in_four_languages(message: str, asks: bool) -> None:
    assert asked(message, default_rules().scoring.questions) == (("price_question",) if asks else ())


def test_a_question_in_a_form_is_a_signal_of_its_touch() -> None:
    decision = told(words(email="ada@example.com", message="Ile kosztuje?"))
    (found,) = (one for one in decision.lead.score.lines if one.rule == "price")
    assert (found.kept, found.touch_id) == (10, touch().touch_id)


def test_what_a_machine_opened_counts_for_nothing() -> None:
    opened = touch(form=None).with_(kind="behaviour", event="email_opened")
    assert heard(words(email="ada@example.com"), opened).signals == ("email_opened",)
    by_machine = opened.with_(origin=opened.origin.with_(medium=MACHINE))
    assert heard(words(email="ada@example.com"), by_machine).signals == ()
    lead = told(words(email="ada@example.com"), by_machine).lead
    assert (lead.signals, lead.last_touch, lead.score.total) == ({}, None, 0)
    assert told(words(email="ada@example.com"), opened).lead.last_touch is not None


def test_deals_that_were_won_are_worth_points() -> None:
    lead = Lead(lead_id="1", deals={"1": "won", "2": "lost"})
    assert view(lead, profile(), default_rules())["lead.deals_won"] == 1
    assert [one.rule for one in scored(lead, profile(), default_rules(), NOW).score.lines] == ["bought_before"]
