from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.cli.conftest import Ran, Run
from tests.rulebook.editing import RULES

Written = Callable[[str, object], Path]
SECRET = "an-invented-secret-of-32-letters"
AT = "2026-03-02T09:00:00Z"
SECONDS = 1772442000
BODY = json.dumps(
    {
        "form": "demo",
        "submission_id": "sample-0001",
        "page": "https://www.example.com/demo?utm_source=linkedin&utm_medium=cpc",
        "fields": {"E-mail": "ada@example.com", "Liczba pracowników": "51-200", "Shoe size": "43"},
    }
).encode()


def _signed(body: bytes) -> dict[str, str]:
    digest = hmac.new(SECRET.encode(), f"{SECONDS}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": "application/json", "X-LeadRelay-Signature": f"t={SECONDS},v1={digest}"}


def _parse(run: Run, written: Written, *options: str | Path, source: str = "website", **parts: Any) -> Ran:
    headers = written("headers.json", parts.get("headers", _signed(BODY)))
    body = written("body.json", parts.get("body", BODY))
    return run("parse", source, "--headers", headers, "--body", body, "--rules", RULES, "--at", AT, *options)


def test_a_proven_delivery_becomes_touches_in_our_words(run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": SECRET})
    ran = _parse(run, written, "--secrets", secrets, "--json")
    assert ran.code == 0
    (told,) = json.loads(ran.out)
    understood = {"lead.email": "ada@example.com", "account.domain": "example.com", "account.employees": 51}
    assert told["understood"] == understood
    assert told["signals"] == ["demo_request", "demo_request@linkedin"]
    assert (told["temperature"], told["channel"]) == ("hot", "paid_social")
    assert told["touch"]["trust"] == "verified"
    assert [answer["key"] for answer in told["words"]["answers"]] == ["E-mail", "Liczba pracowników", "Shoe size"]


def test_it_reads_for_people_without_a_secret(run: Run, written: Written) -> None:
    ran = _parse(run, written, "--no-verify")
    assert ran.code == 0
    for words in ("1 touch", "demo_request@linkedin", "account.employees", "Shoe size", "unverified"):
        assert words in ran.out


def test_a_forged_delivery_is_refused(run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": ["another-invented-secret-of-its-own", "a" * 32]})
    ran = _parse(run, written, "--secrets", secrets)
    assert (ran.code, ran.out) == (1, "")
    assert "the sender is not proven" in ran.said


def test_a_malformed_delivery_is_refused(run: Run, written: Written) -> None:
    ran = _parse(run, written, "--no-verify", body=b'{"form": ')
    assert ran.code == 1
    assert "the delivery is malformed" in ran.said


def test_a_secret_too_short_is_a_matter_of_set_up(run: Run, written: Written) -> None:
    ran = _parse(run, written, "--secrets", written("secrets.json", {"signing_secret": "short"}))
    assert ran.code == 1
    assert "The set-up is wrong: " in ran.said


def test_what_is_missing_is_named(run: Run, written: Written) -> None:
    unproven = _parse(run, written)
    assert unproven.code == 2
    assert "--no-verify" in unproven.said
    unknown = _parse(run, written, "--no-verify", source="websit")
    assert unknown.code == 2
    assert "did you mean 'website'?" in unknown.said
    no_object = _parse(run, written, "--no-verify", headers=["a"])
    assert no_object.code == 2
    assert "is not a JSON object" in no_object.said
    no_json = _parse(run, written, "--no-verify", headers=b"{")
    assert no_json.code == 2
    assert "is not JSON" in no_json.said
