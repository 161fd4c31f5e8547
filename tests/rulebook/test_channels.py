"""Channels: one that reports could not count is named where it stands, and an explanation says why it is this one."""

from __future__ import annotations

from pathlib import Path

import pytest

from leadrelay.rulebook.case import read_case
from leadrelay.rulebook.explain import explain
from tests.rulebook.editing import RULES, changed, compiled, copied, problems


@pytest.mark.parametrize(
    ("file", "old", "new", "message", "suggestion"),
    [
        (
            "sources",
            "vendor: csv\n    channel: event",
            "vendor: csv\n    channel: ‸fair",
            "the channel 'fair' has no class",
            None,
        ),
        ("sources", "- channel: display", "- channel: ‸displays", "the channel 'displays' has no class", "display"),
        ("sources", "display: paid", "display: ‸bought", "'seo', 'paid', 'outbound'", None),
        (
            "sources",
            "vendor: sendgrid\n",
            "vendor: sendgrid\n    partner: ‸Acme Ltd\n",
            "String should match pattern",
            None,
        ),
        ("sources", "if: known(touch.partner)", "if: known(‸touch.channel_class)", "touch.channel_class", None),
    ],
)
def test_a_fault_is_named_at_its_character(
    tmp_path: Path, file: str, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    place = changed(rules, file, old, new)
    found = [one for one in problems(rules) if message in one.message]
    assert found, problems(rules)
    assert (found[0].line, found[0].column) == place
    assert found[0].suggestion == suggestion


def test_an_explanation_says_by_which_rule_somebody_came() -> None:
    case = read_case(RULES.parent / "cases" / "a_partner_sent_them.yaml")
    first, last = explain(case, compiled(RULES).rules).chapters
    assert (first.channel, first.channel_class, first.partner) == ("partner", "partner", "acme-2026")
    assert (last.channel, last.channel_class, last.partner) == ("paid_search", "paid", None)
    deciding = [(one.rule, one.condition) for one in last.channels if one.decides]
    assert [rule for rule, _ in deciding] == ["paid_search"]
    assert "touch.click" in deciding[0][1]
