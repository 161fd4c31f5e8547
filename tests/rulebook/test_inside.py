"""A fault inside a condition is named where it stands in the file, however YAML writes the text."""

from __future__ import annotations

import pytest

from leadrelay.rulebook.inside import place_in
from leadrelay.rulebook.read import parse
from tests.rulebook.editing import HERE

_STYLES = [
    "if: lead.score >= ‸threshold.mql\n",
    "if:   'lead.persona == \"it''s\" and ‸lead.scor > 1'\n",
    'if: "lead.persona == \\"x\\" and ‸lead.scor > 1"\n',
    'if: "a \\u017c b\\tc ‸lead.scor > 1"\n',
    "if: |\n  lead.icp\n    and ‸lead.scor > 1\n",
    "if: >-\n  lead.icp\n  and lead.fit > 2\n\n  and ‸lead.scor > 1\n",
    "if: lead.icp and\n  lead.fit > 2 and\n  ‸lead.scor > 1\n",
    "rules:\n  - { id: a, if: 'known(żółć) and ‸lead.scor > 1', pool: b }\n",
    "if: ‸lead.scor > 1\n",
]


@pytest.mark.parametrize("marked", _STYLES)
def test_the_n_th_character_of_a_value_is_found_in_the_file(marked: str) -> None:
    index = marked.index(HERE)
    document = parse(marked.replace(HERE, ""), "f")
    steps = ("if",) if "if" in document.data else ("rules", 0, "if")
    value = document.data["if"] if "if" in document.data else document.data["rules"][0]["if"]
    word = "threshold.mql" if "threshold" in value else "lead.scor "
    mark = place_in(document, steps, value.index(word))
    assert (mark.line, mark.column) == (marked.count("\n", 0, index) + 1, index - marked.rfind("\n", 0, index))


def test_a_value_that_is_no_text_stands_where_it_begins() -> None:
    document = parse("alert:\n  - 1\n", "f")
    mark = place_in(document, ("alert",), 7)
    assert (mark.line, mark.column) == (2, 3)
