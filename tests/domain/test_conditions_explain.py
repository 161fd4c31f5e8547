"""Why a condition held, what it reads, and which values it names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from leadrelay.domain.conditions import Part, literal_values
from tests.domain.test_conditions import NOW, VIEW, compiled


class CountingView(dict[str, object]):
    """A view that remembers which fields were read."""

    def __init__(self, values: Mapping[str, object]) -> None:
        super().__init__(values)
        self.read: list[str] = []

    def get(self, name: str, default: Any = None) -> Any:
        self.read.append(name)
        return super().get(name, default)


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("lead.opted_in and lead.score > 1", ["lead.opted_in"]),
        ("lead.hot or lead.score > 1", ["lead.hot"]),
        ("lead.opted_in and lead.hot and lead.score > 1", ["lead.opted_in"]),
        ("lead.opted_in or lead.hot or lead.score > 1", ["lead.opted_in", "lead.hot"]),
        ("100 < lead.score < threshold.mql", ["lead.score"]),
    ],
)
def test_answering_stops_when_the_answer_is_known_and_explaining_does_not(text: str, read: list[str]) -> None:
    view = CountingView(VIEW)
    condition = compiled(text)
    condition.holds(view, NOW)
    assert view.read == read
    condition.explain(view, NOW)
    assert set(view.read) == condition.fields


# -- explaining


def test_every_leaf_is_explained_with_what_its_fields_were() -> None:
    condition = compiled(
        'lead.opted_in and 40 <= lead.score < threshold.mql or not (touch.source == "meta" or "blog" in lead.pages)'
    )
    assert not condition.holds(VIEW, NOW)
    assert condition.explain(VIEW, NOW) == (
        Part("lead.opted_in", False, (("lead.opted_in", False),)),
        Part("40 <= lead.score < threshold.mql", False, (("lead.score", 42), ("threshold.mql", 40))),
        Part('touch.source == "meta"', False, (("touch.source", None),)),
        Part('"blog" in lead.pages', True, (("lead.pages", ("pricing", "blog", "pricing")),)),
    )


def test_explaining_reads_nested_functions_and_names_a_field_once() -> None:
    (part,) = compiled("len(lower(lead.title)) == len(lead.title)").explain(VIEW, NOW)
    assert part == Part("len(lower(lead.title)) == len(lead.title)", True, (("lead.title", "VP Sales"),))
    assert compiled("not False").explain({}, NOW) == (Part("False", False, ()),)


# -- facts for lint


def test_literal_values_are_the_whole_values_a_field_is_compared_with() -> None:
    condition = compiled(
        'account.country in ["PL", "DE"] and account.country != "FR" or "US" == account.country '
        'or touch.source not in ("meta",) or "pricing" in lead.pages or count(lead.pages, "blog") > 1'
    )
    assert literal_values(condition) == {
        "account.country": {"PL", "DE", "FR", "US"},
        "touch.source": {"meta"},
        "lead.pages": {"pricing", "blog"},
    }


@pytest.mark.parametrize(
    "text",
    [
        '"vp" in lead.title',
        'lower(account.country) == "pl"',
        'startswith(lead.title, "VP")',
        'account.country > "A"',
        "lead.score in [1, 2] and lead.score == 3 and 1 in lead.amounts",
        "account.country == lead.title",
        "lead.hot and known(lead.title)",
    ],
)
def test_parts_of_texts_and_numbers_are_not_literal_values(text: str) -> None:
    assert literal_values(compiled(text)) == {}
