"""The dashboard: pages for people who are signed in, each built from the rows that are shown now or from the table."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, quote

from functions import wiring
from functions.consume import place
from functions.report.answers import Answer, answer, as_csv, as_json, sent_to
from functions.report.asking import NoRows, NotThere, Question, question
from functions.report.framing import address, framed, home
from functions.report.viewing import by_session
from leadrelay.domain.reporting.access import Viewer
from leadrelay.ports.errors import Reject, Retry
from leadrelay.reports import pages, registry
from leadrelay.reports.conditions import NoConditions, conditions_of
from leadrelay.reports.filters import UnknownFilter
from leadrelay.reports.pages.message import Said
from leadrelay.reports.pages.reporting import MOST
from leadrelay.reports.query import NotAsked
from leadrelay.reports.result import Report
from leadrelay.reports.run import Opened
from leadrelay.reports.sheet import sheet, table_of
from leadrelay.reports.wording import report_text
from leadrelay.workflows.sign_in import HOME, MINE

_LEAD_ID = re.compile(r"[0-9a-f]{32}")
_OF_THE_PAGE = ("lang", "open")
"""Parameters that ask nothing of a report."""


class NotYours(Exception):
    """The viewer may not see this."""


_SAID: Mapping[type[Exception], Said] = {
    NotThere: "404",
    NotYours: "403",
    NotAsked: "422",
    UnknownFilter: "422",
    NoConditions: "422",
    NoRows: "norows",
    Retry: "503",
}
"""What a reader can do something about, and the page that says so."""


@dataclass(frozen=True, slots=True)
class Visit:
    """One request of somebody who is signed in; `rest` is what follows the page's name in the address."""

    event: dict[str, Any]
    viewer: Viewer
    rest: str

    @property
    def said(self) -> list[tuple[str, str]]:
        """All parameters."""
        return parse_qsl(self.event.get("rawQueryString", ""), keep_blank_values=True)

    def question(self, name: str | None = None) -> Question:
        """What the report of this name is asked, or any. Raises NotThere."""
        return question((pair for pair in self.said if pair[0] not in _OF_THE_PAGE), name)

    def html(self, page: Callable[[pages.Frame], str], name: str = "", asked: Question | None = None) -> Answer:
        """The page, whole."""
        about = None if asked is None else asked.current.about
        return shown(200, page(framed(self.event, self.viewer, name, about)))


def shown(status: int, html: str, **headers: str) -> Answer:
    """A page, under the policy that it is made for."""
    return answer(status, html, "text/html", policy=pages.POLICY, **headers)


def answered(event: dict[str, Any]) -> Answer:
    """The page at this address. Raises nothing that a page can say."""
    viewer = by_session(event)
    if viewer is None:
        return _signed_out(event)
    name, _, rest = address(event).partition("/")
    try:
        return _PAGES.get(name, _nothing)(Visit(event, viewer, rest))
    except tuple(_SAID) as trouble:
        return _message(event, _SAID[type(trouble)], viewer, str(trouble))


def _signed_out(event: dict[str, Any]) -> Answer:
    """Straight to the issuer, and back to this page afterwards; without one, only a link helps."""
    if wiring.sign_in().issuer is None:
        return _message(event, "link", None)
    return sent_to(f"{home()}/sign-in?wanted={_wanted(event)}")


def _wanted(event: dict[str, Any]) -> str:
    query, page = event.get("rawQueryString", ""), address(event)
    return quote(f"{HOME}/{page}".rstrip("/") + (f"?{query}" if query else ""), safe="")


def _message(event: dict[str, Any], what: Said, viewer: Viewer | None, detail: str = "") -> Answer:
    """That there are no numbers yet is nobody's failure, and wakes nobody."""
    status = {"norows": 200, "link": 401}.get(what) or int(what)
    headers = {"Retry_After": "60"} if status == 503 else {}
    return shown(status, pages.message_page(what, framed(event, viewer), detail), **headers)


def _today(visit: Visit) -> Answer:
    return _overview(visit, "today", pages.today_page, pages.TODAY)


def _quality(visit: Visit) -> Answer:
    return _overview(visit, "quality", pages.quality_page, pages.QUALITY)


def _overview(visit: Visit, name: str, page: Callable[..., str], names: tuple[str, ...]) -> Answer:
    """One report that cannot be counted takes no other with it."""
    _no_more(visit)
    asked = visit.question()
    found = {each: _counted(asked, each) for each in names}
    reports = [report for report in found.values() if report is not None]
    missing = [each for each, report in found.items() if report is None]
    return visit.html(lambda frame: page(asked.asked, reports, asked.filters(), frame, missing), name, asked)


def _counted(asked: Question, name: str) -> Report | None:
    try:
        return asked.answer(name)
    except Exception as error:  # noqa: BLE001 - what is wrong with one report is told to us, not to the reader
        wiring.telemetry().line("report_failed", kind=name, error=type(error).__name__, position=place(error))
        wiring.telemetry().count("ReportFailed", kind=name)
        return None


def _reports(visit: Visit) -> Answer:
    """The list, or one of them: as a page, or as CSV or JSON."""
    if not visit.rest:
        return visit.html(lambda frame: pages.reports_page(registry.names(), frame), "reports")
    name, _, form = visit.rest.partition(".")
    asked = visit.question(name)
    report = asked.answer(name)
    if form == "csv":
        return as_csv(sheet(report, report_text(name, framed(visit.event, visit.viewer).words.language)), name)
    if form:
        return as_json(200, report.model_dump(mode="json")) if form == "json" else _nothing(visit)
    return visit.html(lambda frame: pages.report_page(report, asked.filters(name), frame), "reports", asked)


def _opened(visit: Visit) -> Answer:
    """The leads behind a number, by name where the viewer may know them."""
    name, _, form = visit.rest.partition(".")
    asked = visit.question(name)
    conditions = conditions_of(dict(visit.said).get("open", ""))
    leads = asked.behind(name, conditions)
    if form:
        fields = list(Opened.model_fields)
        lines = [[getattr(lead, field) for field in fields] for lead in leads]
        return as_csv(table_of(fields, lines), f"{name}-leads") if form == "csv" else _nothing(visit)
    names = wiring.names()([lead.lead_id for lead in leads[:MOST]], visit.viewer)
    csv = f"{home()}/open/{name}.csv?{visit.event.get('rawQueryString', '')}"
    return visit.html(
        lambda frame: pages.opened_page(name, asked.asked, conditions, leads, frame, names, csv), "reports", asked
    )


def _lead(visit: Visit) -> Answer:
    if not _LEAD_ID.fullmatch(visit.rest):
        raise NotThere(visit.rest)
    try:
        told = wiring.shown_lead()(visit.rest, visit.viewer)
    except Reject as unknown:
        raise NotThere(visit.rest) from unknown
    wiring.telemetry().line("story_told", lead_id=visit.rest, rep=visit.viewer.rep, scope=visit.viewer.role)
    return visit.html(lambda frame: pages.story_page(told.story, frame, told.by_name))


def _mine(visit: Visit) -> Answer:
    """The viewer's own leads; who sees all may look at another rep's."""
    _no_more(visit)
    rep = dict(visit.said).get("rep") or visit.viewer.rep
    if rep is None:
        raise NotThere("rep")
    if rep != visit.viewer.rep and not visit.viewer.sees_all:
        raise NotYours
    named = next((each.name for each in wiring.rules().current().team.reps if each.id == rep), None)
    if named is None:
        raise NotThere(rep)
    leads = wiring.my_leads()(rep, wiring.clock().now())
    whose = None if rep == visit.viewer.rep else named
    return visit.html(lambda frame: pages.mine_page(leads, frame, whose), "me")


def _no_more(visit: Visit) -> None:
    if visit.rest:
        raise NotThere(visit.rest)


def _nothing(visit: Visit) -> Answer:
    raise NotThere(visit.rest)


_PAGES: Mapping[str, Callable[[Visit], Answer]] = {
    "": _today,
    "quality": _quality,
    "reports": _reports,
    "open": _opened,
    "leads": _lead,
    MINE.removeprefix(f"{HOME}/"): _mine,
}
