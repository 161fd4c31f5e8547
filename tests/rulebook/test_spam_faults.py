"""Faults of `spam:`, each at its place with what was meant."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, copied, problems

FAULTS = [
    ("block: []", "block: [‸Zoe@SEO.example]", "'Zoe@SEO.example' is no mail domain", "seo.example", "error"),
    ("allow: []", "allow: [ok.example, ‸nowhere]", "'nowhere' is no mail domain", None, "error"),
    ("block: []", "block: [‸gmail.com]", "'gmail.com' is free mail", None, "warning"),
    ("per_identity: { touches: 5,", "per_identity: { touches: ‸0,", "greater than or equal to 1", None, "error"),
    ('"@test.leadrelay.example"]', '‸"*"]', "'*' would take leads for tests", None, "error"),
    ('"@test.leadrelay.example"]', '‸"@qa"]', "'@qa' would take leads for tests", None, "error"),
    ("disposable_mail: true", "‸disposable: true", "unknown key 'disposable'", "disposable_mail", "error"),
]


@pytest.mark.parametrize(("old", "new", "message", "suggestion", "severity"), FAULTS, ids=[each[1] for each in FAULTS])
def test_fault(tmp_path: Path, old: str, new: str, message: str, suggestion: str | None, severity: str) -> None:
    rules = copied(tmp_path)
    place = changed(rules, "sources", old, new)
    [problem] = problems(rules)
    assert (problem.line, problem.column) == place
    assert message in problem.message
    assert (problem.suggestion, problem.severity) == (suggestion, severity)


def test_a_domain_on_both_lists_stands_on_one_too_many(tmp_path: Path) -> None:
    rules = copied(tmp_path)
    changed(rules, "sources", "allow: []", "allow: [firma.example]")
    place = changed(rules, "sources", "block: []", "block: [‸firma.example]")
    [problem] = problems(rules)
    assert (problem.line, problem.column) == place
    assert "which wins" in problem.message
