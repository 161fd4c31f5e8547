"""The way in: one door, one login for all, and what never shows."""

from __future__ import annotations

import logging
import subprocess
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import rsa

from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import Silence
from connectors.salesforce.crm import connect, crm
from connectors.salesforce.door import TIMEOUT, opened
from connectors.salesforce.pace import said
from connectors.salesforce.sandbox import DEMO_KEY, DEMO_SECRET, serve
from connectors.salesforce.sandbox.store import INTEGRATION, ME
from leadrelay.local.crm_world import Sandbox
from leadrelay.ports.crm import RecordKey, RetryLater, WriteOp
from leadrelay.ports.errors import Misconfigured, Retry
from tests.connectors.salesforce.conftest import PATIENCE, SECRET, Account
from tests.connectors.salesforce.samples import field, known, note, ok, person, task

THREADS = 16
LIMITS = "/limits"
HELD = (4, 4, 4, 2, 0)
"""How many of four operations are held back when so many requests are allowed: a login, two for the people (look,
write), one for task and note."""


def test_threads_with_an_expired_token_renew_it_once(account: Account) -> None:
    org = connect(SECRET, account.sandbox.url, (1.0, 5.0), None)
    assert org.call("GET", LIMITS).ok
    account.sandbox.dialect.configure({"expire": True})
    before, start = account.logins(), Barrier(THREADS)

    def ask(_: int) -> int:
        start.wait()
        return org.call("GET", LIMITS).status

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(ask, range(THREADS))) == {200}
    assert account.logins() - before == 1


def test_threads_that_come_first_log_in_once(sandbox: Sandbox) -> None:
    org, start = connect(SECRET, sandbox.url, (1.0, 5.0), None), Barrier(THREADS)

    def ask(_: int) -> int:
        start.wait()
        return org.call("GET", LIMITS).status

    with ThreadPoolExecutor(THREADS) as pool:
        assert set(pool.map(ask, range(THREADS))) == {200}
    assert sum("token" in asked.path for asked in sandbox.world.journal()) == 1


def test_a_token_that_stays_refused_ends_after_one_renewal(account: Account) -> None:
    account.crm.read([RecordKey("a" * 32)])
    account.world.fail("401", match="PATCH", times=100)
    before, logins = len(account.calls()), account.logins()
    result = account.crm.write([known(1, account.put("Lead"), field("score", 1))])[0]
    assert isinstance(result, RetryLater)
    assert (result.scope, "External Client App" in result.message) == ("auth", True)
    assert (len(account.calls()) - before, account.logins() - logins) == (2, 1)


def test_a_wrong_secret_waits_for_a_person(sandbox: Sandbox) -> None:
    stranger = crm({**SECRET, "consumer_secret": "wrong"}, sandbox.url, PATIENCE)
    result = stranger.write([person(1)])[0]
    assert isinstance(result, RetryLater)
    assert (result.scope, "invalid_client" in result.message, "wrong" in result.message) == ("auth", True, False)
    with pytest.raises(Misconfigured, match="invalid_client"):
        stranger.read([RecordKey("a" * 32)])


@pytest.mark.parametrize("kind", ["500", "502", "503", "timeout", "reset"])
def test_a_login_that_is_away_is_an_outage(sandbox: Sandbox, kind: str) -> None:
    role = crm(SECRET, sandbox.url, PATIENCE)
    sandbox.world.fail(kind, match="oauth2/token", hold=5)
    result = role.write([task("00Q5e000000003EEAQ")])[0]
    assert isinstance(result, RetryLater)
    assert result.scope == "outage"


def _pair() -> tuple[str, str]:
    made = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    private = made.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    public = made.public_key().public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo)
    return private.decode(), public.decode()


@pytest.mark.parametrize("domain", ["acme.my", "login", "acme.my.salesforce.com"])
def test_a_key_pair_lets_us_in(domain: str) -> None:
    private, public = _pair()
    secret = {"domain": domain, "username": INTEGRATION.email, "consumer_key": DEMO_KEY, "private_key": private}
    with serve(public_key=public) as sandbox:
        org = connect(secret, sandbox.url, PATIENCE, None)
        assert (org.call("GET", LIMITS).status, org.me()) == (200, ME)
        other = connect({**secret, "private_key": _pair()[0]}, sandbox.url, PATIENCE, None).call("GET", LIMITS)
        assert (other.status, "invalid_grant" in other.why) == (401, True)
        bent = connect({**secret, "private_key": "no key"}, sandbox.url, PATIENCE, None).call("GET", LIMITS)
        assert (bent.status, "private_key" in bent.why, "no key" in bent.why) == (401, True, False)


@pytest.mark.parametrize(
    "lacking",
    [{"domain": ""}, {"consumer_key": ""}, {"consumer_secret": " "}, {"domain": "login"}, {"domain": "evil.com/x"},
     {"domain": "evil.com#"}, {"consumer_secret": "", "username": "x@example.test"}],
)  # fmt: skip
def test_an_incomplete_secret_says_what_to_store(lacking: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="External Client") as told:
        crm({**SECRET, **lacking})
    assert DEMO_SECRET not in str(told.value)


@pytest.mark.parametrize(
    "endpoint", ["https://127.0.0.1:1", "http://api.example.test", "ftp://127.0.0.1", "127.0.0.1:80"]
)
def test_an_endpoint_is_a_sandbox_on_this_machine(endpoint: str) -> None:
    with pytest.raises(Misconfigured, match="sandbox"):
        crm(SECRET, endpoint)


@pytest.mark.parametrize("version", ["v62.0", "62", "latest", "../62.0", "62.0/x"])
def test_an_unknown_version_is_a_set_up_error(version: str) -> None:
    with pytest.raises(Misconfigured, match="version"):
        crm(SECRET, None, PATIENCE, version)


def test_the_version_is_in_one_place(sandbox: Sandbox) -> None:
    for version, secret in (("62.0", SECRET), ("59.0", {**SECRET, "api_version": "59.0"})):
        assert connect(secret, sandbox.url, PATIENCE, None).call("GET", LIMITS).ok
        assert f"/v{version}/" in sandbox.world.journal()[-1].path


ELSEWHERE = [
    "https://example.com/x",
    "http://acme.my.salesforce.com/x",
    "https://salesforce.com.example/x",
    "https://acme.my.salesforce.com:444/x",
    "https://x@acme.my.salesforce.com/",
]


@pytest.mark.parametrize("url", ELSEWHERE)
def test_the_door_leads_to_salesforce_only(sandbox: Sandbox, url: str) -> None:
    from requests.exceptions import InvalidSchema, InvalidURL

    with pytest.raises((InvalidURL, InvalidSchema)):
        opened(sandbox.url, PATIENCE, Pace()).get(url)
    assert sandbox.world.journal() == []


def test_a_login_that_names_another_host_gets_no_token_sent(monkeypatch: pytest.MonkeyPatch, sandbox: Sandbox) -> None:
    monkeypatch.setattr(
        "connectors.salesforce.sandbox.oauth.forwarded_host", lambda _: "acme.my.salesforce.com.example"
    )
    monkeypatch.setattr("connectors.salesforce.sandbox.oauth.MY_DOMAIN", __import__("re").compile(".*"))
    answer = connect(SECRET, sandbox.url, PATIENCE, None).call("GET", LIMITS)
    assert (answer.status, "no host of Salesforce" in answer.why) == (503, True)
    assert len(sandbox.world.journal()) == 1


def test_no_request_goes_out_without_a_time_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    import requests

    given: list[object] = []

    def send(self: object, request: object, *args: object, **options: object) -> object:
        given.append(options["timeout"])
        raise requests.ConnectionError

    monkeypatch.setattr("requests.adapters.HTTPAdapter.send", send)
    for call in (
        connect(SECRET, None, TIMEOUT, None).me,
        lambda: opened(None, TIMEOUT, Pace()).get("https://a.salesforce.com"),
    ):
        with pytest.raises((Silence, requests.ConnectionError)):
            call()
    assert given == [(3.05, 20.0)] * 2


def test_the_environment_decides_nothing(sandbox: Sandbox, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("HTTPS_PROXY", "HTTP_PROXY", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert connect(SECRET, sandbox.url, PATIENCE, None).call("GET", LIMITS).ok


# -- the meter and the day's count


def test_the_meter_is_asked_before_each_request(account: Account) -> None:
    asked: list[int] = []

    def meter() -> float:
        asked.append(1)
        return 0.0

    role = crm(SECRET, account.sandbox.url, PATIENCE, meter=meter)
    before = len(account.world.journal())
    role.write([person(1), task(account.put("Lead")), note(account.put("Lead"))])
    role.read([person(1).key])
    assert len(asked) == len(account.world.journal()) - before > 4


@pytest.mark.parametrize("allowed", range(len(HELD)))
def test_what_the_meter_holds_back_is_not_sent_and_told(account: Account, allowed: int) -> None:
    left = [allowed]

    def meter() -> float:
        left[0] -= 1
        return 0.0 if left[0] >= 0 else 7.0

    role = crm(SECRET, account.sandbox.url, PATIENCE, meter=meter)
    before = len(account.world.journal())
    ops: list[WriteOp] = [person(1), task(account.put("Lead")), person(2), note(account.put("Lead"))]
    results = role.write(ops)
    assert len(account.world.journal()) - before == allowed
    assert [result.op_id for result in results] == [op.op_id for op in ops]
    held = [result for result in results if isinstance(result, RetryLater)]
    assert {(one.after, one.scope) for one in held} <= {(7.0, "budget")}
    assert len(held) == HELD[allowed]


def test_the_end_of_the_days_calls_is_seen_coming(account: Account) -> None:
    account.sandbox.dialect.configure({"daily_limit": len(account.calls()) + 1})
    who = account.put("Lead")
    first, second = (account.crm.write([known(1, who, field("score", score))])[0] for score in (1, 2))
    ok(first)
    assert isinstance(second, RetryLater)
    assert second.scope == "day"
    with pytest.raises(Retry):
        account.crm.find_marked(who, ["x"])


COUNTS = [
    ("api-usage=18/5000", False),
    ("api-usage=4950/5000", True),
    ("api-usage=25/5000; per-app-api-usage=17/17(appName=x)", False),
    ("per-app-api-usage=1/1(appName=x), api-usage=5000/5000", True),
    ("", False),
    ("api-usage=0/0", False),
    ("nonsense", False),
]


@pytest.mark.parametrize(("usage", "held"), COUNTS)
def test_the_count_is_read(usage: str, held: bool) -> None:
    now = [0.0]
    pace = Pace(clock=lambda: now[0])
    pace.heard(said(usage))
    assert bool(pace.hold()) == held
    now[0] = 3601
    assert pace.hold() is None
    looking = Pace(heed=False)
    looking.heard(said(usage))
    assert looking.hold() is None


def test_held_back_is_told_apart_from_unsent() -> None:
    with pytest.raises(Silence) as silence:
        opened(None, TIMEOUT, Pace(lambda: 3.0)).get("https://a.salesforce.com")
    assert (silence.value.sent, silence.value.after, silence.value.scope) == (False, 3.0, "budget")


# -- what never shows


def test_nothing_of_the_payload_and_no_token_reaches_a_log(account: Account, caplog: pytest.LogCaptureFixture) -> None:
    hidden = ["hidden@example.com", "Hidden Words", "Concealed", DEMO_SECRET, "00D5e0000000001!"]
    for name in [*logging.root.manager.loggerDict]:  # other tests' libraries may have made theirs quieter
        logging.getLogger(name).disabled = False
        caplog.set_level(logging.DEBUG, name)
    with caplog.at_level(logging.DEBUG):
        role = crm(SECRET, account.sandbox.url, PATIENCE)
        op = person(1, field("message", "Hidden Words"), field("first_name", "Concealed"), email="hidden@example.com")
        lead = ok(role.write([op])[0]).crm_id
        role.write([note(lead, body="Hidden Words"), person(2, field("job_title", "Hidden Words" * 20))])
        account.world.fail("500", match="composite", times=1)
        with pytest.raises(Retry):
            role.read([op.key])
        role.read([op.key])
        role.find_marked(lead, ["op-note"])
    assert len(caplog.records) > 5
    org = connect(SECRET, account.sandbox.url, PATIENCE, None)
    answer = org.call("GET", "/query", None, {"q": "SELECT FirstName FROM Lead"})
    text = caplog.text + repr(role) + repr(answer) + repr(org._current) + repr(org._login)
    assert [secret for secret in hidden if secret in text] == []


def test_importing_the_role_loads_no_client() -> None:
    code = (
        "import sys, connectors.salesforce.crm; "
        "print([m for m in ('simple_salesforce', 'requests', 'urllib3', 'jwt') if m in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_path_is_a_path(sandbox: Sandbox) -> None:
    org = connect(SECRET, sandbox.url, PATIENCE, None)
    bent: list[Callable[[], object]] = [
        lambda: org.call("GET", "/../../x"),
        lambda: org.call("GET", "//evil.example/x"),
        lambda: org.call("GET", "/x?y=1"),
        lambda: org.call("GET", "@evil.example"),
    ]
    for call in bent:
        with pytest.raises(ValueError, match="path"):
            call()
    assert sandbox.world.journal() == []


def test_who_we_are_is_asked_once_where_the_login_does_not_say(
    account: Account, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("connectors.salesforce.login._user", lambda _: "")
    org = connect(SECRET, account.sandbox.url, PATIENCE, None)
    assert [org.me(), org.me()] == [ME, ME]
    assert sum("userinfo" in asked.path for asked in account.world.journal()) == 1
    account.put("Lead", Email="person1@example.com")
    account.world.fail("403", match="userinfo")
    role = crm(SECRET, account.sandbox.url, PATIENCE)
    with pytest.raises(Misconfigured, match="openid"):
        role.read([RecordKey("a" * 32, None, "person1@example.com")])
    assert role.read([RecordKey("a" * 32, None, "person1@example.com")]) != [None]
