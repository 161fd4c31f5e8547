"""HTTP API v2 → reports and leads: pages for browsers, JSON and CSV for programs."""

from __future__ import annotations

from typing import Any

from functions import wiring
from functions.consume import place
from functions.report import api, doors, site
from functions.report.answers import Answer, as_json
from functions.report.framing import address, framed
from leadrelay.reports.pages import message_page

_SIGN_OUT = "POST /dashboard/sign-out"


def handler(event: dict[str, Any], _context: object) -> Answer:
    """Every route of the dashboard and of the API for reading."""
    try:
        return _answered(event)
    except Exception as error:  # noqa: BLE001 - a person is waiting; what is wrong is ours, and told to us alone
        wiring.telemetry().line("report_failed", error=type(error).__name__, position=place(error))
        wiring.telemetry().count("ReportFailed", error=type(error).__name__)
        return _outage(event)


def _answered(event: dict[str, Any]) -> Answer:
    route = event["routeKey"]
    if route == _SIGN_OUT:
        return doors.sign_out(event)
    if not _is_page(route):
        return api.answered(event)
    door = doors.DOORS.get(address(event).partition("/")[0])
    return site.answered(event) if door is None else door(event)


def _is_page(route: str) -> bool:
    return route.partition(" ")[2].startswith("/dashboard")


def _outage(event: dict[str, Any]) -> Answer:
    """A page, while there are words for one."""
    try:
        if _is_page(event["routeKey"]):
            return site.shown(503, message_page("503", framed(event, None)), Retry_After="60")
    except Exception as error:  # noqa: BLE001 - without rules there is no page
        wiring.telemetry().line("report_failed", error=type(error).__name__, position=place(error))
    return as_json(503, {"error": "not possible right now; try again in a minute"})
