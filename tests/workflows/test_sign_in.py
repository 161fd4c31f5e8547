"""Signing in, and everything that somebody may try instead."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from itertools import count
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from connectors.kit.oidc import Client, OidcIssuer
from leadrelay.domain.reporting.access import Claim, Viewer
from leadrelay.domain.reporting.claims import Wording
from leadrelay.domain.reporting.policy import ReportsPolicy, SeesAll
from leadrelay.domain.reporting.seal import Begun, Entrance, Session, opened, sealed
from leadrelay.domain.rules import Rules
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.secrets import MemorySecrets
from leadrelay.ports.errors import Misconfigured, Reject
from leadrelay.workflows.sign_in import KEPT_IN, SESSION, Entered, SignIn, entrance, page
from tests.system import MONDAY_NOON, default_rules
from tests.workflows import issuer as issuers
from tests.workflows.issuer import CLIENT, Issuer, ec_key, rsa_key

KEY, FORMER = "a key of dashboards for tests only", "the key before that one"
RULES = Rules.of(
    default_rules().with_(
        reports=ReportsPolicy(viewers=(SeesAll(group="revenue", role="revops"), SeesAll(email="cmo@example.com")))
    )
)


@dataclass
class World:
    """Everything around a sign-in."""

    issuer: Issuer
    clock: MemoryClock = field(default_factory=lambda: MemoryClock(MONDAY_NOON))
    secrets: MemorySecrets = field(default_factory=lambda: MemorySecrets({KEPT_IN: {"key": KEY}}))
    rules: MemoryRules = field(default_factory=lambda: MemoryRules(RULES))
    wording: Wording = field(default_factory=Wording)
    seconds: float = 0.0

    def __post_init__(self) -> None:
        numbers = count()
        client = Client(self.issuer.base, CLIENT, lambda: self.issuer.secret, wording=self.wording)
        self.client = OidcIssuer(client, lambda: self.seconds)
        self.sign_in = SignIn(
            self.client,
            self.rules,
            self.secrets,
            self.clock,
            lambda: f"{next(numbers):043}",
            "https://leads.example.com",
        )

    def enter(self, wanted: str = "/dashboard") -> Entered:
        """A person signs in as people do."""
        address, token = self.sign_in.begin(wanted)
        return self.sign_in.finish({"code": self.issuer.consent(address), "state": state_of(address)}, token)

    def viewer(self) -> Viewer | None:
        return self.sign_in.viewer(self.enter().token)


def state_of(address: str) -> str:
    return parse_qs(urlsplit(address).query)["state"][0]


@pytest.fixture(scope="module")
def running() -> Iterator[Issuer]:
    with issuers.serving() as issuer:
        yield issuer


@pytest.fixture
def world(running: Issuer) -> World:
    """The same server with an honest issuer each time."""
    fresh = Issuer(base=running.base)
    running.__dict__.update(fresh.__dict__)
    return World(running)


def refused(world: World) -> str:
    """Why the sign-in of an honest person failed."""
    with pytest.raises(Reject) as caught:
        world.enter()
    return caught.value.reason


@pytest.mark.parametrize("letters", [1_000, 1_489, 1_490, 4_000, 9_000])
def test_an_address_of_any_length_leads_to_a_sign_in(world: World, letters: int) -> None:
    """Anybody may write one: it is no failure of ours that a browser cannot keep it."""
    wanted = f"/dashboard/{'a' * letters}"
    assert world.enter(wanted).wanted == (wanted if letters < 1_490 else "/dashboard/me")


def test_somebody_of_the_team_signs_in_and_comes_to_the_page_they_wanted(world: World) -> None:
    entered = world.enter("/dashboard/reports/funnel?since=2026-11-01&source=meta,google_ads")
    assert entered.wanted == "/dashboard/reports/funnel?since=2026-11-01&source=meta,google_ads"
    assert entered.until == MONDAY_NOON + SESSION
    assert world.sign_in.viewer(entered.token) == Viewer(role="rep", rep="anna")
    assert "client_secret" not in world.issuer.forms[0]


@pytest.mark.parametrize("ways", [None, ["client_secret_post"], ["client_secret_basic", "client_secret_post"]])
def test_a_client_with_a_secret_proves_itself_as_the_issuer_wants(world: World, ways: list[str] | None) -> None:
    world.issuer.secret = "s3cret:with/signs"
    if ways is not None:
        world.issuer.lies = {"token_endpoint_auth_methods_supported": ways}
    assert world.viewer() is not None
    in_form = world.issuer.forms[0].get("client_secret")
    assert in_form == (world.issuer.secret if ways == ["client_secret_post"] else None)


def test_a_wrong_client_secret_is_for_us_to_mend(world: World) -> None:
    world.issuer.secret = "the right one of them"
    world.sign_in = SignIn(
        OidcIssuer(Client(world.issuer.base, CLIENT, lambda: "a wrong one")),
        *(world.rules, world.secrets, world.clock, lambda: "x" * 43, "https://leads.example.com"),
    )
    with pytest.raises(Misconfigured):
        world.enter()


def test_other_kinds_of_keys_are_good_too_and_an_only_key_needs_no_name(world: World) -> None:
    world.issuer.keys, world.issuer.signs, world.issuer.algorithm = {None: ec_key()}, None, "ES256"
    assert world.viewer() is not None


def test_a_new_key_of_the_issuer_is_asked_for_when_a_token_names_it(world: World) -> None:
    world.enter()
    world.issuer.keys, world.issuer.signs = {"two": rsa_key(1)}, "two"
    assert refused(world) == "sign_in_refused"  # keys were asked for just now
    world.seconds = 31
    assert world.viewer() is not None
    asked = world.issuer.asked.count("/realm/keys")
    world.enter()
    assert world.issuer.asked.count("/realm/keys") == asked


FORGERIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "another nonce": lambda said: {**said, "nonce": "0" * 43 + "1"},
    "no nonce": lambda said: {name: value for name, value in said.items() if name != "nonce"},
    "another audience": lambda said: {**said, "aud": "another-client"},
    "for another client too": lambda said: {**said, "aud": [CLIENT, "another-client"], "azp": "another-client"},
    "another issuer": lambda said: {**said, "iss": "https://attacker.example"},
    "expired": lambda said: {**said, "exp": said["iat"] - 120},
    "not yet good": lambda said: {**said, "nbf": said["iat"] + 3600},
    "issued in the future": lambda said: {**said, "iat": said["iat"] + 3600},
    "for ever": lambda said: {name: value for name, value in said.items() if name != "exp"},
    "of nobody": lambda said: {name: value for name, value in said.items() if name != "sub"},
}


@pytest.mark.parametrize("forgery", sorted(FORGERIES))
def test_a_token_that_is_not_for_this_sign_in_lets_nobody_in(world: World, forgery: str) -> None:
    world.issuer.forge = FORGERIES[forgery]
    assert refused(world) == "sign_in_refused"


def _unsigned(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, None, "none", {"kid": "one"})


def _with_the_public_key_as_secret(claims: dict[str, Any]) -> str:
    """The classic: the key that everybody knows, used as if both sides kept it secret."""
    pem = rsa_key().public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
    head, body = (_part({"alg": "HS256", "typ": "JWT", "kid": "one"}), _part(claims))
    mac = hmac.digest(pem, f"{head}.{body}".encode(), hashlib.sha256)
    return f"{head}.{body}.{base64.urlsafe_b64encode(mac).rstrip(b'=').decode()}"


def _part(said: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(said).encode()).rstrip(b"=").decode()


def _by_another_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, rsa_key(1), "RS256", {"kid": "one"})


def _by_a_key_of_its_own(claims: dict[str, Any]) -> str:
    own = issuers.public(rsa_key(1), "one")
    return jwt.encode(claims, rsa_key(1), "RS256", {"kid": "one", "jwk": own, "jku": "http://127.0.0.1:1/keys"})


def _unknown_key(claims: dict[str, Any]) -> str:
    return jwt.encode(claims, rsa_key(), "RS256", {"kid": "another"})


def _altered(claims: dict[str, Any]) -> str:
    head, _, mac = jwt.encode(claims, rsa_key(), "RS256", {"kid": "one"}).split(".")
    return f"{head}.{_part({**claims, 'email': 'olek@example.com'})}.{mac}"


@pytest.mark.parametrize(
    "sign",
    [
        _unsigned,
        _with_the_public_key_as_secret,
        _by_another_key,
        _by_a_key_of_its_own,
        _unknown_key,
        _altered,
        lambda _: "no.token",
        lambda _: "",
    ],
)
def test_a_token_that_the_issuer_did_not_sign_lets_nobody_in(
    world: World, sign: Callable[[dict[str, Any]], str]
) -> None:
    world.issuer.sign = sign
    assert refused(world) == "sign_in_refused"


def test_a_code_is_good_once_and_only_with_our_proof(world: World) -> None:
    address, token = world.sign_in.begin("/dashboard")
    query = {"code": world.issuer.consent(address), "state": state_of(address)}
    assert world.sign_in.finish(query, token)
    with pytest.raises(Reject, match="sign_in_refused"):
        world.sign_in.finish(query, token)
    other, theirs = world.sign_in.begin("/dashboard")
    stolen = {"code": world.issuer.consent(address), "state": state_of(other)}  # the code of another sign-in
    with pytest.raises(Reject, match="sign_in_refused"):
        world.sign_in.finish(stolen, theirs)


def test_who_comes_back_must_be_who_began(world: World) -> None:
    address, token = world.sign_in.begin("/dashboard")
    code = world.issuer.consent(address)
    _, another = world.sign_in.begin("/dashboard")
    for state, kept in ((state_of(address), another), (state_of(address), ""), ("", token), ("é", token)):
        with pytest.raises(Reject, match="sign_in_expired"):
            world.sign_in.finish({"code": code, "state": state}, kept)
    world.clock.advance(timedelta(minutes=11))
    with pytest.raises(Reject, match="sign_in_expired"):
        world.sign_in.finish({"code": code, "state": state_of(address)}, token)


@pytest.mark.parametrize("query", [{"error": "access_denied"}, {}, {"code": ""}, {"code": "a b"}, {"code": "x" * 3000}])
def test_what_the_issuer_refuses_is_no_sign_in(world: World, query: dict[str, str]) -> None:
    address, token = world.sign_in.begin("/dashboard")
    with pytest.raises(Reject, match="sign_in_refused"):
        world.sign_in.finish({"state": state_of(address), **query}, token)


@pytest.mark.parametrize(
    ("person", "reason"),
    [
        ({"email": "anna@example.com", "email_verified": False}, "unknown_person"),
        ({"email": "anna@example.com"}, "unknown_person"),
        ({"email": "anna@example.com", "email_verified": "yes"}, "unknown_person"),
        ({"email": "stranger@example.com", "email_verified": True}, "unknown_person"),
        ({"email": ["anna@example.com"], "email_verified": True}, "unknown_person"),
        ({"groups": "revenue-not"}, "unknown_person"),
    ],
)
def test_an_address_that_is_not_proven_is_nobodys(world: World, person: dict[str, Any], reason: str) -> None:
    world.issuer.person = person
    assert refused(world) == reason


def test_a_directory_of_an_organisation_may_be_trusted_with_its_addresses(world: World) -> None:
    world.issuer.person = {"email": "anna@example.com"}
    trusting = World(world.issuer, wording=Wording(trust_email=True))
    assert trusting.viewer() == Viewer(role="rep", rep="anna")


def test_a_group_lets_in_and_is_kept_others_are_not(world: World) -> None:
    world.issuer.person = {"groups": ["everybody", "revenue"]}
    entered = world.enter()
    assert world.sign_in.viewer(entered.token) == Viewer(role="revops")
    session = opened(Session, entered.token, [KEY], MONDAY_NOON)
    assert session is not None
    assert session.claim == Claim(groups=("revenue",))


@pytest.mark.parametrize(
    "lie",
    [
        {"issuer": "https://attacker.example"},
        {"issuer": None},
        {"token_endpoint": "http://attacker.example/token"},
        {"authorization_endpoint": "javascript:alert(1)"},
        {"jwks_uri": "file:///etc/passwd"},
        {"jwks_uri": "https://user:word@attacker.example/keys"},
        {"token_endpoint": 7},
    ],
)
def test_a_discovery_document_that_leads_elsewhere_is_not_followed(world: World, lie: dict[str, Any]) -> None:
    world.issuer.lies = lie
    with pytest.raises(Misconfigured):
        world.sign_in.begin("/dashboard")
    assert world.issuer.asked == ["/realm/.well-known/openid-configuration"]


@pytest.mark.parametrize(
    "wanted",
    [
        "https://attacker.example/",
        "//attacker.example/dashboard",
        "/dashboard//attacker.example",
        "/\\attacker.example",
        "/dashboard\\@attacker.example",
        "/dashboard/../in/website",
        "/dashboard/./x",
        "/dashboard/%2e%2e/in",
        "/dashboardattacker",
        "/dashboard@attacker.example",
        "/dashboard\r\nSet-Cookie: x",
        "/dashboard/me\n",
        "javascript:alert(1)",
        "",
    ],
)
def test_after_signing_in_nobody_is_sent_elsewhere(wanted: str) -> None:
    assert page(wanted) == "/dashboard"


@pytest.mark.parametrize("wanted", ["/dashboard", "/dashboard/me", "/dashboard/reports/funnel.csv?rep=anna&by=capture"])
def test_pages_of_ours_may_be_wanted(wanted: str) -> None:
    assert page(wanted) == wanted


def test_a_session_ends_with_its_hours_and_with_the_rules(world: World) -> None:
    token = world.enter().token
    world.clock.advance(SESSION)
    assert world.sign_in.viewer(token) is not None
    left = tuple(rep.with_(active=rep.id != "anna") for rep in RULES.team.reps)
    world.rules.deploy(Rules.of(RULES.with_(team=RULES.team.with_(reps=left))))
    assert world.sign_in.viewer(token) is None
    world.rules.deploy(RULES)
    world.clock.advance(timedelta(seconds=1))
    assert world.sign_in.viewer(token) is None


def test_while_the_key_is_changed_both_are_good_and_then_only_the_new_one(world: World) -> None:
    token = world.enter().token
    world.secrets.set(KEPT_IN, key=("the new key of dashboards", KEY))
    assert world.sign_in.viewer(token) is not None
    newer = world.enter().token
    world.secrets.set(KEPT_IN, key="the new key of dashboards")
    assert world.sign_in.viewer(token) is None
    assert world.sign_in.viewer(newer) is not None


CLAIM = Claim(role="rep", rep="anna")
UNTIL = MONDAY_NOON + timedelta(hours=2)


def test_a_signed_link_opens_a_session_that_ends_with_it(world: World) -> None:
    path = entrance(CLAIM, UNTIL, KEY)
    assert path.startswith("/dashboard/enter/")
    entered = world.sign_in.follow(path.rpartition("/")[2])
    assert (entered.until, entered.wanted) == (UNTIL, "/dashboard/me")
    assert world.sign_in.viewer(entered.token) == Viewer(role="rep", rep="anna")
    world.clock.set(UNTIL + timedelta(seconds=1))
    assert world.sign_in.viewer(entered.token) is None
    with pytest.raises(Reject, match="link_expired"):
        world.sign_in.follow(path.rpartition("/")[2])


def test_what_was_signed_as_one_thing_is_not_taken_for_another(world: World) -> None:
    link = entrance(CLAIM, UNTIL, KEY).rpartition("/")[2]
    assert world.sign_in.viewer(link) is None
    session = sealed(Session(claim=CLAIM, expires_at=UNTIL), KEY)
    with pytest.raises(Reject, match="link_expired"):
        world.sign_in.follow(session)
    assert opened(Begun, session, [KEY], MONDAY_NOON) is None
    assert opened(Entrance, link, [KEY], MONDAY_NOON) is not None


@settings(max_examples=60)
@given(data=st.data())
def test_a_tampered_session_is_nobodys(data: st.DataObject) -> None:
    token = sealed(Session(claim=CLAIM, expires_at=UNTIL), KEY)
    at = data.draw(st.integers(0, len(token) - 1))
    letter = data.draw(st.sampled_from("ABCxyz019-_=. é"))
    tampered = token[:at] + letter + token[at + 1 :]
    expected = None if tampered != token else CLAIM
    found = opened(Session, tampered, [FORMER, KEY], MONDAY_NOON)
    assert (None if found is None else found.claim) == expected
    assert opened(Session, token, [FORMER], MONDAY_NOON) is None
    for broken in (token + "A", token + "=", token[:-1], "", "é", "A" * 5000):
        assert opened(Session, broken, [KEY], MONDAY_NOON) is None


def test_what_no_browser_would_keep_is_refused_where_it_is_made() -> None:
    with pytest.raises(ValueError, match="a browser keeps"):
        sealed(Session(claim=Claim(groups=("x" * 4000,)), expires_at=UNTIL), KEY)


def test_without_an_issuer_only_links_let_anybody_in(world: World) -> None:
    alone = SignIn(None, world.rules, world.secrets, world.clock, lambda: "x" * 43, "https://leads.example.com")
    with pytest.raises(Reject, match="sign_in_off"):
        alone.begin("/dashboard")
    assert alone.follow(entrance(CLAIM, UNTIL, KEY).rpartition("/")[2])
    with pytest.raises(Reject, match="unknown_person"):
        alone.follow(entrance(Claim(role="rep", rep="somebody"), UNTIL, KEY).rpartition("/")[2])
