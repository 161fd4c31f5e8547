"""Telling people: once, as soon as the channel takes it, or visibly not."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from datetime import timedelta

from leadrelay.domain.notices.policy import Channel, NoticeRule, NoticesPolicy
from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.notifier import Message
from leadrelay.ports.records import NoticeRecord
from tests.system import System, default_rules, noisy_rules
from tests.workflows import lives, promises


def notices(system: System) -> list[NoticeRecord]:
    return [record for record in system.records() if isinstance(record, NoticeRecord)]


def test_the_owner_hears_of_a_new_lead_with_its_reasons_and_deadline() -> None:
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    [message] = system.notifier.sent
    [record] = system.leads()
    assert message.title == "New lead for Ada Example, Example Ltd"
    assert "Nina (Head of Sales)" in message.body
    assert f"Score {record.lead.score.total}" in message.body
    assert "Why: Asked for a demo or an offer (new lead)" in message.body
    zone = "Belgrade" if record.lead.ownership.rep == "ivana" else "Warsaw"
    assert f"First contact due: Mon 23 Nov 12:05 {zone}" in message.body
    assert message.key == f"{record.lead.lead_id}:{notices(system)[0].notice_id}"


def test_what_no_rule_names_is_neither_sent_nor_stored() -> None:
    system = System(Rules.of(default_rules().with_(notices=NoticesPolicy())))
    lives.send(system, lives.demo())
    assert (system.notifier.sent, notices(system)) == ([], [])
    assert "NoticeNeeded" not in {said.name for said in system.said}


def test_a_channel_that_is_away_for_hours_is_told_when_it_is_back() -> None:
    system = System(noisy_rules())
    system.notifier.refuse = Retry(60, "away")
    lives.send(system, lives.demo())
    assert not system.failed
    for _ in range(120):
        system.later(minutes=5)
    assert system.notifier.sent == []
    assert len(system.store.listed("PARKED#notice", 10)) == 1
    tried = Counter(said.data["notice_id"] for said in system.said if said.name == "NoticeSent")
    assert 8 <= tried["digest"] <= 17  # twice as long each time, up to an hour
    system.notifier.refuse = None
    for _ in range(3):
        system.later(hours=1)
    promises.told(system)
    assert system.store.listed("PARKED#notice", 10) == []
    assert {notice.outcome for notice in notices(system)} == {"kept"}
    [digest] = system.notifier.sent
    [record] = system.leads()
    assert record.lead.lead_id in digest.body
    assert "This should have been told" in digest.body


def test_a_wrong_address_waits_five_minutes_for_whoever_mends_it() -> None:
    system = System(noisy_rules())
    system.notifier.refuse = Misconfigured("the address is wrong")
    lives.send(system, lives.demo())
    [notice] = notices(system)
    assert notice.due_at == system.clock.now() + timedelta(minutes=5)
    system.notifier.refuse = None
    system.later(minutes=5)
    promises.told(system)


def test_what_a_channel_refuses_for_good_is_refused_with_its_reason() -> None:
    system = System(noisy_rules())
    system.notifier.refuse = Reject("channel_archived")
    lives.send(system, lives.demo())
    [notice] = notices(system)
    assert (notice.due_at, notice.outcome) == (None, "channel_archived")
    [sent] = [said for said in system.said if said.name == "NoticeSent"]
    assert sent.data["outcome"] == "channel_archived"


def test_a_notice_that_nobody_answers_is_parked_and_can_be_redriven() -> None:
    system = System(noisy_rules())
    system.works["NoticeNeeded"] = (system.works["NoticeNeeded"][0], lambda *_: None)
    lives.send(system, {"form": "demo", "submission_id": "submission-0001", "fields": {"email": "ada@example.com"}})
    lives.call(system, "call-1")
    for _ in range(7):
        system.later(minutes=61)
    assert system.store.listed("PARKED#notice", 10) == []
    for _ in range(4):
        system.later(minutes=61)
    waiting = len(system.store.listed("PARKED#notice", 10))
    assert waiting >= 1
    whole = System(noisy_rules())
    system.works["NoticeNeeded"] = (system.works["NoticeNeeded"][0], _rewired(whole, system))
    assert system.redrive("notice") == waiting
    system.settle()
    for _ in range(3):
        system.later(minutes=2)
    promises.told(system)
    assert {record.lead.lead_id for record in system.leads()} <= set(_leads_in(system.notifier.sent))


def _rewired(whole: System, system: System) -> object:
    """The real workflow again, over the system's own store and channel."""
    real = whole.works["NoticeNeeded"][1]
    own = {"store": system.store, "rules": system.rules, "clock": system.clock}
    return replace(real, voice=replace(real.voice, notifier=lambda *_: system.notifier), **own)


def _leads_in(messages: Sequence[Message]) -> list[str]:
    """The leads that these messages name, as often as they do."""
    return [lead for message in messages for lead in re.findall(r"[Ll]ead ([0-9a-f]{32})", message.body)]


@dataclass
class Slow:
    """A channel that takes its time."""

    system: System
    told: list[str] = field(default_factory=list)

    def send(self, message: Message) -> None:
        self.told.append(message.to)
        self.system.clock.set(self.system.clock.now() + timedelta(seconds=6))


def test_a_worker_with_many_to_tell_records_before_it_is_stopped() -> None:
    rule = NoticeRule(notice="assigned", to=("owner", "manager", "revops"), channel="mail")
    channels = {"mail": Channel(notifier="apprise", secret="notify/team", personal=True)}
    system = System(Rules.of(default_rules().with_(notices=NoticesPolicy(channels=channels, rules=(rule,)))))
    kind, real = system.works["NoticeNeeded"]
    slow = Slow(system)
    system.works["NoticeNeeded"] = (kind, replace(real, voice=replace(real.voice, notifier=lambda *_: slow)))
    lives.send(system, lives.demo())
    [notice] = notices(system)
    assert (len(slow.told), len(notice.sent), notice.outcome) == (2, 2, None)
    system.later(seconds=1)
    [notice] = notices(system)
    assert (len(slow.told), len(set(slow.told)), notice.outcome) == (3, 3, "sent")
