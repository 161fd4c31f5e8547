"""mentions(): whole words, as four languages write them."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.conditions import ConditionError, FieldType, compile_condition, literal_values
from leadrelay.domain.conditions.words import mentions

SCHEMA = {"lead.message": FieldType.TEXT, "lead.pages": FieldType.TEXTS}
NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Here is my CV.", "cv"),
        ("CV!", "Cv"),
        ("szukam pracy w Łodzi", "szukam prac*"),
        ("Szukam\n  PRACĘ", "szukam prac*"),
        ("Przesylam cv", "przesyłam cv"),
        ("tražim posao", "trazim posao"),
        ("Тражим посао код вас", "tražim posao"),
        ("Ђорђе шаље биографију", "đorđe šalje biografij*"),
        ("Meine Bewerbungsunterlagen", "bewerbung*"),
        ("GRÖSSE", "größe"),
        ("link-building", "link building"),
        ("Artykuły sponsorowane", "artykuł* sponsorowan*"),
        ("a.b (c)", "a b c"),
    ],
)
def test_it_is_found_however_it_is_written(text: str, phrase: str) -> None:
    assert mentions(text, [phrase])


@pytest.mark.parametrize(
    ("text", "phrase"),
    [
        ("Cvetko from CVS", "cv"),
        ("recv", "cv"),
        ("praca", "prac"),
        ("my resume", "my  resumes"),
        ("my old CV", "my cv"),
        ("", "cv"),
        ("...", "*"),
        ("anything", "?!"),
        ("aXb", "a.b"),
    ],
)
def test_a_part_of_a_word_or_of_a_phrase_is_none(text: str, phrase: str) -> None:
    assert not mentions(text, [phrase])


@given(st.text(max_size=60), st.text(max_size=20), st.text(max_size=60))
def test_what_stands_between_blanks_is_found(before: str, phrase: str, after: str) -> None:
    text = f"{before} {phrase} {after}"
    assert mentions(text, phrase) or not any(letter.isalnum() for letter in phrase)


def test_a_rule_may_give_a_list_or_one_phrase_and_nothing_is_found_in_nothing() -> None:
    one = compile_condition('mentions(lead.message, ["cv", "szukam prac*"])', SCHEMA)
    other = compile_condition('mentions(lead.message, "cv")', SCHEMA)
    assert [each.holds({"lead.message": "my cv"}, NOW) for each in (one, other)] == [True, True]
    assert [each.holds({}, NOW) for each in (one, other)] == [False, False]
    assert literal_values(one) == {}


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ('mentions(lead.message, [])', "an empty list matches nothing"),
        ('mentions(lead.message, [1])', "mentions is used as"),
        ('mentions(lead.pages, ["a"])', "mentions is used as"),
        ('count(["a"], "a") > 0', "a written list can only stand"),
    ],
)  # fmt: skip
def test_what_makes_no_sense_is_refused(text: str, message: str) -> None:
    with pytest.raises(ConditionError, match=message):
        compile_condition(text, SCHEMA)
