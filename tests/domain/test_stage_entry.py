"""Coming to a stage: what is gained, what follows, and what is refused."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.card.card import card_of, digest
from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.merging import absorbed
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.advance import left, moved, reentered
from leadrelay.domain.stages.enter import accept
from leadrelay.domain.stages.facts import LeadQualified, RegressRefused
from leadrelay.domain.stages.policy import OnEntry, QualificationRule
from leadrelay.domain.touch import Deal
from tests.domain import people
from tests.domain.people import NOW, given, told, words
from tests.domain.test_adopt import names, owned, seen
from tests.system import default_rules

RULES = default_rules()
MQL = words(email="ada@firma.example", industry="software", employees="200", country="PL")


def changed(**stages: object) -> Rules:
    return Rules.of(RULES.with_(stages=RULES.stages.with_(**stages)))


def behaved(decision: Decision, event: str, after: timedelta = timedelta(hours=1), number: int = 9) -> list[str]:
    """What is said when the person does this on the website."""
    at = NOW + after
    done = people.touch(number, form=None, at=at).with_(kind="behaviour", event=event)
    decision.at, decision.facts = at, []
    hear(understood(done, words(email="ada@firma.example"), decision.rules, at), decision)
    return names(decision.facts)


def test_a_stage_gives_its_qualification_with_the_team_that_handles_it() -> None:
    decision = told(MQL, people.touch(form="contact"))
    gained = [fact for fact in decision.facts if isinstance(fact, LeadQualified)]
    assert [(fact.qualification, fact.team) for fact in gained] == [("MQL", "sales_development")]
    assert decision.lead.qualifications == {"MQL": NOW}
    assert decision.lead.stage_since == NOW


def test_a_qualification_of_its_own_is_gained_once_and_beside_the_stage() -> None:
    decision = told(words(email="ada@firma.example"), people.touch(form="case-study"))
    assert decision.lead.qualifications == {"IQL": NOW}
    given(decision)
    assert "LeadQualified" in behaved(decision, "trial_user_added")
    assert "LeadQualified" not in behaved(decision, "trial_user_added", timedelta(hours=2), 10)
    assert decision.lead.qualifications == {"IQL": NOW, "PQL": NOW + timedelta(hours=1)}
    assert (decision.lead.stage, decision.lead.wanted is not None) == ("lead", True)


def test_a_qualification_may_move_the_lead_to_a_stage_and_never_back() -> None:
    kind = QualificationRule.model_validate({"type": "PQL", "if": "known(lead.email)", "team": "sales", "stage": "sal"})
    decision = told(words(email="ada@firma.example"), people.touch(form="newsletter"), changed(qualifications=(kind,)))
    assert (decision.lead.stage, decision.lead.skipped) == ("sal", ("lead", "mql", "subscriber"))
    assert set(decision.lead.qualifications) == {"PQL", "SAL"}
    far = told(words(email="ada@firma.example"), people.touch(form="demo"), changed(qualifications=(kind,)))
    assert far.lead.stage == "sal"


def test_nobody_qualifies_who_cannot_be_reached() -> None:
    visitor = told(words("cookie-1"), people.touch().with_(kind="behaviour", event="trial_user_added"))
    assert visitor.lead.qualifications == {}


@pytest.mark.parametrize(("status", "taken"), [("connected", True), ("meeting_booked", True), ("attempting", False)])
def test_a_rep_who_takes_it_on_sets_the_mark(status: str, taken: bool) -> None:
    decision = owned()
    facts = seen(decision, status=status)
    assert ("LeadAccepted" in names(facts)) is taken
    assert ("SAL" in decision.lead.qualifications) is taken
    assert (decision.lead.stage == "sal") is taken
    marks = [fact for fact in facts if isinstance(fact, LeadQualified) and fact.qualification == "SAL"]
    assert len(marks) == taken, "gained once, by the stage and the acceptance together"
    assert "LeadAccepted" not in names(seen(decision, after=timedelta(minutes=2), status=status))


def test_a_mark_does_not_hold_up_who_is_further_on() -> None:
    decision = told(MQL)
    decision.lead = decision.lead.with_(stage="sql")
    accept("anna", decision)
    assert (decision.lead.stage, "SAL" in decision.lead.qualifications) == ("sql", True)


def test_a_meeting_that_a_rep_logs_is_an_acceptance() -> None:
    decision = owned()
    record = {"kind": "activity", "record_id": "301"}
    facts = seen(decision, event="meeting_booked", touch_kind="activity", **record)
    assert {"LeadAccepted", "LeadQualified"} <= set(names(facts))
    assert "TQL" in decision.lead.qualifications


def test_entry_plans_the_next_step_tells_people_and_enrols() -> None:
    decision = owned()
    seen(decision, event="call", touch_kind="activity", kind="activity", record_id="301")
    facts = seen(decision, after=timedelta(minutes=5), event="deal", deal=Deal(state="won"), kind="deal", record_id="9")
    assert {"NoticeNeeded", "NextStepPlanned", "NurtureEnrolled"} <= set(names(facts))
    assert decision.lead.next_step is not None
    assert (decision.lead.next_step.what, decision.lead.next_step.who) == (
        "Introduce customer success",
        decision.lead.ownership.rep,
    )
    assert decision.lead.enrolment is not None
    assert (decision.lead.enrolment.sequence, decision.lead.enrolment.why) == ("onboarding", "customer")


def test_a_contact_deadline_is_never_put_off_by_a_step_of_the_stage() -> None:
    rules = changed(
        lifecycle=tuple(
            rule.with_(on_entry=OnEntry(next_step="Wait a little")) if rule.id == "opportunity" else rule
            for rule in RULES.stages.lifecycle
        )
    )
    decision = told(MQL, rules=rules)
    given(decision)
    before = decision.lead.next_step
    seen(decision, event="deal", deal=Deal(state="open"), kind="deal", record_id="9")
    assert decision.lead.stage == "opportunity"
    assert decision.lead.next_step == before


def test_a_stage_that_a_person_sets_back_is_refused_and_said_once() -> None:
    decision = owned()
    shown = Shown(crm_id="501", values={"lifecycle_stage": digest(decision.lead.stage)})
    stage = decision.lead.stage
    facts = seen(decision, shown, stage="subscriber")
    assert [fact for fact in facts if isinstance(fact, RegressRefused)] == [
        RegressRefused(stage=stage, asked="subscriber", why="crm")
    ]
    assert decision.lead.stage == stage
    known = Shown(crm_id="501", values=shown.values, shows={"lifecycle_stage heard": digest("subscriber")})
    again = seen(decision, known, after=timedelta(minutes=2), stage="subscriber")
    assert "RegressRefused" not in names(again)


def test_a_record_that_has_not_shown_our_stage_yet_sets_nothing_back() -> None:
    decision = owned()
    shown = Shown(crm_id="501", values={"lifecycle_stage": digest("subscriber")})
    assert "RegressRefused" not in names(seen(decision, shown, stage="lead" if decision.lead.stage != "lead" else "x"))


def test_a_deal_that_is_opened_again_asks_for_an_earlier_stage_in_vain() -> None:
    decision = owned()
    deal = {"event": "deal", "kind": "deal", "record_id": "9"}
    seen(decision, deal=Deal(state="won"), **deal)
    facts = seen(decision, after=timedelta(minutes=2), deal=Deal(state="open"), **deal)
    assert [(fact.asked, fact.why) for fact in facts if isinstance(fact, RegressRefused)] == [
        ("opportunity", "deal reopened")
    ]
    other = seen(decision, after=timedelta(minutes=3), deal=Deal(state="open"), **{**deal, "record_id": "10"})
    assert "RegressRefused" not in names(other), "a customer who buys again asks for nothing"
    assert decision.lead.stage == "customer"


@pytest.mark.parametrize(("stage", "out"), [("lead", "recycled"), ("sql", "recycled"), ("customer", None)])
def test_who_is_given_back_leaves_the_lifecycle_but_a_customer_stays(stage: str, out: str | None) -> None:
    change = left(Lead(lead_id="1", stage=stage), "recycled", RULES)
    assert (None if change is None else change.after) == out


def test_rules_without_exits_leave_the_stage_alone() -> None:
    assert left(Lead(lead_id="1", stage="mql"), "rejected", changed(exits={})) is None


def test_who_left_is_back_by_what_others_say_only_further_on_than_before() -> None:
    lead = Lead(lead_id="1", stage="recycled", reached={"lead": NOW, "mql": NOW, "recycled": NOW})
    assert moved(lead, "mql", RULES, "crm") is None
    change = moved(lead, "opportunity", RULES, "deal open")
    assert change is not None
    assert (change.before, change.after, change.skipped) == ("recycled", "opportunity", ("subscriber", "sal", "sql"))


def test_who_comes_back_is_where_the_rules_and_the_deals_say() -> None:
    lead = Lead(lead_id="1", stage="recycled", reached={"lead": NOW, "mql": NOW})
    seen_now = {"lead.email": "a@example.com"}
    assert (reentered(lead, seen_now, RULES, NOW) or lead).model_dump()["after"] == "subscriber"
    dealt = reentered(lead.with_(deals={"9": "open"}), seen_now, RULES, NOW)
    assert dealt is not None
    assert dealt.after == "opportunity"
    assert reentered(lead.with_(stage="mql"), seen_now, RULES, NOW) is None


def test_a_merged_lead_brings_its_qualifications_the_earliest_time_counts() -> None:
    early, late = NOW, NOW + timedelta(days=1)
    loser = Lead(lead_id="2", qualifications={"MQL": early, "IQL": late})
    winner = Lead(lead_id="1", qualifications={"MQL": late, "PQL": late})
    after = fold(winner, [(absorbed(loser), late)])
    assert after.qualifications == {"IQL": late, "MQL": early, "PQL": late}


def test_the_card_shows_qualifications_and_sequence() -> None:
    decision = told(words(email="ada@firma.example"), people.touch(form="case-study"))
    given(decision)
    card = card_of(decision.lead, decision.profile, decision.rules)
    assert (card.fields["qualifications"], card.fields["nurture_sequence"], card.sequence) == (
        "IQL",
        "newsletter",
        "newsletter",
    )
