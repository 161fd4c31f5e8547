"""Pages of reports: what is in the answer is on the page, in words, and nothing from outside is more than text."""

from __future__ import annotations

import re
from datetime import date, timedelta
from html import unescape
from typing import Any
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from leadrelay.domain.notices.policy import Language
from leadrelay.reports.asked import Condition
from leadrelay.reports.conditions import conditions_of
from leadrelay.reports.filters import filters
from leadrelay.reports.pages import (
    POLICY,
    Frame,
    message_page,
    opened_page,
    quality_page,
    report_page,
    reports_page,
    style,
    today_page,
)
from leadrelay.reports.pages.message import Said
from leadrelay.reports.pages.reporting import MOST
from leadrelay.reports.query import asked_of
from leadrelay.reports.result import Column, Line, Number, Remark, Report, Table
from leadrelay.reports.run import Opened
from tests.reports.pages.reading import BAD, hrefs, read
from tests.reports.pages.samples import ASKED, NOW, frame, report, text_of, warned, words
from tests.system import default_rules

FILTERS = filters(default_rules())


def test_everything_in_the_answer_is_on_the_page() -> None:
    page = report_page(report(), FILTERS, frame())
    told = text_of(page)
    for text in ("1,234", "12.5%", "€12,345", "before: 1,000", "of 1,234", "Website", "Meta", "–"):
        assert text in told, text
    assert words().report("channels").definition.split(".")[0] in told
    assert '<svg class="chart bars"' in page
    assert "Data as of 22 Nov 2026, 15:00" in told


def test_a_number_opens_the_leads_behind_it_and_only_where_there_are_any() -> None:
    page = report_page(report(), FILTERS, frame())
    opening = [each for each in hrefs(page) if "/open/" in each]
    assert len(opening) == 1
    query = dict(parse_qsl(urlsplit(opening[0]).query))
    assert urlsplit(opening[0]).path == "/dashboard/open/channels"
    assert conditions_of(query.pop("open")) == (Condition(column="first_source", value="website"),)
    assert asked_of(query.items(), FILTERS, default_rules().reports, NOW) == ASKED


def test_the_total_line_is_called_so() -> None:
    table = report().tables[0]
    total = Line(values=(None, 1234, 0.1, 99_900), opens=())
    found = report_page(report(tables=(table.with_(total=total),)), FILTERS, frame())
    assert "Total 1,234 10.0% €999" in text_of(found)
    assert re.search(r'<tfoot><tr>\s*<th scope="row">Total</th>', found)
    opened = [each for each in hrefs(found) if "/open/" in each]
    assert conditions_of(dict(parse_qsl(urlsplit(opened[-1]).query))["open"]) == ()


def test_at_most_three_key_numbers_are_shown() -> None:
    many = tuple(Number(id=f"n{number}", kind="count", value=number * 1_111) for number in range(5))
    assert read(report_page(report(numbers=many), FILTERS, frame())).open == []
    assert report_page(report(numbers=many), FILTERS, frame()).count("<strong>") == 3


def test_warnings_come_first_and_are_said_to_be_warnings() -> None:
    note = Remark(id="just_a_note")
    told = text_of(report_page(report(remarks=(note, warned())), FILTERS, frame()))
    assert told.index("Attention Unheard of") < told.index("Note Just a note")


def test_no_leads_are_said_in_words_with_the_days() -> None:
    empty = Report(name="channels", asked=ASKED, leads=0)
    told = text_of(report_page(empty, FILTERS, frame()))
    assert "No leads in these days: 1 Nov 2026 – 22 Nov 2026. Choose other days." in told
    narrowed = Report(name="channels", asked=ASKED.with_(where={"source": ("meta",)}), leads=0)
    assert "or take a filter away" in text_of(report_page(narrowed, FILTERS, frame()))


@pytest.mark.parametrize("language", ["en", "pl", "sr"])
def test_the_page_is_in_the_language_of_its_reader(language: Language) -> None:
    page = report_page(report(), FILTERS, frame(language, language=language))
    assert f'<html lang="{language}">' in page
    assert {"en": "Show", "pl": "Pokaż", "sr": "Prikaži"}[language] in text_of(page)
    inside = [each for each in hrefs(page) if each.startswith("/dashboard")]
    assert all("lang=" in each for each in inside)
    kept = [each for each in inside if each.endswith(f"lang={language}")]
    assert len(inside) - len(kept) == 2, "the two others of the language menu"


def test_a_table_without_lines_says_so() -> None:
    empty = report().tables[0].with_(id="others", lines=())
    page = report_page(report(tables=(report().tables[0], empty)), FILTERS, frame())
    assert read(page).open == []
    assert text_of(page).count("Nothing in these days.") == 1
    assert page.count("<table>") == 1


def test_the_filters_stand_as_they_were_chosen() -> None:
    asked = ASKED.with_(
        where={"source": ("meta",), "campaign": ("spring_sale",), "pool": ("sdr", "ae")}, date_by="activity"
    )
    page = report_page(report(asked=asked), FILTERS, frame("pl"))
    assert '<option value="meta" selected>Meta</option>' in page
    assert 'name="campaign" value="spring_sale"' in page
    assert '<option value="sdr,ae" selected>sdr, ae</option>' in page
    assert '<option value="activity" selected>' in page
    assert "<details open>" in page
    assert "Filtr: Źródło: Meta; Kampania: spring_sale; Pula: Sales development, Account executives" in text_of(page)
    assert "<details open>" not in report_page(report(), FILTERS, frame())


def test_every_filter_has_a_field_and_every_field_a_label() -> None:
    page = report_page(report(), FILTERS, frame())
    fields = {each["name"] for tag in ("input", "select") for each in read(page).all(tag)}
    assert fields == {"since", "until", "by", "attribution", *FILTERS}
    assert page.count("<label>") == len(fields)


def test_days_are_a_click_away_and_the_present_ones_are_marked() -> None:
    asked = ASKED.with_(since=date(2026, 10, 24))
    page = report_page(report(asked=asked), FILTERS, frame())
    assert re.search(r'aria-current="true">30 days', page)
    week = next(each for each in hrefs(page) if "since=2026-11-16" in each)
    assert "until=2026-11-22" in week
    yesterdays = report_page(report(asked=asked.with_(until=date(2026, 11, 21))), FILTERS, frame())
    assert not re.search(r'aria-current="true">\d+ days', yesterdays)


def test_old_numbers_are_said_to_be_old() -> None:
    fresh, old = frame(made_at=NOW - timedelta(minutes=59)), frame(made_at=NOW - timedelta(hours=2))
    assert "These numbers are old" not in report_page(report(), FILTERS, fresh)
    page = report_page(report(), FILTERS, old)
    assert "These numbers are old: as of 22 Nov 2026, 13:05." in text_of(page)
    assert 'class="age old" role="status"' in page


def test_what_comes_from_outside_is_text() -> None:
    bad, columns = Condition(column=BAD, value=BAD), (Column(id="x", kind="text"), Column(id="leads"))
    table = Table(id="t", columns=columns, lines=(Line(values=(BAD, 1), opens=(bad,)),))
    found = report(tables=(table.with_(counts="leads"),), charts=(), remarks=(warned(x=BAD),))
    asked = ASKED.with_(where={"campaign": (BAD,)})
    for page in (
        report_page(found.with_(asked=asked), FILTERS, frame(who=BAD, query=(("campaign", BAD),))),
        today_page(asked, [found], FILTERS, frame(who=BAD)),
        opened_page("channels", asked, (bad,), [_lead(source=BAD)], frame(), {"a" * 32: BAD}),
        message_page("422", frame(), detail=BAD),
        message_page("503", frame(), href="/dashboard?x=" + BAD),
    ):
        assert not read(page).all("img")
        assert BAD in unescape(page) or quote(BAD) in page


def _lead(**more: Any) -> Opened:
    usual = {"lead_id": "a" * 32, "captured_ms": 1_790_000_000_000, "source": "website", "stage": "mql",
             "owner": "anna", "score": 71}  # fmt: skip
    return Opened.model_validate({**usual, **more})


def test_the_leads_behind_a_number_have_names_only_where_they_may() -> None:
    leads = [_lead(), _lead(lead_id="b" * 32, captured_ms=None, source=None, owner=None, score=None)]
    opens = (Condition(column="mql_ms", op="known"), Condition(column="captured_ms", op="ge", value=1_788_000_000_000))
    page = opened_page("channels", ASKED, opens, leads, frame(), {"a" * 32: "Ada Example"}, csv="/dashboard/x.csv")
    told = text_of(page)
    assert "Ada Example 21 Sep 2026, 16:13 Website MQL Anna (SDR) 71" in told
    assert "bbbbbbbbbbbb – – MQL – –" in told
    assert "Leads: 2" in told
    assert "MQL: known; " in told
    assert "29 Aug 2026, 12:40 or more" in told
    assert {"/dashboard/leads/" + "a" * 32, "/dashboard/leads/" + "b" * 32, "/dashboard/x.csv"} <= set(hrefs(page))
    assert "No lead is behind this number." in text_of(opened_page("channels", ASKED, (), [], frame()))


def test_a_long_list_says_that_it_is_cut() -> None:
    leads = [_lead(lead_id=f"{number:032x}") for number in range(MOST + 1)]
    told = text_of(opened_page("channels", ASKED, (), leads, frame()))
    assert f"Leads: {MOST + 1}" in told
    assert f"Shown: the newest {MOST}." in told


def test_the_overview_begins_with_what_leaks_and_leads_there() -> None:
    page = today_page(
        ASKED, [report(remarks=(warned(), Remark(id="a_note")))], FILTERS, frame(path="/dashboard"), ["sla"]
    )
    told = text_of(page)
    assert told.index("What is leaking now") < told.index("Unheard of") < told.index("1,234")
    assert "Nothing stands out" not in told
    assert "could not be counted" in told
    assert words().report("sla").title in told
    report_links = [each for each in hrefs(page) if each.startswith("/dashboard/reports/channels?")]
    assert len(report_links) == 3
    calm = text_of(quality_page(ASKED, [report()], FILTERS, frame()))
    assert "Nothing stands out in these days." in calm


def test_all_reports_are_listed_by_their_titles() -> None:
    page = reports_page(["sla", "channels", "funnel"], frame())
    titles = [words().report(name).title for name in ("channels", "funnel", "sla")]
    told = text_of(page)
    assert sorted(titles) == sorted(titles, key=told.index)
    assert "/dashboard/reports/funnel" in hrefs(page)
    assert "There is no report yet." in text_of(reports_page([], frame()))


@pytest.mark.parametrize("said", ["401", "403", "404", "422", "429", "503", "norows", "signed_out"])
@pytest.mark.parametrize("language", ["en", "pl", "sr"])
def test_what_is_the_matter_is_said_with_a_way_on(said: Said, language: Language) -> None:
    page = message_page(said, frame(language), detail="since must be a day", href="/dashboard/sign-in")
    assert "/dashboard/sign-in" in hrefs(page)
    assert ("since must be a day" in text_of(page)) == (said == "422")
    bare = message_page(said, frame(language, pages=(), who=None, made_at=None, facts=None))
    assert ("/dashboard" in hrefs(bare)) == (said not in ("401", "signed_out"))


def test_one_file_alone_needs_nobody() -> None:
    page = report_page(report(), FILTERS, Frame(words(), NOW, alone=True))
    assert style() in page
    assert hrefs(page) == []
    assert not read(page).all("link")
    assert "1 Nov 2026 – 22 Nov 2026" in text_of(page)


def test_the_policy_allows_nothing_from_elsewhere() -> None:
    assert "default-src 'none'" in POLICY
    for word in ("unsafe", "http", "*", "data:", "script-src"):
        assert word not in POLICY


def test_a_page_is_small() -> None:
    many = [(f"source_{number}", number, 0.1, 100) for number in range(200)]
    assert len(report_page(report(*many), FILTERS, frame())) < 250_000
    assert len(style()) < 20_000
