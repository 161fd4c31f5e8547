"""HTTP for every vendor's sandbox: faults, journal, control endpoint and the page; the vendor's part is a `Dialect`.

Loopback only. A keep-alive answer through `http.server` costs 42 ms when headers and body leave in two packets (Nagle
against delayed acknowledgement), so the answer is buffered, flushed once, and Nagle is off.
"""

from __future__ import annotations

import json
import socket
import struct
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Protocol
from urllib.parse import parse_qsl, unquote, urlsplit

from leadrelay.local.crm_world import control, page
from leadrelay.local.crm_world.faults import Fault, known
from leadrelay.local.crm_world.page import Card
from leadrelay.local.crm_world.records import Asked
from leadrelay.local.crm_world.state import World

HOST = "127.0.0.1"
LARGEST_BODY = 10 * 1024 * 1024
JSON_TYPE = "application/json;charset=utf-8"
OTHER_TYPES = frozenset({"application/x-www-form-urlencoded", "multipart/form-data", "text/xml"})
FAULT_HEADER = "x-sandbox-fault"  # a fault's kind: for the request that carries it
RESET_ON_CLOSE = struct.pack("ii", 1, 0)


@dataclass(frozen=True, slots=True)
class Request:
    """One request, taken apart. Header names in lower case; `raw` are the body's bytes, `body` their JSON value, None
    where they are none."""

    method: str
    path: str
    query: Mapping[str, str] = field(default_factory=dict)
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Any = None
    raw: bytes = field(default=b"", repr=False)

    @property
    def line(self) -> str:
        """What a fault's `match` is held against."""
        return f"{self.method} {self.path}"

    @property
    def media_type(self) -> str:
        """The content type without its parameters."""
        return self.headers.get("content-type", "").split(";")[0].strip().lower()

    @property
    def form(self) -> Mapping[str, str]:
        """The fields of a form-encoded body; of a repeated one the last."""
        return dict(parse_qsl(self.raw.decode("utf-8", "replace"), keep_blank_values=True))


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer; `body` is a JSON value, or bytes with their own content type, or None."""

    status: int
    body: Any = None
    headers: Mapping[str, str] = field(default_factory=dict)

    def encoded(self) -> tuple[bytes, str]:
        """The body's bytes and content type."""
        if isinstance(self.body, bytes):
            return self.body, self.headers.get("Content-Type", "application/octet-stream")
        return (b"" if self.body is None else json.dumps(self.body).encode()), JSON_TYPE


class Dialect(Protocol):
    """What a vendor's sandbox adds to the world."""

    title: str

    def answer(self, request: Request) -> Reply:
        """Answer as the vendor would, authorisation included; called with the world locked."""
        ...

    def refuse(self, effect: str) -> Reply:
        """The vendor's words for an HTTP fault, e.g. `429_day`."""
        ...

    def cards(self) -> list[Card]:
        """What a sales rep would see, one card per person."""
        ...

    def configure(self, settings: Mapping[str, object]) -> Mapping[str, object]:
        """Change the switches that are given; returns all of them. Raises ValueError for an unknown one."""
        ...


class Sandbox:
    """A running sandbox: `url` to talk to, `world` to look into; `close()` (or `with`) ends it."""

    def __init__(self, world: World, dialect: Dialect, port: int) -> None:
        self.world = world
        self.dialect = dialect
        self.stopping = threading.Event()
        self._server = _Server((HOST, port), _Handler)
        self._server.sandbox = self
        self.url = f"http://{HOST}:{self._server.server_address[1]}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)

    def begin(self) -> Sandbox:
        """Start answering."""
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop answering and let waiting callers go."""
        self.stopping.set()
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self) -> Sandbox:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def start(world: World, dialect: Dialect, port: int = 0) -> Sandbox:
    """Serve a dialect over a world on loopback; port 0 takes a free one. Raises OSError when the port is taken."""
    return Sandbox(world, dialect, port).begin()


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    block_on_close = False
    request_queue_size = 128
    sandbox: Sandbox

    def handle_error(self, request: Any, client_address: Any) -> None:
        """A caller that hangs up is no news here."""


def _query(text: str) -> dict[str, str]:
    """The query by name; what is repeated becomes one list with commas, which every API here takes for the same."""
    values: dict[str, list[str]] = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        values.setdefault(name, []).append(value)
    return {name: ",".join(several) for name, several in values.items()}


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    wbufsize = -1
    disable_nagle_algorithm = True
    server: _Server

    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002 - the base class names it so
        """Nothing of a request is written anywhere but into the world's own journal."""

    def _serve(self) -> None:
        sandbox, url = self.server.sandbox, urlsplit(self.path)
        request = self._read(unquote(url.path), _query(url.query))
        if request is None:
            return
        if request.path.startswith(control.PREFIX):
            self._send(Reply(*control.answer(sandbox.world, sandbox.dialect, request)))
        elif request.method == "GET" and (shown := page.answer(sandbox.dialect, request.path, sandbox.world.now())):
            self._send(Reply(*shown))
        else:
            self._speak(sandbox, request)

    do_GET = do_POST = do_PATCH = do_PUT = do_DELETE = _serve  # noqa: N815 - http.server looks them up by these names

    def _read(self, path: str, query: dict[str, str]) -> Request | None:
        length = int(self.headers.get("Content-Length") or 0)
        if length > LARGEST_BODY:
            self.close_connection = True
            self._send(Reply(413, {"status": "error", "message": "request body too large"}))
            return None
        raw = self.rfile.read(length)
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = Request(self.command, path, query, headers, raw=raw)
        if not raw or request.media_type in OTHER_TYPES:
            return request
        try:
            return replace(request, body=json.loads(raw))
        except ValueError:
            self._send(self.server.sandbox.dialect.refuse("400"))
            return None

    def _speak(self, sandbox: Sandbox, request: Request) -> None:
        """The vendor's part, with the fault that waits for this request."""
        try:
            fault = self._fault(sandbox, request)
        except ValueError as error:
            self._send(Reply(400, {"error": str(error)}))
            return
        if fault and not fault.commits:
            self._fail(sandbox, request, fault)
            return
        with sandbox.world.lock:
            reply = sandbox.dialect.answer(request)
        if fault:
            self._fail(sandbox, request, fault)
            return
        sandbox.world.note(Asked(request.method, request.path, reply.status))
        self._send(reply)

    def _fault(self, sandbox: Sandbox, request: Request) -> Fault | None:
        """The one the request asks for itself, else the one that waits for it. Raises ValueError for an unknown one."""
        asked = request.headers.get(FAULT_HEADER)
        return known(Fault(asked)) if asked else sandbox.world.faults.take(request.line)

    def _fail(self, sandbox: Sandbox, request: Request, fault: Fault) -> None:
        silent = fault.effect in {"timeout", "reset"}
        reply = Reply(0) if silent else sandbox.dialect.refuse(fault.effect)
        sandbox.world.note(Asked(request.method, request.path, reply.status, fault.kind))
        if not silent:
            self._send(reply)
            return
        if fault.effect == "timeout":
            sandbox.stopping.wait(fault.hold)
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, RESET_ON_CLOSE)

    def _send(self, reply: Reply) -> None:
        data, content_type = reply.encoded()
        self.send_response(reply.status)
        headers = {**reply.headers, "Content-Type": content_type, "Content-Length": str(len(data))}
        for name, value in headers.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)
        self.wfile.flush()
