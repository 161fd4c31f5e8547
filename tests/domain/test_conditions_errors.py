"""What the condition language refuses: always with a ConditionError, at the right place, with a way out."""

from __future__ import annotations

import pickle
from typing import Any

import pytest

from leadrelay.domain.conditions import ConditionError, compile_condition
from tests.domain.test_conditions import NOW, SCHEMA, VIEW


def refusal(text: Any) -> ConditionError:
    with pytest.raises(ConditionError) as caught:
        compile_condition(text, SCHEMA)
    return caught.value


@pytest.mark.parametrize(
    ("text", "underlined", "message", "suggestion"),
    [
        # fields and functions
        ("account.employes >= 200", "account.employes", "unknown field 'account.employes'", "account.employees"),
        ("lead.hot and scor > 1", "scor", "unknown field 'scor'", None),
        ("score > 1", "score", "unknown field 'score'", "lead.score"),
        ("lead > 1", "lead", "unknown field 'lead'", "lead.hot"),
        ("lead.title.x == 'a'", "lead.title.x", "unknown field 'lead.title.x'", "lead.title"),
        ("lead.hot == true", "true", "unknown field 'true'", "True"),
        ("lead.hot.__class__", "lead.hot.__class__", "unknown field", "lead.hot"),
        ('startwith(lead.title, "VP")', "startwith", "unknown function 'startwith'", "startswith"),
        ("eval('1')", "eval", "there are known, missing", None),
        ("lead.score(1)", "lead.score", "unknown function 'lead.score'", None),
        ('"a".upper() == "A"', '"a".upper', "unknown function", None),
        ('"a".real', '"a".real', "only a declared field has a name with dots", None),
        # types
        ('lead.score >= "40"', 'lead.score >= "40"', "cannot compare a number with a text", None),
        ("lead.hot and account.country == 1", "account.country == 1", "cannot compare a text with a number", None),
        ("1 < lead.score < 'a'", "lead.score < 'a'", "cannot compare a number with a text", None),
        ('lead.seen_at > "2026-01-01"', 'lead.seen_at > "2026-01-01"', "cannot compare a time with a text", None),
        ("lead.hot < True", "lead.hot < True", "orders numbers, texts or times", None),
        ('lead.pages == ["a"]', 'lead.pages == ["a"]', "looked into with 'in'", None),
        ("1 in lead.pages", "1 in lead.pages", "cannot look for a number in a list of texts", None),
        ('"a" in lead.amounts', '"a" in lead.amounts', "cannot look for a text in a list of numbers", None),
        ("1 in lead.score", "1 in lead.score", "'in' needs a list or a text on its right, not a number", None),
        ("lead.hot not in lead.seen_at", "lead.hot not in lead.seen_at", "'not in' needs a list", None),
        ("lead.score", "lead.score", "this is a number, not a condition", None),
        ("lead.hot and lead.pages", "lead.pages", "this is a list of texts, not a condition", None),
        ("not 'a'", "'a'", "this is a text, not a condition", None),
        ("lower(lead.score) == 'a'", "lower(lead.score)", "lower is used as lower(text), not with (number)", None),
        ("lower() == 'a'", "lower()", "not with (nothing)", None),
        ("count(lead.pages, 1) > 0", "count(lead.pages, 1)", "count(texts, text) or count(numbers, number)", None),
        ("known('a')", "known('a')", "known asks about a field: known(field)", None),
        ("missing(lower(lead.title))", "missing(lower(lead.title))", "missing asks about a field", None),
        ("lower(x=lead.title) == 'a'", "lower(x=lead.title)", "arguments are only listed", None),
        ("lower(*lead.title) == 'a'", "lower(*lead.title)", "arguments are only listed", None),
        ("count(['a'], 'a') > 0", "count(['a'], 'a')", "only stand to the right of 'in'", None),
        # literals
        ('account.country in ["PL" "DE"]', '"PL" "DE"', "is a comma missing?", None),
        ('account.country in ["PL", 1]', "1", "mixes a text with a number", None),
        ("lead.score in [1, True]", "True", "mixes a number with a flag", None),
        ("lead.hot in [True]", "[True]", "a list holds texts or numbers", None),
        ("lead.score in []", "[]", "an empty list matches nothing", None),
        ("lead.score in [threshold.mql]", "threshold.mql", "only written texts or numbers", None),
        ("lead.score in {1, 2}", "{1, 2}", "a list is written with [ ]", None),
        ("lead.score == None", "None", "known(field) or missing(field)", None),
        ("lead.score > 1e999", "1e999", "too large", None),
        ("lead.score > -1000000000000000001", "1000000000000000001", "too large", None),
        ("lead.score > 2j", "2j", "only texts, numbers, True and False", None),
        ("lead.title == b'a'", "b'a'", "only texts, numbers, True and False", None),
        ("lead.title == ...", "...", "only texts, numbers, True and False", None),
        ("lead.title == '\\ud800'", "'\\ud800'", "no field can hold", None),
        ('lead.title == "\\0"', '"\\0"', "no field can hold", None),
        ('lead.title == """a"""', '"""a"""', "two texts", None),
        ("lead.title == f'{lead.score}'", "f'{lead.score}'", "{…} parts", None),
        # what is not in the language
        ("lead.score + 1 > 2", "lead.score + 1", "arithmetic", None),
        ("-lead.score > 2", "-lead.score", "arithmetic", None),
        ("+1 < lead.score", "+1", "arithmetic", None),
        ("-'a' == lead.title", "-'a'", "arithmetic", None),
        ("2 ** 9 > 1", "2 ** 9", "arithmetic", None),
        ("lead.pages[0] == 'a'", "lead.pages[0]", "look into a list with 'in'", None),
        ("lead.hot if lead.hot else False", "lead.hot if lead.hot else False", "write two rules", None),
        ("lambda: True", "lambda: True", "not part of a condition", None),
        ("x := True", "x := True", "not part of a condition", None),
        ("[x for x in lead.pages] == 1", "[x for x in lead.pages]", "not part of a condition", None),
        ("await lead.hot", "await lead.hot", "not part of a condition", None),
        ("lead.hot == (lead.score > 1)", "lead.score > 1", "a condition cannot be compared", None),
        ("lead.hot == (not lead.hot)", "not lead.hot", "a condition cannot be compared", None),
        ("lead.score is 1", "lead.score is 1", "'is' is not used", "=="),
        ("lead.score is not 1", "lead.score is not 1", "'is' is not used", "!="),
        ("lead.hot & lead.hot", "lead.hot & lead.hot", "'&' is not used", "and"),
        ("lead.hot | lead.hot", "lead.hot | lead.hot", "'|' is not used", "or"),
        ("~lead.hot", "~lead.hot", "'~' is not used", "not"),
        # other languages' habits
        ('account.country = "PL"', "=", "'=' is not used", "=="),
        ("lead.hot && lead.hot", "&&", "'&&' is not used", "and"),
        ("lead.hot || lead.hot", "||", "'||' is not used", "or"),
        ("!lead.hot", "!", "'!' is not used", "not"),
        ("lead.score <> 1", "<>", "'<>' is not used", "!="),
        ("lead.score => 1", "=>", "'=>' is not used", ">="),
        ("lead.hot AND lead.hot", "AND", "'AND' is not used", "and"),
        ("lead.title == “VP”", "“", "'“' is not used", '"'),
        # grammar
        ("lead.score >", ">", "not finished", None),
        ("lead.hot and", "d", "not finished", None),
        ("lead.hot lead.hot", "l", "cannot be read", None),
        ("(lead.hot", "(", "'(' is not closed", None),
        ("lead.score in [1, 2", "[", "'[' is not closed", None),
        ("lead.hot)", ")", "')' closes nothing", None),
        (") or (", ")", "')' closes nothing", None),
        ("lead.score in [1)", ")", "')' closes nothing", None),
        ('lead.title == "VP', '"', "not closed on its line", None),
        ('lead.title == "V\nP"', '"', "not closed on its line", None),
        ('lead.title == "\\d"', '"', "cannot be read: invalid escape sequence", None),
        ("lead.hot; lead.hot", ";", "cannot be read", None),
        ("lead.hot\x00", "\x00", "character U+0000", None),
        ("lead.hot\ud800", "\ud800", "character U+D800", None),
        ("lead.hot,", "l", "is a comma left over?", None),
        ("x for x in lead.pages", "x", "not one condition", None),
    ],
)
def test_the_place_the_reason_and_the_way_out(text: str, underlined: str, message: str, suggestion: str | None) -> None:
    error = refusal(text)
    assert message in error.message
    assert error.suggestion == suggestion
    line = text.split("\n")[error.line - 1]
    assert line[error.column - 1 : error.column - 1 + error.width].startswith(underlined[: error.width])
    assert error.width >= min(len(underlined), 1)
    assert (f"did you mean '{suggestion}'?" in str(error)) == (suggestion is not None)
    str(error).encode()


def test_the_message_shows_the_line_and_underlines_the_place() -> None:
    error = refusal('account.country == "ąę" and\n\taccount.employes >= 200')
    assert (error.line, error.column, error.width) == (2, 2, 16)
    assert str(error) == (
        "unknown field 'account.employes' (line 2, column 2); did you mean 'account.employees'?\n"
        "  \taccount.employes >= 200\n"
        "  \t^^^^^^^^^^^^^^^^"
    )


@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_positions_are_those_of_the_given_text(line_end: str) -> None:
    error = refusal(line_end.join(['  account.country == "łódź"', '  and "ź" == lead.titel', "  and lead.hot"]))
    assert (error.line, error.column) == (2, 14)
    assert (error := refusal(f"lead.hot and{line_end}{line_end}   ")).line == 1
    assert error.message == "the condition is not finished"
    assert (refusal(f"lead.hot{line_end} or or").line, refusal(f"lead.hot{line_end}) or (").line) == (2, 2)


def test_a_place_over_several_lines_is_underlined_on_its_first() -> None:
    error = refusal('lead.score in [\n 1,\n "a"\n] and lead.score == [\n1]')
    assert (error.line, error.column, error.width) == (3, 2, 3)
    assert refusal("count(\nlead.hot)").width == len("count(")


def test_a_long_line_is_shown_around_the_place() -> None:
    error = refusal("lead.hot and " * 60 + "lead.hto")
    shown, carets = str(error).split("\n")[1:]
    assert len(shown) <= 102
    assert shown[carets.index("^") :].startswith("lead.hto")
    assert carets.count("^") == len("lead.hto")


@pytest.mark.parametrize("text", ["", "   ", "\n\t\r\n"])
def test_an_empty_condition(text: str) -> None:
    error = refusal(text)
    assert str(error) == "the condition is empty (line 1, column 1)"


@pytest.mark.parametrize("value", [True, None, 3, ["lead.hot"], {"a": 1}, b"lead.hot"])
def test_what_is_not_text_says_what_it_is(value: object) -> None:
    assert f"this is {type(value).__name__} " in refusal(value).message


def test_only_a_comment_is_not_a_condition() -> None:
    assert isinstance(refusal("# nothing"), ConditionError)


# -- bounds


def test_the_longest_text() -> None:
    text = "lead.hot".ljust(2_000)
    assert compile_condition(text, SCHEMA).holds(VIEW, NOW)
    assert "longer than 2000 characters" in refusal(text + " ").message


def test_the_deepest_nesting() -> None:
    assert compile_condition("not " * 30 + "lead.hot", SCHEMA).holds(VIEW, NOW)
    assert "nested deeper than 30" in refusal("not " * 31 + "lead.hot").message
    assert compile_condition("(" * 30 + "lead.hot" + ")" * 30, SCHEMA).holds(VIEW, NOW)
    assert "nested deeper than 30" in refusal("(" * 31 + "lead.hot" + ")" * 31).message
    assert "nested deeper than 30" in refusal("(" * 1_000 + "lead.hot" + ")" * 900).message
    deep_and = "lead.hot and (" * 29 + "lead.hot" + ")" * 29
    assert compile_condition(deep_and, SCHEMA).holds(VIEW, NOW)


def test_the_longest_list() -> None:
    def listed(length: int) -> str:
        return f"lead.score in [{','.join('1' for _ in range(length - 1))},42]"

    assert compile_condition(listed(500), SCHEMA).holds(VIEW, NOW)
    assert "at most 500 values, this one has 501" in refusal(listed(501)).message


@pytest.mark.parametrize(
    "text", ["-" * 1_999 + "1", "not " * 499 + "x", "a" + ".a" * 999, "9" * 2_000, "~" * 2_000, "a<" * 999 + "a"]
)
def test_hostile_shapes_are_refused_like_any_other(text: str) -> None:
    assert isinstance(refusal(text), ConditionError)


def test_an_error_survives_a_process_boundary() -> None:
    error = refusal("lead.scor > 1")
    copy = pickle.loads(pickle.dumps(error))
    assert (str(copy), copy.column, copy.suggestion) == (str(error), 1, "lead.score")
