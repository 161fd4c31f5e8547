"""What is not a proper webhook is refused with a constant answer, and leaves no trace."""

from __future__ import annotations

import gzip
import json
from datetime import UTC, datetime
from typing import Any

import pytest
import urllib3

from connectors.kit import signing
from leadrelay.local.cloud import Cloud
from leadrelay.local.courier import Courier, Parcel, Receipt

pytestmark = pytest.mark.e2e

CANARY = "canary-in-a-refused-body"


def nested(depth: int, text: str) -> bytes:
    return b'{"a":' * depth + json.dumps(text).encode() + b"}" * depth


HOSTILE = {
    "oversized": (413, lambda text: json.dumps({"email": text, "padding": "x" * 256 * 1024}).encode()),
    "deep": (400, lambda text: nested(40, text)),
    "nan": (400, lambda text: b'{"email": "%s", "employees": NaN}' % text.encode()),
    "duplicate key": (400, lambda text: b'{"email": "a", "email": "%s"}' % text.encode()),
    "a list": (400, lambda text: json.dumps([text]).encode()),
    "a number": (400, lambda text: b"1"),
    "not JSON": (400, lambda text: text.encode()),
    "empty": (400, lambda text: b""),
}


def posted(cloud: Cloud, courier: Courier, body: bytes, **more: str) -> Receipt:
    """A body signed as the web form's server would, whatever is in it."""
    secret = cloud.outside.secrets["source/website"]["signing_secret"]
    at = str(int(datetime.now(UTC).timestamp()))
    proof = signing.sign(secret, at.encode() + b"." + body).decode()
    headers = {"content-type": "application/json", "x-leadrelay-signature": f"t={at},v1={proof}", **more}
    return courier.post(Parcel("hostile", "website", headers, body))


def everything(cloud: Cloud) -> str:
    """The whole table as text."""
    pages: Any = cloud.emulator.client("dynamodb").get_paginator("scan")
    found = pages.paginate(TableName=cloud.deployed.table_name, ConsistentRead=True)
    return json.dumps([item for page in found for item in page["Items"]], default=str)


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_body_is_refused_with_a_constant_answer_and_not_stored(
    cloud: Cloud, courier: Courier, name: str
) -> None:
    status, make = HOSTILE[name]
    answers = [posted(cloud, courier, make(f"{CANARY}-{number}@refused.example")) for number in (1, 2)]
    assert [answer.status for answer in answers] == [status, status]
    assert answers[0].body == answers[1].body
    assert CANARY.encode() not in answers[0].body
    assert CANARY not in everything(cloud)


def test_a_compressed_body_is_refused_by_its_header(cloud: Cloud, courier: Courier) -> None:
    body = gzip.compress(json.dumps({"email": f"{CANARY}@refused.example"}).encode())
    answer = posted(cloud, courier, body, **{"content-encoding": "gzip"})
    assert answer.status == 415
    assert CANARY not in everything(cloud)


def test_a_forged_signature_is_refused_and_not_stored(cloud: Cloud, courier: Courier) -> None:
    body = json.dumps({"form": "demo", "email": f"{CANARY}@refused.example"}).encode()
    answer = posted(cloud, courier, body, **{"x-leadrelay-signature": "t=1700000000,v1=" + "0" * 64})
    assert answer.status == 401
    assert CANARY not in everything(cloud)


def test_the_same_body_with_its_proper_signature_is_stored(cloud: Cloud, courier: Courier) -> None:
    """The sabotage: if nothing at all were stored, the tests above would prove nothing."""
    body = json.dumps({"event": "page_viewed", "event_id": "event-of-the-canary", "fields": {"note": CANARY + "-ok"}})
    assert posted(cloud, courier, body.encode()).status == 200
    assert f"{CANARY}-ok" in everything(cloud)


@pytest.mark.parametrize("source", ["nobody", "webform", "WEBSITE", "os.path", "website%2f..%2fmeta"])
def test_an_unknown_source_is_not_found(courier: Courier, source: str) -> None:
    answer = courier.post(Parcel("unknown", source, {"content-type": "application/json"}, b"{}"))
    assert answer.status == 404
    assert source.encode() not in answer.body


def test_meta_subscribes_only_with_our_token(cloud: Cloud) -> None:
    token = cloud.outside.secrets["source/meta"]["verify_token"]
    asked = {"hub.mode": "subscribe", "hub.challenge": "1158201444", "hub.verify_token": token}
    http = urllib3.PoolManager(retries=False)
    right = http.request("GET", f"{cloud.api}/in/meta", fields=asked)
    wrong = http.request("GET", f"{cloud.api}/in/meta", fields={**asked, "hub.verify_token": "x" * 48})
    assert (right.status, right.data) == (200, b"1158201444")
    assert wrong.status == 401


def test_a_page_may_post_from_its_origin(cloud: Cloud) -> None:
    http = urllib3.PoolManager(retries=False)
    asked = {"origin": "https://www.vendor.example", "access-control-request-method": "POST"}
    allowed = http.request("OPTIONS", f"{cloud.api}/in/landing", headers=asked)
    assert allowed.headers.get("access-control-allow-origin") == "https://www.vendor.example"
