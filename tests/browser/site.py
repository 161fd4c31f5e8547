"""A web site with the snippet, and the address that it posts to: the real handler behind API Gateway's part of CORS."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

from functions.ingest.handler import handler
from tests.infra.cloudformation import ROOT, Template

SNIPPET = ROOT / "connectors" / "webform" / "snippet" / "leadrelay.js"
CORS: Any = Template(ROOT / "template.yaml").resources["Api"]["Properties"]["CorsConfiguration"]["Fn::If"][1]


@dataclass
class Site:
    """`pages` by path; the pages may run scripts of their own server only. `strangers` are posts to the site itself."""

    api: str = ""
    pages: dict[str, str] = field(default_factory=dict)
    address: str = ""
    strangers: list[bytes] = field(default_factory=list)

    def page(self, body: str, **options: str) -> str:
        """A page with the snippet, set up by attributes of its tag."""
        told = "".join(f' data-{name}="{value}"' for name, value in options.items())
        return (
            f'<!doctype html><meta charset="utf-8"><title>A page</title>'
            f'<script defer src="/leadrelay.js" data-endpoint="{self.api}/in/landing"{told}></script>{body}'
        )


@dataclass
class Api:
    """The door. `broken` answers 503 before anybody looks; `asked` are the methods and content types that came."""

    origins: list[str] = field(default_factory=list)
    broken: bool = False
    asked: list[tuple[str, str]] = field(default_factory=list)
    address: str = ""


@contextmanager
def served(site: Site, api: Api) -> Iterator[None]:
    """Both on ports of this machine."""
    with ExitStack() as stack:
        for target, kind in ((site, _site_handler(site)), (api, _api_handler(api))):
            server = ThreadingHTTPServer(("127.0.0.1", 0), kind)
            stack.callback(server.server_close)
            stack.callback(server.shutdown)
            Thread(target=server.serve_forever, daemon=True).start()
            target.address = f"http://127.0.0.1:{server.server_address[1]}"
        site.api = api.address
        yield


class _Quiet(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *args: Any) -> None:
        """Nothing."""

    def answer(self, status: int, headers: dict[str, str], body: bytes = b"") -> None:
        self.send_response(status)
        for name, value in {**headers, "content-length": str(len(body))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def body(self) -> bytes:
        return self.rfile.read(int(self.headers.get("content-length") or 0))


def _site_handler(site: Site) -> type[_Quiet]:
    class Handler(_Quiet):
        def do_GET(self) -> None:
            path = self.path.split("?")[0]
            if path == "/leadrelay.js":
                self.answer(200, {"content-type": "text/javascript"}, Path(SNIPPET).read_bytes())
                return
            policy = f"default-src 'none'; script-src 'self'; connect-src {site.api}; form-action 'self'"
            headers = {"content-type": "text/html; charset=utf-8", "content-security-policy": policy}
            page = site.pages.get(path)
            self.answer(404 if page is None else 200, headers, (page or "").encode())

        def do_POST(self) -> None:
            site.strangers.append(self.body())
            self.answer(200, {"content-type": "text/html"}, b"<!doctype html><title>Thanks</title>")

    return Handler


def _api_handler(api: Api) -> type[_Quiet]:
    """As an HTTP API: it answers preflights itself and adds to every other answer who may read it."""

    class Handler(_Quiet):
        def _readable_by(self) -> dict[str, str]:
            origin = self.headers.get("origin") or ""
            return {"access-control-allow-origin": origin, "vary": "origin"} if origin in api.origins else {}

        def do_OPTIONS(self) -> None:
            api.asked.append(("OPTIONS", self.headers.get("access-control-request-headers") or ""))
            allowed = self._readable_by()
            if allowed:
                allowed["access-control-allow-methods"] = ",".join(CORS["AllowMethods"])
                allowed["access-control-allow-headers"] = ",".join(CORS["AllowHeaders"])
                allowed["access-control-max-age"] = str(CORS["MaxAge"])
            self.answer(204, allowed)

        def do_POST(self) -> None:
            body = self.body()
            api.asked.append(("POST", self.headers.get("content-type") or ""))
            if api.broken:
                self.answer(503, self._readable_by())
                return
            told = handler(self._event(body), None)
            self.answer(told["statusCode"], {**told["headers"], **self._readable_by()}, told["body"].encode())

        def do_GET(self) -> None:
            api.asked.append(("GET", self.path))
            told = handler(self._event(b""), None)
            self.answer(told["statusCode"], {**told["headers"], **self._readable_by()}, told["body"].encode())

        def _event(self, body: bytes) -> dict[str, Any]:
            path, _, query = self.path.partition("?")
            return {
                "version": "2.0",
                "rawQueryString": query,
                "pathParameters": {"source": path.removeprefix("/in/")},
                "requestContext": {"http": {"method": self.command, "sourceIp": "192.0.2.7"}},
                "headers": {name.lower(): value for name, value in self.headers.items()},
                "body": base64.b64encode(body).decode(),
                "isBase64Encoded": True,
            }

    return Handler
