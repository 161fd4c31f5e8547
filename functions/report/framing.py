"""What stands around a page: whose it is, in which language and on whose clocks, and where everything else is found."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qsl, urlsplit
from zoneinfo import ZoneInfo

from functions import wiring
from leadrelay.domain.reporting.access import Viewer
from leadrelay.domain.rules import Rules
from leadrelay.ports.warehouse import About
from leadrelay.reports.pages import LANGUAGES, Frame, Words, spoken
from leadrelay.workflows.sign_in import HOME


def address(event: dict[str, Any]) -> str:
    """The page that is asked for, below the dashboard's own address; empty for its first one."""
    parameters = event.get("pathParameters") or {}
    return str(parameters.get("proxy", "")).strip("/")


def home() -> str:
    """The dashboard's address as this deployment is reached: never as the request says, for anybody may have written
    that."""
    return urlsplit(wiring.sign_in().base).path + HOME


def framed(event: dict[str, Any], viewer: Viewer | None, page: str = "", about: About | None = None) -> Frame:
    """The frame of this request's page. A rep's own leads are told on the rep's clocks, numbers on the team's."""
    rules, base, path = wiring.rules().current(), home(), address(event)
    query = parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True)
    asked = next((value for name, value in query if name == "lang" and value in LANGUAGES), None)
    language = spoken(asked, event.get("headers", {}).get("accept-language"))
    words = Words(language, rules, _zone(viewer, page, rules), rules.reports.currency)
    return Frame(
        words=words,
        now=wiring.clock().now(),
        base=base,
        path=f"{base}/{path}" if path else base,
        query=tuple(pair for pair in query if pair[0] != "lang"),
        page=page,
        pages=() if viewer is None else _menu(viewer),
        who=None if viewer is None else _name(viewer, words),
        language=asked,
        made_at=None if about is None else about.looked_at,
        facts=None if about is None else about.facts,
        sign_out=None if viewer is None else f"{base}/sign-out",
    )


def _menu(viewer: Viewer) -> tuple[str, ...]:
    own = () if viewer.rep is None else ("me",)
    return ("today", "quality", "reports", *own) if viewer.sees_all else (*own, "today", "reports")


def _name(viewer: Viewer, words: Words) -> str:
    """Who is in no team is called by what they are here."""
    named = next((rep.name for rep in words.rules.team.reps if rep.id == viewer.rep), None)
    return named or words.code("role", viewer.role)


def _zone(viewer: Viewer | None, page: str, rules: Rules) -> ZoneInfo:
    rep = next((rep for rep in rules.team.reps if viewer is not None and rep.id == viewer.rep), None)
    return rules.zone(rep.calendar) if page == "me" and rep is not None else ZoneInfo(rules.reports.zone)
