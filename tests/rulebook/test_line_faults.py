"""Each fault about who waits in a pool, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

from leadrelay.rulebook.compile import compile_rules
from tests.rulebook.editing import changed, copied, problems
from tests.system import MONDAY_NOON

BACKLOG = "backlog: { stale_minutes: 30, manager_minutes: 480 }"


def test_a_manager_who_would_hear_of_it_too_late(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", BACKLOG, "backlog: { stale_minutes: 60, manager_minutes: 60 }")
    [fault] = problems(rules)
    assert fault.message.startswith("'nina' has who waits after 60 minutes and would hear of them only after 60")


def test_a_claim_of_which_nobody_hears(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", BACKLOG, f"strategy: claim\n    {BACKLOG}")
    assert not compile_rules(rules, MONDAY_NOON.date()).warnings
    notices = (rules / "notices.yaml").read_text("utf-8").splitlines(keepends=True)
    (rules / "notices.yaml").write_text("".join(line for line in notices if "offered" not in line), "utf-8")
    [warning] = compile_rules(rules, MONDAY_NOON.date()).warnings
    assert warning.message.endswith("nobody hears what there is to claim in 'sdr'")
