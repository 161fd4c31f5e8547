"""Given back, let go, and back again: nobody is forgotten and nobody is pestered."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.next_step import missing_step
from leadrelay.domain.decide import hear, judge, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.nurture.facts import LeadReactivated, LeadRetired
from leadrelay.domain.nurture.policy import Retire
from leadrelay.domain.nurture.rest import last_sign, next_rest
from leadrelay.domain.person.facts import LeadCreated
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import LeadRecycled, StageChanged
from leadrelay.domain.touch import Deal
from tests.domain import people
from tests.domain.people import NOW, given, words
from tests.domain.test_adopt import ANNA, MAREK, names, owned, seen
from tests.domain.test_nurture import does, sequence, waiting
from tests.system import default_rules

RULES = default_rules()


def recycled(**said: str) -> Decision:
    """A lead that its rep gave back as too early, an hour after it came."""
    decision = owned()
    seen(decision, after=timedelta(hours=1), status="nurturing", **{"reason": "too early", **said})
    return decision


def later(decision: Decision, days: float) -> list[str]:
    """What the night and the sweep say so many days after it came."""
    decision.at, decision.facts = NOW + timedelta(days=days), []
    tick(decision)
    judge(decision)
    return names(decision.facts)


def back(decision: Decision) -> list[str]:
    return [fact.why for fact in decision.facts if isinstance(fact, LeadReactivated)]


def without_exits() -> Rules:
    return Rules.of(RULES.with_(stages=RULES.stages.with_(exits={})))


def test_a_return_says_why_who_decides_and_when_to_call_again() -> None:
    decision = recycled(decision_maker="not_reached", timing="next_month")
    lead, at = decision.lead, NOW + timedelta(hours=1)
    assert (lead.disposition, lead.reason, lead.decision_maker, lead.timing) == (
        "recycled",
        "too_early",
        "not_reached",
        "next_month",
    )
    assert (lead.recycled_at, lead.wakes_at) == (at, at + timedelta(days=30))
    assert (lead.stage, lead.wanted, sequence(decision)) == ("recycled", None, "too_early")
    assert lead.next_step is not None
    assert (lead.next_step.what, lead.next_step.who) == ("Get back in touch", lead.ownership.rep)
    assert lead.next_step.due_at >= at + timedelta(days=30)


def test_without_a_timing_the_common_one_counts() -> None:
    assert recycled().lead.wakes_at == NOW + timedelta(hours=1, days=90)


def test_what_is_added_later_counts_from_the_day_it_was_given_back() -> None:
    decision = recycled(timing="next_year")
    facts = seen(decision, after=timedelta(days=2), status="nurturing", reason="too early", timing="next_month")
    assert [fact.timing for fact in facts if isinstance(fact, LeadRecycled)] == ["next_month"]
    assert decision.lead.recycled_at == NOW + timedelta(hours=1)
    assert decision.lead.wakes_at == NOW + timedelta(hours=1, days=30)
    again = seen(decision, after=timedelta(days=3), status="nurturing", reason="too early", timing="next_month")
    assert names(again) == ["TouchIdentified"]


def test_a_missing_reason_is_asked_for_at_once_whatever_the_timing() -> None:
    decision = owned()
    facts = seen(decision, status="nurturing", timing="next_year")
    assert "ReasonMissing" in names(facts)
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Say why: nurturing"
    assert decision.lead.next_step.due_at < NOW + timedelta(days=3)
    seen(decision, after=timedelta(minutes=9), status="nurturing", reason="no budget", timing="next_year")
    assert decision.lead.next_step.what == "Get back in touch"
    assert sequence(decision) == "no_budget"


def test_at_the_agreed_time_it_is_the_owners_next_step_again() -> None:
    decision = recycled(timing="next_month")
    assert not {"LeadReactivated", "NextStepMissed"} & set(later(decision, 20))
    due = decision.lead.due_at()
    assert due is not None
    decision.at, decision.facts = due, []
    tick(decision)
    assert back(decision) == ["timing"]
    lead = decision.lead
    assert (lead.disposition, lead.wakes_at, lead.status, sequence(decision)) == (None, None, "new", None)
    assert lead.stage in {rule.id for rule in RULES.stages.lifecycle}
    assert lead.next_step is not None
    assert (lead.next_step.what, lead.next_step.who) == ("Get back in touch", lead.ownership.rep)
    assert lead.next_step.due_at - due < timedelta(days=6)  # over Christmas
    notices = [fact.model_dump()["notice"] for fact in decision.facts if fact.name() == "NoticeNeeded"]
    assert "get_back" in notices
    assert "next_step" not in notices


def test_at_the_agreed_time_a_lead_that_nobody_owns_goes_on_with_its_programme() -> None:
    decision = waiting()
    seen(decision, after=timedelta(minutes=9), status="no_decision")
    seen(decision, after=timedelta(hours=1), status="nurturing", reason="too early", timing="next_month")
    assert (sequence(decision), decision.lead.wakes_at is not None) == ("too_early", True)
    later(decision, 40)
    assert back(decision) == ["timing"]
    assert (sequence(decision), decision.lead.status) == ("newsletter", "nurturing")
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Send the newsletter"


@pytest.mark.parametrize(
    ("event", "why"), [("pricing_page_viewed", ["behaviour"]), ("page_viewed", []), ("email_opened", [])]
)
def test_an_intent_to_buy_brings_it_back_and_a_visit_does_not(event: str, why: list[str]) -> None:
    decision = recycled()
    does(decision, event=event, days=5)
    assert back(decision) == why
    assert (decision.lead.disposition == "recycled") is not bool(why)


def test_a_newsletter_does_not_bring_it_back_and_a_request_does() -> None:
    decision = recycled()
    does(decision, form="newsletter", days=5)
    assert back(decision) == []
    facts = does(decision, form="contact", days=6)
    assert back(decision) == ["asked"]
    assert {"ClockStarted", "StageChanged"} <= set(facts)
    assert (decision.lead.status, decision.lead.ownership.rep is not None) == ("new", True)


def test_what_they_did_before_it_was_given_back_is_no_news() -> None:
    decision = recycled()
    at = NOW + timedelta(days=1)
    old = people.touch(77, form=None, at=NOW).with_(kind="behaviour", event="pricing_page_viewed", received_at=at)
    decision.at, decision.facts = at, []
    hear(understood(old, words(email="ada@firma.example"), decision.rules, at), decision)
    assert back(decision) == []


def test_for_good_is_for_good_until_they_ask() -> None:
    decision = owned()
    seen(decision, status="unqualified", reason="no use")
    assert decision.lead.stage == "disqualified"
    does(decision, event="pricing_page_viewed", days=5)
    assert back(decision) == []
    does(decision, form="demo", days=6)
    assert back(decision) == ["asked"]
    assert (decision.lead.stage, decision.lead.status) != ("disqualified", "unqualified")


def test_nobody_else_gets_a_lead_that_rests_whatever_its_score() -> None:
    decision = waiting()
    seen(decision, after=timedelta(minutes=9), status="no_decision")
    seen(decision, after=timedelta(hours=1), status="nurturing", reason="too early")
    assert decision.lead.rests
    decision.lead = decision.lead.with_(score=decision.lead.score.with_(total=90))
    decision.facts = []
    judge(decision)
    assert decision.lead.wanted is None


@pytest.mark.parametrize("rules", [RULES, without_exits()], ids=["with exits", "without"])
def test_a_deal_opens_it_again(rules: Rules) -> None:
    decision = recycled()
    decision.rules = rules
    seen(decision, after=timedelta(days=2), event="deal", deal=Deal(state="open"), kind="deal", record_id="9")
    assert back(decision) == ["deal"]
    assert (decision.lead.stage, decision.lead.disposition, decision.lead.wakes_at) == ("opportunity", None, None)


def test_a_rep_who_works_it_again_opens_it() -> None:
    decision = recycled()
    facts = seen(decision, after=timedelta(days=2), status="connected")
    assert (back(decision), "LeadAccepted" in names(facts)) == (["worked"], True)
    assert (decision.lead.disposition, decision.lead.wakes_at) == ("accepted", None)
    assert decision.lead.stage in {"sal", "sql"}


def retired() -> Decision:
    decision = waiting()
    later(decision, 370)
    assert decision.lead.retired_at is not None
    return decision


def test_a_year_of_silence_lets_it_go() -> None:
    decision = waiting()
    assert next_rest(decision.lead, RULES, NOW) == NOW + timedelta(days=365)
    assert "LeadRetired" not in later(decision, 364)
    later(decision, 366)
    assert [fact.days for fact in decision.facts if isinstance(fact, LeadRetired)] == [366]
    lead = decision.lead
    assert (lead.next_step, lead.clocks, lead.enrolment, lead.closed) == (None, (), None, True)
    assert "LeadRetired" not in later(decision, 500)
    assert next_rest(lead, RULES, decision.at) is None


def test_nobody_is_let_go_whom_somebody_works_or_who_is_worth_it() -> None:
    rep = owned()
    assert "LeadRetired" not in later(rep, 400)
    agreed = recycled(timing="next_year")
    assert "LeadRetired" not in later(agreed, 360)
    dealt = waiting()
    dealt.lead = dealt.lead.with_(deals={"9": "open"})
    assert "LeadRetired" not in later(dealt, 400)
    strict = RULES.stages.nurture.with_(retire=Retire.model_validate({"after_days": 365, "if": "lead.fit < 0"}))
    kept = waiting()
    kept.rules = Rules.of(RULES.with_(stages=RULES.stages.with_(nurture=strict)))
    assert "LeadRetired" not in later(kept, 400)


def test_a_retired_lead_may_get_a_status() -> None:
    policy = RULES.stages.nurture.with_(retire=Retire(after_days=30, status="unqualified"))
    decision = waiting()
    decision.rules = Rules.of(RULES.with_(stages=RULES.stages.with_(nurture=policy)))
    later(decision, 31)
    assert decision.lead.status == "unqualified"
    does(decision, event="contact_page_viewed", days=40)
    assert (decision.lead.status, decision.lead.retired_at) == ("nurturing", None)


def test_who_was_let_go_comes_back_with_a_place_and_a_next_step() -> None:
    decision = retired()
    does(decision, event="page_viewed", days=371)
    assert decision.lead.retired_at is not None
    does(decision, event="pricing_page_viewed", days=372)
    assert (back(decision), decision.lead.retired_at, sequence(decision)) == (["behaviour"], None, "newsletter")
    assert not missing_step(decision.lead, decision.at)


def test_a_colleague_who_takes_a_retired_lead_opens_it() -> None:
    decision = retired()
    seen(decision, after=timedelta(days=371), owner=ANNA)
    assert back(decision) == ["worked"]
    assert not missing_step(decision.lead, decision.at)


@pytest.mark.parametrize("shown", [{"status": "connected"}, {"stage": "sql"}])
def test_who_was_opened_again_by_hand_is_not_let_go_at_once(shown: dict[str, str]) -> None:
    decision = retired()
    seen(decision, after=timedelta(days=371), **shown)
    assert back(decision)
    assert (decision.lead.retired_at, decision.lead.reopened_at) == (None, NOW + timedelta(days=371))
    assert "LeadRetired" not in later(decision, 372)


def test_who_comes_back_at_the_agreed_time_is_not_let_go_in_that_moment() -> None:
    """A queue's lead that somebody gave back for just as long as silence lasts."""
    decision = waiting()
    seen(decision, status="no_decision")
    seen(decision, after=timedelta(minutes=9), status="nurturing", reason="too early", timing="next_year")
    assert decision.lead.wakes_at is not None
    later(decision, 380)
    assert (back(decision), decision.lead.retired_at) == (["timing"], None)
    assert not missing_step(decision.lead, decision.at)


@pytest.mark.parametrize("form", ["newsletter", "a form that no rule names"])
def test_any_form_opens_who_was_let_go(form: str) -> None:
    decision = retired()
    does(decision, form=form, days=371)
    assert (back(decision), sequence(decision)) == (["asked"], "newsletter")
    assert not missing_step(decision.lead, decision.at)


@pytest.mark.parametrize(
    ("status", "means"), [("unqualified", "rejected"), ("nurturing", "recycled")], ids=["for good", "too early"]
)
def test_what_a_rep_gives_back_was_not_let_go(status: str, means: str) -> None:
    decision = retired()
    decision.lead = decision.lead.with_(status="new")
    seen(decision, after=timedelta(days=371), status=status, reason="too early")
    assert (decision.lead.retired_at, decision.lead.disposition) == (None, means)


def test_nothing_is_planned_for_who_was_let_go_and_refuses_all_contact() -> None:
    decision = retired()
    seen(decision, after=timedelta(days=371), refuses=("contact",))
    given(decision)
    assert (decision.lead.ownership.queue, decision.lead.clocks) == ("do_not_contact", ())


def test_the_last_sign_is_the_newest_thing_we_know() -> None:
    lead = Lead(lead_id="1", captured_at=NOW, recycled_at=NOW + timedelta(days=3), contacted_at=NOW)
    assert last_sign(lead) == NOW + timedelta(days=3)
    assert last_sign(lead.with_(signals=people.did("page_viewed", ago_days=-5))) == NOW + timedelta(days=5)


def test_a_lead_without_a_step_ahead_is_found() -> None:
    lead = owned().lead
    step = lead.next_step
    assert step is not None
    assert not missing_step(lead, NOW)
    assert missing_step(lead, step.due_at + timedelta(days=9))
    assert missing_step(lead.with_(next_step=None), NOW)
    assert missing_step(lead.with_(next_step=step.with_(who=None)), NOW)
    assert missing_step(lead.with_(clocks=()), NOW)
    for fine in (lead.with_(disposition="rejected"), lead.with_(retired_at=NOW), lead.with_(standing="shadow")):
        assert not missing_step(fine.with_(clocks=(), next_step=None), NOW)


EVENTS = st.sampled_from(
    [
        *(("does", event) for event in ("pricing_page_viewed", "page_viewed", "unsubscribed", "referral_made")),
        *(("asks", form) for form in ("demo", "newsletter", "case-study", "contact")),
        *(("rep", status) for status in ("nurturing", "unqualified", "connected", "attempting")),
        *(("deal", state) for state in ("open", "won", "lost")),
        *(("stage", stage) for stage in ("lead", "opportunity", "customer", "subscriber")),
        *(("owner", owner) for owner in (ANNA, MAREK)),
        ("call", ""), ("night", "1"), ("night", "40"), ("night", "400"),
    ]
)  # fmt: skip


def lived(events: list[tuple[str, str]]) -> tuple[Decision, list[tuple[StageChanged, Lead]]]:
    """A lead that went through all this, and every stage it came to with the lead as it was then. All that must hold at
    any moment is checked after each event."""
    decision = Decision(Lead(lead_id="0" * 32), Profile(), RULES, NOW)
    decision.say(LeadCreated(touch_id="t", captured_at=NOW))
    changes: list[tuple[StageChanged, Lead]] = []
    at = NOW
    for number, (what, how) in enumerate([("asks", "newsletter"), *events]):
        at += timedelta(days=int(how) if what == "night" else 0, minutes=7)
        before, decision.at, decision.facts = decision.lead, at, []
        while (due := decision.lead.due_at()) is not None and due <= at:
            tick(decision)
            placed(decision)
        swept, decision.facts = decision.facts, []
        happens(decision, what, how, at - NOW, number)
        placed(decision)
        facts = [*swept, *decision.facts]
        assert fold(before, [(fact, at) for fact in facts]) == decision.lead
        assert not missing_step(decision.lead, at)
        lead = before
        for fact in facts:
            changes += [(fact, lead)] if isinstance(fact, StageChanged) else []
            lead = fact.apply(lead, at)
    return decision, changes


def placed(decision: Decision) -> None:
    """As `route` would, at once."""
    if decision.lead.wanted is not None:
        given(decision)


def in_band(decision: Decision) -> bool:
    """Whether it is in a sequence that is not a stage's own."""
    rule = RULES.stages.rule(decision.lead.stage)
    own = None if rule is None else rule.on_entry.enrol
    return decision.lead.enrolment is not None and decision.lead.enrolment.sequence != own


def happens(decision: Decision, what: str, how: str, after: timedelta, number: int) -> None:
    """One event of the list, so long after the lead came."""
    at = NOW + after
    if what == "night":
        judge(decision)
    elif what in ("does", "asks"):
        form = how if what == "asks" else None
        touch = people.touch(number, form=form, at=at)
        touch = touch if what == "asks" else touch.with_(kind="behaviour", event=how)
        hear(understood(touch, words(email="ada@firma.example"), RULES, at), decision)
    elif what == "call":
        seen(decision, event="call", touch_kind="activity", after=after, kind="activity", record_id=str(number))
    elif what == "deal":
        deal = Deal.model_validate({"state": how})
        seen(decision, event="deal", after=after, deal=deal, kind="deal", record_id="9")
    else:
        seen(decision, after=after, **{"status" if what == "rep" else what: how}, reason="too early")


@settings(max_examples=150)
@every(st.lists(EVENTS, max_size=14))
def test_whatever_happens_the_stage_goes_back_only_through_a_way_out(events: list[tuple[str, str]]) -> None:
    stages = RULES.stages
    decision, changes = lived(events)
    for change, lead in changes:
        assert change.before == lead.stage
        if change.after in stages.outside:
            assert lead.disposition in ("rejected", "recycled")
        elif change.before not in stages.outside:
            assert stages.rank(change.after) > stages.rank(change.before)
    assert decision.lead.stage not in stages.outside or decision.lead.rests
    assert not set(decision.lead.skipped) & set(decision.lead.reached)


@settings(max_examples=100)
@every(st.lists(EVENTS, max_size=14))
def test_whatever_happens_nobody_is_nurtured_whom_sales_has(events: list[tuple[str, str]]) -> None:
    decision, _ = lived(events)
    lead = decision.lead
    if in_band(decision):
        assert lead.ownership.queue is not None or lead.disposition == "recycled"
        assert not lead.closed
    if lead.ownership.rep is not None and not lead.rests:
        assert not in_band(decision)
