"""Attacks on every sender's connector. Whatever is sent, the answer is drafts, Unauthentic or Malformed: never else."""

from __future__ import annotations

import hmac
import json
import random
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from hypothesis import HealthCheck, given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.kit import signing
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, SecretValues, Unauthentic
from tests.connectors.cases import (
    Case,
    all_cases,
    another_secret,
    body,
    delivery,
    now,
    params,
    secrets,
    settings,
    source,
    source_vendors,
)
from tests.connectors.invariants import check_draft

GENUINE = [(vendor, path.stem, case) for vendor, path, case in all_cases() if "drafts" in case["expect"]]
PROVEN = [one for one in GENUINE if one[2]["proof"]]
IN_HEADER = [one for one in PROVEN if "header" in one[2]["proof"]]
SIGNED = [one for one in IN_HEADER if one[2]["proof"]["covers_body"]]
JSON_CASES = {vendor: case for vendor, _, case in GENUINE if "json" in case["request"]}
FORM_CASES = {vendor: case for vendor, _, case in GENUINE if "form" in delivery(case).header("content-type")}
FORM_TYPES = ["application/x-www-form-urlencoded", "multipart/form-data; boundary=XyZ", "multipart/form-data"]
FORM_STARTS = [b"", b"--XyZ\r\n", b"--XyZ\r\nContent-Disposition: form-data; name="]
HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "blank": b"   ",
    "list": b"[]",
    "text": b'"hello"',
    "null": b"null",
    "true": b"true",
    "number": b"1",
    "cut_off": b'{"a": {"b": 1}',
    "trailing_comma": b'{"a": 1,}',
    "two_values": b'{"a": 1} {"a": 2}',
    "single_quotes": b"{'a': 1}",
    "depth_33": b'{"a":' * 33 + b"1" + b"}" * 33,
    "depth_bomb": b"[" * 200_000,
    "depth_bomb_unclosed_text": b'{"a":"' + b'\\"' * 100_000,
    "nan": b'{"a": NaN}',
    "infinity": b'{"a": -Infinity}',
    "1e999": b'{"a": 1e999}',
    "30_digits": b'{"a": ' + b"1" * 30 + b"}",
    "4301_digits": b'{"a": ' + b"1" * 4301 + b"}",
    "duplicate": b'{"a": 1, "a": 1}',
    "duplicate_deep": b'{"b": [{"a": 1, "\\u0061": 2}]}',
    "utf_16": json.dumps({"a": 1}).encode("utf-16"),
    "utf_16_le": json.dumps({"a": 1}).encode("utf-16-le"),
    "utf_32": json.dumps({"a": 1}).encode("utf-32"),
    "bom": b'\xef\xbb\xbf{"a": 1}',
    "latin_1": '{"a": "ü"}'.encode("latin-1"),
    "overlong": b'{"a": "\xc0\xaf"}',
    "lone_surrogate": b'{"a": "\\ud800"}',
    "lone_surrogate_key": b'{"\\udfff": 1}',
    "raw_nul": b'{"a": "\x00"}',
    "raw_control": b'{"a": "\x01"}',
    "gzip": bytes.fromhex("1f8b0800000000000003") + b"\xab\x56\x4a\x54\xb2\x32",
}


@pytest.mark.parametrize("vendor", JSON_CASES)
@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_json_is_refused(vendor: str, name: str) -> None:
    case = JSON_CASES[vendor]
    attack = delivery(case, HOSTILE[name])
    if _proves_the_body(case):
        with pytest.raises((Unauthentic, Malformed)):
            source(vendor).verify(attack, settings(case), secrets(case), now(case))
    with pytest.raises(Malformed):
        source(vendor).parse(attack, settings(case), now(case))


@pytest.mark.parametrize(("vendor", "case"), params(IN_HEADER))
def test_a_damaged_proof_is_refused(vendor: str, case: Case) -> None:
    name = case["proof"]["header"]
    right = delivery(case).header(name)
    damaged: list[str | None] = [None, "", right[:-1], right[:12], right[:-1] + ("0" if right[-1] != "0" else "1")]
    damaged += [right + "é", "é" * 40, "\ud800", right + "\x00", right.upper(), "," * 100, "=", "t=,v1=", "sha256="]
    damaged += [f" {right}", right.replace("=", "", 1) if "=" in right else right + "=", right[::-1]]
    damaged += [right.replace("v1=", "v1a=")] if "v1=" in right else []
    for attack in damaged:
        _refused(vendor, case, delivery(case, headers={name: attack}))


@pytest.mark.parametrize(("vendor", "case"), params(IN_HEADER))
def test_every_other_senders_proof_is_refused(vendor: str, case: Case) -> None:
    name = case["proof"]["header"]
    mine = delivery(case).header(name)
    others = {delivery(two).header(two["proof"]["header"]) for _, _, two in GENUINE if "header" in (two["proof"] or {})}
    assert len(others - {mine}) > 5
    for other in others - {mine}:
        if case["proof"]["covers_body"] or other not in secrets(case).get("api_key", ()):
            _refused(vendor, case, delivery(case, headers={name: other}))


@pytest.mark.parametrize(("vendor", "case"), params(SIGNED))
def test_a_changed_body_is_refused(vendor: str, case: Case) -> None:
    sent = body(case)
    places = random.Random(7).sample(range(len(sent)), min(len(sent), 40))
    changed = [sent[:at] + bytes([sent[at] ^ 1]) + sent[at + 1 :] for at in places]
    changed += [sent[:-1], sent + b" ", b"", json.dumps(json.loads(sent), indent=1).encode()]
    for attack in changed:
        _refused(vendor, case, delivery(case, attack))


@pytest.mark.parametrize(("vendor", "case"), params(IN_HEADER))
@pytest.mark.parametrize("right_one_last", [False, True])
def test_twenty_thousand_signatures_cost_five(
    vendor: str, case: Case, right_one_last: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = case["proof"]["header"]
    right = delivery(case).header(name)
    flood = ",".join([*(f"v1={number:064x}" for number in range(20_000)), *([right] if right_one_last else [])])
    compared: list[bytes] = []
    genuine = hmac.compare_digest

    def counting(right: bytes, other: bytes) -> bool:
        compared.append(other)
        return genuine(right, other)

    monkeypatch.setattr(hmac, "compare_digest", counting)
    _refused(vendor, case, delivery(case, headers={name: flood if right_one_last else f"{right[:12]},{flood}"}))
    assert len(compared) <= 5


@pytest.mark.parametrize(("vendor", "case"), params(PROVEN))
def test_rotation_and_unusable_secrets(vendor: str, case: Case) -> None:
    module, request = source(vendor), delivery(case)
    name = _proving_secret(vendor, case)
    old = secrets(case)[name][0]
    new = another_secret(vendor)

    def verify(*values: str) -> str:
        return module.verify(request, settings(case), {**secrets(case), name: values}, now(case))

    assert verify(new, old) == verify(old, new) == "verified"
    with pytest.raises(Unauthentic):
        verify(new)
    for unusable in ((), ("",), ("x",), (old, ""), ("x" * (_shortest_secret(vendor) - 1),)):
        with pytest.raises(Misconfigured) as caught:
            verify(*unusable)
        assert name in str(caught.value)
        assert old not in str(caught.value)


def test_nothing_of_a_delivery_shows_in_its_repr() -> None:
    for _, _, case in GENUINE:
        assert body(case).decode(errors="replace") not in repr(delivery(case)) or not body(case)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**64) | st.floats() | st.text(max_size=30),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=12), inner, max_size=4),
    max_leaves=20,
)
form_names = st.sampled_from(
    ["email", "submission_id", "form_id", "rawRequest", "form[id]", "fields[a][value]", "fields[a][type]"]
)
form_pairs = st.lists(st.tuples(form_names, st.text(max_size=30)), max_size=8).map(urlencode).map(str.encode)
many = examples(max_examples=60, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))


@pytest.mark.parametrize("vendor", source_vendors())
@many
@given(content=st.binary(max_size=400), header=st.text(max_size=80))
def test_any_bytes(vendor: str, content: bytes, header: str) -> None:
    for case in (case for found, _, case in GENUINE if found == vendor):
        headers = {case["proof"]["header"]: header} if "header" in (case["proof"] or {}) else {"origin": header}
        _only_the_two(vendor, case, delivery(case, content, headers))


@pytest.mark.parametrize("vendor", JSON_CASES)
@many
@given(content=json_values)
def test_any_json(vendor: str, content: object) -> None:
    case = JSON_CASES[vendor]
    _only_the_two(vendor, case, delivery(case, json.dumps(content).encode()))


@pytest.mark.parametrize("vendor", JSON_CASES)
@many
@given(data=st.data())
def test_a_genuine_body_with_something_else_in_it(vendor: str, data: st.DataObject) -> None:
    """One value of a genuine body, anywhere, becomes anything: the shapes that no documentation lists."""
    mine = [case for found, _, case in GENUINE if found == vendor and "json" in case["request"]]
    case = data.draw(st.sampled_from(mine))
    places = list(_places(case["request"]["json"]))
    place = data.draw(st.sampled_from(places))
    changed = _replaced(case["request"]["json"], place, data.draw(json_values))
    _only_the_two(vendor, case, delivery(case, json.dumps(changed).encode()))


@pytest.mark.parametrize("vendor", FORM_CASES)
@pytest.mark.parametrize("kind", FORM_TYPES)
@many
@given(content=st.binary(max_size=300) | form_pairs, prefix=st.sampled_from(FORM_STARTS))
def test_any_form(vendor: str, kind: str, content: bytes, prefix: bytes) -> None:
    case = FORM_CASES[vendor]
    _only_the_two(vendor, case, delivery(case, prefix + content, {"content-type": kind}))


def _refused(vendor: str, case: Case, attack: Delivery) -> None:
    with pytest.raises((Unauthentic, Malformed)) as caught:
        source(vendor).verify(attack, settings(case), secrets(case), now(case))
    assert caught.type is Unauthentic or not attack.header((case["proof"] or {}).get("header", ""))


def _only_the_two(vendor: str, case: Case, attack: Delivery) -> None:
    module = source(vendor)
    steps: list[Callable[[], Any]] = [
        lambda: module.challenge(attack, settings(case), secrets(case)),
        lambda: module.verify(attack, settings(case), secrets(case), now(case)),
    ]
    for step in steps:
        try:
            step()
        except (Unauthentic, Malformed):
            continue
    try:
        drafts = module.parse(attack, settings(case), now(case))
    except Malformed:
        return
    quiet: SecretValues = {}
    for draft in drafts:
        check_draft(draft, now(case), quiet)


def _proves_the_body(case: Case) -> bool:
    """A key in a header or in the address proves the sender, whatever the body is."""
    proof = case["proof"] or {}
    return "body_key" in proof or bool(proof.get("covers_body"))


def _proving_secret(vendor: str, case: Case) -> str:
    return {"meta": "app_secret"}.get(vendor) or next(iter(case["secrets"]))


def _shortest_secret(vendor: str) -> int:
    """Zoom makes the secret itself, and shorter."""
    return {"zoom": 22}.get(vendor, signing.MIN_SECRET_BYTES)


def _places(value: object, path: tuple[object, ...] = ()) -> Any:
    yield path
    if isinstance(value, dict):
        for key, member in value.items():
            yield from _places(member, (*path, key))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _places(item, (*path, index))


def _replaced(value: Any, path: tuple[Any, ...], new: object) -> object:
    if not path:
        return new
    copy = dict(value) if isinstance(value, dict) else list(value)
    copy[path[0]] = _replaced(value[path[0]], path[1:], new)
    return copy
