"""Asking vendors: what a hostile or failing host can do to us, on a real socket."""

from __future__ import annotations

import gzip
import socket
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from connectors.kit import http
from connectors.kit.http import Answer, Host, retry_after, trouble
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

ALLOWED = frozenset({"api.example.com"})
Script = Callable[[BaseHTTPRequestHandler], None]


class _Server(ThreadingHTTPServer):
    script: Script
    seen: list[tuple[str, str]]


@pytest.fixture
def server() -> Iterator[_Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            running.seen.append((self.path, self.headers.get("authorization", "")))
            running.script(self)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Silent."""

    running = _Server(("127.0.0.1", 0), Handler)
    running.seen = []
    thread = threading.Thread(target=running.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield running
    running.shutdown()
    running.server_close()
    thread.join()


def _answer(status: int, body: bytes, **headers: str) -> Script:
    def script(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(status)
        for name, value in {"content-length": str(len(body)), **headers}.items():
            handler.send_header(name.replace("_", "-"), value)
        handler.end_headers()
        handler.wfile.write(body)

    return script


def _host(server: _Server) -> Host:
    return Host(f"http://127.0.0.1:{server.server_port}/base/", ALLOWED, {"authorization": "Bearer t"})


def test_an_answer_comes_back_whole(server: _Server) -> None:
    server.script = _answer(418, b"tea", X_Kind="Green")
    answer = _host(server).get("/v1/leads", {"after": "a b&c", "limit": "1"})
    assert (answer.status, answer.body, answer.headers["x-kind"]) == (418, b"tea", "Green")
    assert server.seen == [("/base/v1/leads?after=a+b%26c&limit=1", "Bearer t")]
    assert "tea" not in repr(answer)


def test_a_query_that_is_text_arrives_as_it_was_written(server: _Server) -> None:
    server.script = _answer(200, b"{}")
    _host(server).get("/v1/leads", "owner=(account:urn%3Ali%3A1)&fields=id,form:(name)")
    assert server.seen[0][0] == "/base/v1/leads?owner=(account:urn%3Ali%3A1)&fields=id,form:(name)"


def test_a_redirect_is_not_followed(server: _Server) -> None:
    server.script = _answer(302, b"", location=f"http://127.0.0.1:{server.server_port}/elsewhere")
    assert _host(server).get("/here", {}).status == 302
    assert [path for path, _ in server.seen] == ["/base/here"]


@pytest.mark.parametrize(("size", "good"), [(http.MAX_ANSWER, True), (http.MAX_ANSWER + 1, False)])
def test_an_answer_has_a_limit(server: _Server, size: int, good: bool) -> None:
    server.script = _answer(200, b"x" * size)
    if good:
        assert len(_host(server).get("/big", {}).body) == size
    else:
        with pytest.raises(Reject, match="answer_too_large"):
            _host(server).get("/big", {})


def test_an_endless_answer_is_cut_off(server: _Server) -> None:
    sent: list[int] = []

    def pour(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.end_headers()
        try:
            while len(sent) < 10_000:
                handler.wfile.write(b"x" * 65536)
                sent.append(1)
        except OSError:
            return

    server.script = pour
    with pytest.raises(Reject, match="answer_too_large"):
        _host(server).get("/endless", {})
    server.shutdown()
    assert len(sent) < 1000


def test_compressed_answers_are_never_inflated(server: _Server) -> None:
    bomb = gzip.compress(b"0" * 50_000_000, mtime=0)
    server.script = _answer(200, bomb, content_encoding="gzip")
    assert _host(server).get("/bomb", {}).body == bomb


def test_silence_is_an_outage(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "READ_SECONDS", 0.2)
    release = threading.Event()

    def wait(_: BaseHTTPRequestHandler) -> None:
        release.wait(20)

    server.script = wait
    with pytest.raises(Retry) as caught:
        _host(server).get("/slow", {})
    release.set()
    assert caught.value.scope == "outage"


def test_nobody_there_is_an_outage() -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    with pytest.raises(Retry, match="no answer"):
        Host(f"http://127.0.0.1:{port}", ALLOWED, {}).get("/", {})


@pytest.mark.parametrize(
    "endpoint",
    [
        "http://api.example.com",
        "https://evil.example",
        "https://api.example.com.evil.example",
        "https://api.example.com@evil.example",
        "ftp://127.0.0.1",
        "file:///etc/passwd",
        "http://169.254.169.254",
        "//127.0.0.1",
        "127.0.0.1",
        "",
    ],
)
def test_only_the_vendors_own_host_is_asked(endpoint: str) -> None:
    with pytest.raises(Misconfigured, match=r"api\.example\.com"):
        Host(endpoint, ALLOWED, {})


@pytest.mark.parametrize(
    "path", ["/../admin", "v1", "/a?b=c", "/a#b", "//evil.example\r\nx: y", "/a b", "/é", "/%2e%2e"]
)
def test_a_path_is_only_a_path(server: _Server, path: str) -> None:
    server.script = _answer(200, b"")
    with pytest.raises(Reject):
        _host(server).get(path, {})
    assert server.seen == []


@pytest.mark.parametrize(
    ("status", "error", "scope"),
    [
        (200, None, None),
        (204, None, None),
        (301, Reject, None),
        (400, Reject, None),
        (401, Misconfigured, None),
        (403, Misconfigured, None),
        (404, Reject, None),
        (408, Retry, "outage"),
        (423, Retry, "outage"),
        (425, Retry, "outage"),
        (429, Retry, "10s"),
        (500, Retry, "outage"),
        (503, Retry, "outage"),
    ],
)
def test_each_status_tells_what_to_do(status: int, error: type[PortError] | None, scope: str | None) -> None:
    found = trouble(Answer(status, {}, b""))
    assert type(found) is (error or type(None))
    assert getattr(found, "scope", None) == scope


@pytest.mark.parametrize(
    ("given", "seconds"), [("7", 7), ("0", 0), ("99999", 3600), ("", 30), ("1e9", 30), ("Mon", 30)]
)
def test_waiting_times_are_bounded(given: str, seconds: float) -> None:
    assert retry_after(Answer(429, {"retry-after": given}, b"")) == seconds
