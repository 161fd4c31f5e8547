"""Every documented error shape, from the wire to our result; the fixtures are `connectors/hubspot/cases`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import connectors.hubspot
from connectors.hubspot.answers import of_answer, of_item
from connectors.hubspot.fields import default_map
from connectors.hubspot.sandbox.errors import FAULTS
from connectors.hubspot.transport import Answer, Wire
from connectors.kit.crm_trouble import Refusal
from leadrelay.ports.errors import Misconfigured, Reject, Retry

CASES = sorted((Path(connectors.hubspot.__file__).parent / "cases").glob("*.json"))
ANSWERS = [path for path in CASES if "answer" in json.loads(path.read_text())]
ITEMS = [path for path in CASES if "item" in json.loads(path.read_text())]


class _Canned(HTTPServer):
    reply: tuple[int, dict[str, str], bytes]


class _Handler(BaseHTTPRequestHandler):
    server: _Canned

    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        status, headers, data = self.server.reply
        self.send_response(status)
        for name, value in {**headers, "Content-Length": str(len(data))}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture(scope="module")
def canned() -> Iterator[_Canned]:
    server = _Canned(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def _agrees(result: Any, expect: dict[str, Any]) -> None:
    assert type(result).__name__ == expect["result"]
    for name in ("after", "scope", "code", "field", "existing_id"):
        if name in expect:
            assert getattr(result, name) == expect[name], name
    assert expect.get("says", "") in result.message
    assert "never_says" not in expect or expect["never_says"] not in result.message


def test_there_is_a_case_for_every_kind_of_result() -> None:
    seen = {json.loads(path.read_text())["expect"]["result"] for path in CASES}
    assert seen == {"RetryLater", "Rejected", "Unknown"}
    assert len(ANSWERS) >= 20
    assert len(ITEMS) >= 3


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_is_read_off_the_wire_through_the_real_client(path: Path, canned: _Canned) -> None:
    case = json.loads(path.read_text())
    answer = case["answer"]
    data = answer["text"] if "text" in answer else json.dumps(answer["body"])
    canned.reply = (answer["status"], answer["headers"], data.encode())
    wire = Wire("t", f"http://127.0.0.1:{canned.server_address[1]}", (1.0, 2.0), "v3")
    got = wire.call("crm.objects.batch_api", "update", "contacts", {"inputs": []})
    assert not got.ok
    trouble = of_answer(got, default_map(), repeatable=case.get("repeatable", True))
    _agrees(trouble.result("op"), case["expect"])
    if "parts" in case["expect"]:
        assert isinstance(trouble, Refusal)
        assert {part.field: part.code for part in trouble.parts} == case["expect"]["parts"]
        assert len({part.message for part in trouble.parts}) == len(trouble.parts)


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_an_item_of_a_batch_is_read_alike(path: Path) -> None:
    case = json.loads(path.read_text())
    _agrees(of_item(case["item"], default_map()).result("op"), case["expect"])


def test_reading_raises_what_the_caller_can_act_on() -> None:
    kinds = {}
    for path in ANSWERS:
        case = json.loads(path.read_text())["answer"]
        if "body" in case:
            kinds[path.stem] = of_answer(Answer(case["status"], case["headers"], case["body"]), default_map()).error()
    assert isinstance(kinds["401_token"], Misconfigured)
    assert isinstance(kinds["403_scopes"], Misconfigured)
    assert isinstance(kinds["404_gone"], Reject)
    assert isinstance(kinds["500_repeatable"], Retry)
    assert isinstance(kinds["429_daily"], Retry)
    assert kinds["429_daily"].scope == "day"


@pytest.mark.parametrize("effect", sorted(FAULTS))
def test_the_sandbox_refuses_in_shapes_we_read(effect: str) -> None:
    reply = FAULTS[effect].reply()
    assert reply.status == int(effect.split("_", maxsplit=1)[0])
    result = of_answer(Answer(reply.status, {}, reply.body), default_map()).result("op")
    assert type(result).__name__ == ("Rejected" if effect in {"400", "403", "404", "409"} else "RetryLater")
