"""A stand-in for LinkedIn's Lead Sync API: just enough of it to complete responses and to read a history, offline.

It speaks the documented dialect, with its traps: the protocol and version headers, brackets that must not be
percent-encoded and colons within a URN that must, pages by `start` and `count` over a list that shrinks when something
is deleted. It is steered through `/__world/`: POST responses to `/__world/leads`, POST faults to `/__world/faults`, GET
`/__world/requests`. It serves loopback only and ships in no Lambda.
"""

from __future__ import annotations

import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import unquote, urlsplit

Json = dict[str, Any]
Reply = tuple[int, Json, Mapping[str, str]]
VERSIONS = frozenset({"202609", "202610", "202611"})
_PATH = "/rest/leadFormResponses"
_ID = re.compile(rf"{_PATH}/([A-Za-z0-9_-]+)")
_OWNER = re.compile(r"\((sponsoredAccount|organization):([^():]*)\)")
_TYPE = re.compile(r"\(leadType:([A-Z_]+)\)")
_RANGE = re.compile(r"\(start:([0-9]+),end:([0-9]+)\)")
_DEEPER = re.compile(r":\([^()]*\)")


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` API requests get this instead of their answer. Status 0 hangs up without one."""

    times: int
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


class World:
    """The responses that exist, the faults to come and what was asked, safe under threads."""

    def __init__(self, access_token: str) -> None:
        self._token = access_token
        self._lock = threading.Lock()
        self._leads: dict[str, Json] = {}
        self._faults: list[Fault] = []
        self.requests: list[str] = []

    def add(self, leads: list[Json]) -> None:
        """Responses in the API's own shape: id, owner, leadType, submittedAt, formResponse, form, …"""
        with self._lock:
            self._leads.update({str(lead["id"]): lead for lead in leads})

    def delete(self, lead_id: str) -> None:
        """As its person asked LinkedIn to."""
        with self._lock:
            self._leads.pop(lead_id, None)

    def fail(self, fault: Fault) -> None:
        """Queue a fault behind those already there."""
        with self._lock:
            self._faults.extend([fault] * fault.times)

    def answer(self, target: str, headers: Mapping[str, str]) -> tuple[Reply, str | None]:
        """Status, body and headers of an API request; a fault may replace the body by other text."""
        parts = urlsplit(target)
        with self._lock:
            self.requests.append(target)
            if self._faults:
                fault = self._faults.pop(0)
                return (fault.status, _error(fault.status), fault.headers), fault.body
            return self._checked(parts.path, parts.query, headers), None

    def _checked(self, path: str, query: str, headers: Mapping[str, str]) -> Reply:
        if headers.get("authorization") != f"Bearer {self._token}":
            return 401, _error(401), {}
        if headers.get("linkedin-version") not in VERSIONS:
            return 426, _error(426), {}
        encoded = re.search("%28|%29|%2C", query, re.IGNORECASE)
        if headers.get("x-restli-protocol-version") != "2.0.0" or encoded:
            return 400, _error(400), {}
        asked = dict(pair.split("=", 1) for pair in query.split("&") if "=" in pair)
        return self._look_up(path, asked)

    def _look_up(self, path: str, asked: Mapping[str, str]) -> Reply:
        one = _ID.fullmatch(path)
        if one and one[1] in self._leads:
            return 200, _project(self._leads[one[1]], asked), {}
        if path == _PATH and asked.get("q") == "owner":
            return self._history(asked)
        return 404, _error(404), {}

    def _history(self, asked: Mapping[str, str]) -> Reply:
        """Newest first, in pages of at most a hundred."""
        owner, kind = _OWNER.fullmatch(asked.get("owner", "")), _TYPE.fullmatch(asked.get("leadType", ""))
        within = _RANGE.fullmatch(asked.get("submittedAtTimeRange", ""))
        if not (owner and kind and within):
            return 400, _error(400), {}
        whose = {owner[1]: unquote(owner[2])}
        found = [lead for lead in self._leads.values() if (lead["owner"], lead["leadType"]) == (whose, kind[1])]
        found = [lead for lead in found if int(within[1]) <= lead["submittedAt"] < int(within[2])]
        found.sort(key=lambda lead: (-lead["submittedAt"], lead["id"]))
        start, count = int(asked.get("start", "0")), min(int(asked.get("count", "10")), 100)
        page = [_project(lead, asked) for lead in found[start : start + count]]
        links = [{"rel": "next", "href": _PATH, "type": "application/json"}] if start + count < len(found) else []
        return 200, {"elements": page, "paging": {"start": start, "count": count, "links": links}}, {}


class Sandbox:
    """A running stand-in: `url` to point `endpoint` at, `world` to look into; close it or use it in `with`."""

    def __init__(self, port: int, access_token: str) -> None:
        self.world = World(access_token)
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self.world))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


def serve(port: int = 0, *, access_token: str) -> Sandbox:
    """Start on 127.0.0.1; port 0 takes a free one."""
    return Sandbox(port, access_token)


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Control under /__world/, the API everywhere else."""

        def do_GET(self) -> None:
            if self.path == "/__world/requests":
                self._send(200, json.dumps({"requests": world.requests}), {})
                return
            named = {name.lower(): value for name, value in self.headers.items()}
            (status, body, headers), text = world.answer(self.path, named)
            if status:
                self._send(status, json.dumps(body) if text is None else text, headers)
            else:
                self.close_connection = True

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
            if self.path == "/__world/leads":
                world.add(sent if isinstance(sent, list) else [sent])
            elif self.path == "/__world/faults":
                world.fail(Fault(**sent))
            else:
                self._send(404, json.dumps(_error(404)), {})
                return
            self._send(200, json.dumps({"ok": True}), {})

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Silent: addresses carry ids."""

        def _send(self, status: int, body: str, headers: Mapping[str, str]) -> None:
            content = body.encode()
            self.send_response(status)
            for name, value in {**headers, "content-type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _error(status: int) -> Json:
    return {"status": status, "serviceErrorCode": 100, "message": "sandbox"}


def _project(lead: Json, asked: Mapping[str, str]) -> Json:
    """Only the members that were asked for, as the API does."""
    wanted = set(_DEEPER.sub("", asked.get("fields", "id")).split(","))
    return {name: value for name, value in lead.items() if name in wanted}
