"""`leadrelay crm doctor`: every finding, what it says, and what to do about it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from leadrelay.aws.clients import client
from leadrelay.aws.table.store import TableStore
from leadrelay.domain.card.circuit import Circuit
from leadrelay.domain.routing.team import Queue
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import Check, CrmOwner
from leadrelay.ports.errors import Retry
from leadrelay.ports.records import AccountRecord, Refusal, SyncRecord
from tests.cli.conftest import Ran, Run
from tests.cli.crm_stage import EVERYBODY, FakeAccount, StageInMemory, cells, stage_in_memory, without_id

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    with stage_in_memory(monkeypatch, FakeAccount(owners_=EVERYBODY)) as there:
        yield there


def _found(ran: Ran) -> dict[str, tuple[str, str, str]]:
    """The doctor's findings by name: mark, what was found, what to do."""
    return {row[1]: (row[0], row[2], row[3]) for row in cells(ran)}


def test_everything_in_order(run: Run, stage: StageInMemory) -> None:
    ran = run("crm", "doctor")
    assert ran.code == 0, ran.out + ran.err
    assert ran.out.rstrip().endswith("everything is in order; `!` is an advice")
    assert {mark for mark, *_ in _found(ran).values()} <= {"✓", "!"}
    assert "apply" not in stage.account.asked


def test_the_account_itself(run: Run, stage: StageInMemory) -> None:
    stage.account.checks = [Check("token", True, "works"), Check("scopes", False, "missing: x", "add x")]
    ran = run("crm", "doctor")
    assert ran.code == 1
    assert _found(ran)["scopes"] == ("✗", "missing: x", "add x")
    assert "1 of " in ran.said


def test_what_is_wrong_in_the_same_way_is_said_once(run: Run, stage: StageInMemory) -> None:
    shut = [Check(name, False, "refused", "renew the token") for name in ("token", "scopes", "fields")]
    stage.account.checks = [*shut, Check("view", True, "make it"), Check("owners", False, "refused", "ask")]
    ran = run("crm", "doctor")
    found = _found(ran)
    assert found["token, scopes, fields"] == ("✗", "refused", "renew the token")
    assert found["owners"] == ("✗", "refused", "ask")
    assert "4 of " in ran.said


def test_people_in_the_rules(run: Run, stage: StageInMemory) -> None:
    anna, marek, ivana, *others = EVERYBODY
    gone = CrmOwner(marek.owner_id, marek.email, marek.name, active=False)
    queue = CrmOwner(ivana.owner_id, "", "Queue", active=True, kind="queue")
    stage.account.owners_ = [gone, queue, *others]
    stage.deploy(without_id(stage.rules, "nina"))
    ran = run("crm", "doctor")
    found = _found(ran)
    assert ran.code == 1
    assert found["owners that do not exist"][:2] == ("✗", f"1: anna ({anna.owner_id})")
    assert found["owners who are inactive"][:2] == ("✗", f"1: marek ({marek.owner_id})")
    assert found["people who are a queue there"][:2] == ("✗", f"1: ivana ({ivana.owner_id})")
    assert found["people without an owner id"][:2] == ("✗", "1: nina")
    assert "leadrelay crm owners" in found["owners that do not exist"][2]


def test_queues_in_the_rules(run: Run, stage: StageInMemory) -> None:
    nurture = stage.rules.team.queues[0].with_(crm={}, list={})
    stage.deploy(_queue(stage.rules, nurture))
    assert _found(run("crm", "doctor"))["queues"][0] == "!"
    stage.deploy(_queue(stage.rules, nurture.with_(crm={"hubspot": "404"})))
    found = _found(run("crm", "doctor"))
    assert found["owners that do not exist"][:2] == ("✗", "1: nurture (404)")
    assert found["queues"][0] == "✓"
    stage.deploy(_queue(stage.rules, nurture.with_(list={"hubspot": "77"})))
    assert _found(run("crm", "doctor"))["queues"][0] == "✓"


def test_owners_nobody_told_us_of(run: Run, stage: StageInMemory) -> None:
    stage.account.load_ = {EVERYBODY[0].owner_id: 5, "900": 1200, "901": 1, "902": 0}
    ran = run("crm", "doctor")
    mark, told, fix = _found(ran)["owners we do not know"]
    assert (ran.code, mark) == (0, "!")
    assert told.startswith("1,201 open records of 2 owners not in team.yaml, as of ")
    assert "leadrelay crm owners" in fix


def test_what_cannot_be_looked_at_is_a_finding_too(run: Run, stage: StageInMemory) -> None:
    stage.account.trouble = [Retry(30, "hubspot is throttled")]
    ran = run("crm", "doctor")
    assert ran.code == 1
    mark, told, fix = _found(ran)["people in the rules"]
    assert (mark, told) == ("✗", "could not be looked at")
    assert "try again in 30 s" in fix
    assert "owners we do not know" in _found(ran), "the other looks go on"


def test_what_the_crm_would_not_take(run: Run, stage: StageInMemory) -> None:
    refused = Refusal(
        what="industry",
        code="VALIDATION",
        message="[b]bad[/b] mia@example.com +48 600 000 001",
        hint="Correct the list.",
    )
    task = Refusal(what="task", code="PERMISSION", message="no scope", hint="Give it the right.")
    _store(stage, _sync("a", parked="VALIDATION", parked_at=NOON, refused=(refused,)))
    _store(stage, _sync("b", parked="VALIDATION", parked_at=NOON, refused=(refused, task)))
    ran = run("crm", "doctor")
    found = _found(ran)
    assert ran.code == 1
    mark, told, fix = found["parked VALIDATION (industry)"]
    assert mark == "✗"
    assert told.startswith("2 leads, such as ")
    assert 'hubspot says: "[b]bad[/b] … …"' in told, "as it was said, but for addresses and numbers"
    assert fix == "Correct the list. Then: `leadrelay parked redrive crm_hubspot`"
    assert found["parked PERMISSION (task)"][1].startswith("1 lead, such as b")
    assert "parked" not in found


def test_two_records_of_one_person(run: Run, stage: StageInMemory) -> None:
    for name, crm_id in (("a", "501"), ("c", "502"), ("d", "503")):
        _store(stage, _sync(name, crm_id=crm_id, duplicate_of="b" * 32, duplicate_at=NOON))
    stage.account.shown = {"501": Snapshot("501", "a", None), "502": Snapshot("77", "b", None)}
    mark, told, fix = _found(run("crm", "doctor"))["second records of one person"]
    assert mark == "✗"
    assert told == f"1: record 501 (lead a, now {'b' * 32})", "502 was merged, 503 is gone"
    assert "merge" in fix


def test_an_index_that_lags(run: Run, stage: StageInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
    mended = _sync("a", planned=("email",))
    _store(stage, mended)
    monkeypatch.setattr(TableStore, "listed", lambda *_: [mended.key()])
    ran = run("crm", "doctor")
    assert ran.code == 0
    assert _found(ran)["planned"][:2] == ("✓", "nothing waits to be written")


def test_whether_the_account_is_written_to(run: Run, stage: StageInMemory) -> None:
    assert _found(run("crm", "doctor"))["deliveries"][:2] == ("✓", "the account is being written to")
    later = datetime.now(UTC) + timedelta(minutes=9)
    stage.store.put(AccountRecord(crm="hubspot", circuit=Circuit(until=later, failures=2)))
    ran = run("crm", "doctor")
    mark, told, _ = _found(ran)["deliveries"]
    assert (ran.code, mark) == (1, "✗")
    assert f"held back until {later:%Y-%m-%d %H:%M:%S} UTC" in told
    _deploy(stage, mode="plan")
    assert _found(run("crm", "doctor"))["deliveries"][:2] == ("!", "only computed")
    _deploy(stage, vendor="salesforce")
    assert _found(run("crm", "doctor", "--crm", "hubspot"))["deliveries"][1] == "the rules write to salesforce"


def test_what_is_only_planned_and_what_is_in_shadow(run: Run, stage: StageInMemory) -> None:
    assert _found(run("crm", "doctor"))["sources in shadow"][:2] == ("✓", "none")
    _store(stage, _sync("a", planned=("email",), planned_at=NOON))
    sources = {name: one.with_(shadow=name == "meta") for name, one in stage.rules.sources.sources.items()}
    stage.deploy(Rules.of(stage.rules.with_(sources=stage.rules.sources.with_(sources=sources))))
    ran = run("crm", "doctor")
    assert ran.code == 0
    assert _found(ran)["planned"][:2] == ("!", "1 lead computed and not written")
    assert _found(ran)["sources in shadow"][:2] == ("!", "meta")


def test_whether_anybody_listens(run: Run, stage: StageInMemory) -> None:
    assert _found(run("crm", "doctor"))["what people do there"][:2] == ("✓", "heard by the source hubspot")
    client("secretsmanager").delete_secret(SecretId="leadrelay/dev/fetch/hubspot", ForceDeleteWithoutRecovery=True)
    ran = run("crm", "doctor")
    mark, _, fix = _found(ran)["what people do there"]
    assert (ran.code, mark) == (1, "✗")
    assert "leadrelay/dev/fetch/hubspot" in fix
    others = {name: one for name, one in stage.rules.sources.sources.items() if one.vendor != "hubspot"}
    stage.deploy(Rules.of(stage.rules.with_(sources=stage.rules.sources.with_(sources=others))))
    assert _found(run("crm", "doctor"))["what people do there"][:2] == ("✗", "nobody listens")


def test_how_far_the_import_is(run: Run, stage: StageInMemory) -> None:
    stage.account.people_ = tuple(Snapshot(str(n), None, None, {"email": f"p{n}@example.com"}) for n in range(5))
    assert _found(run("crm", "doctor"))["import"][:2] == ("!", "never begun")
    run("crm", "import", "--limit", "3")
    assert _found(run("crm", "doctor"))["import"][:2] == ("!", "stopped half-way")
    run("crm", "import")
    assert _found(run("crm", "doctor"))["import"] == ("✓", "done", "")


def _deploy(stage: StageInMemory, **crm: str) -> None:
    """The rules, with `crm.yaml` changed so."""
    stage.deploy(Rules.of(stage.rules.with_(crm=stage.rules.crm.with_(**crm))))


def _queue(rules: Rules, queue: Queue) -> Rules:
    return Rules.of(rules.with_(team=rules.team.with_(queues=(queue,))))


def _sync(name: str, **fields: Any) -> SyncRecord:
    given: dict[str, Any] = {"due_at": None, "correlation_id": "c", "rules_version": "0" * 64, **fields}
    return SyncRecord(lead_id=name, crm="hubspot", wanted=1, **given)


def _store(stage: StageInMemory, record: SyncRecord) -> None:
    stage.store.put(record)
