"""Each fault of reports.yaml, at its place, with what was probably meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, copied, problems

FIRST = "  - { id: first_contact, report: sla, number: first_kept, below: 0.8 }\n"
DIGEST = "digest: { weekday: monday, hour: 8 }"

FAULTS = [
    ("zone: Europe/Warsaw", "zone: ‸Europe/Warszawa", "no zone 'Europe/Warszawa'", "Europe/Warsaw"),
    ("[0, 20, 40", "‸[20, 40", "bands begin with 0 and rise", None),
    ("[0, 20, 40", "‸[0, 40, 20", "bands begin with 0 and rise", None),
    ("70, 80]", "70, 180]", "bands begin with 0 and rise", None),
    (FIRST, FIRST.replace("sla", "‸slaa"), "no report 'slaa'", "sla"),
    (FIRST, FIRST.replace("first_kept", "‸first_keept"), "no number of 'sla' 'first_keept'", "first_kept"),
    (FIRST, FIRST.replace(", below: 0.8", "").replace("{ id", "‸{ id"), "can never be crossed", None),
    (FIRST, FIRST + FIRST.replace("first_contact", "‸first_contact"), "'first_contact' is taken", None),
    (FIRST, FIRST.replace("0.8", "0.8, where: { sorce: ‸[meta] }"), "no filter 'sorce'", "source"),
    (FIRST, FIRST.replace("0.8", "0.8, where: { lead.email: ‸[a] }"), "no filter 'lead.email'", None),
    (FIRST, FIRST.replace("0.8", "0.8, notice: ‸report_treshold"), "no rule of notices.yaml for", "report_threshold"),
    (DIGEST, "digest: { notice: ‸weekly }", "no rule of notices.yaml for 'weekly'", None),
    (DIGEST, "digest: { hour: ‸25 }", "less than or equal to 23", None),
]


@pytest.mark.parametrize(("old", "new", "message", "suggestion"), FAULTS, ids=[each[2][:40] for each in FAULTS])
def test_a_fault_is_named_at_its_place(
    tmp_path: Path, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "reports", old, new)
    [problem] = [each for each in problems(rules) if message in each.message]
    if "‸" in new:
        assert (problem.line, problem.column) == place
    if suggestion is not None:
        assert problem.suggestion == suggestion


def test_the_file_may_be_left_out(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    (rules / "reports.yaml").unlink()
    assert list(problems(rules)) == []
