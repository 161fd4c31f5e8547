"""Every single trouble while somebody is erased, exhaustively: whatever breaks, in the end nothing of them is left.

The life is told once without trouble to count the calls to the ports from the erasure on; then again once for each of
them, with just that one broken.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from copy import deepcopy
from functools import cache
from typing import Literal

import pytest

from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.store import MemoryStore
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.records import LeadRecord
from tests.system import Crash, Faults, System, noisy_rules
from tests.workflows import promises
from tests.workflows.erasing import CANARIES, by_hand, deleted, forget_in_crm, form, hear, left, tell

When = Literal["before", "after"]

LIFE = (
    form("1", "demo", email=CANARIES["email"], first_name="Ada"),
    form("2", phone=CANARIES["phone"], last_name="Canarsky"),
    form("3", email=CANARIES["email"], phone=CANARIES["phone"], job_title="Canary Director"),
)


def _by_sender(system: System) -> None:
    _until_accepted(lambda: tell(system, deleted("3")).status)


def _in_crm(system: System) -> None:
    person = min(system.crm.people)
    _until_accepted(lambda: tell(system, forget_in_crm(person)).status)


def _by_hand(system: System) -> None:
    """Who asks is cut off, and asks again only if nothing was stored."""
    lead_id = next(each.lead.lead_id for each in system.leads())
    for _ in range(3):
        with suppress(Crash, Retry, Conflict):
            by_hand(system, system.ingest.store)(lead_id)
            break


def _until_accepted(send: Callable[[], int]) -> None:
    for _ in range(9):
        with suppress(Crash):
            if send() == 200:
                return
    raise AssertionError("nobody answers this sender")


WAYS: dict[str, Callable[[System], None]] = {"by its sender": _by_sender, "in the CRM": _in_crm, "by hand": _by_hand}


@cache
def known() -> System:
    """Before anybody is erased: three things were said, the last one twice, the second time in other bytes."""
    system = System(noisy_rules())
    hear(system, *LIFE)
    assert tell(system, LIFE[2], body=b"canary in other bytes").status == 200
    system.settle()
    return system


def told(way: str, faults: Faults) -> System:
    """What follows, with faults from there on. Records never change, so that every telling begins with the same."""
    before, store = known(), MemoryStore()
    store._rows, store._dues, store._lists = (
        dict(before.store._rows),
        deepcopy(before.store._dues),
        deepcopy(before.store._lists),
    )
    clock = MemoryClock(before.clock.now())
    system = System(noisy_rules(), faults=faults, clock=clock, crm=deepcopy(before.crm), store=store)
    WAYS[way](system)
    system.settle()
    for _ in range(4):
        system.later(minutes=2)
    faults.at = None
    system.later(minutes=2)
    return system


@cache
def calm(way: str) -> System:
    """The same without trouble."""
    return told(way, Faults())


def end(system: System) -> tuple[object, ...]:
    """What trouble must not change."""
    leads = [each for each in system.records() if isinstance(each, LeadRecord)]
    erased = [said.name for said in system.said if said.name in ("LeadErased", "TouchErased")]
    return (
        sorted((each.lead.lead_id, each.lead.erased_at is None, each.lead.touches) for each in leads),
        sorted((each.lead.lead_id, sorted(each.profile.plain().items())) for each in leads),
        sorted(erased),
        sorted((each.touch.touch_id, each.state, each.reason) for each in system.touches()),
        [(task.done, task.subject) for task in system.crm.tasks.values()],
    )


def checked(system: System, way: str) -> None:
    canaries = ("canary director", "canary in") if way == "by its sender" else ()
    assert left(system, *canaries) == []
    assert [each for each in system.touches() if each.due_at is not None] == []
    assert not system.failed
    for each in system.records():
        if isinstance(each, LeadRecord):
            promises.folded(system, each)


def every(way: str, when: When, error: Callable[[], BaseException], only: str = "", behind: int = 0) -> None:
    """Each call in turn whose name begins so, `behind` the first few; a failure names it."""
    checked(calm(way), way)
    calls = calm(way).faults.calls
    struck = [number for number, name in enumerate(calls) if name.startswith(only)][behind:]
    assert len(struck) > 10
    for number in struck:
        system = told(way, Faults(number, when, error))
        try:
            checked(system, way)
            assert end(system) == end(calm(way))
        except AssertionError as failed:
            raise AssertionError(f"trouble at {number}, {calls[number]}") from failed


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_process_dies_at_any_call(way: str, when: When) -> None:
    every(way, when, Crash)


@pytest.mark.parametrize("way", WAYS)
def test_two_change_a_record_at_the_same_time(way: str) -> None:
    """Behind the one that stores the erasure: that one would say that it is known."""
    every(way, "before", lambda: Conflict("a record"), "store.commit", behind=1)
