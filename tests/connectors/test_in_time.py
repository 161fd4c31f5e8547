"""Waiting for an outside system: never longer than there is time, and never with more than one thread of each."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

import pytest

from connectors.kit.in_time import ContactsInTime, InTime
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Misconfigured, Reject, Retry


@dataclass
class Slow:
    """Answers when it is released."""

    released: threading.Event = field(default_factory=threading.Event)
    done: threading.Semaphore = field(default_factory=lambda: threading.Semaphore(0))
    trouble: Exception | None = None
    asked: int = 0

    def account(self, domain: str) -> AccountFound | None:
        self.asked += 1
        self.released.wait(30)
        self.done.release()
        if self.trouble is not None:
            raise self.trouble
        return AccountFound(domain=domain)


@pytest.fixture
def slow() -> Iterator[Slow]:
    found = Slow()
    yield found
    found.released.set()


def test_an_answer_in_time_is_given(slow: Slow) -> None:
    slow.released.set()
    assert InTime(slow).account("a.example", 5) == AccountFound(domain="a.example")


@pytest.mark.parametrize("trouble", [Reject("a", "b"), Misconfigured("c"), Retry(7, "d"), RuntimeError("e")])
def test_trouble_is_raised_where_somebody_waits(slow: Slow, trouble: Exception) -> None:
    slow.released.set()
    slow.trouble = trouble
    with pytest.raises(type(trouble)) as caught:
        InTime(slow).account("a.example", 5)
    assert caught.value is trouble


def test_nobody_waits_longer_and_nobody_waits_behind_others(slow: Slow) -> None:
    patient = InTime(slow)
    with pytest.raises(Retry, match=r"no answer in 0\.1 s"):
        patient.account("a.example", 0.05)
    with pytest.raises(Retry, match="still busy"):
        patient.account("b.example", 5)
    assert slow.asked == 1


def test_who_is_back_is_asked_again_and_a_late_answer_is_nobodys(slow: Slow) -> None:
    patient = InTime(slow)
    with pytest.raises(Retry):
        patient.account("late.example", 0.05)
    slow.released.set()
    assert slow.done.acquire(timeout=10)
    for _ in range(200):
        try:
            answer = patient.account("b.example", 5)
            break
        except Retry:  # the thread before lets go a moment after it has answered
            threading.Event().wait(0.01)
    assert answer == AccountFound(domain="b.example")


def test_contacts_are_waited_for_no_longer_either() -> None:
    released = threading.Event()

    class Crm:
        def made(self, people: Sequence[str], since: datetime) -> Sequence[TouchDraft]:
            released.wait(30)
            return [TouchDraft(kind="activity", key=f"call:{people[0]}:{since:%H}")]

    patient = ContactsInTime(Crm())
    at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    with pytest.raises(Retry, match=r"no answer in 0\.1 s"):
        patient.made(["7"], at, 0.05)
    with pytest.raises(Retry, match="still busy"):
        patient.made(["7"], at, 5)
    released.set()
    [draft] = ContactsInTime(Crm()).made(["7"], at, 5)
    assert draft.key == "call:7:09"
