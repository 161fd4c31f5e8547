"""An OpenID Connect issuer, asked as OpenID Connect Core 1.0 and RFC 7636 say: authorization code with PKCE.

Nothing is taken on trust that the configured issuer did not say itself: its discovery document must name it, its token
must be signed by one of its keys with an asymmetric algorithm, and be meant for us, for now, and for this sign-in.
"""

from __future__ import annotations

import base64
import hashlib
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, urlencode, urlsplit

from connectors.kit.http import Answer, Host, trouble
from leadrelay.domain.reporting.access import Claim
from leadrelay.domain.reporting.claims import Wording, claim_of
from leadrelay.domain.reporting.seal import Begun
from leadrelay.ports.errors import Misconfigured, Reject

ALGORITHMS = ("RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512", "EdDSA")
"""A key that both sides know would let whoever knows our client secret forge a token."""

KEPT_SECONDS = 3600.0
RENEWED_SECONDS = 30.0
"""A token of an unknown key may be of a new one; keys are asked for again, but not more often than this."""

LEEWAY_SECONDS = 60
_TIMEOUT = (2.0, 5.0)
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_NEEDED = ("authorization_endpoint", "token_endpoint", "jwks_uri")


@dataclass(frozen=True, slots=True)
class Client:
    """What we are at the issuer: its address and our id there, what we ask to be told, and the secret, if there is
    one."""

    issuer: str
    client_id: str
    secret: Callable[[], str | None]
    scopes: str = "openid email"
    wording: Wording = field(default_factory=Wording)


@dataclass(frozen=True, slots=True)
class _Kept:
    at: float
    document: Mapping[str, Any]


class OidcIssuer:
    """Implements `ports.issuer.Issuer`. `monotonic` tells seconds, for the age of what is kept."""

    def __init__(self, client: Client, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._client = client
        self._monotonic = monotonic
        self._kept: dict[str, _Kept] = {}

    def address(self, begun: Begun, redirect_uri: str) -> str:
        """Where a browser signs in. Raises Retry, Misconfigured."""
        query = {
            "response_type": "code",
            "client_id": self._client.client_id,
            "redirect_uri": redirect_uri,
            "scope": self._client.scopes,
            "state": begun.state,
            "nonce": begun.nonce,
            "code_challenge": challenge(begun.verifier),
            "code_challenge_method": "S256",
        }
        at = self._discovered()["authorization_endpoint"]
        return f"{at}{'&' if urlsplit(at).query else '?'}{urlencode(query)}"

    def claim(self, code: str, begun: Begun, redirect_uri: str) -> Claim:
        """Who the code stands for. Raises Reject, Retry, Misconfigured."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": begun.verifier,
            "client_id": self._client.client_id,
        }
        token = self._exchanged(form).get("id_token")
        if not isinstance(token, str):
            raise Reject("sign_in_refused", "the issuer's answer has no ID token")
        return claim_of(self._verified(token, begun.nonce), self._client.wording)

    def _exchanged(self, form: Mapping[str, str]) -> Mapping[str, Any]:
        headers, fields = self._proof()
        host, path, query = self._host(self._discovered()["token_endpoint"], headers)
        answer = host.post(path, query, {**form, **fields})
        if answer.status == 400:
            raise Reject("sign_in_refused", "the issuer does not take the code")
        return _document(answer, "token endpoint")

    def _proof(self) -> tuple[dict[str, str], dict[str, str]]:
        """Headers and fields that prove who we are: in the header, unless the issuer wants it in the form only."""
        secret = self._client.secret()
        if secret is None:
            return {}, {}
        ways = self._discovered().get("token_endpoint_auth_methods_supported", ["client_secret_basic"])
        if "client_secret_basic" not in ways and "client_secret_post" in ways:
            return {}, {"client_secret": secret}
        pair = f"{quote(self._client.client_id, safe='')}:{quote(secret, safe='')}"
        return {"Authorization": f"Basic {base64.b64encode(pair.encode()).decode()}"}, {}

    def _verified(self, token: str, nonce: str) -> Mapping[str, Any]:
        """The claims of an ID token, checked as OpenID Connect Core 1.0, section 3.1.3.7 says."""
        import jwt

        try:
            said: dict[str, Any] = jwt.decode(
                token,
                self._key(token),
                algorithms=list(ALGORITHMS),
                audience=self._client.client_id,
                issuer=self._client.issuer,
                leeway=LEEWAY_SECONDS,
                options={"require": ["iss", "sub", "aud", "exp", "iat"]},
            )
        except jwt.PyJWTError as wrong:
            raise Reject("sign_in_refused", f"the ID token is not good ({type(wrong).__name__})") from None
        if said.get("nonce") != nonce:
            raise Reject("sign_in_refused", "the ID token is of another sign-in")
        if said.get("azp", self._client.client_id) != self._client.client_id:
            raise Reject("sign_in_refused", "the ID token is for another client")
        return said

    def _key(self, token: str) -> Any:
        """The key that the token names; the only one, where it names none."""
        import jwt

        name = jwt.get_unverified_header(token).get("kid")
        found = self._among(name, KEPT_SECONDS) or self._among(name, RENEWED_SECONDS)
        if found is None:
            raise jwt.InvalidKeyError("no key of the issuer is named so")
        return found

    def _among(self, name: object, oldest: float) -> Any:
        import jwt

        given = self._document("jwks_uri", self._discovered()["jwks_uri"], oldest)
        try:
            keys = [key for key in jwt.PyJWKSet.from_dict(dict(given)).keys if key.public_key_use in (None, "sig")]
        except jwt.PyJWTError:
            return None
        named = [key for key in keys if key.key_id == name] if name is not None else keys
        return named[0] if len(named) == 1 else None

    def _discovered(self) -> Mapping[str, Any]:
        """The issuer's own description of itself."""
        at = f"{self._client.issuer.rstrip('/')}/.well-known/openid-configuration"
        told = self._document("discovery", at, KEPT_SECONDS)
        if told.get("issuer") != self._client.issuer:
            raise Misconfigured(f"JwtIssuer is not what the issuer at {_name(at)} calls itself; copy it as it is there")
        if not all(isinstance(told.get(name), str) for name in _NEEDED):
            raise Misconfigured(f"the issuer at {_name(at)} does not tell {', '.join(_NEEDED)}")
        for name in _NEEDED:
            self._host(told[name], {})
        return told

    def _document(self, what: str, url: str, oldest: float) -> Mapping[str, Any]:
        kept = self._kept.get(what)
        if kept is None or self._monotonic() - kept.at >= oldest:
            host, path, query = self._host(url, {})
            kept = self._kept[what] = _Kept(self._monotonic(), _document(host.get(path, query), what))
        return kept.document

    def _host(self, url: str, headers: Mapping[str, str]) -> tuple[Host, str, str]:
        """The host, path and query of an address that the issuer names: https, as long as the issuer itself is."""
        parts = urlsplit(url)
        near = urlsplit(self._client.issuer).hostname in _LOOPBACK
        if parts.username or parts.password or not (parts.scheme == "https" or (near and parts.hostname in _LOOPBACK)):
            raise Misconfigured(f"the issuer names an address that is not https: {_name(url)}")
        allowed = frozenset({parts.hostname or ""})
        return Host(f"{parts.scheme}://{parts.netloc}", allowed, headers, _TIMEOUT), parts.path, parts.query


def challenge(verifier: str) -> str:
    """What is shown of a verifier beforehand (RFC 7636, S256)."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode("ascii")).digest()).rstrip(b"=").decode()


def _document(answer: Answer, what: str) -> Mapping[str, Any]:
    wrong = trouble(answer)
    if wrong is not None:
        raise wrong if not isinstance(wrong, Reject) else Misconfigured(f"the issuer's {what} answers {answer.status}")
    try:
        told = json.loads(answer.body)
    except (ValueError, RecursionError):
        told = None
    if not isinstance(told, dict):
        raise Misconfigured(f"the issuer's {what} is no JSON object")
    return told


def _name(url: str) -> str:
    return urlsplit(url).hostname or "an address without a host"
