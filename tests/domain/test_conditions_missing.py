"""Missing values: every comparison with one is false, so that a rule never fires on what nobody knows."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.domain.test_conditions import VIEW, holds

MISSING_IS_FALSE = [
    'touch.source == "meta"',
    'touch.source != "meta"',
    'touch.source < "meta"',
    'touch.source >= "meta"',
    'touch.source in ["meta"]',
    'touch.source not in ["meta"]',
    '"meta" in touch.source',
    '"meta" not in touch.source',
    "touch.source == account.country",
    "account.country != touch.source",
    "touch.source not in lead.pages",
    'startswith(touch.source, "m")',
    "startswith(account.country, touch.source)",
    'lower(touch.source) != "meta"',
    "len(touch.source) == 0",
    "len(touch.source) >= 0.5",
    "count(lead.pages, touch.source) == 0",
    "account.country < touch.source < lead.title",
    "known(touch.source)",
]


@pytest.mark.parametrize("text", MISSING_IS_FALSE)
def test_a_missing_value_makes_every_comparison_false(text: str) -> None:
    assert not holds(text)
    assert not holds(text, {name: value for name, value in VIEW.items() if value is not None})
    assert holds(f"not ({text})"), "not turns that false into true"


@pytest.mark.parametrize(
    "text",
    [
        "lead.hot",
        "lead.hot == False",
        "lead.hot != True",
        "lead.score != 1",
        "lead.score < 1",
        "lead.score not in [1]",
        "1.5 not in lead.amounts",
        "lead.captured_at < lead.seen_at",
        "age_days(lead.captured_at) >= 0",
        "age_days(lead.captured_at) != 0.5",
        '"x" not in lead.pages',
        'count(lead.pages, "x") == 0',
        "len(lead.pages) == 0",
    ],
)
def test_an_empty_view_makes_every_comparison_false(text: str) -> None:
    assert not holds(text, {})


@pytest.mark.parametrize("number", [float("nan"), Decimal("NaN"), Decimal("sNaN")])
def test_not_a_number_is_missing(number: object) -> None:
    view = {"lead.score": number, "lead.amounts": (number, 1)}
    for text in ("lead.score != 1", "lead.score > 0", "lead.score not in [1]", "lead.score < 0.5", "known(lead.score)"):
        assert not holds(text, view)
    assert holds("missing(lead.score) and 1 in lead.amounts and len(lead.amounts) == 1", view)
