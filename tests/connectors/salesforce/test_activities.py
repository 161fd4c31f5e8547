"""Task, note and membership: once each, whatever the network does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.salesforce.crm import crm
from connectors.salesforce.sandbox.ids import shown as id_of
from leadrelay.ports.crm import (
    Marked,
    Moved,
    Ok,
    Rejected,
    RetryLater,
    SetMembership,
    Skipped,
    Unknown,
    WriteOp,
)
from leadrelay.ports.errors import Reject, Retry
from tests.connectors.salesforce.conftest import GONE, OTHER, PATIENCE, REP, SECRET, Account
from tests.connectors.salesforce.samples import field, known, note, ok, person, task

SILENT = ["timeout", "timeout_after_commit", "reset", "reset_after_commit"]
CREATE = r"POST .*/sobjects(/Task)?$"
NOBODY = id_of("User", "66")


@pytest.fixture
def lead(account: Account) -> str:
    return ok(account.crm.write([person(1)])[0]).crm_id


def test_a_task_is_made_on_the_person_then_updated(account: Account, lead: str) -> None:
    made = ok(account.crm.write([task(lead)])[0])
    assert made.created
    [row] = account.rows("Task")
    assert (row["Id"], row["WhoId"], row["OwnerId"]) == (made.crm_id, lead, REP)
    assert (row["ActivityDate"], row["Status"], row["Priority"]) == ("2026-03-02", "Not Started", "Normal")
    assert row["Description"] == "Due 2026-03-02 09:30 UTC\nAsked for a demo.\nFriday?\nLeadRelay ref op-task"
    again = replace(task(lead, owner=OTHER, task_id=made.crm_id), subject="Call again", done=True, priority="HIGH")
    assert not ok(account.crm.write([again])[0]).created
    [row] = account.rows("Task")
    assert (row["Subject"], row["Status"], row["Priority"], row["OwnerId"]) == (
        "Call again",
        "Completed",
        "High",
        OTHER,
    )


def test_a_note_is_a_completed_task_written_once(account: Account, lead: str) -> None:
    made = ok(account.crm.write([note(lead, body="Assigned to Rep.\nWhy: nearest.")])[0])
    [row] = account.rows("Task")
    assert (row["Subject"], row["Status"], row["WhoId"]) == ("LeadRelay: Assigned to Rep.", "Completed", lead)
    result = account.crm.write([replace(note(lead), note_id=made.crm_id)])[0]
    assert isinstance(result, Skipped)
    assert (result.crm_id, len(account.rows("Task"))) == (made.crm_id, 1)


def test_tasks_and_notes_of_many_travel_together(account: Account) -> None:
    ids = [ok(result).crm_id for result in account.crm.write([person(number) for number in range(30)])]
    before = len(account.calls())
    ops: list[WriteOp] = [
        op for n, one in enumerate(ids) for op in (task(one, op_id=f"t{n}"), note(one, op_id=f"n{n}"))
    ]
    results = [ok(result) for result in account.crm.write(ops)]
    assert account.calls()[before:] == ["POST /composite/sobjects"]
    where = {row["Id"]: row["WhoId"] for row in account.rows("Task")}
    assert [where[result.crm_id] for result in results] == [one for one in ids for _ in range(2)]


@pytest.mark.parametrize("kind", SILENT)
@pytest.mark.parametrize("what", ["task", "note", "both"])
def test_silence_is_an_unknown_outcome_and_the_mark_tells(account: Account, lead: str, kind: str, what: str) -> None:
    both: dict[str, WriteOp] = {"task": task(lead), "note": note(lead)}
    ops = list(both.values()) if what == "both" else [both[what]]
    account.world.fail(kind, match=CREATE, hold=5)
    assert all(isinstance(result, Unknown) for result in account.hasty.write(ops))
    found = account.crm.find_marked(lead, [op.op_id for op in ops])
    rows = account.rows("Task")
    assert [(mark.op_id, mark.crm_id) for mark in found] == [
        (op.op_id, row["Id"]) for op, row in zip(ops, rows, strict=False)
    ]
    assert len(rows) == (len(ops) if kind.endswith("after_commit") else 0)


def test_a_server_error_leaves_doubt_only_where_twice_would_be_wrong(account: Account, lead: str) -> None:
    campaign = account.put("Campaign", Name="Spring")
    results = {}
    ops: Sequence[WriteOp] = (task(lead), note(lead), known(1, lead, field("score", 3)))
    for op in ops:
        account.world.fail("502_after_commit", match=f"({CREATE}|PATCH)")
        results[type(op).__name__] = account.crm.write([op])[0]
    assert isinstance(results["PutTask"], Unknown)
    assert isinstance(results["PutNote"], Unknown)
    assert isinstance(results["UpsertPerson"], RetryLater)
    account.world.fail("502_after_commit", match="POST .*CampaignMember$")
    op = SetMembership("m", lead, campaign, member=True)
    assert isinstance(account.crm.write([op])[0], (Unknown, RetryLater))
    assert isinstance(account.crm.write([op])[0], Ok)
    assert len(account.rows("CampaignMember")) == 1


def test_nobody_there_means_nothing_happened() -> None:
    away = crm(SECRET, "http://127.0.0.1:9", PATIENCE)
    person_id = id_of("Lead", "5")
    results = away.write([task(person_id), note(person_id), known(1, person_id, field("score", 1))])
    assert {type(result) for result in results} == {RetryLater}
    assert {result.scope for result in results if isinstance(result, RetryLater)} == {"outage"}
    with pytest.raises(Retry):
        away.find_marked(person_id, ["x"])


@pytest.mark.parametrize("kind", ["429", "429_second", "429_day", "401", "503", "timeout"])
def test_after_an_account_wide_trouble_the_rest_is_not_sent(account: Account, lead: str, kind: str) -> None:
    other = SetMembership("m", lead, account.put("Campaign", Name="Spring"), member=True)
    ops: Sequence[WriteOp] = [known(1, lead, field("score", 1)), task(lead), other, note(lead)]
    account.world.fail(kind, match="PATCH", hold=5, times=2 if kind == "401" else 1)
    before = len(account.calls())
    results = account.hasty.write(ops)
    assert len(account.calls()) == before + (2 if kind == "401" else 1)
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    assert all(isinstance(result, RetryLater) for result in results[1:])
    assert isinstance(results[0], Unknown if kind == "timeout" else RetryLater)


def test_a_locked_row_keeps_nobody_else_waiting(account: Account, lead: str) -> None:
    account.world.fail("423", match="PATCH")
    locked, made = account.crm.write([known(1, lead, field("score", 1)), task(lead)])
    assert isinstance(locked, RetryLater)
    assert (locked.after, locked.scope) == (2.0, "record")
    assert ok(made).created


def test_a_mark_in_somebodys_message_is_no_mark(account: Account, lead: str) -> None:
    made = ok(account.crm.write([note(lead, body="Hello\nLeadRelay ref op-other")])[0])
    account.put("Task", WhoId=lead, Description="see LeadRelay ref op-third for more")
    assert account.crm.find_marked(lead, ["op-other", "op-third", "op-note"]) == [
        Marked("op-note", made.crm_id, "note")
    ]


def test_marks_are_found_among_hundreds(account: Account, lead: str) -> None:
    account.sandbox.dialect.configure({"page_size": 200})
    for number in range(450):
        account.put("Task", WhoId=lead, Description=f"x\nLeadRelay ref n-{number}\n")
    before = len(account.calls())
    found = account.crm.find_marked(lead, ["n-0", "n-333", "n-449", "n-450"])
    assert {mark.op_id for mark in found} == {"n-0", "n-333", "n-449"}
    assert len(account.calls()) - before == 3


def test_an_endless_body_is_cut_and_keeps_its_mark(account: Account, lead: str) -> None:
    made = ok(account.crm.write([note(lead, body="<&>" * 40_000)])[0])
    assert len(account.rows("Task")[0]["Description"]) <= 32_000
    assert len(account.rows("Task")[0]["Subject"]) <= 255
    assert account.crm.find_marked(lead, ["op-note"]) == [Marked("op-note", made.crm_id, "note")]


@pytest.mark.parametrize("owner", [GONE, NOBODY])
def test_a_task_for_somebody_who_is_gone_is_refused(account: Account, lead: str, owner: str) -> None:
    result = account.crm.write([task(lead, owner=owner)])[0]
    assert isinstance(result, Rejected)
    assert (result.code, result.field) == ("OWNER_INACTIVE", "owner")
    assert account.rows("Task") == []


@pytest.mark.parametrize("how", ["converted", "merged"])
def test_what_is_for_somebody_who_moved_goes_to_where_they_are(account: Account, lead: str, how: str) -> None:
    campaign = account.put("Campaign", Name="Spring")
    account.crm.write([task(lead, op_id="early")])
    if how == "converted":
        new = account.convert(lead)
    else:
        new = ok(account.crm.write([person(2)])[0]).crm_id
        account.hands.merge(new, lead)
    ops: list[WriteOp] = [task(lead), note(lead), SetMembership("m", lead, campaign, member=True)]
    for op in ops:
        told = account.crm.write([op])[0]
        assert told == Moved(op.op_id, new), told
    assert [mark.op_id for mark in account.crm.find_marked(new, ["early"])] == ["early"]


def test_somebody_who_is_gone_gets_nothing(account: Account, lead: str) -> None:
    account.hands.delete(lead)
    for op in (task(lead), note(lead)):
        result = account.crm.write([op])[0]
        assert isinstance(result, Rejected)
        assert result.code == "NOT_FOUND"


# -- campaigns


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_person_joins_a_campaign_once_and_leaves_it(account: Account, kind: str) -> None:
    campaign, who = account.put("Campaign", Name="Spring"), account.put(kind)
    joining, leaving = (SetMembership("m", who, campaign, member=member) for member in (True, False))
    assert ok(account.crm.write([joining])[0]).created
    assert not ok(account.crm.write([joining])[0]).created
    [member] = account.rows("CampaignMember")
    assert (member["CampaignId"], member[f"{kind}Id"]) == (campaign, who)
    for _ in range(2):
        ok(account.crm.write([leaving])[0])
        assert account.rows("CampaignMember") == []


def test_many_join_in_one_call_and_the_wrong_ones_are_told(account: Account) -> None:
    campaign, who = account.put("Campaign", Name="Spring"), [account.put("Lead") for _ in range(5)]
    ops = [SetMembership(f"m{number}", one, campaign, member=True) for number, one in enumerate(who)]
    account.crm.write(ops[:4])
    before = len(account.calls())
    results = account.crm.write([*ops, SetMembership("bent", who[0], "../x", member=True)])
    assert [isinstance(result, Ok) and result.created for result in results] == [False] * 4 + [True, False]
    assert [isinstance(result, Ok) for result in results] == [True] * 5 + [False]
    assert len(account.rows("CampaignMember")) == 5
    assert account.calls()[before:] == ["POST /composite/sobjects"]


BENT = ["../tasks/1", "00Q5e000000003EEAZ", "12 34", "1?archived=true", "", "١٢", "1" * 21]


@pytest.mark.parametrize("bent", BENT)
def test_no_id_from_outside_bends_a_path(account: Account, bent: str) -> None:
    somebody = id_of("Lead", "5")
    ops: Sequence[WriteOp] = [
        task(bent),
        task(somebody, task_id=bent or "x"),
        task(somebody, owner=bent or "x"),
        note(bent),
        SetMembership("m", bent, id_of("Campaign", "5"), member=True),
        SetMembership("m", somebody, bent, member=False),
    ]
    before = len(account.calls())
    results = [account.crm.write([op])[0] for op in ops]
    assert all(isinstance(result, Rejected) and result.code == "VALIDATION" for result in results), results
    with pytest.raises(Reject):
        account.crm.find_marked(bent, ["x"])
    assert account.calls()[before:] == []
