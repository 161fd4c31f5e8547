"""Faults of who may be asked: a skill that nobody has, a circle of pools, a limit that limits nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, compiled, copied, problems

ANNA = "id: anna, name: Anna (SDR), email: anna@example.com, calendar: warsaw,"
MAREK = "id: marek, name: Marek (SDR), email: marek@example.com, calendar: warsaw,"
IVANA = "id: ivana, name: Ivana (SDR), email: ivana@example.com, calendar: belgrade,"
NINA = "id: nina, name: Nina (Head of Sales), email: nina@example.com, calendar: warsaw,"
HOT = "    pool: sdr\n    next_step: Call now"
SDR = "    name: Sales development\n"
AE = "    name: Account executives\n"


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "suggestion"),
    [
        ("routing", HOT, f"    needs: [‸clod]\n{HOT}", "nobody in the pool 'sdr' has the skill 'clod'", "cloud"),
        ("routing", HOT, f"    prefers: [cloud, ‸sab]\n{HOT}", "nobody in the pool 'sdr' has the skill 'sab'", "sap"),
        ("routing", HOT, f"    needs: ‸[cloud, sap]\n{HOT}", "nobody in the pool 'sdr' has all of cloud, sap", None),
        ("team", IVANA, f"{IVANA} languages: [sr, ‸PL],", "'PL' is no language; write two small letters", "pl"),
        ("team", IVANA, f"{IVANA} languages: [‸Serbian],", "'Serbian' is no language", None),
        ("team", SDR, f"{SDR}    follow_the_sun: ‸enterprize\n", "unknown pool 'enterprize'", "enterprise"),
        ("team", SDR, f"{SDR}    follow_the_sun: ‸sdr\n", "pools that follow one another in a circle: sdr → sdr", None),
    ],
)  # fmt: skip
def test_a_fault_is_named_at_its_character(
    tmp_path: Path, file: str, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", ANNA, f"{ANNA} skills: [cloud],")
    changed(rules, "team", MAREK, f"{MAREK} skills: [sap],")
    place = changed(rules, file, old, new)
    found = [problem for problem in problems(rules) if problem.message.startswith(message)]
    assert found, problems(rules)
    assert (found[0].suggestion, found[0].severity) == (suggestion, "error")
    assert (found[0].line, found[0].column) == place


def test_a_circle_of_pools_is_named_from_each_of_them(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", SDR, f"{SDR}    follow_the_sun: ae\n")
    changed(rules, "team", AE, f"{AE}    follow_the_sun: sdr\n")
    circles = [problem.message for problem in problems(rules) if "circle" in problem.message]
    assert [message.split(": ")[1].split(";")[0] for message in circles] == ["sdr → ae → sdr", "ae → sdr → ae"]


def test_a_skill_of_the_pool_that_is_asked_next_is_enough(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    sofia = "email: sofia@example.com, calendar: warsaw,"
    changed(rules, "team", sofia, f"{sofia} skills: [cloud],")
    changed(rules, "routing", HOT, f"    needs: [cloud]\n{HOT}")
    (fault,) = problems(rules)
    assert fault.message.startswith("nobody in the pool 'sdr' has the skill 'cloud'")
    changed(rules, "team", SDR, f"{SDR}    follow_the_sun: enterprise\n")
    assert problems(rules) == ()


def test_what_somebody_has_who_is_inactive_nobody_has(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", ANNA, f"{ANNA} active: false, skills: [cloud],")
    changed(rules, "routing", HOT, f"    needs: [cloud]\n{HOT}")
    assert any("has the skill 'cloud'" in problem.message for problem in problems(rules))


def test_an_empty_pool_is_one_fault_and_no_more(tmp_path: Path) -> None:
    """That nobody in it has the skills that no rule asks for is not worth a line."""
    rules = copied(tmp_path)
    changed(rules, "team", "    members: [{ rep: tomasz }, { rep: milica }]", "    members: []")
    assert [problem.message for problem in problems(rules)] == ["the pool 'ae' is empty"]


def test_a_pool_that_only_follows_the_sun_gets_leads_too(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    spare = "  - { id: spare, name: Spare, manager: nina, members: [{ rep: anna }] }\n\nqueues:\n"
    changed(rules, "team", "queues:\n", spare)
    assert len(compiled(rules).warnings) == 1
    changed(rules, "team", SDR, f"{SDR}    follow_the_sun: spare\n")
    assert compiled(rules).warnings == ()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (NINA, f"{NINA} cap: ‸20,", "'nina' is in no pool and named by no rule, so `cap` limits nothing"),
        (NINA, f"{NINA} monthly: ‸20,", "'nina' is in no pool and named by no rule, so `monthly` limits nothing"),
        (ANNA, f"{ANNA} away_calendar: ‸anna,", "nobody reads this calendar; say how often"),
        ("revops: olek", "revops: olek\nattendance_minutes: { calendars: ‸30 }", "no rep has an `away_calendar`"),
        (SDR, f"{SDR}    outside_hours: ‸hold\n", "leads are held while nobody works, up to 64 hours, but the manager"),
    ],
)
def test_what_is_odd_is_said_and_stops_nothing(tmp_path: Path, old: str, new: str, message: str) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "team", old, new)
    (odd,) = compiled(rules).warnings
    assert odd.message.startswith(message)
    assert (odd.severity, (odd.line, odd.column)) == ("warning", place)


def test_what_is_read_and_can_be_read_is_not_odd(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", ANNA, f"{ANNA} away_calendar: anna,")
    changed(rules, "team", "revops: olek", "revops: olek\nattendance_minutes: { calendars: 30, crm: 60 }")
    assert compiled(rules).warnings == ()


def test_a_pool_that_holds_leads_long_enough_is_not_odd(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "team", SDR, f"{SDR}    outside_hours: hold\n")
    changed(rules, "team", "manager_minutes: 480", "manager_minutes: 3840")
    assert compiled(rules).warnings == ()
