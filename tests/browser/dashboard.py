"""The pages over a world of their own, served as the API serves them: with their policy, their style, nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Lock, Thread
from typing import Any
from urllib.parse import parse_qsl
from zoneinfo import ZoneInfo

from leadrelay.domain.rules import Rules
from leadrelay.reports import pages
from leadrelay.reports.asked import Asked
from leadrelay.reports.conditions import conditions_of
from leadrelay.reports.definition import Inputs
from leadrelay.reports.engine import Engine
from leadrelay.reports.filters import filters
from leadrelay.reports.pages import Frame, Words
from leadrelay.reports.query import asked_of
from leadrelay.reports.registry import names, report
from leadrelay.reports.result import Report
from leadrelay.reports.run import answered, opened
from leadrelay.workflows.my_leads import MyLeads
from leadrelay.workflows.story import Story
from tests.reports.world import NOW, engine
from tests.system import System, default_rules
from tests.workflows import lives

RECORD = "https://crm.example/person/{id}/show"


def told_system() -> System:
    """A few people with whole lives, one of them called, one merged, one waiting."""
    system = System(Rules.of(default_rules().with_(crm=default_rules().crm.with_(record_url=RECORD))))
    lives.whole_life(system)
    for number, form in enumerate(("newsletter", "demo", "contact", "offer")):
        fields = {"email": f"person{number}@example.com", "first_name": f"Person{number}"}
        lives.send(system, lives.demo(form, f"submission-1{number:03}", **fields))
    system.later(hours=3)
    return system


@dataclass
class Dashboard:
    """`engine` are the numbers, `system` the people."""

    engine: Engine
    system: System
    rules: Rules = field(default_factory=default_rules)
    address: str = ""
    lock: Lock = field(default_factory=Lock)

    def page(self, path: str, query: str) -> tuple[int, str, str]:
        """Status, type and body."""
        pairs = parse_qsl(query, keep_blank_values=True)
        said = dict(pairs)
        frame = self.frame(path, said)
        rest = path.removeprefix("/dashboard").strip("/")
        if rest == "style.css":
            return 200, "text/css; charset=utf-8", pages.style()
        with self.lock:
            html = self._html(rest, said, frame)
        return (404 if html is None else 200), "text/html; charset=utf-8", html or pages.message_page("404", frame)

    def frame(self, path: str, said: dict[str, str]) -> Frame:
        """As a manager sees it."""
        language = said.get("lang")
        zone = ZoneInfo(self.rules.reports.zone)
        words = Words(pages.spoken(language), self.rules, zone, self.rules.reports.currency)
        rest = path.removeprefix("/dashboard").strip("/").split("/")[0]
        return Frame(
            words=words,
            now=self.system.clock.now() if rest in ("me", "leads") else NOW,
            path=path,
            query=tuple((name, value) for name, value in said.items() if name != "lang"),
            page=rest or "today",
            pages=("today", "quality", "reports", "me"),
            who="Nina",
            language=language,
            made_at=NOW - timedelta(minutes=7),
            facts=12_345,
            sign_out="/dashboard/sign-out",
        )

    def _html(self, rest: str, said: dict[str, str], frame: Frame) -> str | None:
        own = {name: value for name, value in said.items() if name not in ("lang", "open")}
        asked = asked_of(own.items(), filters(self.rules), self.rules.reports, NOW)
        top, _, name = rest.partition("/")
        known = filters(self.rules)
        if top in ("", "today"):
            return pages.today_page(asked, self.reports(pages.TODAY, asked), known, frame, self.missing(pages.TODAY))
        if top == "quality":
            found = self.reports(pages.QUALITY, asked)
            return pages.quality_page(asked, found, known, frame, self.missing(pages.QUALITY))
        if top == "reports" and not name:
            return pages.reports_page(names(), frame)
        if top == "reports" and name in names():
            return pages.report_page(self.answer(name, asked), known, frame)
        if top == "open" and name in names():
            opens = conditions_of(said.get("open", ""))
            leads = opened(report(name), asked, opens, self.engine, self.rules)
            return pages.opened_page(name, asked, opens, leads, frame, csv="/dashboard/open.csv")
        return self._person(top, name, frame)

    def _person(self, top: str, name: str, frame: Frame) -> str | None:
        if top == "leads":
            return pages.story_page(Story(self.system.store)(name), frame, by_name=True)
        if top == "me":
            rep = name or "anna"
            return pages.mine_page(MyLeads(self.system.store, self.system.rules)(rep, frame.now), frame)
        return None

    def reports(self, wanted: tuple[str, ...], asked: Asked) -> list[Report]:
        """Those of them that there are."""
        return [self.answer(name, asked) for name in wanted if name in names()]

    def missing(self, wanted: tuple[str, ...]) -> list[str]:
        """The others."""
        return [name for name in wanted if name not in names()]

    def answer(self, name: str, asked: Asked) -> Report:
        """One report."""
        return answered(report(name), asked, self.engine, self.rules, NOW, Inputs())


def dashboard(folder: Path) -> Dashboard:
    """With a world of its own."""
    system = told_system()
    return Dashboard(engine(folder), system, system.rules.current())


@contextmanager
def serving(board: Dashboard, port: int = 0) -> Iterator[None]:
    """On a port of this machine."""
    server = ThreadingHTTPServer(("127.0.0.1", port), _handler(board))
    Thread(target=server.serve_forever, daemon=True).start()
    board.address = f"http://127.0.0.1:{server.server_address[1]}"
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()


def _handler(board: Dashboard) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *args: Any) -> None:
            """Nothing."""

        def do_GET(self) -> None:
            path, _, query = self.path.partition("?")
            status, kind, body = (204, "text/plain", "") if path == "/favicon.ico" else board.page(path, query)
            self.send_response(status)
            data = body.encode()
            headers = {"content-type": kind, "content-length": str(len(data)), "content-security-policy": pages.POLICY}
            for name, value in headers.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(data)

    return Handler
