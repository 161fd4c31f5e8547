"""For programs: a report as JSON or CSV, a lead's story as JSON. The HTTP API has authorised whoever gets here."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import parse_qsl

from functions import wiring
from functions.report.answers import Answer, as_csv, as_json
from functions.report.asking import NoRows, NotThere, question
from functions.report.viewing import by_token
from leadrelay.domain.reporting.access import Viewer
from leadrelay.ports.errors import Reject
from leadrelay.reports.filters import UnknownFilter
from leadrelay.reports.query import NotAsked
from leadrelay.reports.sheet import sheet
from leadrelay.reports.wording import report_text

_STATUS: Mapping[type[Exception], int] = {NotThere: 404, NotAsked: 422, UnknownFilter: 422, NoRows: 503}
"""What the asker can do something about; everything else is ours, and its handler's business."""

_LEAD_ID = re.compile(r"[0-9a-f]{32}")


def answered(event: dict[str, Any]) -> Answer:
    """GET /leads/{lead_id} and GET /reports/{name}, to whom the rules know."""
    viewer = by_token(event)
    if viewer is None:
        return _trouble(403, "the token is nobody's who may see this; see `viewers` in reports.yaml")
    try:
        return _ROUTES[event["routeKey"]](event, viewer)
    except tuple(_STATUS) as trouble:
        return _trouble(_STATUS[type(trouble)], str(trouble))


def _lead(event: dict[str, Any], viewer: Viewer) -> Answer:
    lead_id = event["pathParameters"]["lead_id"]
    if not _LEAD_ID.fullmatch(lead_id):
        raise NotThere("a lead id is 32 hexadecimal digits")
    try:
        shown = wiring.shown_lead()(lead_id, viewer)
    except Reject as unknown:
        raise NotThere(unknown.detail) from None
    wiring.telemetry().line("story_told", lead_id=lead_id, rep=viewer.rep, scope=viewer.role)
    return as_json(200, {**shown.story, "by_name": shown.by_name})


def _report(event: dict[str, Any], _viewer: Viewer) -> Answer:
    name, _, form = event["pathParameters"]["name"].partition(".")
    if form not in ("", "json", "csv"):
        raise NotThere("a report is told as .json or .csv")
    report = question(parse_qsl(event.get("rawQueryString", ""), keep_blank_values=True), name).answer(name)
    return (
        as_csv(sheet(report, report_text(name, "en")), name)
        if form == "csv"
        else as_json(200, report.model_dump(mode="json"))
    )


def _trouble(status: int, error: str) -> Answer:
    return as_json(status, {"error": error})


_ROUTES: Mapping[str, Callable[[dict[str, Any], Viewer], Answer]] = {
    "GET /leads/{lead_id}": _lead,
    "GET /reports/{name}": _report,
}
