"""Whatever fails, whenever: one record, one task, one note and one membership for each lead, and an answer for every
operation.

`Caller` is delivery in miniature: after an unknown outcome it looks before it sends, it follows conversions and merges,
and it parks what was deleted in Salesforce.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.kit.marker import mark_of_text
from connectors.salesforce.crm import crm
from connectors.salesforce.sandbox.ids import kind_of
from connectors.salesforce.sandbox.store import ME, Row
from leadrelay.local.crm_world import Owner
from leadrelay.ports.crm import (
    OWNER,
    Crm,
    FieldWrite,
    Moved,
    Ok,
    RecordKey,
    Rejected,
    RetryLater,
    SetMembership,
    Skipped,
    Unknown,
    UpsertPerson,
    WriteOp,
    WriteResult,
)
from leadrelay.ports.errors import PortError, Reject
from tests.connectors.salesforce.conftest import OTHER, REP, SECRET, Account
from tests.connectors.salesforce.samples import key, note, task

LEADS = (1, 2, 3)
PATIENCE = (1.0, 1.0)  # seconds: a busy machine must not look like a silent one
HOLD = 1.3  # seconds: longer than we wait
ROUNDS = 40

FAULTS = (
    *("429", "429_second", "429_day", "423", "401", "400", "404", "409", "477"),
    *("500", "502", "503_after_commit", "500_after_commit", "timeout", "timeout_after_commit", "reset_after_commit"),
)
PLACES = ("PATCH .*sobjects", "POST .*composite$", "POST .*sobjects", "/query", "oauth2/token", "PATCH|POST")
REFUSALS = frozenset({"NOT_FOUND", "VALIDATION", "DUPLICATE"})


@dataclass
class Lead:
    """What delivery remembers about a lead."""

    number: int
    crm_id: str | None = None
    sent: bool = False
    score: int = 0
    shown: int = -1
    given: str | None = None
    made: dict[str, str] = field(default_factory=dict)
    unsure: set[str] = field(default_factory=set)
    parked: str = ""
    bad: bool = False

    @property
    def done(self) -> bool:
        return bool(self.parked) or (self.shown == self.score and {"t", "n", "m"} <= set(self.made))

    def ops(self, campaign: str) -> Iterator[WriteOp]:
        if self.shown != self.score:
            yield UpsertPerson(f"p{self.number}", self._key(), tuple(self._fields()))
        if self.crm_id and "t" not in self.made:
            yield task(self.crm_id, op_id=f"t{self.number}", owner=None)
        if self.crm_id and "n" not in self.made:
            yield note(self.crm_id, op_id=f"n{self.number}")
        if self.crm_id and "m" not in self.made:
            yield SetMembership(f"m{self.number}", self.crm_id, campaign, member=True)

    def _key(self) -> RecordKey:
        return RecordKey(key(self.number), self.crm_id, f"person{self.number}@example.com", fresh=not self.sent)

    def _fields(self) -> Iterator[FieldWrite]:
        yield FieldWrite("score", self.score)
        if self.bad:
            yield FieldWrite("job_title", "x" * 200)
        if self.shown < 0 or self.number % 2:
            yield FieldWrite("email", f"person{self.number}@example.com", "fill_if_empty")
            yield FieldWrite(OWNER, REP, "guarded", self.given)
            yield FieldWrite("lifecycle_stage", "mql", "forward_only")


class Caller:
    """Delivers leads through the connector."""

    def __init__(self, role: Crm, campaign: str) -> None:
        self.role = role
        self.campaign = campaign
        self.leads = [Lead(number) for number in LEADS]

    def round(self, numbers: Sequence[int]) -> None:
        leads = [lead for lead in self.leads if lead.number in numbers and not lead.parked and self._sure(lead)]
        work = [(lead, op) for lead in leads for op in lead.ops(self.campaign)]
        results = self.role.write([op for _, op in work])
        assert [result.op_id for result in results] == [op.op_id for _, op in work]
        for (lead, op), result in zip(work, results, strict=True):
            self._learn(lead, op, result)

    def _sure(self, lead: Lead) -> bool:
        """After an unknown outcome: look for the marks before anything is sent again."""
        if not lead.unsure or not lead.crm_id:
            return True
        try:
            marks = self.role.find_marked(lead.crm_id, [f"{kind}{lead.number}" for kind in "tn"])
        except Reject as refusal:
            lead.parked = refusal.reason
            return False
        except PortError:
            return False
        lead.made |= {mark.op_id[0]: mark.crm_id for mark in marks}
        lead.unsure.clear()
        return True

    def _learn(self, lead: Lead, op: WriteOp, result: WriteResult) -> None:
        lead.sent = lead.sent or isinstance(op, UpsertPerson)
        match result:
            case Unknown():
                lead.unsure.add(op.op_id)
            case Moved(new_id=new_id):
                assert kind_of(new_id) in ("Lead", "Contact")
                lead.crm_id = new_id
                lead.unsure.add("moved")
            case Rejected(code="DUPLICATE", existing_id=str(existing)):
                lead.crm_id = existing
            case Rejected(code=code):
                assert code in REFUSALS, result
                lead.parked = "deleted" if code == "NOT_FOUND" else ""
            case Ok():
                self._ok(lead, op, result)
            case _:
                assert isinstance(result, (RetryLater, Skipped))

    def _ok(self, lead: Lead, op: WriteOp, result: Ok) -> None:
        if not isinstance(op, UpsertPerson):
            lead.made[op.op_id[0]] = result.crm_id
            return
        lead.crm_id, lead.shown = result.crm_id, lead.score
        lead.given = result.applied.get(OWNER, lead.given) if result.applied.get(OWNER) == REP else lead.given
        assert result.applied["score"] == str(lead.score)
        assert {why.field for why in result.refused} <= {"job_title", OWNER}


# -- what a schedule does

STEPS = st.one_of(
    st.tuples(st.just("write"), st.lists(st.sampled_from(LEADS), min_size=1, max_size=3, unique=True)),
    st.tuples(st.just("fail"), st.tuples(st.sampled_from(FAULTS), st.sampled_from(PLACES))),
    st.tuples(st.just("merge"), st.permutations(LEADS)),
    st.tuples(
        st.sampled_from(["change", "convert", "delete", "bad value", "stranger", "take"]), st.sampled_from(LEADS)
    ),
    st.tuples(st.just("owner leaves"), st.booleans()),
    st.tuples(st.just("expire"), st.none()),
    st.tuples(st.just("duplicate rule"), st.booleans()),
)


def step(account: Account, caller: Caller, kind: str, what: object) -> None:
    if kind == "write" and isinstance(what, list):
        caller.round(what)
    elif kind == "fail" and isinstance(what, tuple):
        account.world.fail(what[0], match=what[1], hold=HOLD)
    elif kind == "owner leaves":
        account.world.put_owner(Owner(REP, "rep.one@example.test", "Rep", "One", active=not what))
    elif kind == "expire":
        account.sandbox.dialect.configure({"expire": True})
    elif kind == "duplicate rule":
        account.sandbox.dialect.configure({"duplicate_rule": what})
    elif kind == "merge" and isinstance(what, (list, tuple)):
        winner, loser = (current(account, caller.leads[number - 1]) for number in what[:2])
        if winner and loser and winner != loser and kind_of(winner) == kind_of(loser):
            account.hands.merge(winner, loser)
    elif isinstance(what, int):
        to_one_lead(account, caller.leads[what - 1], kind)


def current(account: Account, lead: Lead) -> str | None:
    """The record that the lead's became, where it can be worked on."""
    return next((row["Id"] for row in people(account) if row["Id"] == lead.crm_id), None)


def people(account: Account) -> list[Row]:
    leads = [row for row in account.rows("Lead") if row.get("IsConverted") != "true"]
    return [*leads, *account.rows("Contact")]


def to_one_lead(account: Account, lead: Lead, kind: str) -> None:
    here = current(account, lead)
    if kind == "change":
        lead.score += 1
    elif kind == "bad value":
        lead.bad = True
    elif kind == "stranger":
        if not any(row.get("Email") == f"person{lead.number}@example.com" for row in account.rows("Lead")):
            account.put("Lead", Email=f"person{lead.number}@example.com")
    elif here and kind == "convert" and kind_of(here) == "Lead":
        account.convert(here)
    elif here and kind == "delete":
        account.hands.delete(here)
    elif here and kind == "take":
        account.edit(here, OwnerId=OTHER)


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck), derandomize=True)
@given(steps=st.lists(STEPS, min_size=3, max_size=14))
def test_nobody_is_written_twice(account: Account, steps: list[tuple[str, object]]) -> None:
    caller = prepared(account)
    for kind, what in steps:
        before = {row["Id"]: row["OwnerId"] for row in people(account)}
        step(account, caller, kind, what)
        if kind == "write":
            nobody_taken_from_a_rep(account, before)
    account.world.faults.clear()
    account.sandbox.dialect.configure({"duplicate_rule": False})
    for _ in range(ROUNDS):
        if all(lead.done for lead in caller.leads):
            break
        caller.round(LEADS)
        # a day that was said to be used up has passed
        caller.role = crm(SECRET, account.sandbox.url, PATIENCE)
    assert [(lead.number, lead) for lead in caller.leads if not lead.done] == []
    nothing_doubled(account)
    nothing_lost(account, caller)


def prepared(account: Account) -> Caller:
    """An empty account with our fields: what people are made of goes, the set-up stays."""
    world = account.world
    world.faults.clear()
    for kind in ("Lead", "Contact", "Account", "Task", "CampaignMember", "Campaign"):
        for record in world.all(kind):
            world.delete(kind, record.id)
    world.put_owner(Owner(REP, "rep.one@example.test", "Rep", "One"))
    account.sandbox.dialect.configure({"daily_limit": 1_000_000_000, "duplicate_rule": False})
    return Caller(crm(SECRET, account.sandbox.url, PATIENCE), account.put("Campaign", Name="Spring"))


def nobody_taken_from_a_rep(account: Account, before: dict[str, str]) -> None:
    after = {row["Id"]: row["OwnerId"] for row in people(account)}
    assert [one for one, owner in before.items() if owner == OTHER and after.get(one, OTHER) != OTHER] == []


def nothing_doubled(account: Account) -> None:
    keys = Counter(row["LR_Key__c"] for row in people(account) if row.get("LR_Key__c"))
    ours = (row for row in account.store.rows("Lead", deleted=True) if row["CreatedById"] == ME)
    made = Counter(row.get("LR_Key__c") for row in ours)
    marks = Counter(mark_of_text(row.get("Description", "")) for row in account.rows("Task"))
    members = Counter(row.get("LeadId") or row.get("ContactId") for row in account.rows("CampaignMember"))
    for counted in (keys, made, marks):
        assert max(counted.values(), default=0) <= 1, counted
    assert None not in members


def nothing_lost(account: Account, caller: Caller) -> None:
    tasks = {mark_of_text(row.get("Description", "")): row for row in account.rows("Task")}
    for lead in caller.leads:
        if not lead.parked:
            assert {f"t{lead.number}", f"n{lead.number}"} <= set(tasks), lead
            assert lead.made["t"] == tasks[f"t{lead.number}"]["Id"]


def test_the_caller_would_notice(account: Account) -> None:
    """The check can fail: a caller that never looks makes a second note."""
    caller = prepared(account)
    caller.round([1])
    account.world.fail("timeout_after_commit", match="POST .*composite/sobjects", hold=HOLD)
    caller.round([1])
    assert caller.leads[0].unsure
    caller.leads[0].unsure.clear()
    caller.round([1])
    with pytest.raises(AssertionError):
        nothing_doubled(account)
