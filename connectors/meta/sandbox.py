"""A stand-in for the Graph API: just enough of it to complete leads and to read a form's history, offline.

It speaks the documented dialect (bearer token, appsecret_proof, error codes inside 400s, cursors) and is steered
through `/__world/`: POST leads to `/__world/leads`, POST faults to `/__world/faults`, GET `/__world/requests` to see
what was asked. It serves loopback only and ships in no Lambda.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
_LEAD = re.compile(r"/v[0-9]+\.[0-9]+/(?P<id>[0-9]+)(?P<leads>/leads)?")


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` Graph requests get this instead of their answer. Status 0 hangs up without one."""

    times: int
    status: int
    code: int | None = None
    subcode: int | None = None
    headers: Mapping[str, str] = field(default_factory=dict)


class World:
    """The leads that exist, the faults to come and what was asked, safe under threads."""

    def __init__(self, access_token: str, app_secret: str) -> None:
        self._token = access_token
        self._proof = hmac.digest(app_secret.encode(), access_token.encode(), hashlib.sha256).hex()
        self._lock = threading.Lock()
        self._leads: dict[str, Json] = {}
        self._faults: list[Fault] = []
        self.requests: list[str] = []
        self.apps: list[Json] = []
        self.used = 0
        """Per cent of the page's calls."""

    def add(self, leads: list[Json]) -> None:
        """Leads in the Graph API's own shape: id, created_time, form_id, field_data, …"""
        with self._lock:
            self._leads.update({str(lead["id"]): lead for lead in leads})

    def fail(self, fault: Fault) -> None:
        """Queue a fault behind those already there."""
        with self._lock:
            self._faults.extend([fault] * fault.times)

    def answer(self, path: str, query: Mapping[str, str], bearer: str) -> tuple[int, Json, Mapping[str, str]]:
        """Status, body and headers of a Graph request."""
        with self._lock:
            self.requests.append(path)
            if self._faults:
                return _fault_answer(self._faults.pop(0))
            if bearer != f"Bearer {self._token}":
                return 400, _error(190, None, "OAuthException"), {}
            if query.get("appsecret_proof") != self._proof:
                return 400, _error(100, None, "GraphMethodException"), {}
            return self._look_up(path, query)

    def _look_up(self, path: str, query: Mapping[str, str]) -> tuple[int, Json, Mapping[str, str]]:
        if path.endswith("/subscribed_apps"):
            return 200, {"data": self.apps}, {}
        match = _LEAD.fullmatch(path)
        if match and match["leads"]:
            usage = {"page": [{"type": "leadgen", "call_count": self.used}]}
            return 200, self._history(match["id"], query), {"x-business-use-case-usage": json.dumps(usage)}
        if match and match["id"] in self._leads:
            return 200, _project(self._leads[match["id"]], query), {}
        return 400, _error(100, 33, "GraphMethodException"), {}

    def _history(self, form: str, query: Mapping[str, str]) -> Json:
        """Newest first, in pages, as the Graph API lists them."""
        bounds = {bound["operator"]: int(bound["value"]) for bound in json.loads(query.get("filtering", "[]"))}
        after, before = bounds.get("GREATER_THAN", 0), bounds.get("LESS_THAN", 2**40)
        mine = [lead for lead in self._leads.values() if str(lead.get("form_id")) == form]
        mine = [lead for lead in mine if after < _made(lead) < before]
        mine.sort(key=_made, reverse=True)
        start, size = int(query.get("after", "0")), int(query.get("limit", "25"))
        page = {"data": [_project(lead, query) for lead in mine[start : start + size]]}
        paging: Json = {"cursors": {"before": str(start), "after": str(start + size)}}
        if start + size < len(mine):
            paging["next"] = "https://graph.example/next"
        return {**page, "paging": paging}


class Sandbox:
    """A running stand-in: `url` to point `endpoint` at, `world` to look into; close it or use it in `with`."""

    def __init__(self, port: int, access_token: str, app_secret: str) -> None:
        self.world = World(access_token, app_secret)
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


def serve(port: int = 0, *, access_token: str, app_secret: str) -> Sandbox:
    """Start on 127.0.0.1; port 0 takes a free one."""
    return Sandbox(port, access_token, app_secret)


def _handler(world: World) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Control under /__world/, Graph everywhere else."""

        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            if parts.path == "/__world/requests":
                self._send(200, {"requests": world.requests}, {})
                return
            query = {name: values[0] for name, values in parse_qs(parts.query).items()}
            status, body, headers = world.answer(parts.path, query, self.headers.get("authorization", ""))
            if status:
                self._send(status, body, headers)
            else:
                self.close_connection = True

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
            if self.path == "/__world/leads":
                world.add(sent if isinstance(sent, list) else [sent])
            elif self.path == "/__world/faults":
                world.fail(Fault(**sent))
            else:
                self._send(404, _error(803, None, "OAuthException"), {})
                return
            self._send(200, {"ok": True}, {})

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Silent: addresses carry ids and proofs."""

        def _send(self, status: int, body: Json, headers: Mapping[str, str]) -> None:
            content = json.dumps(body).encode()
            self.send_response(status)
            for name, value in {**headers, "content-type": "application/json"}.items():
                self.send_header(name, value)
            self.send_header("content-length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

    return Handler


def _fault_answer(fault: Fault) -> tuple[int, Json, Mapping[str, str]]:
    body = _error(fault.code, fault.subcode, "OAuthException") if fault.code is not None else {}
    return fault.status, body, fault.headers


def _error(code: int | None, subcode: int | None, kind: str) -> Json:
    error: Json = {"message": "sandbox", "type": kind, "code": code}
    return {"error": error if subcode is None else {**error, "error_subcode": subcode}}


def _project(lead: Json, query: Mapping[str, str]) -> Json:
    """Only the fields that were asked for, and the id, as the Graph API does."""
    wanted = {"id", *query.get("fields", "created_time,field_data").split(",")}
    return {name: value for name, value in lead.items() if name in wanted}


def _made(lead: Json) -> int:
    return int(datetime.strptime(lead["created_time"], "%Y-%m-%dT%H:%M:%S%z").timestamp())
