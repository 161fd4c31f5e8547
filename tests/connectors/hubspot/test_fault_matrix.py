"""Whatever fails, whenever: one contact, one task and one note for each lead, an answer for every operation, no stage
that falls, and no owner who is taken away from whom a person chose.

`Caller` is what delivery does, as short as it can be: after an unknown outcome it looks before it sends, it follows a
merge, and it parks what was deleted in HubSpot.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.hubspot.crm import crm
from connectors.hubspot.fields import default_map
from connectors.hubspot.setup import setup
from connectors.kit.marker import mark_of_html
from leadrelay.local.crm_world import Owner, Sandbox
from leadrelay.ports.crm import (
    OWNER,
    Crm,
    FieldWrite,
    Moved,
    Ok,
    RecordKey,
    Rejected,
    RetryLater,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.errors import PortError, Reject
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.samples import key, note, task

LEADS = (1, 2, 3)
STAGES = ("mql", "lead", "sql", "opportunity")
"""What a lead's score asks for: forward and back."""
ORDER = default_map().of("lifecycle_stage").order
THEIRS = "9"
"""The owner that a person chooses in HubSpot."""
PATIENCE = (1.0, 1.0)  # seconds: a busy machine must not look like a silent one
HOLD = 1.3  # seconds: longer than we wait
ROUNDS = 40

FAULTS = (
    *("429", "429_second", "429_day", "423", "401", "409", "400", "477"),
    *("500", "502", "503_after_commit", "500_after_commit", "timeout_after_commit", "reset", "reset_after_commit"),
)
PLACES = ("contacts/batch/(update|upsert)", "contacts/batch/read", "tasks/batch", "notes/batch", "associations", "POST")


@dataclass
class Lead:
    """What delivery remembers about a lead."""

    number: int
    crm_id: str | None = None
    sent: bool = False
    score: int = 0
    shown: int = -1
    task_id: str | None = None
    note_id: str | None = None
    unsure: set[str] = field(default_factory=set)
    parked: str = ""
    bad: bool = False

    @property
    def ids(self) -> tuple[str, str, str]:
        return f"p{self.number}", f"t{self.number}", f"n{self.number}.{self.score}"

    @property
    def done(self) -> bool:
        return bool(self.parked) or (self.shown == self.score and bool(self.task_id and self.note_id))

    @property
    def address(self) -> str | None:
        """The third one gave a phone number only."""
        return f"person{self.number}@example.com" if self.number != LEADS[-1] else None

    def ops(self) -> Iterable[WriteOp]:
        person, open_task, one_note = self.ids
        if self.shown != self.score:
            yield UpsertPerson(person, self._key(), tuple(self._fields()))
        if self.crm_id and not self.task_id:
            yield task(self.crm_id, op_id=open_task, owner=None)
        if self.crm_id and not self.note_id:
            yield note(self.crm_id, op_id=one_note)

    def _key(self) -> RecordKey:
        return RecordKey(key(self.number), self.crm_id, self.address, fresh=not self.sent)

    def _fields(self) -> Iterable[FieldWrite]:
        yield FieldWrite("score", self.score)
        if self.bad:
            yield FieldWrite("employees", "many")
        if self.shown < 0 or self.number % 2:
            yield FieldWrite("email", self.address, "fill_if_empty")
            yield FieldWrite(OWNER, "7", "guarded", "7")
            yield FieldWrite("lifecycle_stage", STAGES[self.score % len(STAGES)], "forward_only")


class Caller:
    """Delivers leads through the connector."""

    def __init__(self, role: Crm) -> None:
        self.role = role
        self.leads = [Lead(number) for number in LEADS]

    def round(self, numbers: Sequence[int]) -> None:
        leads = [lead for lead in self.leads if lead.number in numbers and not lead.parked and self._sure(lead)]
        work = [(lead, op) for lead in leads for op in lead.ops()]
        results = self.role.write([op for _, op in work])
        assert [result.op_id for result in results] == [op.op_id for _, op in work]
        for (lead, op), result in zip(work, results, strict=True):
            self._learn(lead, op, result)

    def _sure(self, lead: Lead) -> bool:
        """After an unknown outcome: look for the marks before anything is sent again."""
        if not lead.unsure or not lead.crm_id:
            return True
        try:
            marks = {mark.op_id: mark.crm_id for mark in self.role.find_marked(lead.crm_id, sorted(lead.unsure))}
        except Reject as refusal:
            lead.parked = refusal.reason
            return False
        except PortError:
            return False
        _, open_task, one_note = lead.ids
        lead.task_id = lead.task_id or marks.get(open_task)
        lead.note_id = lead.note_id or marks.get(one_note)
        lead.unsure.clear()
        return True

    def _learn(self, lead: Lead, op: WriteOp, result: WriteResult) -> None:
        if isinstance(op, UpsertPerson):
            lead.sent = True
        if isinstance(result, Unknown) and not isinstance(op, UpsertPerson):
            lead.unsure.add(op.op_id)
        elif isinstance(result, Moved):
            lead.crm_id = result.new_id
        elif isinstance(result, Rejected):
            self._refused(lead, op, result)
        elif isinstance(result, Ok):
            self._ok(lead, op, result)
        else:
            assert isinstance(result, (RetryLater, Unknown))

    def _ok(self, lead: Lead, op: WriteOp, result: Ok) -> None:
        if isinstance(op, UpsertPerson):
            lead.crm_id, lead.shown = result.crm_id, lead.score
            assert result.applied["score"] == str(lead.score)
            assert {why.field for why in result.refused} <= {"employees", OWNER, "email"}
        elif op.op_id.startswith("t"):
            lead.task_id = result.crm_id
        else:
            lead.note_id = result.crm_id

    def _refused(self, lead: Lead, op: WriteOp, result: Rejected) -> None:
        if result.code == "NOT_FOUND":
            lead.parked = "deleted in HubSpot"
        assert result.code in ("NOT_FOUND", "VALIDATION", "DUPLICATE"), result


# -- what a schedule does

Minute = tuple[list[tuple[str, object]], set[int]]
Shown = dict[str, tuple[int, bool]]
"""A contact's stage by its place, and whether a person chose its owner."""

BY_HAND = {"given by hand": {"hubspot_owner_id": THEIRS}, "won by hand": {"lifecyclestage": "customer"}}
EVENTS = st.one_of(
    st.tuples(st.just("fail"), st.tuples(st.sampled_from(FAULTS), st.sampled_from(PLACES))),
    st.tuples(st.just("fail"), st.tuples(st.sampled_from(FAULTS), st.sampled_from(PLACES))),
    st.tuples(st.just("merge"), st.permutations(LEADS)),
    st.tuples(st.sampled_from(["delete", "bad value", "stranger", *BY_HAND]), st.sampled_from(LEADS)),
    st.tuples(st.just("owner leaves"), st.booleans()),
)
MINUTES = st.tuples(st.lists(EVENTS, max_size=2), st.sets(st.sampled_from(LEADS)))
"""What happens before the next delivery, and whose score has changed by then."""


def happen(sandbox: Sandbox, caller: Caller, kind: str, what: object) -> None:
    world = sandbox.world
    if kind == "fail" and isinstance(what, tuple):
        world.fail(what[0], match=what[1], hold=HOLD)
    elif kind == "owner leaves":
        world.put_owner(Owner("7", "rep.one@example.test", "Rep", "One", active=not what))
    elif kind == "merge" and isinstance(what, (list, tuple)):
        winner, loser = (caller.leads[number - 1].crm_id for number in what[:2])
        if winner and loser:
            _merged(sandbox, winner, loser)
    elif isinstance(what, int):
        _to_one_lead(sandbox, caller.leads[what - 1], kind)


def _merged(sandbox: Sandbox, winner: str, loser: str) -> None:
    one, other = sandbox.world.get("contacts", winner), sandbox.world.get("contacts", loser)
    if one and other and one.id != other.id:
        sandbox.world.merge("contacts", one.id, other.id)


def _to_one_lead(sandbox: Sandbox, lead: Lead, kind: str) -> None:
    record = sandbox.world.get("contacts", lead.crm_id) if lead.crm_id else None
    if kind in BY_HAND and record:
        sandbox.world.update("contacts", record.id, BY_HAND[kind])
    elif kind == "delete" and record:
        sandbox.world.delete("contacts", record.id)
    elif kind == "bad value":
        lead.bad = True
    elif kind == "stranger" and not _holder(sandbox, lead.number):
        sandbox.world.create("contacts", {"email": f"person{lead.number}@example.com"})


def _holder(sandbox: Sandbox, number: int) -> bool:
    return any(r.values.get("email") == f"person{number}@example.com" for r in sandbox.world.all("contacts"))


@pytest.mark.parametrize("version", ["v3", "2026-09"])
@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(minutes=st.lists(MINUTES, min_size=3, max_size=9))
def test_nobody_is_written_twice(sandbox: Sandbox, version: str, minutes: list[Minute]) -> None:
    caller = prepared(sandbox, version)
    shown: Shown = {}
    for events, changed in minutes:
        for kind, what in events:
            happen(sandbox, caller, kind, what)
        shown = delivered(sandbox, caller, changed, shown)
    sandbox.world.faults.clear()
    for _ in range(ROUNDS):
        if not all(lead.done for lead in caller.leads):
            shown = delivered(sandbox, caller, set(), shown)
    assert [(lead.number, lead) for lead in caller.leads if not lead.done] == []
    nothing_doubled(sandbox)
    nothing_lost(sandbox, caller)


def prepared(sandbox: Sandbox, version: str) -> Caller:
    sandbox.world.reset()
    settings_of = {"limit_per_10s": 1_000_000, "daily_limit": 1_000_000_000, "stage_rule": "accept"}
    sandbox.dialect.configure(settings_of)  # nothing but the connector keeps a stage from falling
    sandbox.world.put_owner(Owner("7", "rep.one@example.test", "Rep", "One"))
    sandbox.world.put_owner(Owner(THEIRS, "rep.three@example.test", "Rep", "Three"))
    role = setup({"token": TOKEN}, sandbox.url)
    role.apply(role.plan())
    return Caller(crm({"token": TOKEN}, sandbox.url, PATIENCE, version))


def delivered(sandbox: Sandbox, caller: Caller, changed: set[int], before: Shown) -> Shown:
    """One delivery of everything that is not done. A stage that the world itself changed counts as shown before."""
    before = before | nothing_undone(sandbox, {})
    for lead in caller.leads:
        if lead.number in changed:
            lead.score, lead.note_id = lead.score + 1, None
    caller.round(LEADS)
    return nothing_undone(sandbox, before)


def nothing_undone(sandbox: Sandbox, before: Shown) -> Shown:
    """A stage never falls, and an owner chosen by a person stays."""
    now: Shown = {}
    for record in sandbox.world.all("contacts"):
        stage, owner = record.values.get("lifecyclestage", ""), record.values.get("hubspot_owner_id")
        now[record.id] = ORDER.index(stage) if stage else -1, owner == THEIRS
        assert now[record.id][0] >= before.get(record.id, now[record.id])[0]
        assert not before.get(record.id, (0, False))[1] or now[record.id][1]
    return now


def nothing_doubled(sandbox: Sandbox) -> None:
    contacts = [record.values for record in sandbox.world.all("contacts")]
    keys = Counter(values["leadrelay_key"] for values in contacts if "leadrelay_key" in values)
    addresses = Counter(values["email"] for values in contacts if "email" in values)
    tasks = [mark_of_html(record.values["hs_task_body"]) for record in sandbox.world.all("tasks")]
    notes = [mark_of_html(record.values["hs_note_body"]) for record in sandbox.world.all("notes")]
    for counted in (keys, addresses, Counter(tasks), Counter(notes)):
        assert max(counted.values(), default=0) <= 1, counted


def nothing_lost(sandbox: Sandbox, caller: Caller) -> None:
    for lead in caller.leads:
        record = sandbox.world.get("contacts", lead.crm_id) if lead.crm_id and not lead.parked else None
        if record:
            assert lead.task_id in sandbox.world.linked(("contacts", record.id), "tasks")
            assert lead.note_id in sandbox.world.linked(("contacts", record.id), "notes")
            assert record.merged or _holder(sandbox, lead.number) or not lead.address


def test_the_caller_would_notice(sandbox: Sandbox) -> None:
    """The check can fail: a caller that never looks makes a second note."""
    caller = prepared(sandbox, "v3")
    caller.round([1])
    sandbox.world.fail("reset_after_commit", match="notes/batch/create")
    caller.round([1])
    assert caller.leads[0].unsure
    caller.leads[0].unsure.clear()
    caller.round([1])
    with pytest.raises(AssertionError):
        nothing_doubled(sandbox)
