"""Conditions as the text of an address: back as they were, and nothing else."""

from __future__ import annotations

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.reports.asked import Condition
from leadrelay.reports.conditions import NoConditions, conditions_of, conditions_text

VALUES = st.one_of(st.none(), st.text(max_size=20), st.integers(-(2**53), 2**53), st.booleans())
CONDITIONS = st.lists(
    st.builds(
        Condition, column=st.text(max_size=20), op=st.sampled_from(["is", "known", "missing", "ge", "lt"]), value=VALUES
    ),
    max_size=5,
)


@settings(max_examples=80)
@given(CONDITIONS)
def test_they_come_back_as_they_were(conditions: list[Condition]) -> None:
    back = conditions_of(conditions_text(conditions))
    assert back == tuple(conditions)
    assert [type(each.value) for each in back] == [type(each.value) for each in conditions]


def test_nothing_is_no_condition() -> None:
    assert conditions_of("") == ()
    assert conditions_text(()) == "[]"


@pytest.mark.parametrize(
    "text",
    [
        "nonsense", "{}", "3", "null", '["mql_ms","known"]', '[["mql_ms"]]', '[["a","is",1,2]]', '[["a","drop",1]]',
        '[[1,"is",1]]', '[["a","is",[1]]]', '[["a","is",{"b":1}]]', "[" * 3_000, json.dumps([["a", "known"]] * 21),
        json.dumps([["a" * 5_000, "known"]]),
    ],
)  # fmt: skip
def test_what_nobody_wrote_is_refused(text: str) -> None:
    with pytest.raises(NoConditions, match="open the number again"):
        conditions_of(text)
