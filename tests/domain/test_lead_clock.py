"""The lead's own clock: from when they asked, through every change of hands, until somebody reaches out."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.clock import Clock, earlier
from leadrelay.domain.clocks.facts import ClockStarted, ClockStopped, SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.decide import hear, judge, settle, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.hearing import understood
from leadrelay.domain.merging import absorbed, brings
from leadrelay.domain.routing.choose import Choice
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.disposition import Word, give_back
from tests.domain import people
from tests.domain.people import NOW, given, told, words
from tests.domain.test_adopt import HOT
from tests.domain.test_callback import owned as asked_for_a_call
from tests.system import default_rules


def waiting(within: str = "4h", **more: object) -> Rules:
    """The rules as they ship; somebody reaches out within so much real time."""
    rules = default_rules()
    policy = {"id": "all", "if": "True", "within": within, **more}
    sla = {**rules.sla.model_dump(by_alias=True), "lead_clock": [policy]}
    return Rules.of(rules.with_(sla=SlaPolicy.model_validate(sla)))


def owned(rules: Rules | None = None, at: datetime = NOW) -> Decision:
    decision = told(HOT, people.touch(at=at), rules=rules or waiting(), at=at)
    given(decision)
    return decision


def after(decision: Decision, **passed: float) -> Decision:
    decision.at, decision.facts = NOW + timedelta(**passed), []
    return decision


def does(decision: Decision, event: str | None = "call", **passed: float) -> None:
    """They are called, or ask again (no event)."""
    at = after(decision, **passed).at
    touch = people.touch(int((at - NOW).total_seconds()) + 2, form="demo" if event is None else None, at=at)
    if event is not None:
        touch = touch.with_(kind="activity", event=event)
    hear(understood(touch, HOT, decision.rules, at), decision)


def clock_of(decision: Decision) -> Clock:
    clock = decision.lead.clock("lead")
    assert clock is not None
    return clock


def met(decision: Decision) -> list[SlaMet]:
    return [fact for fact in decision.facts if isinstance(fact, SlaMet) and fact.kind == "lead"]


def test_it_counts_real_time_from_when_they_asked() -> None:
    decision = told(HOT, rules=waiting())
    after(decision, minutes=3)
    given(decision)
    clock = clock_of(decision)
    assert (clock.started_at, clock.due_at, clock.calendar) == (NOW, NOW + timedelta(hours=4), "elapsed")
    assert clock.warn_at == NOW + timedelta(hours=3)


def test_it_runs_through_every_change_of_hands() -> None:
    decision = owned()
    before = clock_of(decision)
    for hour in range(1, 3):
        after(decision, hours=hour)
        assert handed_on(decision, "passed")
        given(decision)
        assert decision.lead.ownership.hop == hour + 1
        assert clock_of(decision) == before


def test_who_asks_again_meanwhile_does_not_start_it_anew() -> None:
    decision = owned()
    before = clock_of(decision)
    does(decision, None, hours=1)
    assert clock_of(decision) == before


def test_a_call_ends_it_and_the_next_request_starts_it_again() -> None:
    decision = owned()
    does(decision, "call", hours=1)
    assert [(fact.in_time, fact.lead_seconds) for fact in met(decision)] == [(True, 3_600)]
    assert decision.lead.clock("lead") is None
    does(decision, None, hours=2)
    assert clock_of(decision).started_at == NOW + timedelta(hours=2)


def test_a_handover_of_who_was_called_starts_nothing() -> None:
    decision = owned()
    does(decision, "call", minutes=1)
    after(decision, hours=1)
    handed_on(decision, "handover")
    given(decision)
    assert decision.lead.clock("lead") is None


def test_its_breach_tells_and_takes_the_lead_from_nobody_and_a_late_call_is_measured() -> None:
    decision = owned(waiting("1m"))
    tick(after(decision, seconds=60))
    [breach] = [fact for fact in decision.facts if isinstance(fact, SlaBreached)]
    [notice] = [fact for fact in decision.facts if isinstance(fact, NoticeNeeded)]
    assert (breach.kind, notice.notice, notice.since) == ("lead", "lead_late", NOW + timedelta(minutes=1))
    assert decision.lead.wanted is None
    assert clock_of(decision).breached_at == NOW + timedelta(minutes=1)
    tick(after(decision, seconds=61))
    assert not any(isinstance(fact, SlaBreached | NoticeNeeded) for fact in decision.facts)
    does(decision, "call", seconds=90)
    assert [(fact.in_time, fact.owner_seconds) for fact in met(decision)] == [(False, 90)]


def test_it_outlasts_the_breach_of_an_owner() -> None:
    decision = owned()
    tick(after(decision, minutes=5))
    settle("nothing_there", decision)
    assert decision.lead.wanted is not None
    given(decision)
    assert (decision.lead.ownership.hop, clock_of(decision).started_at) == (2, NOW)


def test_a_disposition_ends_it() -> None:
    decision = owned()
    after(decision, hours=1)
    give_back(Word(means="rejected", rep="anna", status="unqualified", reason="no_fit"), decision)
    judge(decision)
    assert [fact.why for fact in decision.facts if isinstance(fact, ClockStopped) and fact.kind == "lead"] == [
        "rejected"
    ]


def test_who_waits_in_a_programme_or_for_a_time_of_their_own_is_not_chased() -> None:
    newsletter = told(words(email="ada@gmail.com"), people.touch(form="newsletter"), rules=waiting())
    given(newsletter)
    assert newsletter.lead.ownership.queue is not None
    assert newsletter.lead.clock("lead") is None
    called = asked_for_a_call()
    called.rules = waiting()
    judge(called)
    assert called.lead.clock("lead") is None


def test_who_is_put_into_a_programme_is_not_waited_for_any_more() -> None:
    decision = owned()
    after(decision, hours=1)
    decision.say(OwnerNeeded(why="qualified", hop=1))
    assign(Choice(rule="nurture", queue="nurture", next_step="Send the newsletter"), decision)
    assert decision.lead.ownership.queue == "nurture"
    assert decision.lead.clock("lead") is None


def test_nobody_is_late_from_the_start() -> None:
    """The rules are new, or the news old: what is over before it begins counts from now."""
    decision = owned(waiting("10d"))
    decision.say(ClockStopped(kind="lead", hop=1, why="test"))
    decision.rules = waiting("1h")
    judge(after(decision, hours=3))
    assert clock_of(decision).due_at == NOW + timedelta(hours=4)


def test_of_two_leads_that_are_one_person_the_longer_wait_counts() -> None:
    early = owned()
    late = owned(at=NOW + timedelta(hours=1))
    late.lead = late.lead.with_(lead_id="1" * 32)
    assert brings(early.lead).lead_clock == clock_of(early)
    late.say(absorbed(early.lead))
    assert clock_of(late).started_at == NOW
    early.say(absorbed(owned(at=NOW + timedelta(hours=1)).lead))
    assert clock_of(early).started_at == NOW
    assert earlier((), None) == ()


def test_levels_of_real_time_wait_for_the_morning_unless_they_may_be_said_at_night() -> None:
    levels = [
        {"id": "half", "at": 0.5, "level": 0},
        {"id": "boss", "at": 2},
        {"id": "duty", "at": 2.5, "level": 3, "at_night": True},
    ]
    evening = datetime(2026, 11, 20, 15, 30, tzinfo=UTC)  # Friday, half an hour before the end of work
    clock = clock_of(owned(waiting("2h", levels=levels), at=evening))
    monday = datetime(2026, 11, 23, 8, 0, tzinfo=UTC)
    assert clock.due_at == evening + timedelta(hours=2)
    # Half way is outside the hours, and on Monday it would be past the deadline: the breach says enough.
    found = [(point.id, point.at, point.level) for point in clock.checkpoints if point.id != "warn"]
    assert found == [("duty", evening + timedelta(hours=5), 3), ("boss", monday, 1)]


@pytest.mark.parametrize(
    ("asked", "within", "warned"),
    [
        ("2026-11-23T11:00Z", "48h", "2026-11-25T08:00Z"),  # 75 % would be at midnight: the next morning
        ("2026-11-26T11:00Z", "48h", "2026-11-27T16:00Z"),  # due on Saturday noon: on Friday, before they leave
        ("2026-11-23T11:00Z", "2h", "2026-11-23T12:30Z"),
        ("2026-11-27T17:00Z", "24h", None),  # nobody works until it is over
    ],
)
def test_nobody_is_warned_at_night(asked: str, within: str, warned: str | None) -> None:
    clock = clock_of(owned(waiting(within), at=datetime.fromisoformat(asked)))
    assert clock.warn_at == (None if warned is None else datetime.fromisoformat(warned))
    assert clock.due_at == datetime.fromisoformat(asked) + timedelta(hours=int(within[:-1]))


def test_after_an_outage_only_what_comes_after_the_breach_is_said_with_it() -> None:
    levels = [{"id": "half", "at": 0.5, "level": 0}, {"id": "boss", "at": 2, "level": 2, "at_night": True}]
    decision = owned(waiting("1h", levels=levels))
    decision.say(ClockStopped(kind="first_contact", hop=1, why="test"))
    tick(after(decision, hours=3))
    said = [fact for fact in decision.facts if isinstance(fact, SlaWarned | SlaBreached) and fact.kind == "lead"]
    assert [fact.checkpoint if isinstance(fact, SlaWarned) else "breach" for fact in said] == ["breach", "boss"]
    told = {fact.notice: (fact.level, fact.since) for fact in decision.facts if isinstance(fact, NoticeNeeded)}
    assert told["escalation"] == (2, NOW + timedelta(hours=2))
    assert told["lead_late"] == (0, NOW + timedelta(hours=1))


def test_two_clocks_that_say_the_same_in_one_instant_are_two_notices() -> None:
    """Both warn the owner; neither is taken for a repeat of the other."""
    decision = owned(waiting("5m"))
    tick(after(decision, minutes=4))
    told = [fact.notice_id for fact in decision.facts if isinstance(fact, NoticeNeeded) and fact.notice == "warn"]
    assert len(told) == len(set(told)) == 2


def test_without_a_policy_there_is_none() -> None:
    rules = default_rules()
    decision = owned(Rules.of(rules.with_(sla=rules.sla.with_(lead_clock=()))))
    assert not any(isinstance(fact, ClockStarted) and fact.clock.kind == "lead" for fact in decision.facts)
