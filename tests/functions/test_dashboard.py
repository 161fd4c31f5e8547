"""The dashboard as a browser and a program meet it: who gets in, who sees what, and what never leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote

import pytest

from connectors.kit.oidc import Client, OidcIssuer
from functions.report.answers import cookies_of
from functions.report.handler import handler
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.reports import registry
from leadrelay.reports.pages import POLICY, QUALITY, TODAY
from leadrelay.workflows.sign_in import SESSION
from tests.functions.browsing import Browser, Office, program, told
from tests.system import System
from tests.workflows import issuer as issuers
from tests.workflows import lives
from tests.workflows.issuer import CLIENT, Issuer

PEOPLE = ("Ada", "Bela", "Cyril")
LEADS, REPORTS = "GET /leads/{lead_id}", "GET /reports/{name}"


@pytest.fixture(scope="module")
def filled() -> Office:
    """Three people asked, and rows were made. Nothing below changes them."""
    system = System()
    for number, name in enumerate(PEOPLE):
        body = lives.demo("demo", f"submission-{number:04}", email=f"{name.lower()}@example.com", first_name=name)
        lives.send(system, body)
    office = Office(system)
    office.refresh()
    return office


@pytest.fixture
def office(filled: Office, monkeypatch: pytest.MonkeyPatch) -> Office:
    filled.wire(monkeypatch)
    return filled


@pytest.fixture
def manager(office: Office) -> Browser:
    browser = Browser()
    browser.come_by_link(office, "manager")
    return browser


def owned(office: Office) -> dict[str, str]:
    """Rep -> a lead of theirs."""
    return {r.lead.ownership.rep: r.lead.lead_id for r in office.system.leads() if r.lead.ownership.rep}


def a_rep(office: Office) -> tuple[Browser, str]:
    """A browser of a rep with leads, and who that is."""
    rep, browser = next(iter(owned(office))), Browser()
    browser.come_by_link(office, "rep", rep)
    return browser, rep


def links(answer: dict[str, Any]) -> list[str]:
    return [unescape(each) for each in re.findall(r'(?:href|action|src)="([^"]*)"', answer["body"])]


# ------------------------------------------------------------------------------------------------------- getting in


@pytest.mark.parametrize("page", ["", "/quality", "/reports", "/reports/funnel.csv", "/leads/" + "0" * 32, "/me", "/x"])
def test_without_a_session_nothing_is_shown(office: Office, page: str) -> None:
    answer = Browser().get(f"/dashboard{page}")
    assert answer["statusCode"] == 401
    assert not [name for name in PEOPLE if name in answer["body"]]
    assert "leadrelay dashboard" in answer["body"]


def test_a_link_lets_in_and_is_gone_from_the_address(office: Office) -> None:
    browser = Browser()
    answer = browser.come_by_link(office, "manager")
    assert answer["statusCode"] == 200
    assert list(browser.cookies) == ["__Host-leadrelay"]
    assert not [link for link in links(answer) if "enter" in link]
    first = browser.get("/dashboard/enter/x", follow=False)
    assert first["statusCode"] == 401


def test_on_a_machine_of_ones_own_the_cookie_needs_no_https(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    filled.wire(monkeypatch, base="http://127.0.0.1:4566/relay")
    browser = Browser()
    assert browser.come_by_link(filled, "manager")["statusCode"] == 200
    assert list(browser.cookies) == ["leadrelay"]


def test_a_rep_begins_with_their_own_leads(office: Office) -> None:
    browser, rep = Browser(), next(iter(owned(office)))
    answer = browser.come_by_link(office, "rep", rep)
    mine = [r for r in office.system.leads() if r.lead.ownership.rep == rep]
    assert all(f"/leads/{record.lead.lead_id}" in answer["body"] for record in mine)
    assert any(name in answer["body"] for name in PEOPLE)


def test_signing_out_ends_the_session_and_only_a_form_of_ours_can_do_it(office: Office, manager: Browser) -> None:
    kept = dict(manager.cookies)
    stranger = Browser()  # another site's form brings no cookie along
    assert not stranger.post("/dashboard/sign-out").get("cookies")
    answer = manager.post("/dashboard/sign-out")
    assert answer["headers"]["Location"] == "/relay/dashboard/signed-out"
    assert kept
    assert manager.cookies == {}
    assert manager.get("/dashboard/signed-out")["statusCode"] == 200
    assert manager.get("/dashboard")["statusCode"] == 401


@pytest.mark.parametrize("wrong", ["", "x", "leadrelay", "A" * 5000, "é"])
def test_an_invented_cookie_is_no_session(office: Office, wrong: str) -> None:
    assert Browser({"__Host-leadrelay": wrong}).get("/dashboard")["statusCode"] == 401


def test_a_session_ends_in_time(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(System(), filled.rows, filled.inputs)
    office.wire(monkeypatch)
    browser = Browser()
    assert browser.come_by_link(office, "manager")["statusCode"] == 200
    office.system.clock.advance(SESSION + timedelta(seconds=1))
    assert browser.get("/dashboard")["statusCode"] == 401


class TestByAnIssuer:
    @pytest.fixture
    def issuer(self) -> Iterator[Issuer]:
        with issuers.serving() as running:
            yield running

    @pytest.fixture
    def office(self, filled: Office, issuer: Issuer, monkeypatch: pytest.MonkeyPatch) -> Office:
        monkeypatch.setattr(issuers, "REDIRECT", "https://leads.example.com/relay/dashboard/signed-in")
        filled.wire(monkeypatch, OidcIssuer(Client(issuer.base, CLIENT, lambda: None)))
        return filled

    def sign_in(self, browser: Browser, issuer: Issuer, page: str) -> dict[str, Any]:
        browser.get(page)
        [there] = browser.elsewhere
        state = re.findall(r"state=(\w+)", there)[0]
        return browser.get(f"/dashboard/signed-in?code={issuer.consent(there)}&state={state}")

    def test_whoever_comes_is_sent_there_and_back_to_the_page_they_wanted(self, office: Office, issuer: Issuer) -> None:
        browser = Browser()
        page = "/dashboard/reports/funnel?since=2026-11-01&until=2026-11-30&source=website&lang=pl"
        issuer.person = {"email": "nina@example.com", "email_verified": True}
        answer = self.sign_in(browser, issuer, page)
        assert answer["statusCode"] == 200
        assert 'lang="pl"' in answer["body"]
        assert "2026-11-01" in answer["body"]
        assert list(browser.cookies) == ["__Host-leadrelay"]

    def test_who_is_not_of_the_team_sees_a_page_that_says_so(self, office: Office, issuer: Issuer) -> None:
        browser = Browser()
        issuer.person = {"email": "stranger@example.com", "email_verified": True}
        assert self.sign_in(browser, issuer, "/dashboard")["statusCode"] == 403
        assert "__Host-leadrelay" not in browser.cookies

    @pytest.mark.parametrize("query", ["", "?error=access_denied", "?code=x&state=y"])
    def test_a_visit_that_nobody_began_gets_a_way_to_begin(self, office: Office, query: str) -> None:
        answer = Browser().get(f"/dashboard/signed-in{query}")
        assert answer["statusCode"] == 401
        assert "/relay/dashboard/sign-in" in links(answer)

    def test_after_signing_out_nobody_is_signed_in_again_by_themselves(self, office: Office, issuer: Issuer) -> None:
        browser = Browser()
        self.sign_in(browser, issuer, "/dashboard")
        browser.elsewhere.clear()
        answer = browser.get(browser.post("/dashboard/sign-out")["headers"]["Location"].removeprefix("/relay"))
        assert (answer["statusCode"], browser.elsewhere) == (200, [])
        assert "/relay/dashboard/sign-in" in links(answer)

    def test_while_the_issuer_is_away_there_is_a_page(self, office: Office, issuer: Issuer) -> None:
        issuer.lies = {"token_endpoint": None}
        answer = Browser().get("/dashboard")
        assert answer["statusCode"] == 503
        assert answer["headers"]["Retry-After"] == "60"


# ------------------------------------------------------------------------------------------------------ who sees what


@pytest.mark.parametrize("page", ["", "/quality", "/reports", *(f"/reports/{name}" for name in registry.names())])
def test_every_page_is_whole_and_stays_here(office: Office, manager: Browser, page: str) -> None:
    answer = manager.get(f"/dashboard{page}")
    assert answer["statusCode"] == 200, answer["body"][:500]
    headers = answer["headers"]
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Frame-Options"] == "DENY"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "no-referrer"
    assert "<script" not in answer["body"]
    assert all(link.startswith(("/relay/dashboard", "#")) for link in links(answer)), links(answer)
    assert "attacker.example" not in answer["body"]


def test_every_link_of_a_page_leads_somewhere(office: Office, manager: Browser) -> None:
    seen: set[str] = set()
    for page in ("/dashboard", "/dashboard/reports", "/dashboard/reports/funnel", "/dashboard/quality"):
        for link in links(manager.get(page)):
            address = link.removeprefix("/relay").partition("#")[0]
            if address.startswith("/dashboard") and address not in seen and "sign-out" not in address:
                seen.add(address)
                assert manager.get(address)["statusCode"] == 200, address
    assert [address for address in seen if address.startswith("/dashboard/open/")]


def test_a_number_opens_as_many_leads_as_it_says_with_the_names_of_those_one_may_know(
    office: Office, manager: Browser
) -> None:
    page = manager.get("/dashboard/reports/funnel")
    address = next(link for link in links(page) if "/open/funnel" in link).removeprefix("/relay")
    opened = manager.get(address)
    shown = set(re.findall(r"/leads/([0-9a-f]{32})", opened["body"]))
    assert shown == {record.lead.lead_id for record in office.system.leads()}
    assert all(name in opened["body"] for name in PEOPLE)
    browser, rep = a_rep(office)
    for record in office.system.leads():
        name = str(record.profile.plain()["lead.first_name"])
        assert (name in browser.get(address)["body"]) == (record.lead.ownership.rep == rep)


def test_numbers_are_everybodys_and_names_are_not(office: Office) -> None:
    browser, rep = a_rep(office)
    assert browser.get("/dashboard/reports/funnel")["statusCode"] == 200
    for record in office.system.leads():
        answer = browser.get(f"/dashboard/leads/{record.lead.lead_id}")
        name = str(record.profile.plain()["lead.first_name"])
        assert answer["statusCode"] == 200
        assert (name in answer["body"]) == (record.lead.ownership.rep == rep)
        assert record.lead.lead_id in answer["body"]


def test_a_rep_looks_at_no_other_reps_page_and_a_manager_does(office: Office, manager: Browser) -> None:
    browser, rep = a_rep(office)
    other = next(each.id for each in office.system.rules.current().team.reps if each.id != rep)
    assert browser.get(f"/dashboard/me?rep={rep}")["statusCode"] == 200
    assert browser.get(f"/dashboard/me?rep={other}")["statusCode"] == 403
    assert browser.get("/dashboard/me?rep=nobody")["statusCode"] == 403
    assert manager.get(f"/dashboard/me?rep={rep}")["statusCode"] == 200
    assert manager.get("/dashboard/me?rep=nobody")["statusCode"] == 404
    assert manager.get("/dashboard/me")["statusCode"] == 404


@pytest.mark.parametrize(
    ("page", "status"),
    [
        ("/nothing", 404),
        ("/quality/more", 404),
        ("/reports/nothing", 404),
        ("/reports/../rows", 404),
        ("/reports/base", 404),
        ("/reports/funnel.exe", 404),
        ("/open/nothing", 404),
        ("/open/funnel.json", 404),
        ("/leads/nobody", 404),
        ("/leads/" + "0" * 32, 404),
        ("/reports/funnel?sorce=meta", 422),
        ("/reports/funnel?since=yesterday", 422),
        ("/reports/funnel?since=0001-01-01&until=0001-01-02", 422),
        ("/reports/funnel?since=9999-12-30&until=9999-12-31", 422),
        ("/reports/audit?won=" + "9" * 5000, 422),
        ("/?until=tomorrow", 422),
        ("/open/funnel?open=%5B", 422),
        ("/open/funnel?open=" + quote('[["lead_id","is",1]]'), 422),
        ("/open/funnel?open=" + quote('[["captured_ms","ge","abc"]]'), 422),
        ("/open/funnel?open=" + quote('[["captured_ms","ge",1e400]]'), 422),
        ("/open/funnel?open=" + quote('[["captured_ms","lt",' + "9" * 40 + "]]"), 422),
        ("/open/funnel?open=" + quote('[["lead_id","is","\\ud800"]]'), 422),
        ("/open/funnel?open=%5B%5B%22email%22,%22known%22%5D%5D", 422),
        ("/open/funnel?open=%5B%5B%221%3D1)%3B--%22,%22known%22%5D%5D", 422),
    ],
)
def test_what_is_not_there_or_not_meant_is_said_on_a_page(
    office: Office, manager: Browser, page: str, status: int
) -> None:
    answer = manager.get(f"/dashboard{page}")
    assert answer["statusCode"] == status
    assert answer["body"].startswith("<!doctype html>")
    assert "Traceback" not in answer["body"]


def test_the_form_keeps_how_many_cases_are_looked_at(office: Office, manager: Browser) -> None:
    page = manager.get("/dashboard/reports/audit?won=3")["body"]
    assert re.search(r'name="won"[^>]* value="3"', page)
    assert re.search(r'name="lost"[^>]* value="10"', page)
    assert 'name="won"' not in manager.get("/dashboard/reports/funnel")["body"]


def test_what_was_asked_is_written_back_without_becoming_part_of_the_page(office: Office, manager: Browser) -> None:
    for page in ("/dashboard/reports/funnel?source=%3Cscript%3Ealert(1)%3C/script%3E", "/dashboard?%22%3E%3Cb%3E=1"):
        answer = manager.get(page)
        assert answer["statusCode"] in {200, 422}
        assert "<script" not in answer["body"]
        assert "<b>" not in answer["body"]


def test_a_report_of_cases_is_asked_how_many_and_no_other_is(office: Office, manager: Browser) -> None:
    for page in ("reports/audit", "reports/audit.json", "reports/audit.csv"):
        assert manager.get(f"/dashboard/{page}?won=5&lost=3")["statusCode"] == 200
    assert told(manager.get("/dashboard/reports/audit.json?won=5"))["asked"]["take"] == {"won": 5, "lost": 10}
    opened = quote('[["won_ms","known"]]')
    assert manager.get(f"/dashboard/open/audit?won=5&open={opened}")["statusCode"] == 200
    assert manager.get("/dashboard/reports/funnel?won=5")["statusCode"] == 422
    asked = program("/reports/audit?won=5", REPORTS, {"name": "audit"}, None)
    assert told(asked)["asked"]["take"]["won"] == 5


def test_the_language_is_the_readers(office: Office, manager: Browser) -> None:
    assert '<html lang="en">' in manager.get("/dashboard")["body"]
    spoken = manager.get("/dashboard", **{"accept-language": "de, sr;q=0.8, pl;q=0.3"})
    assert '<html lang="sr">' in spoken["body"]
    assert '<html lang="pl">' in manager.get("/dashboard?lang=pl")["body"]


def test_the_style_sheet_is_open_and_may_be_kept(office: Office) -> None:
    answer = Browser().get("/dashboard/style.css")
    assert (answer["statusCode"], answer["headers"]["Content-Type"]) == (200, "text/css; charset=utf-8")
    assert "max-age" in answer["headers"]["Cache-Control"]


# ------------------------------------------------------------------------------------------------- rows come and go


def test_before_the_first_rows_there_is_a_page_and_it_fills_by_itself(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(filled.system)
    office.wire(monkeypatch)
    browser = Browser()
    empty = browser.come_by_link(office, "manager")
    assert empty["statusCode"] == 200
    assert "No numbers yet" in empty["body"]
    assert program("/r", REPORTS, {"name": "funnel"}, None)["statusCode"] == 503
    office.refresh()
    office.seconds += 60
    assert "No numbers yet" not in browser.get("/dashboard")["body"]


def test_rows_are_fetched_once_for_each_run_and_kept_while_the_bucket_is_away(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(filled.system)
    office.refresh()
    office.wire(monkeypatch)
    fetched: list[str] = []
    plain = office.rows.fetch
    monkeypatch.setattr(office.rows, "fetch", lambda run, table, into: (fetched.append(run), plain(run, table, into)))
    browser = Browser()
    browser.come_by_link(office, "manager")
    for _ in range(3):
        office.seconds += 60
        assert browser.get("/dashboard/reports/funnel")["statusCode"] == 200
    tables = len(fetched)
    assert set(fetched) == {"first"}
    office.refresh("second")
    browser.get("/dashboard")
    assert fetched[tables:] == ["second"] * tables

    def away() -> None:
        raise Retry(1, "away")

    monkeypatch.setattr(office.rows, "shown", away)
    office.seconds += 60
    assert browser.get("/dashboard")["statusCode"] == 200


def test_a_run_that_is_cleared_away_while_it_is_read_is_left_for_the_next(
    filled: Office, monkeypatch: pytest.MonkeyPatch
) -> None:
    office = Office(filled.system)
    office.refresh("old")
    office.rows.clear([])
    office.wire(monkeypatch)
    browser = Browser()
    assert browser.come_by_link(office, "manager")["statusCode"] == 503
    office.refresh("new")
    assert browser.get("/dashboard")["statusCode"] == 200


def test_what_people_brought_in_is_counted_with_the_next_rows(filled: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    office = Office(filled.system)
    office.inputs.write("spend", "month,source,amount,currency\n2026-11,website,300.00,EUR\n")
    office.refresh()
    office.wire(monkeypatch)
    report = told(program("/r?since=2026-11-01&until=2026-11-30", REPORTS, {"name": "channels"}, None))
    spent = [value for table in report["tables"] for line in table["lines"] for value in line["values"]]
    assert 30_000 in spent


def test_one_report_that_cannot_be_counted_takes_no_other_with_it(
    office: Office, manager: Browser, monkeypatch: pytest.MonkeyPatch
) -> None:
    office.refresh("another")

    def broken(name: str) -> Any:
        if name == TODAY[0]:
            raise ZeroDivisionError
        return plain(name)

    plain = registry.report
    monkeypatch.setattr(registry, "report", broken)
    answer = manager.get("/dashboard")
    assert answer["statusCode"] == 200
    assert office.system.telemetry.total("ReportFailed", kind=TODAY[0])


@pytest.mark.parametrize("error", [Misconfigured("no"), RuntimeError("ada@example.com")])
def test_what_is_ours_to_mend_is_told_to_us_alone(
    office: Office, manager: Browser, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    def broken() -> None:
        raise error

    monkeypatch.setattr(office.rows, "shown", broken)
    office.seconds += 60
    answer = manager.get("/dashboard/reports")
    assert answer["statusCode"] == 200  # the list needs no rows
    answer = manager.get("/dashboard/reports/funnel")
    assert answer["statusCode"] == 503
    assert "ada@" not in answer["body"]
    office.seconds += 60


def test_no_log_line_says_who_anybody_is(office: Office, manager: Browser) -> None:
    before = len(office.system.telemetry.lines)
    browser, _ = a_rep(office)
    for record in office.system.leads():
        manager.get(f"/dashboard/leads/{record.lead.lead_id}")
        browser.get(f"/dashboard/leads/{record.lead.lead_id}")
    manager.get("/dashboard/reports/funnel?source=ada%40example.com")
    lines = str(office.system.telemetry.lines[before:])
    assert "story_told" in lines
    assert not [word for word in (*PEOPLE, "@", "%40") if word in lines]


# -------------------------------------------------------------------------------------------------------- programs


def test_a_program_gets_the_same_numbers_as_json_and_csv(office: Office, manager: Browser) -> None:
    days = "since=2026-11-01&until=2026-11-30"
    answer = program(f"/reports/funnel?{days}", REPORTS, {"name": "funnel"}, None)
    assert answer["statusCode"] == 200
    report = told(answer)
    assert report["leads"] == len(PEOPLE)
    assert told(manager.get(f"/dashboard/reports/funnel.json?{days}")) == report
    csv = program(f"/reports/funnel.csv?{days}", REPORTS, {"name": "funnel.csv"}, None)
    assert csv["headers"]["Content-Type"] == "text/csv; charset=utf-8"
    assert csv["body"] == manager.get(f"/dashboard/reports/funnel.csv?{days}")["body"]


@pytest.mark.parametrize(
    ("name", "query", "status"),
    [("nothing", "", 404), ("funnel.exe", "", 404), ("funnel", "?sorce=meta", 422), ("funnel", "?by=weather", 422)],
)
def test_a_program_is_told_what_is_wrong(office: Office, name: str, query: str, status: int) -> None:
    answer = program(f"/reports/{name}{query}", REPORTS, {"name": name}, None)
    assert answer["statusCode"] == status
    assert told(answer)["error"]


@pytest.mark.parametrize(
    ("claims", "status"),
    [
        ({"email": "olek@example.com", "email_verified": "true"}, 200),
        ({"email": "olek@example.com"}, 403),
        ({"email": "olek@example.com", "email_verified": "false"}, 403),
        ({"email": "stranger@example.com", "email_verified": "true"}, 403),
        ({"sub": "some-program"}, 403),
    ],
)
def test_a_token_is_good_for_whom_the_rules_know(office: Office, claims: dict[str, str], status: int) -> None:
    lead_id = office.system.leads()[0].lead.lead_id
    assert program("/leads", LEADS, {"lead_id": lead_id}, claims)["statusCode"] == status
    assert program("/reports", REPORTS, {"name": "funnel"}, claims)["statusCode"] == status


def test_a_reps_token_names_only_their_own_leads(office: Office) -> None:
    rep = next(iter(owned(office)))
    email = office.system.rules.current().team.rep(rep).email
    for record in office.system.leads():
        answer = program("/l", LEADS, {"lead_id": record.lead.lead_id}, {"email": email, "email_verified": "true"})
        assert told(answer)["by_name"] == (record.lead.ownership.rep == rep)
        assert bool(told(answer)["profile"]["values"]) == (record.lead.ownership.rep == rep)


def test_with_an_issuer_nobody_comes_without_a_token(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("LEADRELAY_JWT_ISSUER", "https://issuer.example")
    assert program("/reports", REPORTS, {"name": "funnel"}, None)["statusCode"] == 403


def test_an_answer_comes_even_without_rules(office: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise Retry(1, "away")

    monkeypatch.setattr(office.system.rules, "current", broken)
    for route in ("GET /dashboard", REPORTS):
        answer = handler(
            {"routeKey": route, "headers": {}, "requestContext": {}, "pathParameters": {"name": "funnel"}}, None
        )
        assert answer["statusCode"] in {401, 503}


def test_cookies_come_apart_or_in_one_line() -> None:
    expected = {"a": "1", "b": "x=y"}
    assert cookies_of({"cookies": ["a=1", "b=x=y"]}) == expected
    assert cookies_of({"headers": {"cookie": "a=1; b=x=y; a=2"}}) == expected
    assert cookies_of({"headers": {}}) == {"": ""}


def test_the_overviews_show_reports_that_there_are() -> None:
    assert {*TODAY, *QUALITY} <= set(registry.names())
