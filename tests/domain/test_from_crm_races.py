"""The way back from the CRM under bad luck: second records, late news, our own words, changes of mind."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.card.card import digest
from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import fold
from leadrelay.domain.touch import CrmRecord, Deal, Touch, TouchKind, Words, touch_id
from tests.domain.people import NOW, given, told, touch, words

ANNA, MAREK, STRANGER = "70000001", "70000002", "99999999"
HOT = words(email="ada@firma.example", company="Firma", employees="200", industry="software")
SHOWN = Shown(crm_id="501", owner=ANNA, owner_at=NOW)


def owned() -> Decision:
    """A hot lead of Anna's, with a running contact clock, shown as record 501."""
    decision = told(HOT)
    given(decision)
    ownership = decision.lead.ownership.with_(rep="anna")
    decision.lead = decision.lead.with_(ownership=ownership)
    return decision


def seen(
    decision: Decision,
    shown: Shown = SHOWN,
    event: str = "edited",
    touch_kind: TouchKind = "crm_change",
    after: float = 1,
    received: float | None = None,
    occurred: float | None = None,
    said: Words | None = None,
    **record: object,
) -> list[Fact]:
    """The lead after the CRM's record showed this, `after` minutes; the facts that were said."""
    at = NOW + timedelta(minutes=after)
    given_record = {"crm": "hubspot", "kind": "person", "person": "501", "record_id": "501", **record}
    from_crm = Touch(
        touch_id=touch_id("hubspot", f"{event} {at} {record}"),
        kind=touch_kind,
        event=event,
        source="hubspot",
        vendor="hubspot",
        trust="verified",
        received_at=NOW + timedelta(minutes=after if received is None else received),
        occurred_at=NOW + timedelta(minutes=after if occurred is None else occurred),
        record=CrmRecord.model_validate(given_record),
    )
    before, decision.at, decision.facts = decision.lead, at, []
    hear(understood(from_crm, said or Words(), decision.rules, at), decision, shown)
    assert fold(before, [(fact, at) for fact in decision.facts]) == decision.lead
    return decision.facts


def names(facts: list[Fact]) -> list[str]:
    return [fact.name() for fact in facts]


def asks_again(decision: Decision, after: float) -> list[str]:
    decision.at, decision.facts = NOW + timedelta(minutes=after), []
    hear(understood(touch(9, at=decision.at), HOT, decision.rules, decision.at), decision)
    return names(decision.facts)


# -- which record


def test_a_second_record_that_is_deleted_leaves_the_lead_alone() -> None:
    decision = owned()
    assert names(seen(decision, event="deleted", person="777", record_id="777")) == ["TouchIdentified"]
    assert decision.lead.standing == "live"
    assert decision.lead.clock("first_contact") is not None


def test_a_deal_that_is_deleted_is_no_deleted_person() -> None:
    decision = owned()
    assert names(seen(decision, event="deleted", kind="deal", record_id="9")) == ["TouchIdentified"]
    assert decision.lead.standing == "live"


def test_what_a_second_record_shows_is_not_the_leads_but_for_its_deals() -> None:
    decision = owned()
    facts = seen(decision, person="777", record_id="777", owner=MAREK, status="unqualified", stage="customer")
    assert names(facts) == ["TouchIdentified"]
    facts = seen(decision, after=2, event="deal", person="777", record_id="9", deal=Deal(state="won"))
    assert "DealWon" in names(facts)
    assert decision.lead.stage == "customer"


def test_a_record_that_took_the_old_one_over_is_the_leads() -> None:
    decision = owned()
    assert "OwnerOverridden" in names(seen(decision, person="888", record_id="888", was=("501",), owner=MAREK))


# -- our own words


def test_an_owner_whom_we_may_have_written_is_no_persons_choice() -> None:
    """Written, but not recorded yet; meanwhile the lead has moved on."""
    decision = owned()
    shown = Shown(crm_id="501", owner=None, offered=(MAREK,))
    assert "OwnerOverridden" not in names(seen(decision, shown, owner=MAREK))


def test_what_we_wrote_of_somebody_does_not_come_back_as_proven() -> None:
    decision = told(words(email="ada@firma.example", phone="+48 600 100 200"), touch(trust="unverified"))
    first = decision.profile.text("lead.phone")
    assert first is not None
    decision.at = NOW + timedelta(minutes=1)
    again = touch(2, at=decision.at, trust="unverified")
    said = words(email="ada@firma.example", phone="+48 600 300 400")
    hear(understood(again, said, decision.rules, decision.at), decision)
    newest = decision.profile.text("lead.phone")
    assert newest != first
    shown = Shown(crm_id="501", values={"phone": digest(first)})
    seen(decision, shown, after=2, said=words(**{"lead.phone": first}))
    assert decision.profile.text("lead.phone") == newest
    seen(decision, shown, after=3, said=words(**{"lead.phone": "+48600777888"}))
    assert decision.profile.values["lead.phone"].basis == "verified"
    assert decision.profile.text("lead.phone") == "+48600777888"


# -- changes of mind


def test_a_second_choice_made_before_the_first_was_worked_on_counts() -> None:
    decision = owned()
    seen(decision, after=10, received=1, owner=MAREK)  # the queue was long
    assert decision.lead.ownership.rep == "marek"
    chosen = Shown(crm_id="501", owner=MAREK, owner_at=NOW + timedelta(minutes=1))
    seen(decision, chosen, after=11, received=2, owner=STRANGER)
    assert decision.lead.ownership.outside == STRANGER


def test_the_first_choice_that_comes_after_the_second_does_not() -> None:
    decision = owned()
    seen(decision, after=10, received=2, owner=STRANGER)
    chosen = Shown(crm_id="501", owner=STRANGER, owner_at=NOW + timedelta(minutes=2))
    assert "OwnerOverridden" not in names(seen(decision, chosen, after=11, received=1, owner=MAREK))


@pytest.mark.parametrize("status", ["unqualified", "nurturing"])
def test_a_lead_that_is_taken_back_goes_on(status: str) -> None:
    decision = owned()
    seen(decision, status=status, reason="no budget")
    facts = seen(decision, after=2, status="connected")
    assert "LeadAccepted" in names(facts)
    assert decision.lead.disposition == "accepted"
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Follow up"
    assert decision.lead.clock("next_step") is not None


def test_a_lead_given_back_while_its_next_owner_was_sought_is_given_to_nobody() -> None:
    decision = owned()
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    from leadrelay.domain.decide import tick

    decision.at, decision.facts = clock.due_at, []
    tick(decision)
    assert decision.lead.wanted is not None
    facts = seen(decision, after=60, status="unqualified", reason="no budget")
    assert decision.lead.wanted is None
    assert "OwnerNeeded" not in names(facts)
    assert decision.lead.clocks == ()


def called(decision: Decision, after: float, occurred: float) -> list[Fact]:
    """A rep's call, heard of `after` minutes, made at `occurred`."""
    activity: TouchKind = "activity"
    return seen(
        decision, event="call", touch_kind=activity, after=after, occurred=occurred, kind=activity, record_id="301"
    )


def test_a_call_heard_of_late_does_not_undo_that_the_lead_was_given_back() -> None:
    decision = owned()
    seen(decision, after=5, status="nurturing", reason="next year")
    assert "ContactAttempted" in names(called(decision, 6, 4))
    assert (decision.lead.status, decision.lead.disposition) == ("nurturing", "recycled")


def test_who_came_back_and_was_called_is_worked_again() -> None:
    decision = owned()
    seen(decision, after=5, status="nurturing", reason="next year")
    asks_again(decision, 60)
    called(decision, 62, 61)
    assert decision.lead.status == "attempting"


def test_an_old_call_does_not_answer_a_new_request() -> None:
    decision = owned()
    assert "SlaMet" not in names(called(decision, 2, -600))
    assert decision.lead.clock("first_contact") is not None
    assert "SlaMet" in names(called(decision, 3, 2))


def test_a_call_noted_to_the_minute_answers_the_request_of_that_minute() -> None:
    decision = told(HOT, at=NOW + timedelta(seconds=40))
    given(decision)
    assert "SlaMet" in names(called(decision, 2, 0))


def test_who_takes_a_lead_from_the_queue_begins_anew() -> None:
    decision = told(words(email="ada@firma.example"), touch(form="newsletter"))
    given(decision)
    assert (decision.lead.ownership.queue, decision.lead.status) == ("nurture", "nurturing")
    seen(decision, Shown(crm_id="501"), owner=MAREK)
    assert (decision.lead.ownership.rep, decision.lead.ownership.queue) == ("marek", None)
    assert decision.lead.status == "new"


def test_a_call_heard_of_after_they_asked_once_more_still_met_the_clock_that_ran() -> None:
    decision = owned()
    asks_again(decision, 3)
    assert "SlaMet" in names(called(decision, 4, 2))


def test_a_call_before_the_contact_was_entered_by_hand_counts() -> None:
    decision = owned()
    decision.lead = decision.lead.with_(first=None, last=None)
    assert "SlaMet" in names(called(decision, 2, -10))


# -- who is left in peace


def test_nobody_is_asked_why_an_imported_contact_was_given_back() -> None:
    decision = told(HOT)
    decision.lead = decision.lead.with_(standing="imported", wanted=None, clocks=(), card=None, next_step=None)
    facts = seen(decision, event="imported", status="unqualified")
    assert "LeadRejected" in names(facts)
    assert not {"ReasonMissing", "NextStepPlanned"} & set(names(facts))
    assert decision.lead.next_step is None


def test_given_back_for_good_with_an_owner_of_theirs_and_asking_again_is_somebodys_next_step() -> None:
    decision = owned()
    seen(decision, owner=STRANGER)
    chosen = Shown(crm_id="501", owner=STRANGER, owner_at=NOW + timedelta(minutes=1))
    seen(decision, chosen, after=2, status="unqualified", reason="no budget")
    assert decision.lead.clocks == ()
    asks_again(decision, 60)
    assert decision.lead.clock("next_step") is not None


def test_the_alert_that_nobody_heard_in_shadow_is_said_when_the_lead_is_live() -> None:
    decision = told(HOT)
    given(decision)
    loud = decision.rules.stages.with_(alert="lead.score >= 0")
    decision.rules = type(decision.rules).of(decision.rules.with_(stages=loud))
    decision.lead = decision.lead.with_(standing="shadow", alerted=False)
    assert "ScoreAlerted" not in names(seen(decision, status="connected"))
    assert "ScoreAlerted" in asks_again(decision, 2)
