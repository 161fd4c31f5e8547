"""Nobody's operations change their order, whatever travels together; and what is not sent once nothing gets through."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from connectors.kit.crm_schedule import Schedule
from leadrelay.ports.crm import (
    Ok,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    RetryLater,
    Scope,
    SetMembership,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
SHORT = 4
BY_KIND = Schedule(3, kind=type)
TWO_FORMS = Schedule(
    3, kind=lambda op: "activity" if isinstance(op, (PutTask, PutNote)) else type(op).__name__, telling=SHORT
)
"""Ids of which the first four characters count; tasks and notes travel together."""


def person(number: int, crm_id: str | None = None, email: str | None = None) -> UpsertPerson:
    return UpsertPerson("", RecordKey(f"{number:032x}", crm_id, email), ())


def task(crm_id: str, task_id: str | None = None) -> PutTask:
    return PutTask("", crm_id, "Call", "", AT, None, task_id=task_id)


def note(crm_id: str) -> PutNote:
    return PutNote("", crm_id, "Called.", AT)


def numbered(ops: Sequence[WriteOp]) -> list[WriteOp]:
    return [replace(op, op_id=f"op{place}") for place, op in enumerate(ops)]


def record_names(op: WriteOp, schedule: Schedule) -> set[object]:
    """What a reader would say the operation is about."""
    ids = op.key.crm_id if isinstance(op, UpsertPerson) else op.crm_id
    known: set[object] = {("id", ids[: schedule.telling])} if ids else set()
    if isinstance(op, UpsertPerson):
        known |= {op.key.lead_key} | ({op.key.email.lower()} if op.key.email else set())
    return known


NUMBERS = st.integers(1, 3)
IDS = st.builds(lambda number, form: f"id0{number}{form}", NUMBERS, st.sampled_from(["", "XYZ"]))
OPS = st.lists(
    st.one_of(
        st.builds(person, NUMBERS),
        st.builds(person, NUMBERS, IDS),
        st.builds(person, NUMBERS, st.none(), st.sampled_from(["a@example.com", "A@Example.com"])),
        st.builds(task, IDS),
        st.builds(task, IDS, st.sampled_from(["ta01", "ta01XYZ", "ta02"])),
        st.builds(note, IDS),
        st.builds(SetMembership, st.just(""), IDS, st.sampled_from(["li01", "li01XYZ"]), st.booleans()),
    ),
    max_size=24,
)


@pytest.mark.parametrize("schedule", [BY_KIND, TWO_FORMS])
@given(OPS)
def test_nobodys_operations_change_their_order(schedule: Schedule, listed: list[WriteOp]) -> None:
    ops = numbered(listed)
    groups = schedule.grouped(ops)
    assert sorted(place for group in groups for place in group) == list(range(len(ops)))
    where = {place: number for number, group in enumerate(groups) for place in group}
    for later, op in enumerate(ops):
        for earlier in range(later):
            if record_names(op, schedule) & record_names(ops[earlier], schedule):
                assert where[earlier] <= where[later]


@pytest.mark.parametrize("schedule", [BY_KIND, TWO_FORMS])
@given(OPS)
def test_a_request_holds_nothing_twice(schedule: Schedule, listed: list[WriteOp]) -> None:
    ops = numbered(listed)
    for group in schedule.grouped(ops):
        together = [ops[place] for place in group]
        assert len(together) <= schedule.most
        assert len({schedule.kind(op) for op in together}) == 1
        people = [name for op in together if isinstance(op, UpsertPerson) for name in record_names(op, schedule)]
        tasks = [op.task_id[: schedule.telling] for op in together if isinstance(op, PutTask) and op.task_id]
        members = [
            (op.list_id[: schedule.telling], op.crm_id[: schedule.telling])
            for op in together
            if isinstance(op, SetMembership)
        ]
        assert [len(set(names)) for names in (people, tasks, members)] == [len(people), len(tasks), len(members)]


def test_handed_over_lead_by_lead_or_kind_by_kind_is_the_same() -> None:
    leads: list[list[WriteOp]] = [[person(n, f"id0{n}"), task(f"id0{n}"), note(f"id0{n}")] for n in range(3)]
    by_lead = [op for lead in leads for op in lead]
    by_kind = [lead[place] for place in range(3) for lead in leads]
    assert [len(BY_KIND.grouped(numbered(ops))) for ops in (by_lead, by_kind)] == [3, 3]
    assert [len(TWO_FORMS.grouped(numbered(ops))) for ops in (by_lead, by_kind)] == [3, 3]


def test_results_stand_in_the_order_of_the_operations() -> None:
    ops = numbered([task("id01"), person(2), task("id03"), note("id01"), person(4)])
    sent: list[list[str]] = []

    def carry_out(group: list[WriteOp]) -> list[WriteResult]:
        sent.append([op.op_id for op in group])
        return [Ok(op.op_id, "1") for op in group]

    assert [result.op_id for result in BY_KIND.carried_out(ops, carry_out)] == [op.op_id for op in ops]
    assert sent == [["op0", "op2"], ["op1", "op4"], ["op3"]]
    assert BY_KIND.carried_out([], carry_out) == []


@pytest.mark.parametrize(
    ("first", "told"),
    [
        *((RetryLater("", 9.0, scope, "why"), (9.0, scope)) for scope in ("second", "10s", "day", "outage", "auth")),
        (RetryLater("", 9.0, "budget"), (9.0, "budget")),
        (Unknown(""), (2.0, "outage")),
        (RetryLater("", 9.0, "record"), None),
        (Rejected("", "VALIDATION", "no"), None),
        (Ok("", "1"), None),
    ],
)
def test_after_an_account_wide_trouble_nothing_more_is_sent(
    first: WriteResult, told: tuple[float, Scope] | None
) -> None:
    ops = numbered([person(1), task("id01"), note("id01")])
    sent: list[str] = []

    def carry_out(group: list[WriteOp]) -> list[WriteResult]:
        sent.extend(op.op_id for op in group)
        return [replace(first, op_id=op.op_id) if op.op_id == "op0" else Ok(op.op_id, "1") for op in group]

    results = BY_KIND.carried_out(ops, carry_out)
    assert [result.op_id for result in results] == ["op0", "op1", "op2"]
    rest = [(one.after, one.scope) for one in results[1:] if isinstance(one, RetryLater)]
    assert rest == ([told, told] if told else [])
    assert sent == (["op0"] if told else ["op0", "op1", "op2"])
