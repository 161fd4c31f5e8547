"""Any interleaving of a CRM's answers: nothing is made twice, and every lead ends shown or parked with a reason."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.memory.crm import MemoryCrm
from leadrelay.ports.crm import (
    Marked,
    PutNote,
    PutTask,
    Rejected,
    RetryLater,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.errors import Misconfigured, Retry
from tests.system import Crash, System, noisy_rules
from tests.workflows import promises
from tests.workflows.delivering import follow_up, gathered
from tests.workflows.lives import demo, draft

LEADS = 3

FATES = (
    "fine", "fine", "fine", "429 burst", "429 daily", "423", "401", "5xx before", "5xx after", "timeout before",
    "timeout after", "duplicate", "invalid", "dies before", "dies after", "breaks",
)  # fmt: skip
"""What becomes of one operation."""

STEPS = ("follow up", "ask again", "call", "wait", "wait", "sweep", "redrive", "give to another", "delete", "merge")
"""What else happens, to one of the leads."""


class FatedCrm(MemoryCrm):
    """Answers each operation as drawn, then well. `asked` counts what was really carried out, by operation."""

    def __init__(self, fates: Sequence[str]) -> None:
        super().__init__()
        self.fates = list(fates)
        self.asked: Counter[str] = Counter()

    def write(self, ops: Sequence[WriteOp]) -> list[WriteResult]:
        """As a connector: after an account-wide answer or a silence the rest is not sent."""
        results: list[WriteResult] = []
        for number, op in enumerate(ops):
            result = self._fated(op)
            results.append(result)
            if isinstance(result, RetryLater | Unknown):
                return results + [RetryLater(rest.op_id, 2, "outage") for rest in ops[number + 1 :]]
        return results

    def _fated(self, op: WriteOp) -> WriteResult:
        fate = self.fates.pop(0) if self.fates else "fine"
        if fate in ("fine", "5xx after", "timeout after", "dies after"):
            done = super().write([op])[0]
            if fate == "fine":
                return done
        if fate.startswith("dies"):
            raise Crash
        if fate == "breaks":
            raise ZeroDivisionError
        return _ANSWERS.get(fate, lambda op: Unknown(op.op_id))(op)

    def find_marked(self, crm_id: str, op_ids: Sequence[str]) -> list[Marked]:
        match self.fates.pop(0) if self.fates else "fine":
            case "5xx before" | "timeout before":
                raise Retry(3, "away", "outage")
            case "401":
                raise Misconfigured("the token has expired")
        return super().find_marked(crm_id, op_ids)


_ANSWERS: dict[str, Any] = {
    "429 burst": lambda op: RetryLater(op.op_id, 10, "10s"),
    "429 daily": lambda op: RetryLater(op.op_id, 600, "day"),
    "423": lambda op: RetryLater(op.op_id, 2, "record"),
    "5xx before": lambda op: RetryLater(op.op_id, 1, "outage"),
    "401": lambda op: RetryLater(op.op_id, 60, "auth"),
    "duplicate": lambda op: Rejected(op.op_id, "DUPLICATE", "exists", "email"),
    "invalid": lambda op: Rejected(op.op_id, "VALIDATION", "not in the list", "industry"),
}


def mail(number: int) -> str:
    return f"person{number}@example.com"


def step(system: System, what: str, number: int, at: int) -> None:
    match what:
        case "follow up":
            system.post(follow_up(at, email=mail(number)))
        case "ask again":
            system.post(demo("offer", f"submission-again{at:04d}", email=mail(number)))
        case "call":
            system.tell(draft(f"call-{at}", event="call", kind="activity", email=mail(number)))
        case "wait":
            system.clock.set(system.clock.now().replace(microsecond=0))
            system.later(minutes=2)
        case "sweep":
            system.later(seconds=10)
        case "redrive":
            system.redrive("crm_hubspot")
        case _:
            _by_hand(system, what, number)


def _by_hand(system: System, what: str, number: int) -> None:
    """What a person does in the CRM."""
    crm = system.crm
    ids = sorted(crm.people)
    if not ids:
        return
    crm_id = ids[number % len(ids)]
    if what == "give to another":
        crm.give(crm_id, "70000007")
    elif what == "delete" and crm.people[crm_id].lead_key is None:
        crm.delete(crm_id)
    elif what == "merge" and len(ids) > 1 and crm.people[crm_id].lead_key is not None:
        twin = crm.enter(phone="1")
        crm.merge(crm_id, twin)


def once(crm: MemoryCrm) -> None:
    """No operation has made two things."""
    for kind in (crm.tasks, crm.notes):
        made = Counter(op.op_id for op in kind.values())
        assert {op: count for op, count in made.items() if count > 1} == {}
    keys = Counter(person.lead_key for person in crm.people.values() if person.lead_key)
    assert {key: count for key, count in keys.items() if count > 1} == {}


def work_together(system: System) -> None:
    """What waits in the queue of `deliver` goes in one batch; what fails or dies comes back."""
    for _ in range(6):
        asked = gathered(system)
        if not asked:
            return
        try:
            failed = system.work_all(asked)["batchItemFailures"]
        except Crash:
            system.queue.extend(asked)
            continue
        system.queue.extend(asked[int(one["itemIdentifier"])] for one in failed)


@settings(max_examples=120, derandomize=True, deadline=None)
@given(
    st.lists(st.sampled_from(FATES), max_size=40),
    st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, LEADS - 1)), max_size=12),
)
def test_any_interleaving_of_answers(fates: list[str], steps: list[tuple[str, int]]) -> None:
    crm = FatedCrm(fates)
    system = System(noisy_rules(), crm=crm)
    for number in range(LEADS):
        system.post(demo(submission=f"submission-{number:04d}", email=mail(number)))
    work_together(system)
    for at, (what, number) in enumerate(steps):
        step(system, what, number, at)
        work_together(system)
        once(crm)
    crm.fates = []
    for _ in range(14):
        system.later(minutes=1)
        system.redrive("crm_hubspot")
        system.settle()
        once(crm)
    for row in promises.synced(system):
        assert (row.lease_until, row.due_at) == (None, None) or row.due_at is not None, row
        assert row.due_at is None, row
        assert (row.parked is None) == (row.written >= row.wanted), row
    people = {op.op_id for op in crm.written if isinstance(op, UpsertPerson)}
    assert len(people) == len(system.leads())
    assert all(isinstance(op, UpsertPerson | PutTask | PutNote) for op in crm.written)
