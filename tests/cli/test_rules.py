from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from leadrelay.domain.rules import Rules
from tests.cli.conftest import Run
from tests.rulebook.editing import PROJECT, RULES, changed, copied

CASES = PROJECT / "infra" / "cases"


def test_valid_rules_are_said_to_be_valid(run: Run) -> None:
    ran = run("rules", "check", RULES)
    assert (ran.code, ran.err) == (0, "")
    assert ran.out.startswith("The rules are valid (26 sources, ")
    assert len(ran.out.split()[-1]) == 64


def test_every_fault_is_a_line_that_editors_can_follow(run: Run, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    line, column = changed(rules, "segments", "if: account.employees >= 501", "if: ‸account.employes >= 501") or (0, 0)
    changed(rules, "team", "revops: olek", "revops: olk")
    ran = run("rules", "check", rules)
    assert (ran.code, ran.out) == (1, "")
    first, second = ran.err.splitlines()
    assert first == (
        f"{rules}/segments.yaml:{line}:{column}: unknown field 'account.employes'; did you mean 'account.employees'?"
    )
    assert second.endswith(": unknown rep 'olk'; did you mean 'olek'?")


def test_markup_in_a_rule_is_shown_and_not_obeyed(run: Run, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", "revops: olek", "revops: '[red]olek[/red]'")
    assert "unknown rep '[red]olek[/red]'" in run("rules", "check", rules).err


def test_warnings_are_said_and_stop_nothing(run: Run, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "segments", "  alert: 85", "  alert: 85\n  unused: 10")
    ran = run("rules", "check", rules)
    assert ran.code == 0
    assert "warning: no rule cites threshold.unused" in ran.err


def test_a_case_is_explained_for_people(run: Run) -> None:
    ran = run("rules", "explain", CASES / "hot_on_friday_evening.yaml", "--rules", RULES)
    assert ran.code == 0
    for words in (
        "score 30 (C3, cold) = fit 10 + engagement 20",
        "Asked for a demo",
        "due Mon 9 Mar 09:03 Belgrade: 5 business minutes; Sat–Sun closed",
        "as expected",
    ):
        assert words in ran.out


def test_a_case_is_explained_for_programs(run: Run) -> None:
    ran = run("rules", "explain", CASES / "mql.yaml", "--rules", RULES, "--json")
    story = json.loads(ran.out)
    assert (ran.code, story["outcome"]["stage"], story["differs"]) == (0, "mql", {})
    assert [asked["rule"] for asked in story["chapters"][0]["routing"] if asked["decides"]] == ["mql"]


def test_a_case_that_comes_out_otherwise_is_refused(run: Run, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "segments", "mql: 40", "mql: 56")
    ran = run("rules", "explain", CASES / "mql.yaml", "--rules", rules)
    assert ran.code == 1
    assert "expected stage mql, found lead" in ran.out


def test_a_broken_case_is_refused_with_its_place(run: Run, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("touchs: []\n", "utf-8")
    ran = run("rules", "explain", case, "--rules", RULES)
    assert ran.code == 1
    assert f"{case}:1:1: unknown key 'touchs'; did you mean 'touches'?" in ran.err


def test_a_case_of_an_unknown_source_is_refused(run: Run, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("touches:\n  - { source: websit, at: 2026-03-02T09:00:00Z }\n", "utf-8")
    ran = run("rules", "explain", case, "--rules", RULES)
    assert ran.code == 1
    assert f"{case}:2:15: sources.yaml has no source 'websit'; did you mean 'website'?" in ran.err


def test_a_case_that_expects_nothing_is_not_said_to_be_as_expected(run: Run, tmp_path: Path) -> None:
    case = tmp_path / "case.yaml"
    case.write_text("touches:\n  - { source: website, at: 2026-03-02T09:00:00Z }\n", "utf-8")
    ran = run("rules", "explain", case, "--rules", RULES)
    assert ran.code == 0
    assert "as expected" not in ran.out


def test_the_bundle_is_what_a_lambda_reads(run: Run, tmp_path: Path) -> None:
    bundle = tmp_path / "rules.json"
    ran = run("rules", "compile", "--rules", RULES, "--output", bundle)
    assert ran.code == 0
    rules = Rules.model_validate_json(bundle.read_text("utf-8"))
    assert rules.version in ran.err
    assert run("rules", "compile", "--rules", RULES).out.strip() == bundle.read_text("utf-8")


def test_invalid_rules_leave_the_old_bundle(run: Run, tmp_path: Path) -> None:
    rules, bundle = copied(tmp_path), tmp_path / "rules.json"
    bundle.write_text("old", "utf-8")
    changed(rules, "team", "revops: olek", "revops: olk")
    assert run("rules", "compile", "--rules", rules, "-o", bundle).code == 1
    assert bundle.read_text("utf-8") == "old"


def test_a_place_that_cannot_be_written_is_named(run: Run, tmp_path: Path) -> None:
    ran = run("rules", "compile", "--rules", RULES, "-o", tmp_path / "none" / "rules.json")
    assert ran.code == 1
    assert "No such file or directory" in ran.err


def test_schemas_are_written_once(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "schema"
    assert run("rules", "schema", "-o", folder).out.count("written /") == 14
    assert run("rules", "schema", "-o", folder).out == ""


def test_pages_are_checked_and_written(run: Run, tmp_path: Path) -> None:
    stale = run("docs", "--check", "--rules", RULES, "--project", tmp_path)
    assert stale.code == 1
    assert "rules.md" in stale.err
    assert not list(tmp_path.iterdir())
    assert run("docs", "--rules", RULES, "--project", tmp_path).code == 0
    assert run("docs", "--check", "--rules", RULES, "--project", tmp_path).code == 0


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["frobnicate"], "No such command 'frobnicate'"),
        (["rules", "chek"], "No such command 'chek'"),
        (["rules", "explain"], "Missing argument"),
        (["rules", "explain", "none.yaml"], "does not exist"),
        (["rules", "check", "--loud"], "No such option: --loud"),
    ],
)
def test_what_is_not_understood_ends_with_2(run: Run, arguments: list[str], said: str) -> None:
    ran = run(*arguments)
    assert ran.code == 2
    assert said in ran.said


def test_the_command_itself_runs() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "leadrelay.cli", "rules", "check"],
        cwd=PROJECT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("The rules are valid")
