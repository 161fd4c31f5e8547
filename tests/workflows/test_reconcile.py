"""A delivery that never came is found in the sender's list, worked like any other, counted once and told once a day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from leadrelay.domain.notices.policy import Channel, NoticeRule, NoticesPolicy
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Words
from leadrelay.ports.errors import Retry
from leadrelay.ports.fetch import Completed
from leadrelay.ports.records import CursorRecord, DayRecord, cursor_key, day_key
from leadrelay.ports.store import Change, Put, Record
from leadrelay.workflows import reading
from tests.system import MONDAY_NOON, System, default_rules

RULES = default_rules()
DAY = "2026-11-23"
NOTICES = NoticesPolicy(
    channels={"revops": Channel(notifier="apprise", secret="notify/team")},
    rules=(NoticeRule(notice="source_gap", to=("revops",), channel="revops"),),
)


@dataclass
class List:
    """A sender's list: what was submitted, by time. `pages` of a day; `away` breaks the next questions."""

    drafts: list[TouchDraft] = field(default_factory=list)
    away: int = 0
    asked: list[str] = field(default_factory=list)
    size: int = 2

    def complete(self, touch: object) -> Completed:
        raise AssertionError("nothing to complete")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        self._speak("since")
        start = int(cursor or 0)
        return self.drafts[start : start + 100], str(min(start + 100, len(self.drafts)))

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        self._speak(f"{start:%m-%d}")
        within = [each for each in self.drafts if each.occurred_at and start <= each.occurred_at < end]
        at = int(page or 0)
        return within[at : at + self.size], str(at + self.size) if at + self.size < len(within) else None

    def _speak(self, what: str) -> None:
        if self.away:
            self.away -= 1
            raise Retry(30, "away", "outage")
        self.asked.append(what)


def submission(number: int, at: datetime = MONDAY_NOON, form: str = "demo") -> TouchDraft:
    said = Words(answers=(Answer(key="email", values=(f"p{number}@firma.example",)),))
    return TouchDraft(kind="submission", key=f"s{number}", words=said, origin=Origin(form=form), occurred_at=at)


def listening(found: List, **policy: object) -> System:
    given = {"poll_seconds": 300, "gap_after_minutes": 30, **policy}
    source = RULES.sources.sources["website"].with_(**given)
    sources = RULES.sources.with_(sources={"website": source})
    system = System(rules_now=type(RULES).of(RULES.with_(sources=sources, notices=NOTICES)), histories=lambda *_: found)
    system.later(seconds=1)  # it is asked for the first time: deliveries are expected from now on
    return system


def minutes(system: System, count: int) -> None:
    for _ in range(count // 5):
        system.later(minutes=5)


def tomorrow(system: System) -> None:
    """Noon of the next day, with an hour's steps."""
    for _ in range(24):
        system.later(hours=1)


def put(system: System, record: Record) -> None:
    system.store.commit(Change(cause="test", puts=(Put(record),)))


def counts(system: System, day: str = DAY) -> dict[str, tuple[int, int, int, int]]:
    record = system.store.load(day_key("website", day))
    forms = {} if record is None else record.forms
    return {name: (one.theirs, len(one.ours), len(one.found), len(one.gone)) for name, one in forms.items()}


def gaps(system: System) -> list[dict[str, object]]:
    return [said.data for said in system.said if said.name == "SourceGap"]


def now(system: System) -> datetime:
    return system.clock.now()


def test_a_lost_delivery_is_found_worked_with_its_own_time_and_said() -> None:
    theirs = List()
    system = listening(theirs)
    lost = submission(1, now(system) + timedelta(seconds=10))
    theirs.drafts.append(lost)
    minutes(system, 10)
    lead = system.leads()[0].lead
    touch = system.touches()[0].touch
    assert touch.occurred_at == lost.occurred_at
    assert lead.captured_at == touch.received_at > touch.occurred_at
    assert lead.clock("first_contact") is not None
    assert gaps(system) == []  # its delivery may still come
    minutes(system, 40)
    assert gaps(system) == [
        {"source": "website", "form": "demo", "day": DAY, "theirs": 1, "ours": 0, "found": 1, "gone": 0}
    ]
    assert counts(system) == {"demo": (1, 0, 1, 0)}


def test_what_was_delivered_is_ours_whichever_came_first() -> None:
    theirs = List()
    system = listening(theirs)
    first, late = submission(1, now(system)), submission(2, now(system))
    system.tell(first)
    theirs.drafts += [first, late]
    minutes(system, 10)
    system.tell(late)  # the list was quicker
    minutes(system, 60)
    assert counts(system) == {"demo": (2, 2, 0, 0)}
    assert gaps(system) == []
    assert system.notifier.sent == []
    assert len(system.touches()) == 2


def test_a_delivery_that_comes_after_its_time_changes_nothing_that_was_said() -> None:
    theirs = List()
    system = listening(theirs)
    theirs.drafts.append(submission(1, now(system)))
    minutes(system, 45)
    system.tell(submission(1, now(system)))
    theirs.drafts.append(submission(2, now(system)))
    minutes(system, 45)
    assert counts(system) == {"demo": (2, 0, 2, 0)}


def test_what_came_before_we_listened_is_brought_and_is_no_gap() -> None:
    theirs = List([submission(1, MONDAY_NOON - timedelta(days=2)), submission(2, MONDAY_NOON - timedelta(days=1))])
    system = listening(theirs)
    minutes(system, 60)
    assert len(system.leads()) == 2
    assert gaps(system) == []


def test_a_source_that_delivers_nothing_has_no_gaps() -> None:
    theirs = List()
    system = listening(theirs, gap_after_minutes=None)
    theirs.drafts.append(submission(1, now(system)))
    minutes(system, 60)
    assert len(system.leads()) == 1
    assert gaps(system) == []
    assert not any(isinstance(record, DayRecord) for record in system.records())


def test_tests_are_nobodys_gap() -> None:
    theirs = List()
    system = listening(theirs)
    theirs.drafts.append(submission(1, now(system)).with_(test=True))
    minutes(system, 60)
    assert counts(system) == {}


def test_revops_hears_once_a_day_for_a_source_and_without_anybodys_name() -> None:
    theirs = List()
    system = listening(theirs)
    for number in range(4):
        theirs.drafts.append(submission(number, now(system)))
        minutes(system, 45)
    assert len(system.notifier.sent) == 1
    message = system.notifier.sent[0]
    assert "website" in message.title
    assert "firma" not in message.title + message.body
    assert message.links == ()
    tomorrow(system)
    theirs.drafts.append(submission(9, now(system)))
    minutes(system, 45)
    assert len(system.notifier.sent) == 2
    assert len(gaps(system)) == 5


def test_the_notice_waits_for_the_morning_of_who_reads_alone() -> None:
    channels = {"revops": Channel(notifier="apprise", secret="notify/team", personal=True).model_dump()}
    quiet = {"from": "11:00", "to": "15:00"}
    notices = NoticesPolicy.model_validate({**NOTICES.model_dump(), "channels": channels, "quiet": quiet})
    theirs = List()
    system = listening(theirs)
    system.rules.deploy(type(RULES).of(system.rules_now.with_(notices=notices)))
    theirs.drafts.append(submission(1, now(system)))
    minutes(system, 60)
    assert system.notifier.sent == []
    for _ in range(6):
        system.later(hours=1)
    assert len(system.notifier.sent) == 1
    assert "website" in system.notifier.sent[0].title


def test_once_a_day_the_last_days_are_listed_anew_page_by_page() -> None:
    theirs = List()
    system = listening(theirs, check_days=2)
    minutes(system, 10)
    assert [asked for asked in theirs.asked if asked != "since"] == ["11-21", "11-22"]
    yesterday = now(system)
    for number in range(5):
        theirs.drafts.insert(0, submission(number, yesterday))  # behind the cursor: the sweep will not see it
    cursor = system.store.load(cursor_key("website"))
    assert cursor is not None
    put(system, cursor.with_(version=cursor.version + 1, cursor="5"))
    tomorrow(system)
    minutes(system, 60)
    assert len(system.touches()) == 5
    assert counts(system) == {"demo": (5, 0, 5, 0)}
    asked = [asked for asked in theirs.asked if asked != "since"]
    assert asked == ["11-21", "11-22", "11-22", "11-23", "11-23", "11-23"]


def test_what_the_sender_lists_no_more_is_told_from_a_gap() -> None:
    theirs = List()
    system = listening(theirs, check_days=1)
    kept, deleted = submission(1, now(system)), submission(2, now(system))
    theirs.drafts += [kept, deleted]
    system.tell(kept, deleted)
    minutes(system, 60)
    theirs.drafts[:] = [kept, kept]
    tomorrow(system)
    assert counts(system) == {"demo": (1, 2, 0, 1)}
    assert gaps(system)[-1] == {
        "source": "website", "form": "demo", "day": DAY, "theirs": 1, "ours": 2, "found": 0, "gone": 1
    }  # fmt: skip
    assert system.notifier.sent == []


def test_of_a_day_that_was_not_read_to_its_end_nothing_is_said_to_be_gone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_PAGES", 1)
    theirs = List()
    system = listening(theirs, check_days=1)
    theirs.drafts += [submission(number, now(system)) for number in range(3)]
    system.tell(*theirs.drafts)
    minutes(system, 15)
    tomorrow(system)
    assert counts(system) == {"demo": (3, 3, 0, 0)}
    record = system.store.load(day_key("website", DAY))
    assert record is not None
    assert record.checked_at is None


def test_an_outage_in_the_middle_of_a_check_counts_nothing_as_gone() -> None:
    theirs = List()
    system = listening(theirs, check_days=1)
    for number in range(3):
        theirs.drafts.append(submission(number, now(system)))
    system.tell(*theirs.drafts)
    for _ in range(12):
        system.later(hours=1)
    theirs.away = 3
    minutes(system, 120)
    assert counts(system) == {"demo": (3, 3, 0, 0)}
    record = system.store.load(day_key("website", DAY))
    assert record is not None
    assert record.checked_at is not None


@pytest.mark.parametrize("when", ["before", "after"])
def test_a_crash_anywhere_counts_nothing_twice_and_loses_nothing(when: str) -> None:
    def run(at: int | None) -> tuple[System, int]:
        theirs = List()
        system = listening(theirs)
        heard, lost = submission(1, now(system)), submission(2, now(system))
        system.tell(heard)
        system.settle()
        theirs.drafts += [heard, lost]
        begun = len(system.faults.calls)
        if at is not None:
            system.faults.at, system.faults.when = begun + at, when  # type: ignore[assignment]
        for _ in range(5):
            system.later(minutes=16)
        return system, len(system.faults.calls) - begun

    _, calls = run(None)
    for at in range(0, calls, 5):
        system, _ = run(at)
        assert counts(system) == {"demo": (2, 1, 1, 0)}, f"crash {when} call {at}"
        assert len(system.touches()) == 2
        assert len(gaps(system)) == 1


def test_two_readers_at_once_count_once() -> None:
    theirs = List()
    system = listening(theirs)
    theirs.drafts.append(submission(1, now(system)))
    for _ in range(12):
        system.clock.set(now(system) + timedelta(minutes=5))
        system.sweep()
        due = [said for said in system.queue if said.name == "SourceDue"]
        for said in due * 2:
            system.work(said)
        system.settle()
    assert counts(system) == {"demo": (1, 0, 1, 0)}
    assert len(gaps(system)) == 1


def test_a_cursor_of_the_former_release_reads_on_and_counts_from_now() -> None:
    theirs = List()
    system = System(rules_now=listening(theirs).rules_now, histories=lambda *_: theirs)
    put(system, CursorRecord.model_validate({"version": 1, "source": "website", "cursor": "0", "due_at": MONDAY_NOON}))
    theirs.drafts.append(submission(1, MONDAY_NOON - timedelta(hours=1)))
    minutes(system, 60)
    assert len(system.touches()) == 1
    assert gaps(system) == []


def test_more_than_can_wait_are_counted_without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    from leadrelay.workflows import reconcile

    monkeypatch.setattr(reconcile, "MOST_UNHEARD", 2)
    theirs = List()
    system = listening(theirs)
    theirs.drafts += [submission(number, now(system)) for number in range(5)]
    minutes(system, 15)
    cursor = system.store.load(cursor_key("website"))
    assert cursor is not None
    assert len(cursor.unheard) == 2
    assert counts(system) == {"demo": (3, 0, 3, 0)}
