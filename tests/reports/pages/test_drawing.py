"""Charts: what is drawn is what is in the table, at any width, for who sees it and who does not."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from leadrelay.reports.pages.drawing import draw
from leadrelay.reports.pages.drawing.heat import STEPS, depth
from leadrelay.reports.pages.drawing.plot import MOST, Plot, plot_of
from leadrelay.reports.pages.drawing.rows import LONGEST
from leadrelay.reports.pages.drawing.scale import scale
from leadrelay.reports.result import Chart, Column, Line, Report, Table
from tests.reports.pages.samples import report, words

FORMS = ("bars", "stacked", "line", "heat", "funnel")


def _drawn(form: str, columns: tuple[Column, ...], lines: list[tuple[Any, ...]], **chart: Any) -> ET.Element:
    return ET.fromstring(str(draw(_plot(form, columns, lines, **chart))))


def _plot(form: str, columns: tuple[Column, ...], lines: list[tuple[Any, ...]], **chart: Any) -> Plot:
    table = Table(id="t", columns=columns, lines=tuple(Line(values=values) for values in lines))
    usual: dict[str, Any] = {"x": columns[0].id, "series": tuple(each.id for each in columns[1:])}
    one = Chart.model_validate({"id": "c", "table": "t", "form": form, **usual, **chart})
    return plot_of(one, report(tables=(table,), charts=(one,)), words())


def _marks(svg: ET.Element, tag: str) -> list[ET.Element]:
    """Those that say their value."""
    return [each for each in svg.iter(tag) if each.find("title") is not None]


def _share(text: str | None) -> float:
    assert text is not None
    assert text.endswith("%"), text
    return float(text[:-1]) / 100


CODE, MONTH = Column(id="x", kind="code"), Column(id="x", kind="month")
A, B = Column(id="a"), Column(id="b")


@pytest.mark.parametrize("form", FORMS)
def test_every_chart_says_what_it_is(form: str) -> None:
    svg = _drawn(form, (CODE, A), [("one", 3), ("two", 1)])
    ids = (svg.get("aria-labelledby") or "").split()
    assert [svg.find(f"*[@id='{each}']").tag for each in ids] == ["title", "desc"]  # type: ignore[union-attr]
    assert svg.get("role") == "img"
    desc = svg.findtext("desc") or ""
    assert "Most: One (3)." in desc
    assert "Least: Two (1)." in desc


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("kind", ["code", "month"])
def test_every_value_is_a_mark_that_tells_it(form: str, kind: Any) -> None:
    svg = _drawn(form, (Column(id="x", kind=kind), A), [("2026-01", 3), ("2026-02", 5)])
    told = [mark.findtext("title") for tag in ("rect", "circle") for mark in _marks(svg, tag)]
    assert [text.rpartition(": ")[2] for text in told if text] == ["3", "5"]


@pytest.mark.parametrize("form", FORMS)
def test_nothing_to_draw_is_an_empty_chart(form: str) -> None:
    svg = _drawn(form, (MONTH, A), [])
    assert not _marks(svg, "rect")
    assert svg.findtext("desc") == "Nothing to draw in these days."


@pytest.mark.parametrize("form", FORMS)
def test_what_is_unknown_is_not_drawn_as_nothing(form: str) -> None:
    svg = _drawn(form, (MONTH, A), [("2026-01", None), ("2026-02", 5)])
    marks = [mark for tag in ("rect", "circle") for mark in _marks(svg, tag) if mark.get("class") != "none"]
    assert len(marks) == 1
    all_unknown = _drawn(form, (MONTH, A), [("2026-01", None)])
    assert [mark.get("class") for mark in _marks(all_unknown, "rect")] in ([], ["none"])


@settings(max_examples=40)
@given(st.lists(st.integers(0, 10_000), min_size=1, max_size=LONGEST))
def test_lying_bars_are_as_long_as_their_numbers(numbers: list[int]) -> None:
    svg = _drawn("bars", (CODE, A), [(f"c{place}", number) for place, number in enumerate(numbers)])
    widths = [_share(mark.get("width")) for mark in _marks(svg, "rect")]
    there = [number for number in numbers if number]
    assert len(widths) == len(there)
    assert all(width <= 1 for width in widths)
    if there:
        longest = widths[there.index(max(there))]
        for width, number in zip(widths, there, strict=True):
            assert width == pytest.approx(longest * number / max(there), abs=1e-4)


def test_of_many_rows_only_those_with_something_are_drawn() -> None:
    few = _drawn("bars", (CODE, A), [(f"c{number}", number % 2) for number in range(8)])
    assert len([each for each in few.iter("text") if each.get("class") == "name"]) == 8
    many = _drawn("bars", (CODE, A), [(f"c{number}", number % 2) for number in range(10)])
    assert [each.text for each in many.iter("text") if each.get("class") == "name"] == ["C1", "C3", "C5", "C7", "C9"]
    assert not _marks(_drawn("bars", (CODE, A), [(f"c{number}", 0) for number in range(10)]), "rect")


def test_stacked_bars_lie_one_behind_the_other() -> None:
    svg = _drawn("stacked", (CODE, A, B), [("one", 3, 1)])
    first, second = _marks(svg, "rect")
    assert _share(first.get("x")) + _share(first.get("width")) == pytest.approx(_share(second.get("x")), abs=1e-4)
    assert _share(first.get("width")) == pytest.approx(3 * _share(second.get("width")), abs=1e-4)
    assert [each.text for each in svg.iter("text") if each.get("class") == "value"] == ["4"]
    standing = _drawn("stacked", (MONTH, A, B), [("2026-01", 3, 1)])
    low, high = _marks(standing, "rect")
    assert float(high.get("y") or 0) + float(high.get("height") or 0) == pytest.approx(
        float(low.get("y") or 0), abs=0.02
    )


def test_a_loss_goes_the_other_way() -> None:
    loss, gain = _marks(_drawn("bars", (CODE, A), [("one", -2), ("two", 4)]), "rect")
    assert _share(loss.get("x")) + _share(loss.get("width")) == pytest.approx(_share(gain.get("x")), abs=1e-4)


def test_a_line_is_broken_where_nothing_is_known() -> None:
    lines = [("2026-01", 1), ("2026-02", None), ("2026-03", 3), ("2026-04", 4)]
    svg = _drawn("line", (MONTH, A), lines)
    assert len([each for each in svg.iter("line") if each.get("class") == "s1"]) == 1
    assert len(_marks(svg, "circle")) == 3


def test_a_funnel_tells_what_part_went_on_and_shows_the_smallest() -> None:
    svg = _drawn("funnel", (CODE, A), [("lead", 100_000), ("mql", 1), ("sql", 0), ("won", 0)])
    steps = [each.text for each in svg.iter("text") if each.get("class") == "step"]
    assert steps == ["0.0% of the step before", "0% of the step before"]
    widths = [_share(mark.get("width")) for mark in _marks(svg, "rect")]
    assert widths[0] == 1
    assert 0 < widths[1] < 0.01
    assert len(widths) == 2


def test_a_field_has_a_row_for_each_and_a_cell_for_each() -> None:
    columns = (Column(id="hour"), Column(id="day", kind="code", codes="weekday"), Column(id="a", kind="share"))
    lines = [(hour, day, hour / 23) for day in ("0", "1") for hour in range(24)]
    svg = _drawn("heat", columns, lines, x="hour", by="day", series=("a",))
    cells = _marks(svg, "rect")
    assert len(cells) == 48
    assert {cell.get("class") for cell in cells} == {f"h{step}" for step in range(STEPS)}
    assert (cells[23].findtext("title") or "").startswith("23, Mon: 100%")
    assert (cells[0].get("class"), cells[23].get("class")) == ("h0", f"h{STEPS - 1}")


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 1))
def test_deeper_is_more(one: float, other: float, third: float) -> None:
    low, middle, high = sorted((one, other, third))
    assert 0 <= depth(low, low, high) <= depth(middle, low, high) <= depth(high, low, high) == STEPS - 1


@settings(max_examples=60)
@given(st.lists(st.floats(-1e9, 1e9), max_size=20), st.booleans())
@example([5e-324], False)
def test_an_axis_holds_every_number_and_nothing(numbers: list[float], seconds: bool) -> None:
    axis = scale(numbers, seconds=seconds)
    assert axis.low <= min([0.0, *numbers]) + 1e-3
    assert axis.high >= max([0.0, *numbers]) - 1e-6 * (axis.high - axis.low)
    assert axis.high > axis.low
    assert len(axis.ticks) <= 13


@pytest.mark.parametrize(
    ("longest", "step"), [(50, 15), (300, 120), (7_000, 1_800), (80_000, 21_600), (400_000, 172_800)]
)
def test_times_are_divided_as_on_a_clock(longest: float, step: float) -> None:
    axis = scale([longest], seconds=True)
    assert axis.ticks[1] - axis.ticks[0] == step


def test_names_from_outside_stay_text() -> None:
    bad = "<script>alert(1)</script>\"'&"
    svg = str(draw(_plot("bars", (Column(id="x", kind="text"), A), [(bad, 3)])))
    assert "<script" not in svg
    assert bad in [each.text for each in ET.fromstring(svg).iter("text")]


@pytest.mark.parametrize("form", FORMS)
def test_a_chart_has_no_style_of_its_own_and_every_width_is_a_part(form: str) -> None:
    svg = str(_drawn_text(form))
    assert "style=" not in svg
    assert "viewBox" not in svg
    for found in re.findall(r'\b(?:x|x1|x2|cx|width)="([^"]+)"', svg):
        assert found.endswith("%") or found in ("0", "-8")


def _drawn_text(form: str) -> str:
    return str(draw(_plot(form, (MONTH, A, B), [("2026-01", 3, 1), ("2026-02", 4, None)])))


def test_more_series_than_colours_are_left_to_the_table() -> None:
    many = tuple(Column(id=f"n{number}") for number in range(9))
    plot = _plot("bars", (CODE, *many), [("one", *range(9))])
    assert len(plot.series) == MOST


def test_a_chart_of_what_is_not_there_is_a_mistake() -> None:
    one: Report = report(charts=(Chart(id="c", table="nothing", form="bars", x="x", series=("a",)),))
    with pytest.raises(StopIteration):
        plot_of(one.charts[0], one, words())
