from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from leadrelay.cli.request import content_type
from leadrelay.domain.rules import Rules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.rulebook.compile import Compiled
from tests.cli.conftest import Ran, Run
from tests.connectors.cases import Case, all_cases, delivery, params
from tests.rulebook.editing import RULES, compiled, copied

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
    unknown = _parse(run, written, "--no-verify", source="websit")
    assert unknown.code == 2
    assert "did you mean 'website'?" in unknown.said
    list_trade = _parse(run, written, "--no-verify", source="trade_fair")
    assert list_trade.code == 2
    assert "leadrelay upload" in list_trade.said
    for headers, why in ((["a"], "is not a JSON object"), (b"{", "is not JSON"), (b"", "no lines `Name: value`")):
        wrong = _parse(run, written, "--no-verify", headers=headers)
        assert wrong.code == 2
        assert why in wrong.said
    nothing = run("parse", "website", "--rules", RULES)
    assert nothing.code == 2
    assert "--method GET" in nothing.said


def test_nobody_is_proven_without_a_secret_and_that_is_said(run: Run, written: Written) -> None:
    ran = _parse(run, written, "--json")
    assert ran.code == 0
    assert "the sender was not proven" in ran.said
    assert json.loads(ran.out)[0]["touch"]["trust"] == "unverified"


def test_the_stages_secrets_prove_when_asked_for(run: Run, written: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = MemorySecrets({"source/website": {"signing_secret": SECRET}})
    monkeypatch.setattr("leadrelay.cli.deployed.Deployed.secrets", lambda _: kept)
    ran = _parse(run, written, "--verify", "--json")
    assert ran.code == 0, ran.said
    assert json.loads(ran.out)[0]["touch"]["trust"] == "verified"


def test_headers_may_be_lines_and_a_body_alone_is_enough(run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": SECRET})
    lines = "".join(f"{name}: {value}\n" for name, value in _signed(BODY).items()).encode()
    assert _parse(run, written, "--secrets", secrets, headers=lines).code == 0
    listed = {name: [value] for name, value in _signed(BODY).items()}
    assert _parse(run, written, "--secrets", secrets, headers=listed).code == 0
    alone = run("parse", "website", "--body", written("body.json", BODY), "--rules", RULES, "--json")
    assert alone.code == 0
    assert "read as application/json" in alone.said
    assert json.loads(alone.out)[0]["understood"]["lead.email"] == "ada@example.com"


HANDSHAKES = [
    ("meta", "hub.mode=subscribe&hub.challenge=1158201444&hub.verify_token=" + SECRET, "1158201444"),
    ("linkedin", "?challengeCode=b5b0f8a2-6b6c-4d3c-9d7d-0f1a2b3c4d5e", "challengeResponse"),
]


@pytest.mark.parametrize(("source", "query", "said"), HANDSHAKES)
def test_a_handshake_is_answered(run: Run, written: Written, source: str, query: str, said: str) -> None:
    secrets = written("secrets.json", {"verify_token": SECRET, "client_secret": SECRET})
    options = ("--method", "GET", "--query", query, "--rules", RULES)
    ran = run("parse", source, *options, "--secrets", secrets, "--json")
    assert ran.code == 0, ran.said
    answer = json.loads(ran.out)["answer"]
    assert (answer["status"], said in answer["body"]) == (200, True)
    assert said in run("parse", source, *options, "--secrets", secrets).out
    without = run("parse", source, *options)
    assert without.code == 2
    assert "made with a secret" in without.said


def test_a_handshake_that_could_forge_is_refused_in_words(run: Run, written: Written) -> None:
    query = 'challengeCode=hmacsha256={"type":"LEAD_ACTION"}'
    secrets = written("secrets.json", {"client_secret": SECRET})
    ran = run("parse", "linkedin", "--method", "GET", "--query", query, "--secrets", secrets, "--rules", RULES)
    assert (ran.code, ran.out) == (1, "")
    assert "signing it could forge a delivery (challenge_form)" in ran.said


def test_errors_are_read_aloud(run: Run, written: Written) -> None:
    secrets = written("secrets.json", {"signing_secret": SECRET})
    late = run("parse", "website", *_files(written), "--secrets", secrets, "--rules", RULES)
    assert "compare the clocks, or say when with --at (signature_time)" in late.said
    cut = _parse(run, written, "--no-verify", body=b'{"form": ')
    assert "json: it breaks the rules of its format (json:syntax)" in cut.said
    odd = _parse(run, written, "--no-verify", body=b'{"occurred_at": "yesterday"}')
    assert "body.occurred_at: not a time (body.occurred_at:not_a_time)" in odd.said


def _files(written: Written) -> tuple[str | Path, ...]:
    return ("--headers", written("headers.json", _signed(BODY)), "--body", written("body.json", BODY))


CASES = [
    (vendor, path.stem, case)
    for vendor, path, case in all_cases()
    if "drafts" in case["expect"] and case["request"]["method"] == "POST" and not case["settings"]["options"]
]
"""Those that are read the same without any option of a source."""


@pytest.fixture(scope="module")
def no_sources(tmp_path_factory: pytest.TempPathFactory) -> Rules:
    """The company's rules without any source, so that every vendor is read by its folder alone."""
    rules = compiled(copied(tmp_path_factory.mktemp("rules"))).rules
    return rules.with_(sources=rules.sources.with_(sources={}))


@pytest.mark.parametrize(("vendor", "case"), params(CASES))
def test_every_vendor_is_read_by_its_folder_alone(
    run: Run, written: Written, no_sources: Rules, monkeypatch: pytest.MonkeyPatch, vendor: str, case: Case
) -> None:
    """Each genuine case, as somebody has it in files: headers, body, query."""
    monkeypatch.setattr("leadrelay.cli.parse.compile_rules", lambda *_: Compiled(no_sources, ()))
    request = delivery(case)
    files = ("--headers", written("headers.json", dict(request.headers)), "--body", written("body", request.body))
    query = ("--query", urlencode(request.query)) if request.query else ()
    ran = run("parse", vendor, *files, *query, "--at", case["now"], "--json")
    assert ran.code == 0, ran.said
    told = json.loads(ran.out)
    kinds = [draft["kind"] for draft in case["expect"]["drafts"]]
    assert [one["touch"]["kind"] for one in told] == kinds
    written_down = [draft.get("words", {}).get("answers", []) for draft in case["expect"]["drafts"]]
    assert [[answer["key"] for answer in one["words"]["answers"]] for one in told] == [
        [answer["key"] for answer in answers] for answers in written_down
    ]


def test_a_mail_needs_neither_headers_nor_secrets(run: Run, tmp_path: Path) -> None:
    """A saved mail is judged by what the mail service found, and that is in the mail."""
    mail = tmp_path / "mail.eml"
    for name, trust in (("plain_with_form", "verified"), ("dmarc_fails", "unverified")):
        (case,) = [case for vendor, path, case in all_cases() if (vendor, path.stem) == ("email", name)]
        mail.write_bytes(delivery(case).body)
        ran = run("parse", "contact", "--body", mail, "--rules", RULES, "--at", "2026-11-23T09:15:00Z", "--json")
        assert ran.code == 0, ran.err
        (told,) = json.loads(ran.out)
        assert told["touch"]["trust"] == trust
        assert told["understood"]["lead.email"] in {"ana.kovac@example.com", "ceo@example.com"}


def test_a_file_that_is_no_mail_says_so(run: Run, tmp_path: Path) -> None:
    (tmp_path / "mail.eml").write_bytes(b"\r\n\r\nno mail")
    ran = run("parse", "contact", "--body", tmp_path / "mail.eml", "--rules", RULES)
    assert ran.code == 1
    assert "400" in ran.said


def test_what_the_words_and_the_token_of_a_page_show_is_told(run: Run, written: Written, tmp_path: Path) -> None:
    rules = copied(tmp_path)
    path = rules / "sources.yaml"
    page = "{ mode: browser, origins: [https://www.example.com], min_fill_seconds: 4 }"
    landing = (
        f"  landing:\n    vendor: webform\n    options: {page}\n    forms: {{ demo: {{ intent: demo_request }} }}\n"
    )
    path.write_text(path.read_text("utf-8").replace("\nsources:\n", f"\nsources:\n{landing}", 1), "utf-8")
    secrets = written("secrets.json", {"form_secret": SECRET})
    headers = written("headers.json", {"content-type": "text/plain", "origin": "https://www.example.com"})

    def told(token: str, email: str) -> dict[str, Any]:
        body = {"form": "demo", "company_fax": "", "form_token": token, "fields": {"email": email}}
        given = ("--headers", headers, "--body", written("body.json", body), "--secrets", secrets)
        ran = run("parse", "landing", *given, "--rules", rules, "--at", AT, "--json")
        assert ran.code == 0, ran.err
        [touch] = json.loads(ran.out)
        return dict(touch["touch"])

    begun = SECONDS - 60
    digest = hmac.new(SECRET.encode(), f"{begun}.demo".encode(), hashlib.sha256).hexdigest()
    token = f"t={begun},v1={digest}"
    assert "suspicion" not in told(token, "ada@example.com")
    assert told(token, "ada@mailinator.com")["suspicion"] == "disposable_mail"
    assert told(token.replace("v1=", "v1=00"), "ada@example.com")["suspicion"] == "form_token_wrong"
    assert told(token, "ada@test.leadrelay.example")["test"] is True


def test_a_vendors_own_names_are_understood_without_a_source(
    run: Run, written: Written, no_sources: Rules, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`your-email` is nobody's word for an address but this plug-in's."""
    monkeypatch.setattr("leadrelay.cli.parse.compile_rules", lambda *_: Compiled(no_sources, ()))
    body = written("body.json", {"your-email": "ada@example.com", "your-company": "Example Ltd"})
    ran = run("parse", "contact_form_7", "--body", body, "--json")
    assert ran.code == 0, ran.said
    understood = json.loads(ran.out)[0]["understood"]
    assert (understood["lead.email"], understood["account.name"]) == ("ada@example.com", "Example Ltd")


@pytest.mark.parametrize(
    ("body", "looks_like"),
    [
        (b'{"a": 1}', "application/json"),
        (b'\xef\xbb\xbf [{"a": 1}]', "application/json"),
        (b"<?xml version='1.0'?><a/>", "text/xml"),
        (
            b'--XyZ\r\nContent-Disposition: form-data; name="a"\r\n\r\n1\r\n--XyZ--\r\n',
            "multipart/form-data; boundary=XyZ",
        ),
        (b"--a=1&b=2", "application/x-www-form-urlencoded"),
        (b"CallSid=CA0&From=%2B1", "application/x-www-form-urlencoded"),
    ],
)
def test_a_body_without_headers_is_read_as_what_it_looks_like(body: bytes, looks_like: str) -> None:
    assert content_type(body) == looks_like


def test_what_concerns_nobody_says_so(run: Run, written: Written) -> None:
    body = written("body.json", {"triggerEvent": "PING", "createdAt": "2026-03-02T09:00:00Z", "payload": {}})
    ran = run("parse", "calcom", "--body", body, "--rules", RULES)
    assert ran.code == 0
    assert "no touch: it concerns nobody" in ran.out
