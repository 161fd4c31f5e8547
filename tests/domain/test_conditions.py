"""The condition language: what it says, what it answers for missing values, and why."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from leadrelay.domain.conditions import (
    Condition,
    FieldType,
    compile_condition,
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


@pytest.mark.parametrize("text", ["lead.hot # a comment at the end", "# a comment first\nlead.hot", "lead.hot\n#"])
def test_a_comment_may_be_anywhere(text: str) -> None:
    assert holds(text)


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
