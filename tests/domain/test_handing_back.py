"""SDR and account executive: both stay on the card, and a lead that is not ready goes back to whom it came from."""

from __future__ import annotations

import pytest

from leadrelay.domain.card.card import card_of
from leadrelay.domain.decide import judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.handing.back import came_from
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.facts import LeadHandedBack, OwnerOverridden
from leadrelay.domain.routing.ownership import Ownership
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.stages.disposition import Word, give_back
from tests.domain.people import NOW, profile
from tests.system import default_rules

RULES = default_rules()
ADA = profile(lead__email="ada@example.com", account__country="PL")
HELD = Ownership(
    rep="tomasz", pool="ae_poland", hop=2, why="hand_off", previous=("anna",), teams={"sdr": "anna", "ae": "tomasz"}
)
BACK = Word(means="recycled", rep="tomasz", status="nurturing", reason="back_to_sdr")


def deciding(owner: Ownership = HELD, **more: object) -> Decision:
    one = Lead(lead_id="1", standing="live", stage="sql", reached={"sql": NOW}, status="nurturing", ownership=owner)
    return Decision(one.with_(**more), ADA, RULES, NOW)


def given(decision: Decision, away: str | None = None) -> Decision:
    """After the choice of the owner; one of them does not take leads."""
    reps = tuple(rep.with_(active=rep.id != away) for rep in RULES.team.reps)
    rules = RULES.with_(team=RULES.team.with_(reps=reps))
    assign(choose(decision.lead, ADA, Staffing(), rules, NOW), decision)
    return decision


def test_it_goes_back_to_its_sdr_and_both_stay_on_the_card() -> None:
    decision = deciding()
    give_back(BACK, decision)
    back = next(fact for fact in decision.facts if isinstance(fact, LeadHandedBack))
    assert (back.rep, back.team, back.reason) == ("tomasz", "sdr", "back_to_sdr")
    given(decision)
    owner = decision.lead.ownership
    assert (owner.rep, owner.pool, owner.why, owner.handed_back_at) == ("anna", "sdr", "hand_back", NOW)
    assert (decision.lead.status, decision.lead.rests) == ("new", False)
    assert owner.asked_first == {"anna": "team"}
    card = card_of(decision.lead, ADA, RULES)
    assert (card.fields["sdr"], card.fields["ae"]) == ("Anna (SDR)", "Tomasz (AE)")
    assert "Anna (SDR) had it before (given back by the team that had it)" in str(card.fields["owner_reason"])
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Go on qualifying"


def test_their_pool_has_it_when_the_sdr_is_not_there() -> None:
    decision = deciding()
    give_back(BACK, decision)
    given(decision, away="anna")
    owner = decision.lead.ownership
    assert owner.rep in ("marek", "ivana")
    assert (owner.pool, owner.asked_first, owner.skipped["anna"].test) == ("sdr", {"anna": "team"}, "inactive")
    assert owner.teams == {"sdr": owner.rep, "ae": "tomasz"}


def test_it_is_not_handed_over_again_before_a_meeting_is_booked() -> None:
    decision = deciding()
    give_back(BACK, decision)
    given(decision)
    judge(decision)
    assert decision.lead.wanted is None
    booked = Decision(decision.lead.with_(status="meeting_booked", stage="sql"), ADA, RULES, NOW)
    booked.lead = booked.lead.with_(score=booked.lead.score, temperature=None)
    judge(booked)
    assert booked.lead.wanted is not None
    assert booked.lead.wanted.why == "hand_off"
    given(booked)
    assert (booked.lead.ownership.rep, booked.lead.ownership.handed_back_at) == ("tomasz", None)
    assert booked.lead.ownership.teams == {"sdr": "anna", "ae": "tomasz"}


@pytest.mark.parametrize(
    "decision",
    [
        pytest.param(deciding(HELD.with_(teams={"ae": "tomasz"})), id="nobody had it before"),
        pytest.param(deciding(HELD.with_(handed_back_at=NOW)), id="it was handed back already"),
        pytest.param(deciding(HELD.with_(rep=None, queue="nurture")), id="nobody owns it"),
        pytest.param(deciding(standing="imported"), id="it is not worked"),
    ],
)
def test_where_there_is_no_way_back_the_word_counts_as_always(decision: Decision) -> None:
    give_back(BACK, decision)
    assert decision.lead.disposition == "recycled"
    assert decision.lead.wanted is None


def test_another_reason_is_no_way_back() -> None:
    decision = deciding()
    give_back(BACK.with_(reason="too_early"), decision)
    assert (decision.lead.disposition, decision.lead.wanted) == ("recycled", None)


def test_who_was_chosen_in_the_crm_counts_for_their_team() -> None:
    lead = deciding(Ownership(rep="anna", pool="sdr", hop=1, teams={"sdr": "anna"}, handed_back_at=NOW)).lead
    moved = OwnerOverridden(rep="milica", crm_owner="70000005", hop=2, team=RULES.team.team_of("milica"))
    after = fold(lead, [(moved, NOW)])
    assert after.ownership.teams == {"sdr": "anna", "ae": "milica"}
    assert after.ownership.handed_back_at is None
    pool = came_from(after, RULES.team)
    assert pool is not None
    assert pool.id == "sdr"


def test_the_team_of_a_rep_is_that_of_the_pool_that_gave_it_to_them() -> None:
    pools = tuple(pool.with_(team="closers") if pool.id == "enterprise" else pool for pool in RULES.team.pools)
    team = RULES.team.with_(pools=pools)
    assert team.team_of("tomasz", "enterprise") == "closers"
    assert team.team_of("tomasz") == "ae"
    assert team.team_of("nina") is None
