"""Each fault about a policy of sla.yaml, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrelay.rulebook.compile import compile_rules
from tests.rulebook.editing import changed, copied, problems
from tests.system import MONDAY_NOON

HOT = '{ id: hot, if: lead.temperature == "hot", minutes: 5 }'
ATTEMPTS = "attempts: [{{ id: a, if: 'True', within: 48h, attempts: {attempts}, {more} }}]"


def hot(more: str) -> str:
    return HOT.replace("minutes: 5", f"minutes: 5, {more}")


@pytest.mark.parametrize(
    ("new", "message", "suggestion"),
    [
        (HOT.replace("minutes: 5", "within: ‸48"), "'48' is no duration; write 15m, 48h or 2d for real", None),
        (HOT.replace("minutes: 5", "within: ‸2 days"), "'2 days' is no duration", None),
        (HOT.replace("minutes: 5", "within: ‸400d"), "'400d' is too long; at most 366d", None),
        (f"‸{hot('within: 5bm')}", "'hot' needs one of `minutes`, `seconds` and `within`", None),
        (hot("then: ‸reasign"), "'reasign' is not one of 'tell' or 'reassign'", "reassign"),
        (hot("warn_at: ‸1"), "Input should be less than 1", None),
        (
            HOT.replace("minutes: 5", "within: 48h, calendar: ‸warsaw"),
            "'48h' is real time, so that no calendar is asked; `48bh` is not",
            None,
        ),
        (hot("levels: [{ id: ‸warn, at: 0.5 }]"), "'warn' is taken, by the warning at `warn_at`", None),
        (hot("levels: [{ id: a, at: 2, notice: breach }, { id: ‸a, at: 3 }]"), "'a' is taken, by a level before", None),
        (hot("levels: [{ id: a, at: ‸1.5, notice: warn }]"), "a warning at 1.5 comes when the time is up", None),
        (hot("levels: [{ id: a, at: ‸1, notice: breach }]"), "at 1 the time is up, and the breach is said", None),
        (hot("levels: [{ id: a, at: ‸0, notice: breach }]"), "Input should be greater than 0", None),
        (hot("levels: [{ id: a, at: 2, notice: ‸braech }]"), "nobody is told of 'braech'", "breach"),
        (hot("levels: [{ id: a, at: 2, level: ‸10 }]"), "Input should be less than or equal to 9", None),
        (
            HOT.replace('lead.temperature == "hot"', '‸lead.temperature == "hot" and lead.temperature == "warm"'),
            "never holds: 'lead.temperature' is not 'hot' and 'warm' at once",
            None,
        ),
    ],
)
def test_a_fault_of_a_policy(tmp_path: Path, new: str, message: str, suggestion: str | None) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "sla", HOT, new)
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].suggestion, found[0].severity) == (suggestion, "error")
    assert (found[0].line, found[0].column) == place


@pytest.mark.parametrize(
    ("attempts", "more", "message"),
    [
        (3, "channels: ‸3, of: [phone, mail]", "3 different channels can never be tried: `of` names 2"),
        (2, "channels: ‸3", "3 different channels can never be tried: 2 attempts"),
        (2, "of: ‸[]", "nobody can be reached on no channel"),
        (2, "of: [‸telephone]", "'telephone' is not one of"),
        (3, "channels: ‸4", "Input should be less than or equal to 3"),
    ],
)
def test_attempts_that_nobody_can_make(tmp_path: Path, attempts: int, more: str, message: str) -> None:
    rules = copied(tmp_path)
    emptied(rules, "attempts")
    place = changed(rules, "sla", "warn_at:", ATTEMPTS.format(attempts=attempts, more=more) + "\nwarn_at:")
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].line, found[0].column) == place


@pytest.mark.parametrize("name", ["acceptance", "follow_up", "disposition", "stage"])
@pytest.mark.parametrize(
    ("policy", "message"),
    [
        ("{ id: a, if: ‸lead.stagge == 'sql', within: 1bd }", "unknown field 'lead.stagge'"),
        ("{ id: a, if: lead.stage == ‸'sqll', within: 1bd }", "'lead.stage' is never 'sqll'"),
        ("{ id: a, if: 'True', within: 1bd, calendar: ‸warsav }", "unknown calendar 'warsav'"),
        ("‸{ id: a, if: 'True' }", "'a' needs one of"),
        ("{ id: a, if: 'True', within: 1bd }, { id: ‸a, if: lead.icp, within: 2bd }", "'a' is taken"),
        ("{ id: ‸A, if: 'True', within: 1bd }", "'A' is no code"),
        ("{ id: a, if: 'True', within: 1bd }, { id: b, if: ‸lead.icp, within: 2bd }", "never reached: the rule on"),
    ],
)
def test_what_holds_for_the_first_contact_holds_for_every_promise(
    tmp_path: Path, name: str, policy: str, message: str
) -> None:
    rules = copied(tmp_path)
    emptied(rules, name)
    place = changed(rules, "sla", "warn_at:", f"{name}: [{policy}]\nwarn_at:")
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].line, found[0].column) == place


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("pause_statuses: []", "pause_statuses: [no_decision, ‸no_decison]", "unknown status 'no_decison'"),
        ("pause_statuses: []", "pause_statuses: [‸new]", "every lead begins as 'new'"),
        ("notice: escalation }", "notice: ‸escalated }", "nobody is told of 'escalated'"),
        ("remind: { times: 3", "remind: { times: ‸0", "Input should be greater than or equal to 1"),
    ],
)
def test_what_holds_for_all_clocks(tmp_path: Path, old: str, new: str, message: str) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "sla", old, new)
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].line, found[0].column) == place


def test_nobody_loses_a_lead_by_its_own_clock(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "sla", '{ id: waiting, if: "True",', '{ id: waiting, if: "True", then: ‸reassign,')
    [fault] = problems(rules)
    assert fault.message.startswith("the lead's own clock runs through every change of hands")
    assert (fault.line, fault.column) == place


def test_leads_that_nobody_need_call(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "sla", '{ id: warm, if: "True", minutes: 15 }', "{ id: warm, if: lead.icp, minutes: 15 }")
    [warning] = compile_rules(rules, MONDAY_NOON.date()).warnings
    assert warning.message.startswith("no policy takes what is left: of those leads nobody owes a call")


def emptied(rules: Path, name: str) -> None:
    """Without the list of this name, so that another can stand in its place."""
    path = rules / "sla.yaml"
    kept, inside = [], False
    for line in path.read_text("utf-8").splitlines(keepends=True):
        inside = line.startswith(f"{name}:") or (inside and line.startswith(" "))
        kept += [] if inside else [line]
    path.write_text("".join(kept), "utf-8")
