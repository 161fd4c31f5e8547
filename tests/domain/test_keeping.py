"""What owners promise beside the first contact: when each clock starts, what meets it, and what only stops it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime, timedelta
from functools import cache

import pytest
from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from leadrelay.domain.answering import Answer, answer
from leadrelay.domain.clocks.clock import ClockKind
from leadrelay.domain.clocks.facts import ClockStarted, ClockStopped, SlaMet
from leadrelay.domain.clocks.keeping import TABLE, keep
from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.link import Action, Link
from leadrelay.domain.merging import brings
from leadrelay.domain.person.facts import LeadMerged
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import MACHINE, Origin, touch_id
from tests.domain import people
from tests.domain.people import NOW, given, told, words
from tests.domain.test_adopt import HOT, MAREK, seen
from tests.system import default_rules

KINDS: tuple[ClockKind, ...] = tuple(TABLE)


def promising(**policies: list[dict[str, object]]) -> Rules:
    """The rules as they ship, with these policies and no other beside the first contact."""
    rules = default_rules()
    none = {"lead_clock" if kind == "lead" else kind: () for kind in KINDS}
    kept = {**rules.sla.model_dump(by_alias=True), **none, **policies}
    return Rules.of(rules.with_(sla=SlaPolicy.model_validate(kept)))


@cache
def rules() -> Rules:
    always = {"if": "True"}
    return promising(
        acceptance=[{"id": "soon", "within": "1bd", **always}],
        attempts=[{"id": "three", "within": "48h", "attempts": 3, "channels": 2, **always}],
        follow_up=[{"id": "next", "within": "2bd", **always}],
        disposition=[{"id": "outcome", "within": "5bd", **always}],
        stage=[
            {"id": "slow", "if": 'lead.stage == "sql"', "within": "10bd"},
            {"id": "any", "within": "5bd", **always},
        ],
    )


def owned(with_rules: Rules | None = None) -> Decision:
    decision = told(HOT, rules=with_rules or rules())
    given(decision)
    assert decision.lead.ownership.rep is not None
    return decision


def does(decision: Decision, event: str, minute: int, made: float | None = None, by: str | None = None) -> None:
    """Somebody reaches out at this minute after NOW, heard of at `minute`."""
    at, made_at = NOW + timedelta(minutes=minute), NOW + timedelta(minutes=minute if made is None else made)
    touch = people.touch(minute, form=None, at=at).with_(
        kind="activity", event=event, occurred_at=made_at, touch_id=touch_id("crm", f"{event} {made_at}")
    )
    if by is not None:
        touch = touch.with_(origin=Origin(medium=by))
    decision.at, decision.facts = at, []
    hear(understood(touch, HOT, decision.rules, at), decision)


def asks(decision: Decision, minute: int, form: str = "demo") -> None:
    at = NOW + timedelta(minutes=minute)
    decision.at, decision.facts = at, []
    hear(understood(people.touch(1000 + minute, form=form, at=at), HOT, decision.rules, at), decision)


def says(decision: Decision, action: Action, minute: int, reason: str | None = None) -> None:
    """The owner's answer by a link."""
    decision.at, decision.facts = NOW + timedelta(minutes=minute), []
    owner = decision.lead.ownership
    link = Link(
        lead_id=decision.lead.lead_id,
        hop=owner.hop,
        rep=owner.rep or "",
        action=action,
        expires_at=decision.at + timedelta(days=1),
    )
    answer(link, Answer(reason=reason), decision)


def running(lead: Lead) -> set[str]:
    return {clock.kind for clock in lead.clocks} & {*KINDS}


def met(decision: Decision) -> dict[str, bool]:
    """Of each kind that was met just now, whether in time."""
    return {fact.kind: fact.in_time for fact in decision.facts if isinstance(fact, SlaMet) and fact.kind in KINDS}


def stopped(decision: Decision) -> dict[str, str]:
    return {fact.kind: fact.why for fact in decision.facts if isinstance(fact, ClockStopped) and fact.kind in KINDS}


# -- starting


def test_a_new_owner_promises_what_the_rules_say() -> None:
    lead = owned().lead
    assert running(lead) == {"acceptance", "attempts", "disposition", "stage"}
    tries, takes = lead.clock("attempts"), lead.clock("acceptance")
    assert tries is not None
    assert takes is not None
    assert (tries.policy, tries.calendar, tries.hop) == ("three", "elapsed", 1)
    assert (tries.started_at, tries.due_at, tries.warn_at) == (
        NOW,
        NOW + timedelta(hours=48),
        NOW + timedelta(hours=45),  # after 36 hours it is midnight: they are warned when they begin to work
    )
    assert (takes.policy, takes.calendar, takes.due_at) == ("soon", "warsaw", NOW + timedelta(days=1))


def test_the_first_policy_that_holds_decides() -> None:
    sql = owned()
    sql.lead = sql.lead.with_(stage="sql", stage_since=NOW + timedelta(minutes=1))
    sql.at = NOW + timedelta(minutes=1)
    keep(sql)
    clock = sql.lead.clock("stage")
    assert clock is not None
    assert clock.policy == "slow"


def test_without_policies_nothing_is_promised() -> None:
    assert running(owned(promising()).lead) == set()


def test_nobody_is_held_to_anything_who_has_no_lead() -> None:
    queued = told(words(email="ada@firma.example"), people.touch(form="newsletter"), rules=rules())
    given(queued)
    assert queued.lead.ownership.queue == "nurture"
    assert running(queued.lead) == set()


def test_a_lead_in_shadow_is_chased_by_nobody() -> None:
    decision = owned()
    decision.lead = decision.lead.with_(standing="shadow", clocks=())
    keep(decision)
    assert running(decision.lead) == set()


def test_nobody_is_held_to_a_promise_whose_time_was_up_before_it_was_made() -> None:
    """Rules that are new say nothing of a lead that has been where it is for months: or all of them would be late in
    one instant. Its next step is still reminded of, and who asks again is promised everything."""
    decision = owned(promising())
    decision.rules, decision.at = rules(), NOW + timedelta(days=90)
    keep(decision)
    assert running(decision.lead) == set()
    asks(decision, 91 * 24 * 60 + 1)
    assert running(decision.lead) == {"acceptance", "attempts", "disposition"}


def test_a_promise_that_is_made_in_time_counts_from_when_they_got_it() -> None:
    decision = owned(promising())
    decision.rules, decision.at = rules(), NOW + timedelta(days=4)
    keep(decision)
    found = {clock.kind: clock.due_at for clock in decision.lead.clocks if clock.kind in KINDS}
    assert found == {"disposition": NOW + timedelta(days=7), "stage": NOW + timedelta(days=7)}


def test_what_was_said_before_a_clock_stopped_is_not_said_again_when_it_goes_on() -> None:
    decision = owned(promising(acceptance=[{"id": "slow", "if": "True", "within": "60m", "warn_at": 0.5}]))
    started = decision.lead.clock("acceptance")
    assert started is not None
    assert [point.id for point in started.checkpoints] == ["warn"]
    decision.lead, decision.at = decision.lead.with_(clocks=()), NOW + timedelta(minutes=40)
    keep(decision)
    again = decision.lead.clock("acceptance")
    assert again is not None
    assert (again.started_at, again.due_at, again.checkpoints) == (started.started_at, started.due_at, ())


# -- what meets it


def test_an_acceptance_meets_the_acceptance_and_nothing_else() -> None:
    decision = owned()
    says(decision, "accept", 10)
    assert met(decision) == {"acceptance": True, "stage": True}  # it is at the stage that the mark stands for
    assert {"attempts", "disposition", "first_contact"} <= {clock.kind for clock in decision.lead.clocks}
    assert "acceptance" not in running(decision.lead)


def test_an_acceptance_after_its_time_is_late_and_measured() -> None:
    decision = owned()
    says(decision, "accept", 60 * 25)
    late = next(fact for fact in decision.facts if isinstance(fact, SlaMet) and fact.kind == "acceptance")
    assert (late.in_time, late.hop, late.policy) == (False, 1, "soon")
    assert (late.owner_seconds, late.lead_seconds) == (9 * 3600, 25 * 3600)


def test_a_contact_does_not_accept_and_is_no_outcome() -> None:
    decision = owned()
    does(decision, "call", 3)
    assert met(decision) == {}
    assert {"acceptance", "attempts", "disposition", "follow_up"} <= running(decision.lead)


@pytest.mark.parametrize(
    ("events", "enough"),
    [
        (("call", "call", "email"), True),
        (("call", "call", "call"), False),  # one channel
        (("call", "email"), False),  # two attempts
        (("call", "sms", "call"), False),  # both are the telephone
        (("social", "whatsapp", "email"), True),
        (("meeting", "call", "email"), False),  # a meeting is on none of the channels
    ],
)
def test_attempts_are_counted_by_number_and_channel(events: tuple[str, ...], enough: bool) -> None:
    decision = owned()
    for number, event in enumerate(events):
        assert "attempts" in running(decision.lead)
        does(decision, event, 10 * (number + 1))
    assert ("attempts" in met(decision)) == enough
    assert ("attempts" in running(decision.lead)) != enough


def test_attempts_are_in_time_by_when_they_were_made_not_heard_of() -> None:
    decision = owned()
    does(decision, "call", 10)
    does(decision, "email", 20)
    does(decision, "call", 60 * 60, made=30)
    assert met(decision)["attempts"]


def test_one_call_that_two_systems_tell_of_is_one_attempt() -> None:
    decision = owned()
    does(decision, "call", 10)
    does(decision, "email", 20)
    does(decision, "email", 21, made=20.4)
    assert "attempts" in running(decision.lead)
    assert len(decision.lead.tries) == 2


def test_the_telephone_is_no_channel_where_calls_are_refused() -> None:
    wanted = {"id": "a", "if": "True", "within": "48h", "attempts": 2, "channels": 3}
    refused = words(email="ada@firma.example", company="Firma", employees="200", **{"do not call": "yes"})
    decision = told(refused, rules=promising(attempts=[wanted]))
    given(decision)
    assert not decision.lead.permission.may_call
    does(decision, "email", 5)
    assert running(decision.lead) == {"attempts"}
    does(decision, "social", 9)
    assert met(decision) == {"attempts": True}


def test_what_nobody_may_do_is_not_asked_for() -> None:
    wanted = {"id": "a", "if": "True", "within": "48h", "attempts": 2, "of": ["phone"]}
    refused = words(email="ada@firma.example", company="Firma", employees="200", **{"do not call": "yes"})
    decision = told(refused, rules=promising(attempts=[wanted]))
    given(decision)
    assert decision.lead.ownership.rep is not None
    assert running(decision.lead) == set()


def test_who_asked_to_be_called_on_wednesday_is_not_tried_before() -> None:
    wednesday = (NOW + timedelta(days=2)).isoformat()
    later = words(email="ada@firma.example", company="Firma", employees="200", **{"callback time": wednesday})
    decision = told(later, rules=rules())
    given(decision)
    assert "attempts" not in running(decision.lead)
    does(decision, "call", 2 * 24 * 60)
    clock = decision.lead.clock("attempts")
    assert clock is not None
    assert clock.due_at > decision.at


def test_who_called_before_the_time_that_was_asked_for_is_not_to_try_again_at_it() -> None:
    wednesday = (NOW + timedelta(days=2)).isoformat()
    later = words(email="ada@firma.example", company="Firma", employees="200", **{"callback time": wednesday})
    decision = told(later, rules=rules())
    given(decision)
    does(decision, "call", 5)
    clock = decision.lead.clock("attempts")
    assert clock is not None
    assert clock.started_at == NOW + timedelta(minutes=5)
    does(decision, "email", 10)
    does(decision, "call", 15)
    assert met(decision)["attempts"]
    assert "attempts" not in running(decision.lead)
    decision.at = NOW + timedelta(days=2, minutes=10)
    tick(decision)
    assert "attempts" not in running(decision.lead)


def test_who_reached_them_needs_no_further_attempt() -> None:
    decision = owned()
    does(decision, "call", 5)
    seen(decision, after=timedelta(minutes=9), status="connected")
    assert met(decision) == {"acceptance": True, "attempts": True, "disposition": True, "stage": True}
    assert running(decision.lead) == {"follow_up", "stage"}


def test_what_a_machine_sends_meets_nothing() -> None:
    decision = owned()
    before = decision.lead.clocks
    does(decision, "email", 5, by=MACHINE)
    assert (decision.lead.clocks, decision.lead.tries, decision.lead.contacted_at) == (before, (), None)


def test_every_contact_promises_the_next_one() -> None:
    decision = owned()
    does(decision, "call", 5)
    first = decision.lead.clock("follow_up")
    does(decision, "call", 60)
    second = decision.lead.clock("follow_up")
    assert first is not None
    assert second is not None
    assert met(decision) == {"follow_up": True}
    assert (first.started_at, second.started_at) == (NOW + timedelta(minutes=5), NOW + timedelta(minutes=60))
    does(decision, "call", 70, made=30)  # heard of late, and older than the newest
    assert decision.lead.clock("follow_up") == second


def test_a_meeting_is_how_it_goes_on() -> None:
    decision = owned()
    does(decision, "call", 5)
    does(decision, "meeting_booked", 30)
    assert running(decision.lead) <= {"acceptance", "stage"}


@pytest.mark.parametrize(("status", "means"), [("unqualified", "rejected"), ("nurturing", "recycled")])
def test_giving_back_wants_a_reason(status: str, means: str) -> None:
    decision = owned()
    seen(decision, after=timedelta(minutes=5), status=status)
    assert decision.lead.disposition == means
    assert "disposition" not in met(decision)
    assert running(decision.lead) == {"disposition"}
    seen(decision, after=timedelta(minutes=9), status=status, reason="budget")
    assert met(decision) == {"disposition": True}
    assert running(decision.lead) == set()


def test_giving_back_with_a_reason_answers_everything() -> None:
    decision = owned()
    says(decision, "reject", 5, reason="no_need")
    assert {"acceptance", "attempts", "disposition", "stage"} == {*met(decision)}
    assert running(decision.lead) == set()


def test_a_deal_is_an_outcome() -> None:
    decision = owned()
    seen(decision, kind="deal", record_id="9", deal={"state": "open"})
    assert {"acceptance", "attempts", "disposition"} <= {*met(decision)}
    assert "follow_up" not in running(decision.lead)


def test_the_time_in_a_stage_ends_with_the_stage_and_not_with_the_owner() -> None:
    decision = owned()
    before = decision.lead.clock("stage")
    seen(decision, after=timedelta(hours=1), owner=MAREK if decision.lead.ownership.rep == "anna" else "70000001")
    assert decision.lead.ownership.hop == 2
    assert decision.lead.clock("stage") == before
    seen(decision, after=timedelta(hours=2), stage="opportunity")
    assert met(decision)["stage"]
    clock = decision.lead.clock("stage")
    assert clock is not None
    assert clock.started_at == NOW + timedelta(hours=2)


def test_a_status_that_is_taken_back_takes_no_outcome_back() -> None:
    decision = owned()
    seen(decision, after=timedelta(minutes=5), status="connected")
    assert {"acceptance", "attempts", "disposition"} <= {*met(decision)}
    seen(decision, after=timedelta(minutes=9), status="attempting")
    assert not {"acceptance", "attempts", "disposition"} & running(decision.lead)


def test_a_deal_that_is_lost_takes_no_outcome_back() -> None:
    decision = owned()
    seen(decision, kind="deal", record_id="9", deal={"state": "open"})
    assert {"acceptance", "attempts", "disposition"} <= {*met(decision)}
    seen(decision, kind="deal", after=timedelta(minutes=9), record_id="9", deal={"state": "lost"})
    assert "open" not in decision.lead.deals.values()
    assert not {"acceptance", "attempts", "disposition"} & running(decision.lead)


def test_who_gives_back_what_they_had_taken_on_owes_the_reason_from_then_on() -> None:
    decision = owned()
    seen(decision, after=timedelta(minutes=5), status="connected")
    seen(decision, after=timedelta(days=30), status="unqualified")
    clock = decision.lead.clock("disposition")
    assert clock is not None
    assert clock.started_at == NOW + timedelta(days=30)
    seen(decision, after=timedelta(days=31), status="unqualified", reason="budget")
    assert met(decision) == {"disposition": True}


def test_another_owner_and_another_request_are_promised_anew_what_was_kept() -> None:
    decision = owned()
    seen(decision, after=timedelta(minutes=5), status="connected")
    seen(decision, after=timedelta(minutes=9), status="attempting")
    other = MAREK if decision.lead.ownership.rep == "anna" else "70000001"
    seen(decision, after=timedelta(minutes=20), owner=other)
    clock = decision.lead.clock("disposition")
    assert clock is not None
    assert (clock.hop, clock.started_at) == (2, NOW + timedelta(minutes=20))
    seen(decision, after=timedelta(minutes=25), status="connected")
    seen(decision, after=timedelta(minutes=26), status="attempting")
    assert "disposition" not in running(decision.lead)
    asks(decision, 60)
    assert "disposition" in running(decision.lead)


def test_who_comes_back_after_their_record_was_deleted_is_promised_everything_from_then_on() -> None:
    """Or what was said ahead of its time, just before it was deleted, would be said again."""
    decision = owned()
    seen(decision, Shown(crm_id="501"), after=timedelta(minutes=5), event="deleted")
    assert running(decision.lead) == set()
    does(decision, "call", 9)
    back = {clock.kind: clock.started_at for clock in decision.lead.clocks if clock.kind in KINDS}
    assert {"acceptance", "attempts", "disposition", "stage"} <= {*back}
    assert {*back.values()} == {NOW + timedelta(minutes=9)}


# -- what only stops it


def test_another_owner_promises_anew() -> None:
    decision = owned()
    seen(decision, after=timedelta(hours=1), owner=MAREK if decision.lead.ownership.rep == "anna" else "70000001")
    assert stopped(decision) == {"acceptance": "override", "attempts": "override", "disposition": "override"}
    clocks = [clock for clock in decision.lead.clocks if clock.kind in stopped(decision)]
    assert [(clock.hop, clock.started_at) for clock in clocks] == [(2, NOW + timedelta(hours=1))] * 3


def test_while_another_owner_is_chosen_nothing_ends_and_nothing_starts() -> None:
    decision = owned()
    before = decision.lead.clocks
    says(decision, "pass_on", 10)
    assert decision.lead.wanted is not None
    assert {clock for clock in decision.lead.clocks if clock.kind in KINDS} == {
        clock for clock in before if clock.kind in KINDS
    }
    does(decision, "call", 12)
    assert "follow_up" not in running(decision.lead)
    given(decision)
    assert {*stopped(decision).values()} == {"passed"}
    assert {clock.hop for clock in decision.lead.clocks if clock.kind in KINDS and clock.kind != "stage"} == {2}


def test_who_may_not_be_contacted_is_waited_for_by_nobody() -> None:
    decision = owned()
    seen(decision, after=timedelta(minutes=5), refuses=("contact",))
    if decision.lead.wanted is not None:
        given(decision)
    assert running(decision.lead) == set()
    assert met(decision) == {}


def test_who_refuses_while_another_owner_is_chosen_is_waited_for_by_nobody() -> None:
    decision = owned()
    says(decision, "pass_on", 10)
    assert decision.lead.wanted is not None
    seen(decision, after=timedelta(minutes=11), refuses=("contact",))
    assert running(decision.lead) == set()
    assert {*stopped(decision).values()} == {"do_not_contact"}


def test_policies_that_are_gone_hold_nobody() -> None:
    decision = owned()
    decision.rules, decision.facts = promising(), []
    keep(decision)
    assert running(decision.lead) == set()
    assert {*stopped(decision)} == {"acceptance", "attempts", "disposition", "stage"}


def test_a_promise_stands_whatever_becomes_of_its_condition() -> None:
    decision = owned(promising(acceptance=[{"id": "new", "if": 'lead.status == "new"', "within": "1bd"}]))
    before = decision.lead.clock("acceptance")
    does(decision, "call", 5)
    assert decision.lead.status == "attempting"
    assert decision.lead.clock("acceptance") == before


# -- when it is broken


def missed(then: str, minute: int = 60 * 30) -> Decision:
    """An owner who did not accept in time."""
    decision = owned(promising(acceptance=[{"id": "soon", "if": "True", "within": "1bd", "then": then}]))
    does(decision, "call", 3)
    decision.at, decision.facts = NOW + timedelta(minutes=minute), []
    tick(decision)
    return decision


def test_people_are_told_and_the_promise_is_still_owed() -> None:
    decision = missed("tell")
    clock = decision.lead.clock("acceptance")
    assert (decision.lead.wanted, clock is not None and clock.breached_at is not None) == (None, True)
    again = [fact.name() for fact in decision.facts if isinstance(fact, ClockStarted)]
    assert again == []
    says(decision, "accept", 60 * 40)
    assert met(decision)["acceptance"] is False


def test_somebody_else_gets_it_where_the_policy_says_so() -> None:
    decision = missed("reassign")
    before = decision.lead.ownership.rep
    assert decision.lead.wanted is not None
    assert decision.lead.wanted.exclude == (before,)
    given(decision)
    clock = decision.lead.clock("acceptance")
    assert decision.lead.ownership.rep != before
    assert clock is not None
    assert (clock.hop, clock.breached_at) == (2, None)


def test_what_was_given_back_is_not_given_to_somebody_else_for_want_of_a_reason() -> None:
    decision = owned(promising(disposition=[{"id": "o", "if": "True", "within": "1bd", "then": "reassign"}]))
    seen(decision, after=timedelta(minutes=5), status="unqualified")
    decision.at, decision.facts = NOW + timedelta(days=9), []
    tick(decision)
    assert "SlaBreached" in [fact.name() for fact in decision.facts]
    assert decision.lead.wanted is None


# -- again


def test_who_asks_again_is_tried_again() -> None:
    decision = owned()
    for minute, event in ((5, "call"), (10, "email"), (15, "call")):
        does(decision, event, minute)
    assert "attempts" not in running(decision.lead)
    asks(decision, 180)
    clock = decision.lead.clock("attempts")
    assert clock is not None
    assert clock.started_at == NOW + timedelta(minutes=180)
    does(decision, "call", 190)
    assert "attempts" in running(decision.lead)


def test_asking_again_does_not_put_off_what_is_promised() -> None:
    decision = owned()
    before = decision.lead.clock("attempts")
    asks(decision, 60)
    assert decision.lead.clock("attempts") == before


def test_a_lead_that_comes_back_is_new_to_its_owner() -> None:
    decision = owned()
    says(decision, "nurture", 5, reason="too_early")
    assert running(decision.lead) == set()
    asks(decision, 60 * 24 * 30)
    if decision.lead.wanted is not None:
        given(decision)
    assert {"acceptance", "attempts", "disposition"} <= running(decision.lead)
    assert all(clock.started_at >= NOW + timedelta(days=30) for clock in decision.lead.clocks)


def test_what_another_lead_tried_counts_when_they_are_one_person() -> None:
    one, other = owned(), owned()
    does(one, "call", 5)
    does(other, "email", 6)
    merged = LeadMerged(absorbed=brings(other.lead)).apply(one.lead, NOW)
    assert [each.event for each in merged.tries] == ["call", "email"]
    assert merged.asked_at == NOW


def test_a_former_release_left_no_attempts() -> None:
    stored = {name: value for name, value in owned().lead.model_dump(mode="json").items() if name != "tries"}
    stored.pop("asked_at")
    assert Lead.model_validate(stored).tries == ()


# -- whatever happens

DOINGS = st.lists(
    st.one_of(
        st.tuples(st.just("does"), st.sampled_from(["call", "email", "social", "meeting_booked", "whatsapp"])),
        st.tuples(st.just("status"), st.sampled_from(["attempting", "connected", "nurturing", "unqualified", "new"])),
        st.tuples(st.just("reason"), st.sampled_from(["nurturing", "unqualified"])),
        st.tuples(st.just("owner"), st.sampled_from(["70000001", "70000002", "99999999"])),
        st.tuples(st.just("asks"), st.sampled_from(["demo", "contact", "newsletter"])),
        st.tuples(st.just("deal"), st.sampled_from(["open", "won", "lost"])),
        st.tuples(st.just("stage"), st.sampled_from(["sal", "sql", "opportunity"])),
    ),
    max_size=12,
)


def _happens(decision: Decision, what: str, how: str, minute: int) -> None:
    after = timedelta(minutes=minute)
    if what == "does":
        does(decision, how, minute)
    elif what == "asks":
        asks(decision, minute, how)
    elif what == "reason":
        seen(decision, after=after, status=how, reason="budget")
    elif what == "deal":
        seen(decision, after=after, kind="deal", record_id="9", deal={"state": how})
    else:
        seen(decision, after=after, **{what: how})


def _holds(decision: Decision, before: Lead) -> None:
    """What the table promises, whatever was decided."""
    lead = decision.lead
    kinds = [clock.kind for clock in lead.clocks]
    assert len(kinds) == len({*kinds})
    assert fold(before, [(fact, decision.at) for fact in decision.facts]) == lead
    again = Decision(lead, decision.profile, decision.rules, decision.at)
    keep(again)
    assert again.facts == []
    for fact in decision.facts:
        if isinstance(fact, ClockStarted) and fact.clock.kind in KINDS:
            assert fact.clock.due_at > decision.at
    if lead.wanted is None:
        assert all(clock.hop == lead.ownership.hop for clock in lead.clocks if clock.kind in {*KINDS} - {"stage"})
        assert lead.ownership.rep is not None or running(lead) == set()
        assert not lead.closed or running(lead) <= {"disposition"}


@settings(max_examples=60)
@every(DOINGS, st.data())
def test_every_clock_is_of_the_present_owner_and_said_once(
    doings: Iterable[tuple[str, str]], data: st.DataObject
) -> None:
    decision, minute = owned(), 0
    for what, how in doings:
        minute += data.draw(st.integers(1, 4_000))
        before, decision.facts = decision.lead, []
        _happens(decision, what, how, minute)
        _holds(decision, before)
        if decision.lead.wanted is not None:
            before, decision.facts = decision.lead, []
            given(decision)
            _holds(decision, before)


def test_a_calendar_that_never_opens_again_promises_nothing() -> None:
    closed = [datetime(2026, 11, 23, tzinfo=UTC).date() + timedelta(days=day) for day in range(3 * 366)]
    shipped = rules()
    warsaw = shipped.calendars.calendars["warsaw"]
    calendars = {**shipped.calendars.calendars, "warsaw": warsaw.model_copy(update={"holidays": tuple(closed)})}
    decision = owned(promising())
    decision.rules = Rules.of(shipped.with_(calendars=shipped.calendars.with_(calendars=calendars)))
    keep(decision)
    assert running(decision.lead) == {"attempts"}  # which counts every hour
