"""An overdue next step: said again each working day, and in the end to those above, until somebody decides."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.facts import NextStepMissed, NextStepPlanned
from leadrelay.domain.clocks.next_step import missing_step, next_step, reworded
from leadrelay.domain.clocks.policy import LISTS, RemindPolicy
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.person.permission_facts import ContactForbidden
from leadrelay.domain.rules import Rules
from tests.domain import people
from tests.domain.people import NOW, given, told
from tests.domain.test_adopt import HOT
from tests.system import default_rules


def reminding(times: int) -> Rules:
    """The rules as they ship, and no promise but the first contact."""
    rules = default_rules()
    kept = {
        "remind": RemindPolicy(times=times),
        **{name: () for kind, name in LISTS.items() if kind != "first_contact"},
    }
    return Rules.of(rules.with_(sla=rules.sla.with_(**kept)))


def called(times: int = 3) -> Decision:
    """A lead whose owner has called on Monday at noon, and has to follow up."""
    decision = told(HOT, rules=reminding(times))
    given(decision)
    touch = people.touch(2, form=None).with_(kind="activity", event="call")
    hear(understood(touch, HOT, decision.rules, NOW), decision)
    assert decision.lead.next_step is not None
    return decision


def looked_at_each(decision: Decision, hours: int, until: datetime) -> list[tuple[datetime, NextStepMissed]]:
    """What is said of the step by somebody who looks every so many hours."""
    said = []
    while decision.at < until:
        decision.at, decision.facts = decision.at + timedelta(hours=hours), []
        tick(decision)
        said += [(decision.at, fact) for fact in decision.facts if isinstance(fact, NextStepMissed)]
    return said


@pytest.mark.parametrize("hours", [1, 3, 8])
def test_each_working_day_once_and_never_on_another(hours: int) -> None:
    decision = called()
    said = looked_at_each(decision, hours, datetime(2026, 12, 7, 23, tzinfo=UTC))
    days = [at.date() for at, _ in said]
    assert [day.isoformat()[5:] for day in days if day.month == 11] == ["11-24", "11-25", "11-26", "11-27", "11-30"]
    assert len(days) == len(set(days)) == 10
    assert [fact.count for _, fact in said] == list(range(1, 11))


def test_a_step_that_was_due_at_closing_time_is_said_again_the_next_working_day() -> None:
    decision = called()
    evening = datetime(2026, 11, 27, 16, 0, tzinfo=UTC)  # Friday 17:00 in Warsaw and Belgrade
    clock = decision.lead.clock("next_step")
    assert clock is not None
    decision.lead = decision.lead.with_(clocks=(clock.with_(due_at=evening),))
    decision.at, decision.facts = evening + timedelta(seconds=30), []
    tick(decision)
    [missed] = [fact for fact in decision.facts if isinstance(fact, NextStepMissed)]
    assert missed.again_at == datetime(2026, 11, 30, 8, 0, tzinfo=UTC)


def test_who_is_reminded_in_vain_is_not_the_only_one_to_hear_of_it() -> None:
    decision = called(times=2)
    levels: list[list[tuple[str, int]]] = []
    for _ in range(6):
        due = decision.lead.due_at()
        assert due is not None
        decision.at, decision.facts = due, []
        tick(decision)
        told = [fact for fact in decision.facts if isinstance(fact, NoticeNeeded)]
        assert len({fact.notice_id for fact in told}) == len(told)
        levels.append([(fact.notice, fact.level) for fact in told])
    owner = ("next_step", 0)
    assert levels == [
        [owner],
        [owner, ("escalation", 1)],
        [owner],
        [owner, ("escalation", 2)],
        [owner],
        [owner, ("escalation", 3)],
    ]


def test_the_owner_and_who_is_above_may_hear_the_same_words() -> None:
    decision = called()
    remind = RemindPolicy(times=1, notice="next_step")
    decision.rules = Rules.of(decision.rules.with_(sla=decision.rules.sla.with_(remind=remind)))
    due = decision.lead.due_at()
    assert due is not None
    decision.at, decision.facts = due, []
    tick(decision)
    told = [(fact.notice_id, fact.level) for fact in decision.facts if isinstance(fact, NoticeNeeded)]
    assert [level for _, level in told] == [0, 1]
    assert len({name for name, _ in told}) == 2


def test_a_new_step_is_counted_anew_and_other_words_for_it_are_not() -> None:
    decision = called()
    looked_at_each(decision, 1, datetime(2026, 11, 25, 22, tzinfo=UTC))
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.missed == 2
    decision.say(NextStepPlanned(what="Call", due_at=decision.at, who="anna", missed=2))
    decision.say(ContactForbidden(how="call", who="website"))
    again = reworded(decision.lead)
    assert again is not None
    assert again.missed == 2
    assert next_step(decision.lead, "Send the offer", decision.rules, decision.at).missed == 0


def test_a_promise_beside_it_is_no_next_step() -> None:
    decision = called()
    assert not missing_step(decision.lead, NOW)
    assert missing_step(decision.lead.with_(clocks=()), NOW)
    lead = told(HOT).lead
    given_lead = decision.lead.with_(clocks=tuple(clock for clock in decision.lead.clocks if clock.kind != "next_step"))
    assert missing_step(given_lead, NOW)
    assert not missing_step(lead, NOW)


def _calls(decision: Decision, number: int, made: datetime) -> None:
    touch = people.touch(number, form=None, at=made).with_(kind="activity", event="call")
    decision.at, decision.facts = max(made, decision.at), []
    hear(understood(touch, HOT, decision.rules, decision.at), decision)


def test_who_stays_in_touch_is_not_told_that_they_do_nothing() -> None:
    decision = called(times=2)
    looked_at_each(decision, 1, datetime(2026, 11, 25, 9, tzinfo=UTC))
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.missed == 2
    thursday = datetime(2026, 11, 26, 10, tzinfo=UTC)
    looked_at_each(decision, 1, thursday)
    _calls(decision, 3, thursday)
    step = decision.lead.next_step
    assert (step.what, step.missed) == ("Follow up", 0)
    said = looked_at_each(decision, 1, datetime(2026, 11, 30, 9, tzinfo=UTC))
    assert [(at.date().isoformat()[5:], fact.count) for at, fact in said] == [("11-27", 1), ("11-30", 2)]


def test_news_of_a_call_from_before_the_step_was_planned_renews_nothing() -> None:
    decision = called()
    planned = decision.lead.next_step
    looked_at_each(decision, 1, NOW + timedelta(hours=3))
    _calls(decision, 3, NOW - timedelta(hours=1))
    assert decision.lead.next_step == planned
