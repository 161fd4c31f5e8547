"""`leadrelay crm …` over a stage in memory: what is asked, what is said, and with which exit code."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import example, given, seed, settings
from hypothesis import strategies as st

from leadrelay.cli.crm.owners import lines
from leadrelay.domain.rules import Rules
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import CrmOwner, OpenDeal, SchemaOp
from leadrelay.ports.errors import Misconfigured, Retry
from tests.cli.conftest import Run
from tests.cli.crm_stage import (
    EVERYBODY,
    SECRETS,
    FakeAccount,
    StageInMemory,
    cells,
    stage_in_memory,
    stored_touches,
    without_id,
)
from tests.rulebook.editing import changed, compiled, copied
from tests.system import default_rules

NOON = datetime(2026, 11, 23, 11, 0, tzinfo=UTC)
RULE_SET: Rules = default_rules()


@pytest.fixture
def stage(account: None, monkeypatch: pytest.MonkeyPatch) -> Iterator[StageInMemory]:
    monkeypatch.setenv("COLUMNS", "200")
    with stage_in_memory(monkeypatch, FakeAccount(owners_=EVERYBODY)) as there:
        yield there


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
        for command in ("doctor", "plan"):
            assert "there are: hubspot, salesforce" in run("crm", command, "--crm", "rolodex").said
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
            ["9", "[red]New[31m Person", "new@example.com", "user", "no", "?", ""],
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
        stage.deploy(without_id(stage.rules, "anna"))
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
