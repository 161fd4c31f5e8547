"""What a person does in the CRM stands; what we wrote there ourselves is no news."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.card.card import card_of, digest
from leadrelay.domain.crm.adopt import NOTHING, Shown
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import fold
from leadrelay.domain.touch import CrmRecord, Deal, Touch, TouchKind, Words, touch_id
from tests.domain.people import NOW, given, looked, told, touch, words

ANNA, MAREK, STRANGER = "70000001", "70000002", "99999999"
HOT = words(email="ada@firma.example", company="Firma", employees="200", industry="software")


def owned() -> Decision:
    """A hot lead with an owner and a running contact clock."""
    decision = told(HOT)
    given(decision)
    assert decision.lead.ownership.rep is not None
    assert decision.lead.clock("first_contact") is not None
    return decision


def seen(
    decision: Decision,
    shown: Shown = NOTHING,
    event: str = "edited",
    touch_kind: TouchKind = "crm_change",
    after: timedelta = timedelta(minutes=1),
    said: Words | None = None,
    **record: object,
) -> list[Fact]:
    """The lead after the CRM's record showed this; the facts that were said."""
    at = NOW + after
    given_record = {"crm": "hubspot", "kind": "person", "person": "501", "record_id": "501", **record}
    from_crm = Touch(
        touch_id=touch_id("hubspot", f"{event} {at} {record}"),
        kind=touch_kind,
        event=event,
        source="hubspot",
        vendor="hubspot",
        trust="verified",
        received_at=at,
        occurred_at=at,
        record=CrmRecord.model_validate(given_record),
    )
    decision.at, decision.facts = at, []
    hear(understood(from_crm, said or Words(), decision.rules, at), decision, shown)
    return decision.facts


def names(facts: list[Fact]) -> list[str]:
    return [fact.name() for fact in facts]


def other(decision: Decision) -> tuple[str, str]:
    """A rep who is not the owner, and their id in the CRM."""
    return ("marek", MAREK) if decision.lead.ownership.rep == "anna" else ("anna", ANNA)


def test_the_owner_a_person_chose_wins_and_gets_a_clock_of_their_own() -> None:
    decision = owned()
    before = decision.lead
    rep, crm_id = other(decision)
    facts = seen(decision, owner=crm_id)
    lead = decision.lead
    assert "OwnerOverridden" in names(facts)
    assert (lead.ownership.rep, lead.ownership.hop, lead.ownership.why) == (rep, before.ownership.hop + 1, "override")
    assert lead.ownership.previous[-1] == before.ownership.rep
    clock = lead.clock("first_contact")
    assert clock is not None
    assert clock.hop == lead.ownership.hop
    assert lead.captured_at == before.captured_at
    assert names(facts)[-1] == "CardChanged"


def test_what_we_wrote_ourselves_is_no_news() -> None:
    decision = owned()
    _, crm_id = other(decision)
    values = {"lead_status": digest("connected"), "lifecycle_stage": digest("customer")}
    shown = Shown(owner=crm_id, owner_at=NOW, values=values)
    facts = seen(decision, shown, owner=crm_id, status="connected", stage="customer")
    assert names(facts) == ["TouchIdentified"]


@pytest.mark.parametrize("shown", [Shown(), Shown(owner_at=NOW + timedelta(minutes=2))])
def test_an_answer_that_was_under_way_while_the_owner_was_decided_is_no_news(shown: Shown) -> None:
    decision = owned()
    late = timedelta(minutes=1) if shown.owner_at else timedelta(0)
    assert "OwnerOverridden" not in names(seen(decision, shown, after=late, owner=other(decision)[1]))


def test_an_owner_whom_the_team_does_not_know_keeps_the_lead_without_a_clock() -> None:
    decision = owned()
    seen(decision, owner=STRANGER)
    owner = decision.lead.ownership
    assert (owner.rep, owner.outside, owner.placed) == (None, STRANGER, True)
    assert decision.lead.clock("first_contact") is None
    assert decision.lead.wanted is None
    assert decision.lead.next_step is not None
    assert names(seen(decision, after=timedelta(minutes=2), owner=STRANGER)) == ["TouchIdentified"]


def test_nobody_takes_the_lead_away_while_the_choice_is_fresh() -> None:
    decision = owned()
    seen(decision, owner=other(decision)[1])
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    decision.at, decision.facts = clock.due_at, []
    tick(decision)
    looked(decision)
    assert "SlaBreached" in names(decision.facts)
    assert "OwnerNeeded" not in names(decision.facts)
    assert decision.lead.next_step is not None


def test_afterwards_the_rules_hold_again() -> None:
    decision = owned()
    seen(decision, owner=other(decision)[1])
    old = decision.lead.ownership.with_(since=NOW - timedelta(hours=24))
    decision.lead = decision.lead.with_(ownership=old)
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    decision.at, decision.facts = clock.due_at, []
    tick(decision)
    looked(decision)
    assert "OwnerNeeded" in names(decision.facts)


def test_a_status_a_rep_sets_is_ours_too() -> None:
    decision = owned()
    assert names(seen(decision, status="connected"))[:2] == ["TouchIdentified", "StatusChanged"]
    assert decision.lead.status == "connected"
    assert "StatusChanged" not in names(seen(decision, after=timedelta(minutes=2), status="SOMETHING_OF_THEIRS"))


def test_given_back_for_good_with_a_reason_stops_every_clock() -> None:
    decision = owned()
    facts = seen(decision, status="unqualified", reason="no budget")
    assert "LeadRejected" in names(facts)
    assert "ReasonMissing" not in names(facts)
    assert decision.lead.clocks == ()
    assert decision.lead.disposition == "rejected"


@pytest.mark.parametrize(("status", "fact"), [("unqualified", "LeadRejected"), ("nurturing", "LeadRecycled")])
def test_given_back_without_a_reason_stands_and_is_asked_about(status: str, fact: str) -> None:
    decision = owned()
    facts = seen(decision, status=status)
    assert fact in names(facts)
    assert "ReasonMissing" in names(facts)
    assert decision.lead.status == status
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == f"Say why: {status}"
    assert decision.lead.clock("first_contact") is None


def test_the_reason_that_was_missing_closes_the_lead() -> None:
    decision = owned()
    seen(decision, status="unqualified")
    assert "ReasonMissing" not in names(seen(decision, after=timedelta(minutes=2), status="unqualified"))
    facts = seen(decision, after=timedelta(minutes=3), status="unqualified", reason="no budget")
    assert [fact.model_dump()["reason"] for fact in facts if fact.name() == "LeadRejected"] == ["no_budget"]
    assert decision.lead.clocks == ()
    card = card_of(decision.lead, decision.profile, decision.rules)
    assert card.fields["next_step"] is None
    assert card.task is not None
    assert card.task.done
    again = seen(decision, after=timedelta(minutes=4), status="unqualified", reason="no budget")
    assert names(again) == ["TouchIdentified"]


def test_a_stage_moves_forward_whoever_moves_it_and_never_back() -> None:
    decision = owned()
    seen(decision, stage="opportunity")
    assert decision.lead.stage == "opportunity"
    assert "sal" in decision.lead.skipped
    seen(decision, after=timedelta(minutes=2), stage="lead")
    assert decision.lead.stage == "opportunity"


def test_deals_are_told_once_and_move_the_stage() -> None:
    decision = owned()
    deal = {"kind": "deal", "record_id": "901"}
    opened = seen(decision, event="deal", deal=Deal(state="open", amount=120000, currency="EUR"), **deal)
    assert "DealOpened" in names(opened)
    assert decision.lead.stage == "opportunity"
    again = seen(decision, event="deal", after=timedelta(minutes=2), deal=Deal(state="open"), **deal)
    assert names(again) == ["TouchIdentified"]
    won = seen(decision, event="deal", after=timedelta(minutes=3), deal=Deal(state="won"), **deal)
    assert "DealWon" in names(won)
    assert decision.lead.stage == "customer"
    assert decision.lead.deals == {"901": "won"}


def test_a_lost_deal_keeps_its_reason_and_the_stage() -> None:
    decision = owned()
    before = decision.lead.stage
    facts = seen(decision, event="deal", reason="Spoke to Jane Roe", deal=Deal(state="lost"))
    lost = next(fact for fact in facts if fact.name() == "DealLost")
    assert lost.model_dump()["reason"] == "other"  # what a rep types may name somebody: it does not travel
    assert decision.lead.stage == before


def test_who_was_deleted_rests_until_they_do_something_themselves() -> None:
    decision = owned()
    facts = seen(decision, Shown(crm_id="501"), event="deleted")
    assert names(facts) == ["TouchIdentified", "RecordDeleted"]
    assert decision.lead.clocks == ()
    seen(decision, event="edited", after=timedelta(minutes=2), owner=other(decision)[1])
    assert decision.lead.card is None
    decision.at, decision.facts = NOW + timedelta(days=1), []
    hear(understood(touch(2, at=decision.at), HOT, decision.rules, decision.at), decision)
    assert decision.lead.standing == "live"
    assert "CardChanged" in names(decision.facts)


def test_who_is_only_known_from_the_crm_is_left_in_peace() -> None:
    decision = told(HOT)
    decision.lead = decision.lead.with_(standing="imported", wanted=None, clocks=(), card=None)
    facts = seen(decision, event="imported", owner=ANNA, status="connected")
    assert {"OwnerOverridden", "StatusChanged"} <= set(names(facts))
    assert not {"ClockStarted", "CardChanged", "NoticeNeeded", "OwnerNeeded", "NextStepPlanned"} & set(names(facts))


def test_a_contact_of_a_rep_stops_the_clock() -> None:
    decision = owned()
    record = {"kind": "activity", "record_id": "301"}
    facts = seen(decision, event="call", touch_kind="activity", **record)
    assert {"ContactAttempted", "SlaMet"} <= set(names(facts))
    assert decision.lead.clock("first_contact") is None


def test_the_lead_is_the_fold_of_what_was_said() -> None:
    decision = owned()
    before = decision.lead
    facts = seen(decision, owner=other(decision)[1], status="connected", stage="sql", deal=Deal(state="open"))
    assert fold(before, [(fact, decision.at) for fact in facts]) == decision.lead
