"""Tasks and notes: once each, whatever the network does."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import pytest

from connectors.hubspot.crm import crm
from leadrelay.ports.crm import (
    Marked,
    Rejected,
    RetryLater,
    Skipped,
    Unknown,
    WriteOp,
)
from leadrelay.ports.errors import Reject, Retry
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN, Account
from tests.connectors.hubspot.samples import AT, field, member, note, ok, owner, person, task

SILENT = ["timeout", "timeout_after_commit", "reset", "reset_after_commit"]


@pytest.fixture
def contact(account: Account) -> str:
    return ok(account.crm.write([person(1)])[0]).crm_id


@pytest.mark.parametrize("gone", ["8", "99"])
def test_a_task_for_somebody_who_is_gone_is_refused(account: Account, contact: str, gone: str) -> None:
    result = account.crm.write([task(contact, owner=gone)])[0]
    assert isinstance(result, Rejected)
    assert (result.code, result.field) == ("OWNER_INACTIVE", "owner")
    assert account.world.all("tasks") == []


def test_a_task_is_made_on_the_contact_then_updated(account: Account, contact: str) -> None:
    made = ok(account.crm.write([task(contact)])[0])
    assert made.created
    [record] = account.world.all("tasks")
    assert account.world.linked(("contacts", contact), "tasks") == [record.id] == [made.crm_id]
    assert record.values["hs_timestamp"] == "2026-03-02T09:30:00.000Z"
    assert record.values["hubspot_owner_id"] == "7"
    assert record.values["hs_task_status"] == "NOT_STARTED"
    again = replace(task(contact, owner=None, task_id=made.crm_id), subject="Call again", done=True, priority="HIGH")
    assert not ok(account.crm.write([again])[0]).created
    [changed] = account.world.all("tasks")
    assert (changed.values["hs_task_subject"], changed.values["hs_task_status"]) == ("Call again", "COMPLETED")
    assert changed.values["hs_task_priority"] == "HIGH"
    assert "hubspot_owner_id" not in changed.values


def test_bodies_are_text_not_markup(account: Account, contact: str) -> None:
    body = 'I <b>want</b> it & "now"\n<img src=x onerror=alert(1)>'
    ok(account.crm.write([note(contact, body=body)])[0])
    [record] = account.world.all("notes")
    assert record.values["hs_note_body"] == (
        "I &lt;b&gt;want&lt;/b&gt; it &amp; &quot;now&quot;<br>&lt;img src=x onerror=alert(1)&gt;"
        "<br>LeadRelay ref op-note"
    )


def test_a_note_is_written_once_and_never_again(account: Account, contact: str) -> None:
    made = ok(account.crm.write([note(contact)])[0])
    assert account.world.linked(("contacts", contact), "notes") == [made.crm_id]
    result = account.crm.write([replace(note(contact), note_id=made.crm_id)])[0]
    assert isinstance(result, Skipped)
    assert result.crm_id == made.crm_id
    assert len(account.world.all("notes")) == 1


@pytest.mark.parametrize("kind", SILENT)
@pytest.mark.parametrize("what", ["tasks", "notes"])
def test_silence_is_an_unknown_outcome_and_the_mark_tells(account: Account, contact: str, kind: str, what: str) -> None:
    op: WriteOp = task(contact) if what == "tasks" else note(contact)
    account.world.fail(kind, match=f"POST .*{what}/batch/create", hold=5)
    result = account.crm.write([op])[0]
    assert isinstance(result, Unknown)
    found = account.crm.find_marked(contact, [op.op_id])
    records = account.world.all(what)
    assert [(mark.op_id, mark.crm_id) for mark in found] == [(op.op_id, record.id) for record in records]
    assert len(records) == (1 if kind.endswith("after_commit") else 0)


def test_a_server_error_leaves_doubt_only_where_twice_would_be_wrong(account: Account, contact: str) -> None:
    made = ok(account.crm.write([task(contact)])[0]).crm_id
    ops: Sequence[WriteOp] = [
        task(contact, op_id="t2"), note(contact), person(1, field("score", 3)), task(contact, task_id=made)
    ]  # fmt: skip
    told = []
    for op in ops:
        account.world.fail("502_after_commit", match="batch/(create|update)")
        told.append(type(account.crm.write([op])[0]))
    assert told == [Unknown, Unknown, RetryLater, RetryLater]


def test_nobody_there_means_nothing_happened() -> None:
    away = crm({"token": TOKEN}, "http://127.0.0.1:9", PATIENCE)
    results = away.write([task("101"), note("101"), owner("101", "7"), member("101", "55")])
    assert [type(result) for result in results] == [RetryLater] * 4
    assert {result.scope for result in results if isinstance(result, RetryLater)} == {"outage"}
    with pytest.raises(Retry):
        away.find_marked("101", ["x"])


@pytest.mark.parametrize("kind", ["429", "429_second", "429_day", "401", "503", "timeout"])
def test_after_an_account_wide_trouble_the_rest_is_not_sent(account: Account, contact: str, kind: str) -> None:
    ops: Sequence[WriteOp] = [person(1, field("score", 1), crm_id=contact), task(contact), note(contact), person(2)]
    account.world.fail(kind, match="contacts/batch/update", hold=5)
    before = account.asked("batch/create") + account.asked("batch/upsert")
    results = account.crm.write(ops)
    assert account.asked("batch/create") + account.asked("batch/upsert") == before
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    assert isinstance(results[0], Unknown if kind == "timeout" else RetryLater)
    assert [type(result) for result in results[1:]] == [RetryLater] * 3


def test_a_locked_record_keeps_nobody_else_waiting(account: Account, contact: str) -> None:
    account.world.fail("423", match="contacts/batch/update")
    locked, made = account.crm.write([person(1, field("score", 4), crm_id=contact, email=None), task(contact)])
    assert locked == RetryLater("op-1", 2.0, "record", locked.message)  # type: ignore[union-attr]
    assert ok(made).created


def test_a_mark_in_somebodys_message_is_no_mark(account: Account, contact: str) -> None:
    body = "Hello\nLeadRelay ref op-other"
    made = ok(account.crm.write([note(contact, body=body)])[0])
    stranger = account.world.create("notes", {"hs_note_body": "see LeadRelay ref op-third for more"})
    account.world.link(("contacts", contact), ("notes", stranger.id))
    assert account.crm.find_marked(contact, ["op-other", "op-third", "op-note"]) == [
        Marked("op-note", made.crm_id, "note")
    ]


def test_marks_are_found_among_hundreds_and_in_rewritten_markup(account: Account, contact: str) -> None:
    for number in range(620):
        record = account.world.create("notes", {"hs_note_body": f"<div><p>x<br>LeadRelay ref n-{number}</p></div>\n"})
        account.world.link(("contacts", contact), ("notes", record.id))
    found = account.crm.find_marked(contact, ["n-0", "n-555", "n-619", "n-620"])
    assert {mark.op_id for mark in found} == {"n-0", "n-555", "n-619"}
    assert account.asked("associations/notes") == 2


def test_an_endless_body_is_cut_and_keeps_its_mark(account: Account, contact: str) -> None:
    made = ok(account.crm.write([note(contact, body="<&>" * 40_000)])[0])
    assert len(account.world.all("notes")[0].values["hs_note_body"]) <= 65_536
    assert account.crm.find_marked(contact, ["op-note"]) == [Marked("op-note", made.crm_id, "note")]


BENT = ["../tasks/1", "1/../../owners", "12 34", "1?archived=true", "", "١٢", "1" * 21]


@pytest.mark.parametrize("bent", BENT)
def test_no_id_from_outside_bends_a_path(account: Account, bent: str) -> None:
    before = len(account.world.journal())
    ops: Sequence[WriteOp] = [
        task(bent),
        task("101", task_id=bent or "x"),
        task("101", owner=bent or "x"),
        note(bent),
        member(bent, "55"),
        member("101", bent),
        person(1, crm_id=bent or "x"),
        person(1, field("score", 1), crm_id=bent or "x", email=None),
    ]
    results = [account.crm.write([op])[0] for op in ops]
    assert all(isinstance(result, Rejected) and result.code == "VALIDATION" for result in results), results
    with pytest.raises(Reject):
        account.crm.find_marked(bent, ["x"])
    assert all("batch/read" in asked.path for asked in account.world.journal()[before:])
    assert account.contacts() == []


def test_times_are_sent_in_utc(account: Account, contact: str) -> None:
    ok(account.crm.write([replace(note(contact), at=AT)])[0])
    assert account.world.all("notes")[0].values["hs_timestamp"] == "2026-03-02T09:30:00.000Z"
