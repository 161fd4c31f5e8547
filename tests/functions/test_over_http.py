"""The link of the demo over a real connection: cookies, redirects and addresses as HTTP has them."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta

import pytest
from werkzeug.serving import make_server
from werkzeug.wrappers import Request, Response

from functions.report.handler import handler
from leadrelay.domain.reporting.access import Claim
from leadrelay.local.dashboard import page_behind
from leadrelay.local.tools import LocalCloudError
from leadrelay.workflows.sign_in import entrance
from tests.functions.browsing import KEY, Office
from tests.system import System
from tests.workflows import lives

PREFIX = "/_aws/execute-api/an-api/$default"


def served(request: Request) -> Response:
    """As the emulator calls the function: cookies stay among the headers."""
    rest = request.path.removeprefix(PREFIX).removeprefix("/dashboard").strip("/")
    event = {
        "routeKey": "GET /dashboard/{proxy+}" if rest else "GET /dashboard",
        "rawQueryString": request.query_string.decode(),
        "headers": {name.lower(): value for name, value in request.headers.items()},
        "requestContext": {},
        "pathParameters": {"proxy": rest},
    }
    told = handler(event, None)
    answer = Response(told["body"], told["statusCode"], told["headers"])
    for line in told.get("cookies", ()):
        answer.headers.add("Set-Cookie", line)
    return answer


@pytest.fixture
def address(monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """Where the dashboard of a system with one lead is, on this machine."""
    server = make_server("127.0.0.1", 0, Request.application(served))
    address = f"http://127.0.0.1:{server.server_port}{PREFIX}"
    office = Office(System())
    lives.send(office.system, lives.demo())
    office.refresh()
    office.wire(monkeypatch, base=address)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield address
    server.shutdown()
    thread.join()
    server.server_close()


def test_the_page_behind_the_link_is_the_managers(address: str) -> None:
    until = System().clock.now() + timedelta(hours=1)
    page = page_behind(address + entrance(Claim(role="manager"), until, KEY))
    assert "<h1>Today</h1>" in page
    assert "<svg" in page


def test_a_link_that_lets_nobody_in_is_a_problem(address: str) -> None:
    with pytest.raises(LocalCloudError, match="answers 401"):
        page_behind(f"{address}/dashboard/enter/x")


def test_where_nobody_answers_is_a_problem_too() -> None:
    with pytest.raises(LocalCloudError, match="no answer"):
        page_behind("http://127.0.0.1:9/dashboard/enter/x")
