"""The style sheet: colours that can be told apart, in the light and in the dark, and nothing from elsewhere."""

from __future__ import annotations

import re

import pytest

from leadrelay.reports.pages import style

TEXTS = ("ink", "quiet", "do", "warn", "late", "hot")
MARKS = ("s1", "s2", "s3", "s4", "s5", "s6")
GROUNDS = ("card", "raised", "ground")


def colours(dark: bool) -> dict[str, str]:
    """The custom properties; the dark ones over the light ones."""
    light, night = re.findall(r":root \{([^}]*)\}", style())[:2]
    found = re.findall(r"--([\w-]+): (#[0-9a-f]{6});", light + (night if dark else ""))
    return dict(found)


def contrast(one: str, other: str) -> float:
    """After WCAG 2.2."""
    low, high = sorted((_light(one), _light(other)))
    return (high + 0.05) / (low + 0.05)


def _light(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.03928 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize("dark", [False, True])
def test_texts_can_be_read_on_whatever_they_stand_on(dark: bool) -> None:
    found = colours(dark)
    pairs = [(text, ground) for text in TEXTS for ground in GROUNDS]
    pairs += [("on-do", "do"), ("ink", "warn-ground"), ("warn", "warn-ground")]
    weak = {pair: contrast(*(found[name] for name in pair)) for pair in pairs}
    assert not {pair: value for pair, value in weak.items() if value < 4.5}


@pytest.mark.parametrize("dark", [False, True])
def test_marks_stand_out_and_deeper_ones_more(dark: bool) -> None:
    found = colours(dark)
    assert all(contrast(found[mark], found["card"]) >= 3 for mark in MARKS)
    depths = [contrast(found[f"h{step}"], found["card"]) for step in range(6)]
    assert depths == sorted(depths)
    assert depths[-1] >= 4.5


def test_the_dark_has_every_colour_of_its_own() -> None:
    light, night = colours(dark=False), colours(dark=True)
    assert [name for name in light if light[name] == night[name]] == []


def test_every_colour_is_used_and_every_used_one_is_there() -> None:
    used = set(re.findall(r"var\(--([\w-]+)\)", style()))
    assert used == set(colours(dark=False))


def test_nothing_is_loaded() -> None:
    for word in ("url(", "@import", "@font-face", "http"):
        assert word not in style()


def test_colours_stand_in_one_place() -> None:
    rules = re.sub(r":root \{[^}]*\}", "", style())
    assert not re.findall(r"#[0-9a-fA-F]{3,8}\b", rules)
