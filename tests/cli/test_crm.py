"""`leadrelay crm …` over a stage in memory: what is asked, what is said, and with which exit code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from leadrelay.aws.table.store import TableStore
from leadrelay.cli.crm.owners import lines
from leadrelay.domain.card.circuit import Circuit
from leadrelay.domain.routing.policy import Queue, Rep
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import Check, CrmOwner, OpenDeal, SchemaOp
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.records import AccountRecord, Refusal, SyncRecord
from tests.cli.conftest import Ran, Run
from tests.cli.crm_stage import SECRETS, FakeAccount, StageInMemory, cells, stage_in_memory, stored_touches
from tests.rulebook.editing import changed, compiled, copied
from tests.system import default_rules

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
RULE_SET: Rules = default_rules()
EVERYBODY = [CrmOwner(rep.crm["hubspot"], rep.email, rep.name, active=True) for rep in RULE_SET.team.reps]


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    with stage_in_memory(monkeypatch, FakeAccount(owners_=EVERYBODY)) as there:
        yield there


def _found(ran: Ran) -> dict[str, tuple[str, str, str]]:
    """The doctor's findings by name: mark, what was found, what to do."""
    return {row[1]: (row[0], row[2], row[3]) for row in cells(ran)}


class TestWhichAccount:
    def test_the_rules_in_force_name_the_crm(self, run: Run, stage: StageInMemory) -> None:
        ran = run("crm", "setup", "--plan")
        assert (ran.code, ran.out) == (0, "hubspot: nothing is missing\n"), ran.err
        assert stage.account.opened_with == [(SECRETS["hubspot"], None)]

    def test_another_crm_and_another_address(self, run: Run, stage: StageInMemory) -> None:
        ran = run("crm", "setup", "--plan", "--crm", "salesforce", "--endpoint", "http://127.0.0.1:9")
        assert ran.out == "salesforce: nothing is missing\n"
        assert stage.account.opened_with == [(SECRETS["salesforce"], "http://127.0.0.1:9")]

    def test_no_stage_no_rules_no_crm_no_secret(
        self, run: Run, stage: StageInMemory, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        assert "there is no stack leadrelay-prod" in run("crm", "doctor", "--stage", "prod").said
        assert "there are: " in run("crm", "doctor", "--crm", "rolodex").said
        nothing = {"Configuration": io.BytesIO(b""), "NextPollConfigurationToken": "t", "NextPollIntervalInSeconds": 60}
        monkeypatch.setattr("tests.cli.crm_stage._pointed", lambda _: nothing)
        ran = run("crm", "owners")
        assert ran.code == 1
        assert "`leadrelay rules deploy`; or say which CRM it is with --crm" in ran.said


class TestSetup:
    OPS = (
        SchemaOp("group", "leadrelay"),
        SchemaOp("field", "leadrelay_key"),
        SchemaOp("field", "leadrelay_score"),
        SchemaOp("view", "Today"),
    )

    def test_the_plan_changes_nothing(self, run: Run, stage: StageInMemory) -> None:
        stage.account.missing = list(self.OPS)
        ran = run("crm", "setup", "--plan")
        assert ran.code == 0
        assert cells(ran) == [
            ["group", "1", "leadrelay"],
            ["field", "2", "leadrelay_key, leadrelay_score"],
            ["view", "1", "Today"],
        ]
        assert "nothing was changed; without --plan they are created" in ran.out
        assert stage.account.asked == ["plan"]

    def test_what_is_missing_is_created_and_looked_for_again(self, run: Run, stage: StageInMemory) -> None:
        stage.account.missing = list(self.OPS)
        ran = run("crm", "setup")
        assert (ran.code, stage.account.asked) == (0, ["plan", "apply", "plan"])
        assert ran.out.splitlines()[-5:] == [
            "created group leadrelay",
            "created field leadrelay_key",
            "created field leadrelay_score",
            "created view Today",
            "hubspot: nothing is missing any more",
        ]
        assert run("crm", "setup").out == "hubspot: nothing is missing\n"
        assert stage.account.asked[3:] == ["plan"]

    def test_what_could_not_be_created_is_a_failure(self, run: Run, stage: StageInMemory) -> None:
        stage.account.missing, stage.account.stubborn = list(self.OPS), frozenset({"Today"})
        ran = run("crm", "setup")
        assert ran.code == 1
        assert "still missing: Today" in ran.said


class TestOwners:
    def test_who_they_are_and_how_much_they_have_to_do(self, run: Run, stage: StageInMemory) -> None:
        strange = CrmOwner("9", "new@example.com", "[red]New\x1b[31m\nPerson", active=False)
        stage.account.owners_ = [EVERYBODY[0], strange, CrmOwner("00G1", "", "Web leads", active=True, kind="queue")]
        stage.account.load_ = {EVERYBODY[0].owner_id: 17, "00G1": 3}
        ran = run("crm", "owners")
        assert ran.code == 0
        assert cells(ran) == [
            ["70000001", "Anna (SDR)", "anna@example.com", "user", "yes", "17", "anna"],
            ["9", "[red]New[31m Person", "new@example.com", "user", "no", "0", ""],
            ["00G1", "Web leads", "", "queue", "yes", "3", ""],
        ]
        assert "\x1b" not in ran.out
        assert "open records as of 20" in ran.out

    def test_without_the_right_to_count(self, run: Run, stage: StageInMemory) -> None:
        stage.account.trouble = [None, Misconfigured("the token lacks the scope for deals")]
        ran = run("crm", "owners")
        assert ran.code == 0
        assert {row[5] for row in cells(ran)} == {"?"}
        assert "open records are not counted: the token lacks the scope for deals" in ran.said

    def test_lines_for_team_yaml_that_compile(self, run: Run, stage: StageInMemory, tmp_path: Path) -> None:
        stage.account.owners_ = [
            *EVERYBODY[1:],
            CrmOwner("71", "Anna@Example.com", "Anna", active=True),
            CrmOwner("72", "olek@other.example", 'Olek "O" #1', active=True),
            CrmOwner("73", "gone@example.com", "Gone", active=False),
            CrmOwner("74", "", "A queue", active=True, kind="queue"),
        ]
        stage.deploy(_without_id(stage.rules, "anna"))
        ran = run("crm", "owners", "--yaml")
        assert ran.code == 0
        above, anna, olek = ran.out.splitlines()
        assert above == "  # takes the place of the line of anna:"
        assert anna.endswith('salesforce: "0055e000004jiCHAAY", hubspot: "71" } }'), "her id elsewhere stays"
        assert olek == (
            '  - { id: olek_2, name: "Olek \\"O\\" #1", email: "olek@other.example", calendar: warsaw, '
            'crm: { hubspot: "72" } }'
        )
        rules = copied(tmp_path)
        before = next(line for line in (rules / "team.yaml").read_text().splitlines() if "{ id: anna" in line)
        changed(rules, "team", before, ran.out.rstrip())
        team = compiled(rules).rules.team
        assert team.rep_in("hubspot", "71") == "anna"
        assert team.rep("anna").name == RULE_SET.team.rep("anna").name
        assert team.rep("olek_2").name == 'Olek "O" #1'


def _without_id(rules: Rules, rep_id: str) -> Rules:
    """The rep has no owner id in HubSpot any more."""

    def known(rep: Rep) -> dict[str, str]:
        return {crm: owner for crm, owner in rep.crm.items() if crm != "hubspot" or rep.id != rep_id}

    reps = tuple(rep.with_(crm=known(rep)) for rep in rules.team.reps)
    return Rules.of(rules.with_(team=rules.team.with_(reps=reps)))


@seed(20261122)
@settings(max_examples=100, deadline=None, derandomize=True)
@example([("no@example.com", "Yes"), ("null", "On"), ("", "n"), ("", "")])
@given(st.lists(st.tuples(st.text(max_size=20), st.text(max_size=30)), min_size=1, max_size=4))
def test_whatever_people_are_called_the_lines_are_yaml(called: list[tuple[str, str]]) -> None:
    owners = [CrmOwner(f"9{n}", email, name, active=True) for n, (email, name) in enumerate(called)]
    said = yaml.safe_load("reps:\n" + "\n".join(lines(owners, RULE_SET.team, "hubspot")))
    assert [rep["crm"]["hubspot"] for rep in said["reps"]] == [owner.owner_id for owner in owners]
    ids = [rep["id"] for rep in said["reps"]]
    assert len(set(ids)) == len(ids)
    assert not {*ids} & {rep.id for rep in RULE_SET.team.reps}
    assert all(isinstance(value, str) for rep in said["reps"] for name, value in rep.items() if name != "crm")


class TestDoctor:
    def test_everything_in_order(self, run: Run, stage: StageInMemory) -> None:
        ran = run("crm", "doctor")
        assert ran.code == 0, ran.out + ran.err
        assert ran.out.rstrip().endswith("everything is in order")
        assert {mark for mark, *_ in _found(ran).values()} <= {"✓", "!"}
        assert "apply" not in stage.account.asked

    def test_the_account_itself(self, run: Run, stage: StageInMemory) -> None:
        stage.account.checks = [Check("token", True, "works"), Check("scopes", False, "missing: x", "add x")]
        ran = run("crm", "doctor")
        assert ran.code == 1
        assert _found(ran)["scopes"] == ("✗", "missing: x", "add x")
        assert "1 of " in ran.said

    def test_people_in_the_rules(self, run: Run, stage: StageInMemory) -> None:
        anna, marek, ivana, *others = EVERYBODY
        gone = CrmOwner(marek.owner_id, marek.email, marek.name, active=False)
        queue = CrmOwner(ivana.owner_id, "", "Queue", active=True, kind="queue")
        stage.account.owners_ = [gone, queue, *others]
        stage.deploy(_without_id(stage.rules, "nina"))
        ran = run("crm", "doctor")
        found = _found(ran)
        assert ran.code == 1
        assert found["owners that do not exist"][:2] == ("✗", f"1: anna ({anna.owner_id})")
        assert found["owners who are inactive"][:2] == ("✗", f"1: marek ({marek.owner_id})")
        assert found["people who are a queue there"][:2] == ("✗", f"1: ivana ({ivana.owner_id})")
        assert found["people without an owner id"][:2] == ("✗", "1: nina")
        assert "leadrelay crm owners" in found["owners that do not exist"][2]

    def test_queues_in_the_rules(self, run: Run, stage: StageInMemory) -> None:
        nurture = stage.rules.team.queues[0].with_(crm={}, list={})
        stage.deploy(_queue(stage.rules, nurture))
        assert _found(run("crm", "doctor"))["queues"][0] == "!"
        stage.deploy(_queue(stage.rules, nurture.with_(crm={"hubspot": "404"})))
        found = _found(run("crm", "doctor"))
        assert found["owners that do not exist"][:2] == ("✗", "1: nurture (404)")
        assert found["queues"][0] == "✓"
        stage.deploy(_queue(stage.rules, nurture.with_(list={"hubspot": "77"})))
        assert _found(run("crm", "doctor"))["queues"][0] == "✓"

    def test_owners_nobody_told_us_of(self, run: Run, stage: StageInMemory) -> None:
        stage.account.load_ = {EVERYBODY[0].owner_id: 5, "900": 1200, "901": 1, "902": 0}
        ran = run("crm", "doctor")
        mark, told, fix = _found(ran)["owners we do not know"]
        assert (ran.code, mark) == (0, "!")
        assert told.startswith("1,201 open records of 2 owners not in team.yaml, as of ")
        assert "leadrelay crm owners" in fix

    def test_what_cannot_be_looked_at_is_a_finding_too(self, run: Run, stage: StageInMemory) -> None:
        stage.account.trouble = [Retry(30, "hubspot is throttled")]
        ran = run("crm", "doctor")
        assert ran.code == 1
        mark, told, fix = _found(ran)["people in the rules"]
        assert (mark, told) == ("✗", "could not be looked at")
        assert "try again in 30 s" in fix
        assert "owners we do not know" in _found(ran), "the other looks go on"

    def test_what_the_crm_would_not_take(self, run: Run, stage: StageInMemory) -> None:
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

    def test_two_records_of_one_person(self, run: Run, stage: StageInMemory) -> None:
        for name, crm_id in (("a", "501"), ("c", "502"), ("d", "503")):
            _store(stage, _sync(name, crm_id=crm_id, duplicate_of="b" * 32, duplicate_at=NOON))
        stage.account.shown = {"501": Snapshot("501", "a", None), "502": Snapshot("77", "b", None)}
        mark, told, fix = _found(run("crm", "doctor"))["second records of one person"]
        assert mark == "✗"
        assert told == f"1: record 501 (lead a, now {'b' * 32})", "502 was merged, 503 is gone"
        assert "merge" in fix

    def test_an_index_that_lags(self, run: Run, stage: StageInMemory, monkeypatch: pytest.MonkeyPatch) -> None:
        mended = _sync("a", planned=("email",))
        _store(stage, mended)
        monkeypatch.setattr(TableStore, "listed", lambda *_: [mended.key()])
        ran = run("crm", "doctor")
        assert ran.code == 0
        assert _found(ran)["planned"][:2] == ("✓", "nothing waits to be written")

    def test_whether_the_account_is_written_to(self, run: Run, stage: StageInMemory) -> None:
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

    def test_what_is_only_planned_and_what_is_in_shadow(self, run: Run, stage: StageInMemory) -> None:
        assert _found(run("crm", "doctor"))["sources in shadow"][:2] == ("✓", "none")
        _store(stage, _sync("a", planned=("email",), planned_at=NOON))
        sources = {name: one.with_(shadow=name == "meta") for name, one in stage.rules.sources.sources.items()}
        stage.deploy(Rules.of(stage.rules.with_(sources=stage.rules.sources.with_(sources=sources))))
        ran = run("crm", "doctor")
        assert ran.code == 0
        assert _found(ran)["planned"][:2] == ("!", "1 lead computed and not written")
        assert _found(ran)["sources in shadow"][:2] == ("!", "meta")

    def test_how_far_the_import_is(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_ = TestImport.PEOPLE
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
    given: dict[str, Any] = {"due_at": None, "correlation_id": "c", "rules_version": RULE_SET.version, **fields}
    return SyncRecord(lead_id=name, crm="hubspot", wanted=1, **given)


def _store(stage: StageInMemory, record: SyncRecord) -> None:
    stage.store.put(record)


class TestImport:
    PEOPLE = tuple(Snapshot(str(n), None, None, {"email": f"p{n}@example.com"}) for n in range(5))

    def test_from_the_first_page_to_the_last(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_ = [*self.PEOPLE, Snapshot("9", None, None, {"first_name": "Nobody"})]
        stage.account.deals = [OpenDeal("d1", "1")]
        ran = run("crm", "import")
        assert ran.code == 0, ran.err
        assert ran.out == (
            "hubspot: 6 people in 3 pages: 5 new, 0 known as they are; 1 deal\n"
            "1 of them without address and number were left out: nobody could know them again\n"
        )
        assert len(stored_touches(stage)) == 6
        again = run("crm", "import")
        assert "0 new, 5 known as they are; 0 deals" in again.out
        assert len(stored_touches(stage)) == 6

    def test_stopped_by_hand_and_taken_up_again(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_, stage.account.trouble = self.PEOPLE, [None, None, KeyboardInterrupt()]
        ran = run("crm", "import")
        assert ran.code == 130
        assert "stopped after 4 people in 2 pages" in ran.said
        assert "run it again to go on" in ran.said
        again = run("crm", "import")
        assert again.code == 0
        assert again.out.startswith("hubspot: going on where the last run stopped (--restart begins anew)\n")
        assert "1 person in 1 page: 1 new" in again.out
        assert len(stored_touches(stage)) == 5

    def test_an_account_that_asks_for_a_long_pause(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_ = self.PEOPLE
        stage.account.trouble = [None, Retry(7200, "the day's calls are used up", "day")]
        ran = run("crm", "import")
        assert ran.code == 1
        assert "stopped after 2 people in 1 page" in ran.said
        assert "the day's calls are used up; try again in 7200 s run it again to go on from there" in ran.said

    def test_a_few_first_and_beginning_anew(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_ = self.PEOPLE
        few = run("crm", "import", "--limit", "3")
        assert "3 new" in few.out
        assert "there are more: run it again to go on" in few.out
        anew = run("crm", "import", "--restart")
        assert "going on" not in anew.out
        assert "5 people in 3 pages: 2 new, 3 known as they are" in anew.out

    def test_another_import_at_the_same_time(self, run: Run, stage: StageInMemory) -> None:
        stage.account.people_ = self.PEOPLE
        _in_between(stage, run)
        ran = run("crm", "import")
        assert ran.code == 1
        assert "another import of hubspot is running in stage dev" in ran.said


def _in_between(stage: StageInMemory, run: Run) -> None:
    """While the first page is read, somebody else's import ends."""
    read, busy = stage.account.people, [True]

    def people(cursor: str | None) -> Any:
        if busy and busy.pop():
            run("crm", "import")
        return read(cursor)

    stage.account.people = people  # type: ignore[method-assign]
