"""What waits for a reader is told as one message: nothing lost, nothing twice, or visibly not told."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import pytest

from leadrelay.domain.facts import Context, say
from leadrelay.domain.notices.policy import Channel, Night, NoticeRule, NoticesPolicy
from leadrelay.domain.rules import Rules
from leadrelay.memory.clock import MemoryClock
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.notifier import Message
from leadrelay.ports.records import NoticeRecord, ReaderRecord
from tests.system import Crash, Faults, System, default_rules
from tests.workflows import lives, promises

THREE_AT_NIGHT = datetime(2026, 11, 24, 2, 0, tzinfo=UTC)
SEVEN = datetime(2026, 11, 24, 6, 0, tzinfo=UTC)
NIGHT = Night.model_validate({"from": "20:00", "to": "07:00"})
LEADS = 12


def rules(**changes: object) -> Rules:
    """Everybody reads alone, at night nobody is told of new leads, and nobody loses one by the clock."""
    policy = NoticesPolicy(
        channels={"mail": Channel(notifier="apprise", secret="notify/team", personal=True)},
        rules=(NoticeRule(notice="assigned", to=("owner",), channel="mail"),),
        quiet=NIGHT,
    )
    sla = default_rules().sla
    patient = sla.with_(first_contact=tuple(each.with_(minutes=5000) for each in sla.first_contact), lead_clock=())
    return Rules.of(default_rules().with_(notices=policy.with_(**changes), sla=patient))


def at_night(
    told_by: Rules | None = None, faults: Faults | None = None, leads: int = LEADS, begins: datetime = THREE_AT_NIGHT
) -> System:
    """So many leads come in one night."""
    clock = MemoryClock(begins)
    system = System(told_by or rules(), clock=clock, faults=faults or Faults())
    for number in range(leads):
        fields = {"email": f"a{number}@example{number}.com", "company": f"Company {number}"}
        lives.send(system, lives.demo(submission=f"submission-{number:04}", **fields))
        system.later(minutes=1)
    return system


def until(system: System, moment: datetime) -> None:
    """A sweep every ten minutes."""
    while system.clock.now() < moment:
        system.later(minutes=10)


def leads_in(messages: Sequence[Message]) -> Counter[str]:
    """The leads that these messages name, and how often."""
    return Counter(lead for message in messages for lead in re.findall(r"[Ll]ead ([0-9a-f]{32})", message.body))


def waiting(system: System) -> list[ReaderRecord]:
    return [record for record in system.records() if isinstance(record, ReaderRecord) and record.attention.kept]


def notices(system: System) -> list[NoticeRecord]:
    return [record for record in system.records() if isinstance(record, NoticeRecord)]


def everybody_once(system: System) -> None:
    """Each lead was told once, to its owner and to nobody else."""
    told = leads_in(system.notifier.sent)
    assert told == Counter(record.lead.lead_id for record in system.leads())
    for record in system.leads():
        [message] = [each for each in system.notifier.sent if record.lead.lead_id in each.body]
        assert message.to == system.rules_now.team.rep(record.lead.ownership.rep or "").email
    assert waiting(system) == []
    promises.told(system)


def test_what_comes_at_night_is_one_message_for_each_in_the_morning() -> None:
    system = at_night()
    until(system, SEVEN - timedelta(minutes=10))
    assert system.notifier.sent == []
    assert {notice.outcome for notice in notices(system)} == {"kept"}
    assert sum(len(record.attention.kept) for record in waiting(system)) == LEADS
    until(system, SEVEN + timedelta(minutes=20))
    everybody_once(system)
    assert len(system.notifier.sent) < LEADS
    assert {message.title.partition(":")[0] for message in system.notifier.sent} == {"Leads that need you"}
    heard = [said.data for said in system.said if said.name == "NoticeSent" and said.data["notice_id"] == "digest"]
    assert [said["outcome"] for said in heard] == ["sent"] * len(system.notifier.sent)


def test_one_alone_is_told_in_full_with_its_links() -> None:
    system = at_night(leads=1)
    until(system, SEVEN + timedelta(minutes=20))
    [message] = system.notifier.sent
    assert message.title == "New lead for Ada Example, Company 0"
    assert "Accept" in dict(message.links)
    everybody_once(system)


def test_more_than_one_message_holds_comes_with_the_next() -> None:
    system = at_night(rules(digest_leads=2))
    until(system, SEVEN + timedelta(minutes=90))
    everybody_once(system)
    assert all(count <= 2 for count in (len(leads_in([message])) for message in system.notifier.sent))


def test_what_cannot_wait_does_not() -> None:
    urgent = NoticeRule(notice="assigned", to=("owner",), channel="mail", at_night=True)
    system = at_night(rules(rules=(urgent,)))
    assert len(system.notifier.sent) == LEADS
    everybody_once(system)


def test_who_was_told_much_in_an_hour_gets_the_rest_together() -> None:
    system = at_night(rules(quiet=None, per_hour=2))
    assert len(system.notifier.sent) < LEADS
    until(system, SEVEN)
    everybody_once(system)
    assert max(Counter(message.to for message in system.notifier.sent).values()) <= 4


def test_what_is_asked_for_before_its_time_waits_all_the_same() -> None:
    system = at_night(rules(quiet=None, per_hour=2))
    told, [*readers] = len(system.notifier.sent), waiting(system)
    context = Context(correlation_id="c", causation_id="c", rules_version=system.rules_now.version, at=SEVEN)
    for reader in readers:
        [said] = say([reader.needed()], "reader:early:1", None, context)
        system.work(said)
    assert readers
    assert len(system.notifier.sent) == told


def test_a_lead_that_somebody_else_has_by_the_morning_is_not_told() -> None:
    system = at_night(leads=1)
    [record] = system.leads()
    owner = record.lead.ownership.rep
    moved = record.lead.with_(ownership=record.lead.ownership.with_(rep="marek" if owner != "marek" else "anna"))
    system.store.put(record.with_(lead=moved, version=record.version + 1))
    until(system, SEVEN + timedelta(minutes=20))
    assert system.notifier.sent == []
    assert waiting(system) == []


@pytest.mark.parametrize("trouble", [Retry(60, "away"), Misconfigured("the address is wrong")])
def test_a_channel_that_is_away_in_the_morning_hears_it_when_it_is_back(trouble: Exception) -> None:
    system = at_night()
    system.notifier.refuse = trouble  # type: ignore[assignment]
    until(system, SEVEN + timedelta(hours=7))
    assert sum(len(record.attention.kept) for record in waiting(system)) == LEADS
    assert len(system.store.listed("PARKED#notice", 10)) == len(waiting(system))
    system.notifier.refuse = None
    until(system, SEVEN + timedelta(hours=10))
    everybody_once(system)
    assert system.store.listed("PARKED#notice", 10) == []


def test_what_a_channel_refuses_for_good_is_refused_with_its_reason() -> None:
    system = at_night()
    system.notifier.refuse = Reject("channel_archived")
    until(system, SEVEN + timedelta(minutes=20))
    assert waiting(system) == []
    heard = [said.data for said in system.said if said.name == "NoticeSent" and said.data["notice_id"] == "digest"]
    assert {said["outcome"] for said in heard} == {"channel_archived"}


def test_what_nobody_answers_is_parked_and_can_be_redriven() -> None:
    system = at_night()
    kind, real = system.works["NoticeNeeded"]
    system.works["NoticeNeeded"] = (kind, lambda *_: None)
    until(system, SEVEN + timedelta(hours=5))
    readers = len(waiting(system))
    assert len(system.store.listed("PARKED#notice", 10)) == readers > 0
    system.works["NoticeNeeded"] = (kind, real)
    assert system.redrive("notice") == readers
    system.settle()
    everybody_once(system)
    assert system.store.listed("PARKED#notice", 10) == []


def test_what_waits_for_a_channel_that_is_gone_is_told_where_the_rules_say_now() -> None:
    system = at_night()
    renamed = {"post": Channel(notifier="apprise", secret="notify/team", personal=True)}
    told = (NoticeRule(notice="assigned", to=("owner",), channel="post"),)
    assert waiting(system)
    system.rules.deploy(rules(channels=renamed, rules=told))
    until(system, SEVEN + timedelta(minutes=40))
    everybody_once(system)
    assert len(system.notifier.sent) < LEADS
    assert system.store.listed("PARKED#notice", 10) == []


def test_what_waits_for_somebody_who_left_is_told_to_revops() -> None:
    system = at_night()
    theirs = {record.lead.lead_id for record in system.leads() if record.lead.ownership.rep == "anna"}
    assert theirs
    told = rules()
    left = told.team.with_(reps=tuple(rep for rep in told.team.reps if rep.id != "anna"))
    system.rules.deploy(Rules.of(told.with_(team=left)))
    until(system, SEVEN + timedelta(minutes=40))
    heard = [message for message in system.notifier.sent if message.to == "olek@example.com"]
    assert set(leads_in(heard)) >= theirs
    assert waiting(system) == []


def test_a_digest_that_is_asked_for_twice_is_told_once() -> None:
    system = at_night()
    until(system, SEVEN + timedelta(minutes=20))
    asked = [said for said in system.said if said.name == "NoticeNeeded" and said.data["notice"] == "digest"]
    for said in asked:
        system.work(said)
    everybody_once(system)


def _one_morning(faults: Faults) -> System:
    system = at_night(faults=faults, leads=2, begins=SEVEN - timedelta(minutes=5))
    until(system, SEVEN + timedelta(minutes=20))
    return system


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("error", [Crash, lambda: Retry(1, "away")])
def test_a_worker_may_die_at_any_call_and_nothing_is_lost(when: str, error: type[BaseException]) -> None:
    """Who died between telling and recording may have told it: then, and only then, it is heard twice."""
    whole = Faults()
    _one_morning(whole)
    told_at = [at for at, call in enumerate(whole.calls) if call == "notifier.send"]
    for at in range(told_at[0] - 8, told_at[-1] + 4):
        faults = Faults(at=at, when=when, error=error)  # type: ignore[arg-type]
        system = _one_morning(faults)
        told, around = leads_in(system.notifier.sent), faults.calls[at - 2 : at + 1]
        assert set(told) == {record.lead.lead_id for record in system.leads()}, around
        assert max(told.values()) <= (2 if "notifier.send" in around else 1), around
        assert waiting(system) == []
