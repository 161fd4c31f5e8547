"""A person's choice of owner outlives that the lead turns out to be another."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.crm.choice import inherit
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.merging import absorbed
from tests.domain.people import NOW, given, told, touch, words
from tests.domain.test_adopt import HOT, STRANGER, other, owned, seen

LATER = NOW + timedelta(hours=1)


def one_a_person_gave(**owner: str) -> Decision:
    """A lead whose owner a person has just chosen: another rep, or somebody whom only the CRM knows."""
    decision = owned()
    seen(decision, owner=owner.get("owner") or other(decision)[1])
    return decision


def newcomer() -> Decision:
    """The same person, known by something else, and nobody's yet."""
    decision = told(words(phone="+12025550143", company="Firma"), touch(2, at=NOW))
    decision.at, decision.facts = LATER, []
    assert decision.lead.ownership.rep is None
    return decision


def join(winner: Decision, loser: Lead) -> None:
    winner.say(absorbed(loser))
    inherit(loser, winner)


def test_whom_a_person_chose_goes_on_with_the_other_lead() -> None:
    loser, winner = one_a_person_gave(), newcomer()
    begun = winner.lead
    join(winner, loser.lead)
    lead = winner.lead
    assert (lead.ownership.rep, lead.ownership.why) == (loser.lead.ownership.rep, "override")
    assert lead.wanted is None, "the question whose it is is answered"
    clock = lead.clock("first_contact")
    assert clock is not None
    assert clock.hop == lead.ownership.hop
    assert lead.next_step is not None
    assert fold(begun, [(fact, LATER) for fact in winner.facts]) == lead


def test_somebody_whom_only_the_crm_knows_goes_on_too() -> None:
    loser, winner = one_a_person_gave(owner=STRANGER), newcomer()
    join(winner, loser.lead)
    assert (winner.lead.ownership.rep, winner.lead.ownership.outside) == (None, STRANGER)
    assert winner.lead.wanted is None


def test_the_touch_that_joined_them_asks_for_nobody_else() -> None:
    loser, winner = one_a_person_gave(), newcomer()
    join(winner, loser.lead)
    hear(understood(touch(3, at=LATER), HOT, winner.rules, LATER), winner)
    assert winner.lead.ownership.rep == loser.lead.ownership.rep
    assert winner.lead.wanted is None


def test_who_is_at_work_on_the_other_lead_stays() -> None:
    loser, winner = one_a_person_gave(), newcomer()
    given(winner)
    owner = winner.lead.ownership
    join(winner, loser.lead)
    assert winner.lead.ownership == owner


def test_what_the_rules_chose_is_no_choice_of_a_persons() -> None:
    loser, winner = owned(), newcomer()
    join(winner, loser.lead)
    assert winner.lead.ownership.rep is None


@pytest.mark.parametrize("hours", [23, 25])
def test_a_choice_is_fresh_for_as_long_as_it_stands(hours: int) -> None:
    loser, winner = one_a_person_gave(), newcomer()
    winner.at = NOW + timedelta(hours=hours)
    fresh = hours < winner.rules.routing.override / timedelta(hours=1)
    join(winner, loser.lead)
    assert (winner.lead.ownership.why == "override") == fresh


def test_a_lead_that_is_known_from_the_crm_alone_gives_nobody() -> None:
    loser, winner = one_a_person_gave(), newcomer()
    join(winner, loser.lead.with_(standing="imported"))
    assert winner.lead.ownership.rep is None
