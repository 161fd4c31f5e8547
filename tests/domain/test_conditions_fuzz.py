"""Any text at all: a condition, or a ConditionError at a place inside the text; nothing else is ever raised."""

from __future__ import annotations

from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadrelay.domain.conditions import Condition, ConditionError, FieldType, Schema, compile_condition
from tests.domain.test_conditions import NOW, SCHEMA, TRUE, VIEW

WORDS = [
    *SCHEMA,
    *("known", "missing", "startswith", "endswith", "lower", "len", "count", "age_days", "age_hours", "age_minutes"),
    *("and", "or", "not", "in", "is", "if", "else", "for", "lambda", "await", "yield", "True", "None", "x", "lead"),
    *("==", "!=", "<", "<=", ">", ">=", "=", ":=", "+", "-", "*", "**", "~", "&", "&&", "!", "@", "%", "//", "->"),
    *(
        "(",
        ")",
        "[",
        "]",
        "{",
        "}",
        ",",
        ".",
        ":",
        ";",
        "\\",
        "#",
        "\n",
        "\r\n",
        "\t",
        "\f",
        "\x00",
        "\ud800",
        "\u2028",
    ),
    *('"PL"', "'a'", '"', "'", '"""', "f'{x}'", "b'a'", "r'\\'", '"\\N{DASH}"', '"\\x"', '"\\ud800"', "“"),
    *("1", "0.1", "1e999", "1_0", "0x1F", "01", "1j", "9" * 400, "1e-400", "ﬁ", "é", "𝐥ead", "0b2", "1if", "_"),
]
soups = st.lists(st.sampled_from(WORDS), min_size=1, max_size=14).map(" ".join)
glued = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map("".join)


@st.composite
def damaged(draw: st.DrawFn) -> str:
    """A good condition with one piece cut out and something else put in."""
    text = draw(st.sampled_from(TRUE))
    at, length = draw(st.integers(0, len(text))), draw(st.integers(0, 6))
    return text[:at] + draw(st.one_of(st.sampled_from(WORDS), st.text(max_size=3))) + text[at + length :]


def attempt(text: str, schema: Schema) -> Condition | ConditionError:
    """The condition, or the only error that may be raised."""
    try:
        return compile_condition(text, schema)
    except ConditionError as error:
        return error


def check_position(error: ConditionError, text: str) -> None:
    lines = text.replace("\r\n", "\n").replace("\r", "\n").split("\n")
    assert 1 <= error.line <= len(lines)
    assert 1 <= error.column <= len(lines[error.line - 1]) + 1
    str(error).encode()


@settings(max_examples=1_500, deadline=None, derandomize=True)
@given(st.one_of(st.text(st.characters(), max_size=60), soups, glued, damaged()))
@example("\\")
@example("lead.hot\\")
@example("lead.hot #")
@example("(\\\n)")
def test_any_text_is_a_condition_or_a_condition_error(text: str) -> None:
    condition = attempt(text, SCHEMA)
    if isinstance(condition, ConditionError):
        check_position(condition, text)
        return
    for view in (VIEW, {}):
        assert condition.holds(view, NOW) in (True, False)
        assert all(part.text for part in condition.explain(view, NOW))


@settings(max_examples=200, deadline=None, derandomize=True)
@given(st.dictionaries(st.text(max_size=12), st.sampled_from(FieldType), max_size=4), st.text(max_size=20))
def test_any_schema_gives_only_condition_errors(schema: dict[str, FieldType], text: str) -> None:
    for tried in (text, *schema):
        condition = attempt(tried, schema)
        if isinstance(condition, ConditionError):
            check_position(condition, tried)
        else:
            assert condition.fields <= schema.keys()
