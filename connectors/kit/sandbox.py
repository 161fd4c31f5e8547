"""A stand-in's server: loopback only, faults on request, a record of what was asked. What it answers is its vendor's.

It is steered through `/__world/`: POST things to `/__world/<name>`, POST faults to `/__world/faults`, GET
`/__world/requests`. It ships in no Lambda.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from typing import Any, Generic, Protocol, TypeVar
from urllib.parse import parse_qs, urlsplit

Json = dict[str, Any]
Reply = tuple[int, Json, Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Fault:
    """The next `times` requests get this instead of their answer. Status 0 hangs up without one; `body` replaces the
    JSON by other text."""

    times: int
    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: str | None = None


class World(Protocol):
    """What a vendor's stand-in knows."""

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """The answer to a GET. Header names are lower-case."""
        ...

    def add(self, what: str, things: list[Json]) -> None:
        """More of what it lists."""
        ...


W = TypeVar("W", bound=World)


class Sandbox(Generic[W]):
    """A running stand-in: `url` to point `endpoint` at, `world` to look into; close it or use it in `with`."""

    def __init__(self, world: W, port: int = 0) -> None:
        self.world = world
        self.requests: list[str] = []
        self._faults: list[Fault] = []
        self._lock = threading.Lock()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True)
        self._thread.start()

    def __enter__(self) -> Sandbox[W]:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        self.close()

    def close(self) -> None:
        """Stop serving and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def fail(self, fault: Fault) -> None:
        """Queue a fault behind those already there."""
        with self._lock:
            self._faults.extend([fault] * fault.times)

    def asked(self, target: str, headers: Mapping[str, str]) -> tuple[Reply, str | None]:
        """The answer to a request, or the fault that is due."""
        parts = urlsplit(target)
        query = {name: values[0] for name, values in parse_qs(parts.query).items()}
        with self._lock:
            self.requests.append(target)
            if self._faults:
                fault = self._faults.pop(0)
                return (fault.status, {"message": "sandbox"}, fault.headers), fault.body
            return self.world.answer(parts.path, query, headers), None

    def told(self, what: str, sent: Any) -> None:
        """Steered: a fault, or things that exist from now on."""
        if what == "faults":
            self.fail(Fault(**sent))
            return
        with self._lock:
            self.world.add(what, sent if isinstance(sent, list) else [sent])


def _handler(sandbox: Sandbox[Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Control under /__world/, the API everywhere else."""

        def do_GET(self) -> None:
            if self.path == "/__world/requests":
                self._send(200, json.dumps({"requests": sandbox.requests}), {})
                return
            named = {name.lower(): value for name, value in self.headers.items()}
            (status, body, headers), text = sandbox.asked(self.path, named)
            if status:
                self._send(status, json.dumps(body) if text is None else text, headers)
            else:
                self.close_connection = True

        def do_POST(self) -> None:
            sent = json.loads(self.rfile.read(int(self.headers.get("content-length", "0"))))
            if not self.path.startswith("/__world/"):
                self._send(404, "{}", {})
                return
            sandbox.told(self.path.removeprefix("/__world/"), sent)
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
