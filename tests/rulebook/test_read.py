"""YAML is data: nothing is executed, nothing grows, nothing is silently something else."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.rulebook.read import MAX_BYTES, MAX_DEPTH, parse, read


def _places(text: str) -> list[tuple[int, int, str]]:
    return [(problem.line, problem.column, problem.message) for problem in parse(text, "f").problems]


@pytest.mark.parametrize(
    ("text", "line", "column", "message"),
    [
        ("a: &x 1\n", 1, 4, "&x: anchors are not used in rules"),
        ("a: 1\nb: *x\n", 2, 4, "*x: aliases are not used in rules; write the value itself"),
        ("a: 1\nb: 2\na: 3\n", 3, 1, "'a' is here twice; the first is on line 1"),
        ("a: !!python/object/apply:os.system [id]\n", 1, 4, "tag:yaml.org,2002:python/object/apply:os.system: tags"),
        ("a: !!binary aGk=\n", 1, 4, "tag:yaml.org,2002:binary: tags are not used"),
        ("a: !env HOME\n", 1, 4, "!env: tags are not used in rules; write the plain value"),
        ("? [1, 2]\n: 3\n", 1, 3, "a key is a text; this is a list, a map or an alias"),
        ("a: 1\n---\nb: 2\n", 2, 1, "a second document (---); one file is one document"),
        ("a: [1, 2\nb: 3\n", 2, 2, "this is not YAML:"),
        ("a: 'x\n", 2, 1, "this is not YAML:"),
        ("a:\n\t- 1\n", 2, 1, "this is not YAML:"),
        ("é: ż\nö: 1\nö: 2\n", 3, 1, "'ö' is here twice; the first is on line 2"),
    ],
)
def test_what_yaml_could_do_and_rules_must_not(text: str, line: int, column: int, message: str) -> None:
    found = _places(text)
    assert [(line, column)] == [place[:2] for place in found]
    assert found[0][2].startswith(message)


def test_a_bomb_of_aliases_is_refused_without_growing() -> None:
    levels = [f"l{n}: &l{n} [{', '.join([f'*l{n - 1}'] * 9)}]" for n in range(1, 30)]
    document = parse("\n".join(["l0: &l0 [x]", *levels]), "f")
    assert document.problems
    assert len(document.values) < 600


def test_depth_is_limited_before_it_can_exhaust_the_stack() -> None:
    assert not parse("a: " + "[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1), "f").problems
    (problem,) = parse("[" * 100_000, "f").problems
    assert (problem.line, problem.column) == (1, MAX_DEPTH + 1)
    assert "nested deeper" in problem.message


def test_a_huge_file_is_refused_unread(tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_text("# " + "x" * MAX_BYTES, "utf-8")
    (problem,) = read(path).problems
    assert problem.message == "is larger than 256 KiB; no set of rules a person can read is"


def test_what_is_no_text_and_what_is_not_there(tmp_path: Path) -> None:
    path = tmp_path / "fields.yaml"
    path.write_bytes(b"a: \xff\xfe\n")
    assert read(path).problems[0].message == "is not UTF-8 text (byte 3)"
    assert read(tmp_path / "none.yaml").problems[0].message == "cannot be read: No such file or directory"


def test_plain_words_are_what_they_look_like() -> None:
    text = "NO: no\non: off\nhours: 17:00\nday: 2026-03-01\n007: 007\nyes: Yes\n"
    text += "n: ~\nempty:\nt: true\ni: -12\nd: 0.75\ns: '1'\n"
    assert parse(text, "f").data == {
        "NO": "no",
        "on": "off",
        "hours": "17:00",
        "day": "2026-03-01",
        "007": "007",
        "yes": "Yes",
        "n": None,
        "empty": None,
        "t": True,
        "i": -12,
        "d": 0.75,
        "s": "1",
    }


def test_every_value_and_key_has_its_place() -> None:
    document = parse("team:\n  - name: Zoë\n    size: 3\n", "f")
    assert [
        (mark.line, mark.column) for mark in (document.value_at(("team", 0, "size")), document.key_at(("team",)))
    ] == [
        (3, 11),
        (1, 1),
    ]
    nearest = document.value_at(("team", 0, "size", "not", "there"))
    assert (nearest.line, nearest.column) == (3, 11)


_WORDS = st.text(st.characters(codec="utf-8", exclude_categories=("Cc", "Cs", "Co", "Cn", "Zl", "Zp")), max_size=20)
_DATA = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**17), 10**17) | _WORDS,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_WORDS, inner, max_size=4),
    max_leaves=12,
)


@given(st.dictionaries(_WORDS, _DATA, max_size=4))
def test_plain_data_comes_back_as_it_was_written(data: dict[str, object]) -> None:
    document = parse(yaml.safe_dump(data, allow_unicode=True), "f")
    assert not document.problems
    assert document.data == data


@given(st.text(max_size=200))
def test_no_text_makes_the_reader_fail(text: str) -> None:
    document = parse(text, "f")
    assert all(problem.line >= 1 and problem.column >= 1 for problem in document.problems)
