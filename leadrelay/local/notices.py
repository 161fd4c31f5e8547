"""Where notices arrive instead of at people: a receiver that remembers who was told what."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from leadrelay.local.tools import LOOPBACK

LARGEST = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Notice:
    """One message; `channel` is the path it was posted to, which names the channel of the rules."""

    channel: str
    title: str
    body: str


class Receiver:
    """Takes what a notifier posts as JSON (`title`, `message`). Use in `with`."""

    def __init__(self, port: int = 0) -> None:
        self._lock = threading.Lock()
        self._told: list[Notice] = []
        self._server = ThreadingHTTPServer((LOOPBACK, port), _handler(self))
        self._server.daemon_threads = True
        self.address = f"{LOOPBACK}:{self._server.server_port}"
        self._thread = threading.Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
        self._thread.start()

    def notices(self) -> list[Notice]:
        """What was told, oldest first."""
        with self._lock:
            return list(self._told)

    def hear(self, notice: Notice) -> None:
        """Remember a notice."""
        with self._lock:
            self._told.append(notice)

    def close(self) -> None:
        """Stop listening and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> Receiver:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        """Accepts JSON objects on any path."""

        def do_POST(self) -> None:
            length = min(int(self.headers.get("content-length") or 0), LARGEST)
            try:
                said = json.loads(self.rfile.read(length))
                notice = Notice(self.path.strip("/"), str(said.get("title", "")), str(said.get("message", "")))
            except (ValueError, AttributeError):
                self._answer(400)
                return
            receiver.hear(notice)
            self._answer(200)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Silent: the demo shows what matters."""

        def _answer(self, status: int) -> None:
            self.send_response(status)
            self.send_header("content-length", "0")
            self.end_headers()

    return Handler
