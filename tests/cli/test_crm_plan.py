"""`leadrelay crm plan`: what would be written, by whom it may be changed, and nothing personal unless asked for."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.ports.records import LeadRecord, SyncRecord, sync_key
from tests.cli.conftest import Run
from tests.cli.crm_stage import FakeAccount, StageInMemory, cells, stage_in_memory
from tests.system import System, default_rules
from tests.workflows.lives import demo


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    with stage_in_memory(monkeypatch, FakeAccount()) as there:
        yield there


def _lived(stage: StageInMemory, leads: int, mode: str = "plan") -> list[LeadRecord]:
    """So many leads came in while the rules said `mode`; the stage's table has what was stored."""
    rules = default_rules()
    policy = rules.crm.model_validate({**rules.crm.model_dump(), "vendor": "hubspot", "mode": mode})
    system = System(rules_now=Rules.of(rules.with_(crm=policy)))
    for number in range(leads):
        system.post(demo(submission=f"submission-{number}", email=f"lead{number}@acme{number}.example"))
        system.settle()
        system.later(minutes=2)
    stage.deploy(system.rules.current())
    for record in system.records():
        if isinstance(record, LeadRecord | SyncRecord):
            stage.store.put(record)
    assert bool(system.crm.written) == (mode == "live")
    return system.leads()


def test_every_field_with_its_policy_and_no_value(run: Run, stage: StageInMemory) -> None:
    (record,) = _lived(stage, 1)
    ran = run("crm", "plan")
    assert ran.code == 0, ran.err
    rows = {row[2]: row for row in cells(ran)}
    assert rows["email"][1:] == ["create", "email", "fill_if_empty"]
    assert rows["lifecycle_stage"][3] == "forward_only"
    assert rows["owner"][3] == "guarded"
    assert rows["score"][3] == "own"
    assert {"task", "note"} <= {row[1] for row in cells(ran)}
    assert record.lead.lead_id in ran.out
    personal = [str(value) for name, value in record.profile.plain().items() if name in ("lead.email", "lead.phone")]
    assert personal
    assert not any(value in ran.out for value in personal)
    assert stage.account.asked == []
    assert stage.account.opened_with == [], "no credentials are needed"


def test_the_values_when_asked_for(run: Run, stage: StageInMemory) -> None:
    _lived(stage, 1)
    ran = run("crm", "plan", "--values")
    rows = {row[2]: row for row in cells(ran)}
    assert rows["email"][4] == "lead0@acme0.example"
    assert any(row[1] == "task" and "due " in row[4] for row in cells(ran))


def test_it_is_planned_by_the_rules_in_force(run: Run, stage: StageInMemory) -> None:
    _lived(stage, 1)
    rules = stage.rules
    fields = {**rules.crm.fields, "email": "never", "score": "fill_if_empty"}
    stage.deploy(Rules.of(rules.with_(crm=rules.crm.with_(fields=fields))))
    rows = {row[2]: row for row in cells(run("crm", "plan"))}
    assert "email" not in rows
    assert rows["score"][3] == "fill_if_empty"


def test_a_few_or_one(run: Run, stage: StageInMemory) -> None:
    records = _lived(stage, 3)
    seen = run("crm", "plan", "--limit", "2").out
    assert sum(record.lead.lead_id in seen for record in records) == 2
    one = run("crm", "plan", "--lead", records[1].lead.lead_id).out
    assert [record.lead.lead_id in one for record in records] == [False, True, False]


def test_what_is_there_already_is_not_written_again(run: Run, stage: StageInMemory) -> None:
    (record,) = _lived(stage, 1, mode="live")
    assert run("crm", "plan").out == "hubspot: nothing waits to be written\n"
    lead_id = record.lead.lead_id
    assert run("crm", "plan", "--lead", lead_id).out == "hubspot: nothing waits to be written\n"
    sync = stage.store.load(sync_key(lead_id, "hubspot"))
    assert sync is not None
    stage.store.put(sync.with_(values={**sync.values, "score": "0" * 16}))
    (row,) = cells(run("crm", "plan", "--lead", lead_id))
    assert row[1:] == [f"update {sync.crm_id}", "score", "own"]


def test_a_lead_that_is_not_there(run: Run, stage: StageInMemory) -> None:
    ran = run("crm", "plan", "--lead", "f" * 32)
    assert ran.code == 1
    assert f"there is no lead {'f' * 32} in stage dev" in ran.said
