"""The condition language: what it says, what it answers for missing values, and why."""

from __future__ import annotations

import pickle
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from leadrelay.domain.conditions import (
    Condition,
    FieldType,
    Part,
    compile_condition,
    literal_values,
)

NOW = datetime(2026, 11, 23, 12, 0, tzinfo=UTC)
SCHEMA: Mapping[str, FieldType] = {
    "account.country": FieldType.TEXT,
    "account.employees": FieldType.NUMBER,
    "lead.amounts": FieldType.NUMBERS,
    "lead.captured_at": FieldType.TIME,
    "lead.hot": FieldType.FLAG,
    "lead.opted_in": FieldType.FLAG,
    "lead.pages": FieldType.TEXTS,
    "lead.score": FieldType.NUMBER,
    "lead.seen_at": FieldType.TIME,
    "lead.title": FieldType.TEXT,
    "threshold.mql": FieldType.NUMBER,
    "touch.source": FieldType.TEXT,
}
VIEW: Mapping[str, object] = {
    "account.country": "PL",
    "account.employees": 250,
    "lead.amounts": (10, Decimal("0.1"), 2.5),
    "lead.captured_at": NOW - timedelta(days=30),
    "lead.hot": True,
    "lead.opted_in": False,
    "lead.pages": ("pricing", "blog", "pricing"),
    "lead.score": 42,
    "lead.seen_at": NOW - timedelta(minutes=90),
    "lead.title": "VP Sales",
    "threshold.mql": 40,
    "touch.source": None,
}


def compiled(text: str) -> Condition:
    return compile_condition(text, SCHEMA)


def holds(text: str, view: Mapping[str, object] = VIEW) -> bool:
    answer = compiled(text).holds(view, NOW)
    assert isinstance(answer, bool)
    return answer


TRUE = [
    # texts
    'account.country == "PL"',
    "account.country == 'PL'",
    'account.country != "DE"',
    'account.country != "pl"',
    '"A" < account.country <= "PL"',
    'account.country >= "PL"',
    '"Sales" in lead.title',
    '"sales" not in lead.title',
    'account.country in ["DE", "PL"]',
    'account.country in ("DE", "PL")',
    'account.country not in ["DE", "FR",]',
    "account.country < lead.title",
    # numbers
    "lead.score == 42",
    "lead.score == 42.0",
    "lead.score != 41",
    "lead.score > 41.5",
    "lead.score < 1_000",
    "lead.score <= 42",
    "lead.score >= 42",
    "-1 < lead.score",
    "-0.5 <= lead.score",
    "lead.score >= threshold.mql",
    "40 <= lead.score < 70",
    "0 < threshold.mql < lead.score < account.employees",
    "lead.score in [41, 42]",
    "lead.score in [41.5, 42.0]",
    "lead.score not in [-42]",
    # lists
    '"pricing" in lead.pages',
    '"careers" not in lead.pages',
    "account.country not in lead.pages",
    "10 in lead.amounts",
    "0.1 in lead.amounts",
    "2.5 in lead.amounts",
    "lead.score not in lead.amounts",
    # flags
    "lead.hot",
    "not lead.opted_in",
    "lead.hot == True",
    "lead.hot != lead.opted_in",
    "lead.opted_in == False",
    "True",
    "not False",
    # times
    "lead.captured_at < lead.seen_at",
    "lead.captured_at == lead.captured_at",
    "age_days(lead.captured_at) <= 30",
    "age_days(lead.captured_at) == 30",
    "age_hours(lead.captured_at) == 720",
    "age_hours(lead.seen_at) == 1.5",
    "1 < age_hours(lead.seen_at) < 2",
    "age_minutes(lead.seen_at) == 90",
    "30 >= age_days(lead.captured_at)",
    # functions
    "known(lead.score)",
    "not missing(lead.score)",
    "missing(touch.source)",
    "known(lead.hot) and known(lead.pages) and known(lead.captured_at) and known(lead.amounts)",
    "known(lead.score) == True",
    'startswith(lead.title, "VP")',
    'endswith(lead.title, "Sales")',
    'not startswith(lead.title, "vp")',
    'lower(lead.title) == "vp sales"',
    'startswith(lower(lead.title), "vp")',
    'startswith(lower(lead.title), lower("VP"))',
    'lower(account.country) in ["pl"]',
    '"vp" in lower(lead.title)',
    "lower(account.country) not in lead.pages",
    "len(lead.title) == 8",
    "len(lead.pages) == 3",
    "len(lead.amounts) > 2.5",
    'count(lead.pages, "pricing") >= 2',
    'count(lead.pages, "careers") == 0',
    "count(lead.amounts, 0.1) == 1",
    "count(lead.amounts, lead.score) < 1",
    # joined
    "lead.hot and lead.score > 1",
    "lead.opted_in or lead.hot",
    "lead.opted_in or lead.opted_in or lead.hot",
    "lead.hot and lead.hot and not lead.opted_in",
    "not (lead.hot and lead.opted_in)",
    "lead.hot or lead.opted_in and lead.opted_in",
    "not lead.opted_in and lead.hot",
    "( ( lead.hot ) )",
]


@pytest.mark.parametrize("text", TRUE)
def test_true_of_the_sample_lead(text: str) -> None:
    assert holds(text)
    assert not holds(f"not ({text})")


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


@pytest.mark.parametrize("tenth", [Decimal("0.1"), Decimal("0.10"), 0.1])
def test_money_is_exact_whatever_number_type_the_view_holds(tenth: object) -> None:
    view = {"lead.score": tenth, "threshold.mql": 0.1, "account.employees": 0.3, "lead.amounts": (tenth,)}
    for equal in (
        "lead.score == 0.1",
        "0.1 == lead.score",
        "0.10 <= lead.score <= 0.1",
        "lead.score in [0.1, 7]",
        "lead.score == threshold.mql",
        "0.1 in lead.amounts",
        "lead.score in lead.amounts",
        "count(lead.amounts, 0.1) == 1",
    ):
        assert holds(equal, view), equal
    for unequal in (
        "lead.score != 0.1",
        "lead.score > 0.1",
        "lead.score < 0.1",
        "lead.score not in [0.1]",
        "lead.score in [0.1000000000000000055]",
        "lead.score != threshold.mql",
        "0.1 not in lead.amounts",
        "account.employees != 0.3",
    ):
        assert not holds(unequal, view), unequal


def test_a_written_number_keeps_all_its_digits() -> None:
    assert holds("lead.score == 12345678901234567.89", {"lead.score": Decimal("12345678901234567.89")})
    assert not holds("lead.score == 12345678901234567.88", {"lead.score": Decimal("12345678901234567.89")})


@pytest.mark.parametrize("number", [float("nan"), Decimal("NaN"), Decimal("sNaN")])
def test_not_a_number_is_missing(number: object) -> None:
    view = {"lead.score": number, "lead.amounts": (number, 1)}
    for text in ("lead.score != 1", "lead.score > 0", "lead.score not in [1]", "lead.score < 0.5", "known(lead.score)"):
        assert not holds(text, view)
    assert holds("missing(lead.score) and 1 in lead.amounts and len(lead.amounts) == 1", view)


def test_infinity_is_a_large_number() -> None:
    assert holds("lead.score > 999 and lead.score > 0.5 and lead.score != 1", {"lead.score": float("inf")})


def test_a_time_to_come_has_a_negative_age() -> None:
    assert holds("age_minutes(lead.seen_at) == -1", {"lead.seen_at": NOW + timedelta(minutes=1)})


def test_only_ages_depend_on_now() -> None:
    young = compiled("age_days(lead.captured_at) < 31")
    assert young.holds(VIEW, NOW)
    assert not young.holds(VIEW, NOW + timedelta(days=1))


def test_line_ends_are_spaces_and_comments_are_skipped() -> None:
    text = """
        account.country in [
          "PL",   # home
          "DE"
        ]
        and lead.score >= 40  # "MQL" (not SQL)
        and not lead.opted_in
    """
    for line_end in ("\n", "\r\n", "\r"):
        condition = compiled(text.replace("\n", line_end))
        assert condition.holds(VIEW, NOW)
        assert not condition.holds({**VIEW, "lead.opted_in": True}, NOW), "what follows a comment counts"
        assert [part.text for part in condition.explain(VIEW, NOW)] == [
            'account.country in [ "PL", "DE" ]',
            "lead.score >= 40",
            "lead.opted_in",
        ]


def test_texts_may_hold_what_looks_like_syntax() -> None:
    view = {"lead.title": 'a # ) and "or" (', "account.country": "it's ł\t"}
    assert holds('lead.title == "a # ) and \\"or\\" ("', view)
    assert holds("account.country == 'it\\'s ł\\t'", view)


def test_a_condition_knows_its_text_and_fields() -> None:
    text = 'lead.hot or startswith(lower(lead.title), "vp") and 1 < lead.score < threshold.mql'
    condition = compiled(text)
    assert condition.text == text
    assert condition.fields == {"lead.hot", "lead.title", "lead.score", "threshold.mql"}
    assert condition == compiled(text)
    assert hash(condition) == hash(compiled(text))
    assert condition != compiled("lead.hot")
    assert compiled("True").fields == frozenset()


def test_a_plain_text_schema_from_a_file_works_too() -> None:
    schema: Any = {"lead.score": "number", "lead.hot": "flag"}
    assert compile_condition("lead.hot and lead.score > 0.5", schema).holds({"lead.hot": True, "lead.score": 1}, NOW)


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


def test_an_error_survives_a_process_boundary() -> None:
    with pytest.raises(ValueError, match="unknown field") as caught:
        compiled("lead.scor > 1")
    assert str(pickle.loads(pickle.dumps(caught.value))) == str(caught.value)
