"""Stand-ins for what a notice ends at: an HTTP server to which every vendor's host leads, and a mail server."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit

import pytest
import requests


@dataclass
class Vendors:
    """Every request that a service was sent, with the host it was meant for; `status` is what they answer."""

    port: int = 0
    status: int = 200
    heard: list[tuple[str, str, dict[str, Any]]] = field(default_factory=list)


@pytest.fixture
def vendors(monkeypatch: pytest.MonkeyPatch) -> Iterator[Vendors]:
    """Real HTTP over loopback, wherever Apprise believes the host to be."""
    world = Vendors()
    server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(world))
    world.port = server.server_port
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    send = requests.adapters.HTTPAdapter.send

    def redirected(adapter: Any, request: requests.PreparedRequest, *args: Any, **kwargs: Any) -> requests.Response:
        there = urlsplit(str(request.url))
        request.headers["X-Meant-For"] = there.hostname or ""
        request.url = f"http://127.0.0.1:{world.port}{there.path or '/'}"
        return send(adapter, request, *args, **kwargs)

    monkeypatch.setattr(requests.adapters.HTTPAdapter, "send", redirected)
    yield world
    server.shutdown()
    server.server_close()


def _handler(world: Vendors) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers.get("content-length") or 0))
            world.heard.append((self.headers["X-Meant-For"], self.path, json.loads(body)))
            answer = (
                b"ok"
                if self.headers["X-Meant-For"] == "hooks.slack.com"
                else b'{"ok": true, "message": "", "channel": "C"}'
            )
            self.send_response(world.status)
            self.send_header("content-length", str(len(answer)))
            self.end_headers()
            self.wfile.write(answer)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - the base's name
            """Silent."""

    return Handler


@dataclass
class Mailbox:
    """Every mail that was taken, with its envelope's recipients."""

    port: int = 0
    mails: list[tuple[list[str], EmailMessage]] = field(default_factory=list)


@pytest.fixture
def mailbox() -> Iterator[Mailbox]:
    """A mail server that takes everything."""
    box = Mailbox()
    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), _smtp(box))
    server.daemon_threads = True
    box.port = server.server_address[1]
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
    yield box
    server.shutdown()
    server.server_close()


def _smtp(box: Mailbox) -> type[socketserver.StreamRequestHandler]:
    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            people: list[str] = []
            self._say("220 stand-in")
            while line := self.rfile.readline().decode().strip():
                verb = line[:4].upper()
                if verb == "RCPT":
                    people.append(line.partition("<")[2].partition(">")[0])
                if verb == "DATA":
                    self._say("354 go on")
                    box.mails.append((people, self._mail()))
                self._say("221 bye" if verb == "QUIT" else "250 ok")
                if verb == "QUIT":
                    return

        def _mail(self) -> EmailMessage:
            lines = []
            while (line := self.rfile.readline()) != b".\r\n":
                lines.append(line.removeprefix(b"."))
            mail = message_from_bytes(b"".join(lines), policy=policy.default)
            assert isinstance(mail, EmailMessage)
            return mail

        def _say(self, line: str) -> None:
            self.wfile.write(f"{line}\r\n".encode())

    return Handler
