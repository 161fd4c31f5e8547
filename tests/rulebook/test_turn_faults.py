"""Each setting about turns that does nothing, at its place, with what to do about it."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import HERE, changed, copied, problems

AE = "    team: ae\n    members: [{ rep: tomasz }, { rep: milica }]"
MILICA = "- { id: milica, name: Milica (AE)"


def test_weights_that_do_not_count(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    place = changed(
        rules,
        "team",
        "    members:\n      - { rep: anna",
        f"    strategy: {HERE}round_robin\n    members:\n      - {{ rep: anna",
    )
    [warning] = problems(rules)
    assert (warning.line, warning.column) == place
    assert warning.message.startswith("weights do not count in 'sdr': by round_robin everybody gets one in turn")
    assert (warning.suggestion, warning.severity) == ("weighted_round_robin", "warning")


def test_turns_of_equals_need_no_weights(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", AE, f"    strategy: round_robin\n{AE}")
    assert problems(rules) == ()


@pytest.mark.parametrize(
    ("days", "since", "said"),
    [
        ("ramp_days: 30", "", "nobody in 'ae' has a first day (`since`), so `ramp_days` changes nobody's share"),
        ("half_life_days: 60", "since: 2026-03-01, ", "no pool of 'milica' has `fairness.ramp_days`"),
        ("ramp_days: 30", "since: 2026-03-01, ", None),
    ],
)
def test_a_first_day_and_the_time_of_growing_belong_together(
    tmp_path: Path, days: str, since: str, said: str | None
) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", AE, f"    fairness: {{ {days} }}\n{AE}")
    changed(rules, "team", MILICA, MILICA.replace("name:", f"{since}name:"))
    found = problems(rules)
    assert [said in problem.message for problem in found if said] == ([True] if said else [])
    assert len(found) == (said is not None)


def test_a_credit_for_a_test_that_there_is_not(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", AE, f"    fairness: {{ credits: [on_leave] }}\n{AE}")
    [fault] = problems(rules)
    assert "'inactive', 'skill'" in fault.message
