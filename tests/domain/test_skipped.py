"""Who was skipped: only who would have come before, with the numbers that say why, in words a rep reads in the CRM."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import get_args
from zoneinfo import ZoneInfo

import pytest

from leadrelay.domain.card.card import card_of
from leadrelay.domain.card.placement import ENGLISH_WHY, passed_over
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.eligibility import TESTS
from leadrelay.domain.routing.facts import OwnerOverridden
from leadrelay.domain.routing.ownership import Why
from leadrelay.domain.routing.skipped import MOST, TELLING, UNASSIGNABLE, Skip, skipped, telling
from leadrelay.domain.routing.staffing import Staffing
from tests.domain.people import NOW, told, words
from tests.system import default_rules

WARSAW = ZoneInfo("Europe/Warsaw")
ORDER = ["anna", "marek", "ivana", "piotr"]


def found(**failed: str | None) -> dict[str, Skip]:
    """Turns in the order of the letter."""
    candidates = [Candidate(rep=rep, failed=test, open=12, cap=12, until=NOW) for rep, test in failed.items()]
    free = [rep for rep, test in failed.items() if test is None]
    return skipped(candidates, free, lambda reps: next((rep for rep in ORDER if rep in reps), None))


def test_only_who_would_have_come_before_is_skipped() -> None:
    assert list(found(anna="cap", marek="away", ivana=None, piotr="away")) == ["anna", "marek"]
    assert found(anna=None, marek="away") == {}


def test_who_had_the_lead_or_left_the_team_is_not_remarkable() -> None:
    assert list(found(anna="recent_owner", marek="inactive", ivana="skill", piotr=None)) == ["ivana"]


def test_nobody_free_means_that_all_were_skipped_and_a_few_are_named() -> None:
    assert list(found(anna="cap", marek="away")) == ["anna", "marek"]
    many = [Candidate(rep=f"rep{number}", failed="cap") for number in range(30)]
    assert len(skipped(many, (), lambda reps: next(iter(reps), None))) == MOST


def test_a_skip_carries_the_numbers_that_say_it_and_no_others() -> None:
    skips = found(anna="cap", marek="away", ivana="rate")
    assert skips["anna"] == Skip(test="cap", open=12, cap=12)
    assert skips["marek"] == Skip(test="away", until=NOW)
    assert skips["ivana"] == Skip(test="rate")


@pytest.mark.parametrize(
    ("skip", "words"),
    [
        (Skip(test="cap", open=12, cap=12), "open leads: 12 of 12"),
        (Skip(test="away"), "away"),
        (Skip(test="away", until=datetime(2026, 11, 29, 23, tzinfo=UTC)), "away until Mon 30 Nov"),
        (Skip(test="away", until=datetime(2026, 11, 30, 13, tzinfo=UTC)), "away until Mon 30 Nov 14:00"),
        (Skip(test="off_hours"), "not at work in time"),
        (
            Skip(test="off_hours", until=datetime(2026, 11, 24, 8, 5, tzinfo=UTC)),
            "not at work in time: first contact by Tue 24 Nov 09:05",
        ),
        (Skip(test="a test of tomorrow"), "a test of tomorrow"),
    ],
)
def test_a_skip_in_words(skip: Skip, words: str) -> None:
    assert telling(skip, WARSAW) == words


def test_every_test_and_every_reason_has_its_words() -> None:
    assert {name for name, _ in TESTS} <= set(TELLING)
    assert set(get_args(Why)) <= set(ENGLISH_WHY)
    assert all(UNASSIGNABLE.values())


def test_the_note_in_the_crm_says_who_was_skipped_and_why() -> None:
    rules, decision = default_rules(), told(words(email="ada@example.com"))
    choice = choose(decision.lead, decision.profile, Staffing(), rules, NOW)
    back = datetime(2026, 12, 1, 23, tzinfo=UTC)
    skips = {"ivana": Skip(test="cap", open=3, cap=3), "tomasz": Skip(test="away", until=back)}
    assign(replace(choice, skipped=skips), decision)
    note = card_of(decision.lead, decision.profile, rules).notes[0].body
    assert note.startswith(f"LeadRelay gave this lead to {rules.team.rep(choice.rep or '').name}: ")
    assert "Skipped: Ivana (SDR), open leads: 3 of 3; Tomasz (AE), away until Wed 2 Dec. First contact is due" in note


def test_a_lead_that_somebody_took_over_in_the_crm_skipped_nobody() -> None:
    rules, decision = default_rules(), told(words(email="ada@example.com"))
    choice = choose(decision.lead, decision.profile, Staffing(), rules, NOW)
    assign(replace(choice, skipped={"ivana": Skip(test="cap", open=3, cap=3)}), decision)
    decision.say(OwnerOverridden(rep="nina", crm_owner="70000007", hop=2))
    assert "Skipped" not in card_of(decision.lead, decision.profile, rules).notes[0].body


def test_of_a_large_pool_the_first_are_named_and_the_rest_counted() -> None:
    reps = [rep.id for rep in default_rules().team.reps[:7]]
    text = passed_over(dict.fromkeys(reps, Skip(test="away")), default_rules())
    assert text.startswith("Anna (SDR), away; Marek (SDR), away; ")
    assert text.endswith("Milica (AE), away; and 2 more")
    assert "more" not in passed_over(dict.fromkeys(reps[:5], Skip(test="away")), default_rules())
