"""A provider that the rules describe: what it may be asked, and everything that a strange host can answer."""

from __future__ import annotations

import gzip
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from connectors.http_lookup import enrich
from connectors.http_lookup.enrich import enricher
from connectors.http_lookup.options import Options
from connectors.kit import http
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

HOST = "api.example.com"
OPTIONS: dict[str, Any] = {
    "host": HOST,
    "path": "/v2/companies/{domain}",
    "query": {"view": "full"},
    "header": "x-api-key",
    "prefix": "",
    "fields": {
        "account.industry": "company.category",
        "account.employees": "company.metrics.employees",
        "account.technologies": "company.tech",
        "account.city": "company.sites.0.city",
    },
}
SECRET = {HOST: "key-0123456789"}
FIRMA = {
    "company": {
        "category": "Oprogramowanie ",
        "metrics": {"employees": 120},
        "tech": ["shopify", "hubspot", "shopify", {"odd": 1}, 7],
        "sites": [{"city": "Београд\u202e"}],
    }
}


class _Server(ThreadingHTTPServer):
    daemon_threads = True
    status: int = 200
    body: bytes = b"{}"
    headers: dict[str, str]
    seen: list[tuple[str, dict[str, str]]]
    pause: float = 0.0
    release: threading.Event


@pytest.fixture(scope="module")
def running() -> Iterator[_Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            server.seen.append((self.path, {name.lower(): value for name, value in self.headers.items()}))
            if server.pause:
                server.release.wait(server.pause)
            self.send_response(server.status)
            for name, value in {"content-length": str(len(server.body)), **server.headers}.items():
                self.send_header(name, value)
            self.end_headers()
            self.wfile.write(server.body)

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 the base's name
            """Silent."""

    server = _Server(("127.0.0.1", 0), Handler)
    server.release = threading.Event()
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    yield server
    server.release.set()
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def server(running: _Server) -> _Server:
    running.status, running.pause, running.seen = 200, 0.0, []
    said(running, FIRMA)
    return running


def said(server: _Server, body: object, kind: str = "application/json", **headers: str) -> None:
    server.body = body if isinstance(body, bytes) else json.dumps(body).encode()
    server.headers = {"content-type": kind, **{name.replace("_", "-"): value for name, value in headers.items()}}


def ask(server: _Server, domain: str = "firma.example", **options: object) -> AccountFound | None:
    endpoint = f"http://127.0.0.1:{server.server_port}"
    return enricher(SECRET, endpoint, {**OPTIONS, **options}).account(domain)


def test_what_the_rules_name_is_told(server: _Server) -> None:
    assert ask(server) == AccountFound(
        domain="firma.example",
        more={
            "account.industry": "Oprogramowanie",
            "account.employees": "120",
            "account.technologies": "shopify, hubspot, 7",
            "account.city": "Београд",
        },
    )
    ((path, headers),) = server.seen
    assert path == "/v2/companies/firma.example?view=full"
    assert (headers["x-api-key"], headers["accept"]) == (SECRET[HOST], "application/json")


def test_a_domain_may_stand_in_the_query_and_a_bearer_in_the_header(server: _Server) -> None:
    ask(server, "Firma.EXAMPLE", path="/find", query={"domain": "{domain}"}, header="authorization", prefix="Bearer ")
    assert server.seen[0][0] == "/find?domain=firma.example"
    assert server.seen[0][1]["authorization"] == f"Bearer {SECRET[HOST]}"


def test_a_provider_without_a_header_gets_no_credential(server: _Server) -> None:
    ask(server, header="")
    assert SECRET[HOST] not in str(server.seen)


@pytest.mark.parametrize(
    "domain", ["", "x", "a b.example", "a.example/../secret", "a.example?x=1", "{domain}", "ą.pl", "a@b.pl"]
)
def test_only_domains_are_asked_about(server: _Server, domain: str) -> None:
    with pytest.raises(Reject):
        ask(server, domain)
    assert server.seen == []


STATUSES: list[tuple[int, type[PortError] | None]] = [
    (204, None),
    (404, None),
    (202, Retry),
    (301, Reject),
    (302, Reject),
    (307, Reject),
    (400, Reject),
    (401, Misconfigured),
    (402, Reject),
    (403, Misconfigured),
    (408, Retry),
    (410, Reject),
    (418, Reject),
    (425, Retry),
    (429, Retry),
    (500, Retry),
    (503, Retry),
]


@pytest.mark.parametrize(("status", "error"), STATUSES)
def test_each_status_has_one_meaning(server: _Server, status: int, error: type[PortError] | None) -> None:
    server.status = status
    said(server, b"" if status == 204 else FIRMA, location="http://169.254.169.254/latest", retry_after="7")
    if error is None:
        assert ask(server) is None
    else:
        with pytest.raises(error) as caught:
            ask(server)
        if isinstance(caught.value, Retry):
            assert caught.value.after == 7
        assert SECRET[HOST] not in str(caught.value)
        assert "firma" not in str(caught.value)
    assert len(server.seen) == 1, "no redirect is followed and nothing is asked twice"


BODIES: list[tuple[object, str]] = [
    (b"<html>Wartung</html>", "text/html"),
    (b"<html></html>", "application/json"),
    (b"", "application/json"),
    (b"[1]", "application/json"),
    (b"null", "application/json"),
    (b'{"a": 1, "a": 2}', "application/json"),
    (b'{"a": NaN}', "application/json"),
    (b"[" * 100_000, "application/json"),
    ('{"a": "ż"}'.encode("utf-16"), "application/json"),
    (gzip.compress(b"{}", mtime=0), "application/json"),
    (b"x" * (http.MAX_ANSWER + 1), "application/json"),
    (FIRMA, "text/plain"),
    (FIRMA, ""),
]


@pytest.mark.parametrize(("body", "kind"), BODIES, ids=range(len(BODIES)))
def test_an_answer_that_is_no_company_is_refused(server: _Server, body: object, kind: str) -> None:
    said(server, body, kind)
    with pytest.raises(Reject):
        ask(server)


@pytest.mark.parametrize(
    ("category", "told"),
    [
        (None, None),
        ("", None),
        ("  \u200b ", None),
        ({"a": 1}, None),
        ([], None),
        ([[1], {}], None),
        (["a"] * 2000, None),
        (True, "true"),
        (12.7, "12"),
        (-5, None),
        (10**15, None),
        ("a\nb\x00c", "a bc"),
        ("ж" * 5000, "ж" * 256),
        ([f"x{n}" for n in range(60)], ", ".join(f"x{n}" for n in range(50))),
    ],
)
def test_a_value_of_the_wrong_kind_is_left_out_alone(server: _Server, category: object, told: str | None) -> None:
    said(server, {"company": {"category": category, "metrics": {"employees": 9}}})
    found = ask(server)
    assert found is not None
    assert found.more["account.employees"] == "9"
    assert found.more.get("account.industry") == told


@pytest.mark.parametrize(
    "company", [None, [], "x", 5, {"sites": {"0": {"city": "X"}}}, {"sites": [5]}, {"metrics": []}]
)
def test_a_way_that_ends_early_says_nothing(server: _Server, company: object) -> None:
    said(server, {"company": company})
    found = ask(server)
    assert found is not None
    assert dict(found.more) == (
        {"account.city": "X"}
        if isinstance(company, dict) and company.get("sites") != [5] and "sites" in company
        else {}
    )


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=30),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["company", "category", "tech", "0", "x"]), inner, max_size=4)
    ),
    max_leaves=12,
)


@settings(max_examples=300, derandomize=True, deadline=None)
@given(VALUES, st.sampled_from(["application/json", "application/vnd.api+json", "text/html"]))
def test_no_answer_does_more_than_refuse(body: object, kind: str) -> None:
    answer = http.Answer(200, {"content-type": kind}, json.dumps(body).encode())
    found = enrich.HttpLookUp(Options.model_validate(OPTIONS), "k" * 16)
    try:
        told = found._said(enrich._body(answer))
    except Reject:
        return
    assert set(told) <= set(OPTIONS["fields"])
    assert all(isinstance(text, str) and text and len(text.encode()) <= 512 for text in told.values())


@settings(max_examples=200, derandomize=True, deadline=None)
@given(st.binary(max_size=300))
def test_no_bytes_do_more_than_refuse(raw: bytes) -> None:
    try:
        enrich._body(http.Answer(200, {"content-type": "application/json"}, raw))
    except Reject:
        return
    assert json.loads(raw) is not None


def test_silence_is_an_outage(server: _Server) -> None:
    server.pause = 20
    with pytest.raises(Retry) as caught:
        ask(server)
    server.release.set()
    assert caught.value.scope == "outage"


def test_an_answer_that_drips_ends(server: _Server, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "WHOLE_SECONDS", -1.0)
    said(server, b'{"a": "' + b"x" * 500_000 + b'"}')
    with pytest.raises(Retry, match="takes too long"):
        ask(server)


# -- where it may be asked


@pytest.mark.parametrize(
    "host",
    [
        "",
        "localhost",
        "127.0.0.1",
        "[::1]",
        "2130706433",
        "0x7f.1",
        "example",
        "a.localhost",
        "db.internal",
        "x.local",
        "a b.com",
        "https://example.com",
        "example.com/",
        "example.com:80",
        "u@example.com",
        "example.com#",
        "EXAMPLE.com",
        "-a.com",
        "a..com",
    ],
)
def test_our_own_network_cannot_be_named(host: str) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({**OPTIONS, "host": host})
    with pytest.raises(Misconfigured):
        enricher({host: "k"}, None, {**OPTIONS, "host": host})


@pytest.mark.parametrize(
    "addresses",
    [
        ["10.0.0.1"],
        ["127.0.0.1"],
        ["169.254.169.254"],
        ["93.184.215.14", "192.168.0.1"],
        ["::1"],
        ["fd00::1"],
        ["fe80::1%eth0"],
    ],
)
def test_a_public_name_that_leads_into_a_private_network_is_not_asked(
    monkeypatch: pytest.MonkeyPatch, addresses: list[str]
) -> None:
    rows = [(2, 1, 6, "", (address, 443)) for address in addresses]
    monkeypatch.setattr(enrich.socket, "getaddrinfo", lambda *_, **__: rows)
    monkeypatch.setattr(http.Host, "get", lambda *_: pytest.fail("it was asked"))
    with pytest.raises(Misconfigured, match="private network"):
        enricher(SECRET, None, OPTIONS).account("firma.example")


def test_a_host_without_an_address_is_an_outage(monkeypatch: pytest.MonkeyPatch) -> None:
    def nowhere(*_: object, **__: object) -> None:
        raise OSError("no name")

    monkeypatch.setattr(enrich.socket, "getaddrinfo", nowhere)
    with pytest.raises(Retry, match="no address"):
        enricher(SECRET, None, OPTIONS).account("firma.example")


def test_only_a_host_that_the_secret_store_allows_gets_a_credential() -> None:
    with pytest.raises(Misconfigured, match=r"does not allow evil\.example"):
        enricher(SECRET, None, {**OPTIONS, "host": "evil.example"})


@pytest.mark.parametrize("options", [{}, {"host": HOST}, {**OPTIONS, "colour": "red"}, {**OPTIONS, "fields": {}}])
def test_options_that_are_none_are_said(options: dict[str, object]) -> None:
    with pytest.raises(Misconfigured, match="check these options"):
        enricher(SECRET, None, options)


@pytest.mark.parametrize("header", ["host", "content-length", "X Key", "x\r\ny", "cookie"])
def test_a_header_carries_nothing_but_the_credential(header: str) -> None:
    with pytest.raises(ValidationError):
        Options.model_validate({**OPTIONS, "header": header})
