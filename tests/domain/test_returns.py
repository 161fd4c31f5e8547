"""A turn that brought nothing does not count; one that is worked after all does."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.ledger import MILLION, Ledger, Turns
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.returns import Return, came_back, uncounted
from tests.domain.people import NOW
from tests.system import default_rules

OWNER = Ownership(rep="anna", pool="sdr", rule="demo", hop=2, counted="hot")
OPEN = Lead(lead_id="1", standing="live", temperature="hot", ownership=OWNER)
BACK = OPEN.with_(disposition="rejected")
GONE = Return("sdr", "anna", "hot", -1)
RULES = default_rules()


def test_a_rejected_lead_does_not_count_and_counts_again_when_it_is_worked() -> None:
    assert came_back(OPEN, BACK, RULES) == GONE
    assert came_back(BACK, OPEN, RULES) == Return("sdr", "anna", "hot", 1)
    assert came_back(BACK, BACK.with_(reason="spam"), RULES) is None


def test_it_was_a_turn_among_hot_leads_although_it_cooled_down_since() -> None:
    assert came_back(OPEN.with_(temperature="warm"), BACK.with_(temperature="warm"), RULES) == GONE


def test_what_the_next_owner_does_is_not_the_former_ones() -> None:
    elsewhere = OPEN.with_(ownership=OWNER.model_copy(update={"rep": "ben", "hop": 3}))
    assert came_back(BACK, elsewhere, RULES) is None


@pytest.mark.parametrize(
    ("lead", "choice", "counted"),
    [
        ({}, {}, "hot"),
        ({"temperature": "warm"}, {}, "other"),
        ({"standing": "shadow"}, {}, None),
        ({}, {"rep": "nina", "unassignable": "hop_budget_spent"}, None),
        ({}, {"rep": "nina", "pool": None}, None),
    ],
)
def test_an_owner_knows_whether_it_was_a_turn(
    lead: dict[str, object], choice: dict[str, Any], counted: str | None
) -> None:
    decision = Decision(OPEN.with_(ownership=Ownership(), **lead), Profile(), RULES, NOW)
    assign(Choice(**{"rule": "hot", "rep": "anna", "pool": "sdr", **choice}), decision)
    assert decision.lead.ownership.counted == counted


@pytest.mark.parametrize(
    "owner",
    [
        {"counted": None},
        {"pool": None},
        {"pool": "closed"},
        {"rep": None, "queue": "newsletter"},
    ],
)
def test_only_what_came_by_turn_can_be_given_back(owner: dict[str, object]) -> None:
    ownership = OWNER.model_copy(update=owner)
    assert came_back(OPEN.with_(ownership=ownership), BACK.with_(ownership=ownership), RULES) is None


@pytest.mark.parametrize("change", [{"disposition": "accepted"}, {"disposition": "recycled"}, {"standing": "shadow"}])
def test_the_pool_says_what_does_not_count_and_nobody_is_told_of_a_lead_in_shadow(change: dict[str, object]) -> None:
    assert came_back(OPEN.with_(**{**change, "disposition": None}), BACK.with_(**change), RULES) is None


def test_a_pool_may_count_what_came_too_early_as_returned() -> None:
    fair = RULES.team.pool("sdr").fairness.with_(returned=("recycled",))
    pools = tuple(pool.with_(fairness=fair) if pool.id == "sdr" else pool for pool in RULES.team.pools)
    rules = RULES.with_(team=RULES.team.with_(pools=pools))
    assert came_back(OPEN, OPEN.with_(disposition="recycled"), rules) == GONE
    assert came_back(OPEN, BACK, rules) is None


@pytest.mark.parametrize("kind", ["hot", "other"])
def test_the_ledger_of_its_class_has_one_lead_less(kind: Literal["hot", "other"]) -> None:
    ledger = Ledger(given={"anna": 3, "ben": 3}, weights={"anna": 1, "ben": 1})
    turns = Turns(ledgers={"hot": ledger, "other": ledger})
    later = uncounted(turns, Return("sdr", "anna", kind, -1))
    assert later.of(kind).level("anna") == 2 * MILLION
    assert later.of(kind).shortfalls()["anna"] > 0
    assert later.of("other" if kind == "hot" else "hot") == ledger
    assert uncounted(later, Return("sdr", "anna", kind, 1)).of(kind).level("anna") == 3 * MILLION


def test_who_is_no_member_has_no_turns() -> None:
    turns = Turns(ledgers={"hot": Ledger(weights={"ben": 1})})
    assert uncounted(turns, GONE) == turns
