"""Every error shape we know, from the wire to our result; the fixtures are `connectors/salesforce/cases`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest

import connectors.salesforce
from connectors.kit.crm_trouble import Refusal
from connectors.salesforce.answers import of_answer, of_problems
from connectors.salesforce.bodies import problems
from connectors.salesforce.crm import connect
from connectors.salesforce.fields import default_maps
from connectors.salesforce.sandbox.errors import FAULTS
from connectors.salesforce.session import Answer
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.salesforce.conftest import PATIENCE, SECRET

CASES = sorted((Path(connectors.salesforce.__file__).parent / "cases").glob("*.json"))
ANSWERS = [path for path in CASES if "answer" in json.loads(path.read_text())]
ITEMS = [path for path in CASES if "item" in json.loads(path.read_text())]
FIELDS = default_maps()["Lead"]
TOKEN = {"access_token": "t", "instance_url": "https://acme.my.salesforce.com", "id": "x"}


class _Canned(HTTPServer):
    reply: tuple[int, bytes]


class _Handler(BaseHTTPRequestHandler):
    server: _Canned

    def do_POST(self) -> None:
        self._say(200, json.dumps(TOKEN).encode())

    def do_PATCH(self) -> None:
        self._say(*self.server.reply)

    def _say(self, status: int, data: bytes) -> None:
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(status)
        self.send_header("Content-Length", str(len(data)))
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


def _agrees(trouble: Any, expect: dict[str, Any]) -> None:
    result = trouble.result("op")
    assert type(result).__name__ == expect["result"]
    for name in ("after", "scope", "code", "field", "existing_id"):
        if name in expect:
            assert getattr(result, name) == expect[name], name
    if "parts" in expect:
        assert [part.field for part in trouble.parts] == expect["parts"]
    assert expect.get("says", "") in result.message
    assert "never_says" not in expect or expect["never_says"] not in result.message


def test_there_is_a_case_for_every_kind_of_result() -> None:
    told = [json.loads(path.read_text()) for path in CASES]
    assert {case["expect"]["result"] for case in told} == {"RetryLater", "Rejected", "Unknown"}
    codes = {case["expect"].get("code") for case in told} - {None}
    assert codes == {"VALIDATION", "DUPLICATE", "PERMISSION", "OWNER_INACTIVE", "NOT_FOUND"}
    assert all(case["source"].startswith("https://") and case["about"] for case in told)
    assert (len(ANSWERS) >= 35, len(ITEMS) >= 8) == (True, True)


@pytest.mark.parametrize("path", ANSWERS, ids=lambda path: path.stem)
def test_an_answer_is_read_off_the_wire(path: Path, canned: _Canned) -> None:
    case = json.loads(path.read_text())
    answer = case["answer"]
    data = answer["text"] if "text" in answer else json.dumps(answer["body"])
    canned.reply = (answer["status"], data.encode())
    org = connect(SECRET, f"http://127.0.0.1:{canned.server_address[1]}", PATIENCE, None)
    got = org.call("PATCH", "/sobjects/Lead/00Q5e000000003EEAQ", {})
    assert not got.ok
    _agrees(of_answer(got, FIELDS, repeatable=case.get("repeatable", True)), case["expect"])


@pytest.mark.parametrize("path", ITEMS, ids=lambda path: path.stem)
def test_a_record_of_a_collection_is_read_alike(path: Path) -> None:
    case = json.loads(path.read_text())
    _agrees(of_problems(problems(case["item"]["errors"]), FIELDS), case["expect"])


def test_reading_raises_what_the_caller_can_act_on() -> None:
    kinds = {}
    for path in ANSWERS:
        case = json.loads(path.read_text())["answer"]
        if "body" in case:
            kinds[path.stem] = of_answer(Answer(case["status"], case["body"]), FIELDS).error()
    assert isinstance(kinds["401_session"], Misconfigured)
    assert isinstance(kinds["403_no_right"], Misconfigured)
    assert isinstance(kinds["404_gone"], Reject)
    assert isinstance(kinds["503_busy"], Retry)
    assert isinstance(kinds["403_day"], Retry)
    assert kinds["403_day"].scope == "day"


@pytest.mark.parametrize("odd", [None, 5, "x", {}, [], [None], [[]], ["x"], [{"errorCode": None}], {"message": "x"}])
def test_no_body_is_too_odd_to_be_read(odd: object) -> None:
    for status in (300, 400, 401, 403, 404, 429, 500, 503):
        assert of_answer(Answer(status, odd), FIELDS).result("op").op_id == "op"


def test_an_unreadable_match_of_a_duplicate_points_nowhere() -> None:
    body = [
        {"errorCode": "DUPLICATES_DETECTED", "duplicateResut": {"matchResults": [{"matchRecords": [{"record": 5}]}]}}
    ]
    told = of_answer(Answer(400, body), FIELDS)
    assert isinstance(told, Refusal)
    assert (told.code, told.existing_id) == ("DUPLICATE", None)


@pytest.mark.parametrize("effect", sorted(FAULTS))
def test_the_sandbox_refuses_in_shapes_we_read(effect: str) -> None:
    reply = FAULTS[effect]
    body = None if isinstance(reply.body, bytes) else reply.body
    result = of_answer(Answer(reply.status, body, readable=body is not None), FIELDS).result("op")
    assert type(result).__name__ == ("Rejected" if effect in {"400", "403", "404"} else "RetryLater")
