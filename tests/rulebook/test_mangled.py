"""Whatever is done to the files, the answer is a list of places or a valid set of rules, never a crash."""

from __future__ import annotations

import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from leadrelay.domain.rules import Rules
from leadrelay.rulebook.compile import bundle, compile_rules
from leadrelay.rulebook.files import FILES
from leadrelay.rulebook.problems import Problem, RulesInvalid
from tests.rulebook.editing import RULES, TODAY, copied

_PIECES = [
    "",
    "null",
    "[]",
    "{}",
    "0",
    "-1",
    "true",
    "'x'",
    "if: lead.icp",
    "- a",
    "{ a: 1 }",
    '"',
    "lead.score",
    "é",
    "\t",
]


@st.composite
def mangled(draw: st.DrawFn) -> tuple[str, str]:
    """A file and its text with a few lines or values replaced, doubled or dropped."""
    name = draw(st.sampled_from(sorted(FILES)))
    lines = (RULES / f"{name}.yaml").read_text("utf-8").splitlines()
    for _ in range(draw(st.integers(1, 3))):
        at = draw(st.integers(0, len(lines) - 1))
        piece = draw(st.sampled_from(_PIECES))
        head, colon, _ = lines[at].partition(":")
        changes = [[], [lines[at], lines[at]], [f"{head}{colon} {piece}"], [f"{piece}{lines[at]}"], [lines[at] + piece]]
        lines[at : at + 1] = draw(st.sampled_from(changes))
        lines = lines or [""]
    return name, "\n".join(lines) + "\n"


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(mangled())
def test_mangled_rules_are_refused_with_places_or_valid(change: tuple[str, str]) -> None:
    name, text = change
    with tempfile.TemporaryDirectory() as folder:
        rules = copied(Path(folder))
        path = rules / f"{name}.yaml"
        path.write_text(text, "utf-8")
        compiled, problems = _compiled(rules)
        assert (compiled is None) == any(problem.severity == "error" for problem in problems)
        last = text.count("\n") + 2
        assert all(1 <= one.line <= last and one.column >= 1 for one in problems if one.file == str(path))
        if compiled is not None:
            assert Rules.model_validate_json(bundle(compiled)) == compiled


def _compiled(rules: Path) -> tuple[Rules | None, tuple[Problem, ...]]:
    try:
        found = compile_rules(rules, TODAY)
    except RulesInvalid as invalid:
        return None, invalid.problems
    return found.rules, found.warnings
