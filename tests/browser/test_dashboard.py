"""The dashboard in a real browser, under its own policy: nothing complains, everything is there, by eye and by ear."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from leadrelay.reports.registry import names
from tests.browser.chromium import Chromium, Visitor, installed, started
from tests.browser.dashboard import Dashboard, dashboard, serving

PROGRAM = installed()
pytestmark = [
    pytest.mark.browser,
    pytest.mark.skipif(PROGRAM is None, reason="needs a browser: apt-get install chromium"),
]

SIGHTS = {"light": ("light", 1280), "dark": ("dark", 1280), "phone": ("light", 390)}
"""How a page is looked at: the colours that are preferred, and the width."""

LOOK = (Path(__file__).parent / "look.js").read_text()
"""What a person with other senses would stumble over."""


CHARTS = """
JSON.stringify([...document.querySelectorAll('svg.chart')].map((svg) => {
  const read = (element) => element.textContent.trim().replace(/\\s+/g, ' ');
  const marks = [...svg.querySelectorAll('rect:has(title), circle:has(title)')];
  return {
    marks: marks.map((mark) => read(mark.querySelector('title'))),
    drawn: marks.filter((mark) => mark.getBoundingClientRect().width > 0).length,
    cells: [...svg.closest('section').querySelectorAll('th, td')].map(read),
  };
}))
"""
"""Each chart: what its marks say, how many have a size, and the cells of its table."""


@pytest.fixture(scope="module")
def browser(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Chromium]:
    assert PROGRAM is not None
    with started(PROGRAM, tmp_path_factory.mktemp("browser")) as chromium:
        yield chromium


@pytest.fixture(scope="module")
def board(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Dashboard]:
    made = dashboard(tmp_path_factory.mktemp("rows"))
    with serving(made):
        yield made


@pytest.fixture(scope="module")
def visitor(browser: Chromium) -> Visitor:
    return browser.visitor()


def paths(board: Dashboard) -> dict[str, str]:
    """Every page there is."""
    lead = next(record.lead.lead_id for record in board.system.leads() if record.lead.contacted_at)
    found = {name: f"/reports/{name}?since=2026-06-01&until=2026-11-22" for name in names()}
    found |= {"today": "", "quality": "/quality", "reports": "/reports", "story": f"/leads/{lead}", "me": "/me"}
    found |= {"nothing": "/nothing", "opened": "/open/funnel"}
    found["empty"] = "/reports/funnel?since=2020-01-01&until=2020-01-02"
    return {name: f"/dashboard{path}" for name, path in found.items()}


def look(visitor: Visitor, sight: str) -> None:
    colours, width = SIGHTS[sight]
    visitor.looks(width=width, prefers=colours)


@pytest.mark.parametrize("sight", SIGHTS)
def test_no_page_complains_overflows_or_leaves_somebody_out(board: Dashboard, visitor: Visitor, sight: str) -> None:
    look(visitor, sight)
    for name, path in paths(board).items():
        visitor.opens(board.address + path)
        assert visitor.complaints() == [], name
        assert visitor.does("document.documentElement.scrollWidth <= innerWidth"), f"{name} is wider than the window"
        assert json.loads(visitor.does(LOOK)) == [], name
        assert visitor.does("document.querySelectorAll('link[rel=stylesheet]').length") == 1
        assert visitor.does("getComputedStyle(document.body).fontFamily").startswith("system-ui"), "the style is there"


def test_charts_have_data_and_their_table_says_the_same(board: Dashboard, visitor: Visitor) -> None:
    look(visitor, "light")
    for name in names():
        visitor.opens(f"{board.address}/dashboard/reports/{name}?since=2026-06-01&until=2026-11-22")
        charts = json.loads(visitor.does(CHARTS))
        for chart in charts:
            assert chart["drawn"] == len(chart["marks"]), "every mark has a size"
            for mark in chart["marks"]:
                assert mark.rpartition(": ")[2] in chart["cells"], (name, mark)
    assert charts, "the last one has a chart at least"


def test_filters_work_without_a_script(board: Dashboard, visitor: Visitor) -> None:
    look(visitor, "light")
    visitor.opens(f"{board.address}/dashboard/reports/channels?since=2026-06-01&until=2026-11-22")
    everybody = _leads(visitor)
    visitor.does("document.querySelector('select[name=source]').value = 'meta'")
    visitor.clicks(".filters button")
    visitor.waits_for("location.search.includes('source=meta') && document.readyState === 'complete'")
    assert 0 < _leads(visitor) < everybody
    assert visitor.does("document.querySelector('select[name=source]').value") == "meta"
    assert visitor.does("document.querySelector('input[name=since]').value") == "2026-06-01"
    assert "Meta" in visitor.does("document.querySelector('.on').textContent")
    visitor.clicks(".on a")
    visitor.waits_for("!location.search.includes('source=meta') && document.readyState === 'complete'")
    assert _leads(visitor) == everybody


def _leads(visitor: Visitor) -> int:
    return int(
        visitor.does("document.querySelector('.count').textContent.match(/Leads: ([\\d,]+)/)[1].replace(',', '')")
    )


def test_a_number_opens_as_many_leads_as_it_says(board: Dashboard, visitor: Visitor) -> None:
    look(visitor, "light")
    visitor.opens(f"{board.address}/dashboard/reports/channels?since=2026-06-01&until=2026-11-22")
    said = visitor.does("document.querySelector('td a').textContent")
    visitor.clicks("td a")
    visitor.waits_for("location.pathname === '/dashboard/open/channels' && document.readyState === 'complete'")
    assert _leads(visitor) == int(said)
    assert visitor.does("document.querySelectorAll('table.list tbody tr').length") == int(said)
    visitor.clicks(".back a")
    visitor.waits_for("location.pathname === '/dashboard/reports/channels' && document.readyState === 'complete'")
    assert "since=2026-06-01" in visitor.does("location.search")


def test_the_language_is_chosen_and_stays(board: Dashboard, visitor: Visitor) -> None:
    look(visitor, "light")
    visitor.opens(f"{board.address}/dashboard/reports/channels?since=2026-06-01&until=2026-11-22&source=meta")
    visitor.clicks(".languages a[lang=pl]")
    visitor.waits_for("document.documentElement.lang === 'pl' && document.readyState === 'complete'")
    assert "source=meta" in visitor.does("location.search")
    visitor.clicks(".menu li:nth-child(3) a")
    visitor.waits_for("location.pathname === '/dashboard/reports' && document.readyState === 'complete'")
    assert visitor.does("document.querySelector('h1').textContent") == "Raporty"


def test_the_keyboard_reaches_the_content_first_and_its_place_is_seen(board: Dashboard, visitor: Visitor) -> None:
    look(visitor, "light")
    visitor.opens(f"{board.address}/dashboard")
    visitor.presses("Tab")
    assert visitor.does("document.activeElement.className") == "skip"
    assert visitor.does("document.activeElement.getBoundingClientRect().left >= 0")
    visitor.presses("Tab")
    outline = visitor.does("getComputedStyle(document.activeElement).outlineStyle")
    assert (visitor.does("document.activeElement.tagName"), outline) == ("A", "solid")


def test_on_paper_there_is_content_and_nothing_to_click(board: Dashboard, visitor: Visitor) -> None:
    visitor.looks(width=800, prefers="light", media="print")
    visitor.opens(f"{board.address}/dashboard/reports/funnel?since=2026-06-01&until=2026-11-22")
    for hidden in (".menu", ".filters", ".languages", ".downloads"):
        assert visitor.does(f"document.querySelector('{hidden}').offsetParent === null"), hidden
    assert visitor.does("document.querySelector('svg.chart').getBoundingClientRect().height > 100")
    assert base64.b64decode(visitor.prints()).startswith(b"%PDF")


def test_pictures_are_taken_and_are_no_blank_sheets(board: Dashboard, visitor: Visitor, tmp_path: Path) -> None:
    taken: dict[str, Any] = {}
    for sight in SIGHTS:
        look(visitor, sight)
        visitor.opens(f"{board.address}/dashboard")
        taken[sight] = base64.b64decode(visitor.pictures())
        (tmp_path / f"{sight}.png").write_bytes(taken[sight])
        assert len(taken[sight]) > 20_000
    assert len(set(taken.values())) == len(SIGHTS)
