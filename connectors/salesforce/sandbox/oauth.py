"""Who is asking: tokens for client credentials and signed assertions, and the host they are good for."""

from __future__ import annotations

import base64
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from connectors.salesforce.sandbox.errors import no_session
from connectors.salesforce.sandbox.store import INTEGRATION, ORG
from leadrelay.local.crm_world import Reply, Request

JWT = "urn:ietf:params:oauth:grant-type:jwt-bearer"
SHARED = frozenset({"login.salesforce.com", "test.salesforce.com"})
MY_DOMAIN = re.compile(r"[a-z0-9][a-z0-9-]*(?:\.[a-z]+)?\.my\.salesforce\.com")
DEFAULT_HOST = "sandbox.my.salesforce.com"
ISSUED = "1700000000000"  # milliseconds; nobody reads it


@dataclass(frozen=True, slots=True)
class Client:
    """The app that may ask for tokens. `public_key` (PEM) checks assertions; without one their signature is not."""

    key: str
    secret: str
    public_key: str = ""


@dataclass(slots=True)
class Tokens:
    """The tokens that are good now, each for one host."""

    client: Client
    hosts: dict[str, str] = field(default_factory=dict)

    def issued(self, request: Request) -> Reply:
        """POST /services/oauth2/token"""
        host = forwarded_host(request)
        form = request.form
        grants = {"client_credentials": self._credentials, JWT: self._assertion}
        grant = grants.get(form.get("grant_type", ""))
        if grant is None:
            return _refused("unsupported_grant_type", "grant type not supported")
        if not MY_DOMAIN.fullmatch(host) and host not in SHARED:
            return Reply(404, {"error": "not_found", "error_description": f"no such domain: {host}"})
        return grant(request, host) or self._token(DEFAULT_HOST if host in SHARED else host)

    def admitted(self, request: Request) -> None:
        """Raises Bad where the token is unknown or of another host."""
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        host = self.hosts.get(token)
        if scheme not in {"Bearer", "OAuth"} or host is None or forwarded_host(request) != host:
            raise no_session()

    def expire(self) -> None:
        """No token given so far is good any more."""
        self.hosts.clear()

    def _credentials(self, request: Request, host: str) -> Reply | None:
        if host in SHARED:
            return _refused("invalid_grant", "request not supported on this domain")
        key, secret = _basic(request.headers) or (
            request.form.get("client_id", ""),
            request.form.get("client_secret", ""),
        )
        same = hmac.compare_digest(key.encode(), self.client.key.encode())
        if not same or not hmac.compare_digest(secret.encode(), self.client.secret.encode()):
            return _refused("invalid_client", "invalid client credentials")
        return None

    def _assertion(self, request: Request, host: str) -> Reply | None:
        import jwt

        checked: Any = {"verify_signature": bool(self.client.public_key), "verify_exp": True, "require": ["exp", "sub"]}
        audience = [*(f"https://{name}" for name in SHARED), f"https://{host}"]
        try:
            claims = jwt.decode(
                request.form.get("assertion", ""), self.client.public_key, ["RS256"], checked, audience=audience
            )
        except jwt.PyJWTError as error:
            return _refused("invalid_grant", f"invalid assertion ({type(error).__name__})")
        if claims.get("iss") != self.client.key:
            return _refused("invalid_client_id", "client identifier invalid")
        if claims["sub"] != INTEGRATION.email:
            return _refused("invalid_grant", "user hasn't approved this consumer")
        return None

    def _token(self, host: str) -> Reply:
        token = f"{ORG[:15]}!{secrets.token_urlsafe(48)}"
        self.hosts[token] = host
        identity = f"https://login.salesforce.com/id/{ORG}/{INTEGRATION.id}"
        where = {"instance_url": f"https://{host}", "id": identity, "scope": "api", "token_type": "Bearer"}
        return Reply(200, {"access_token": token, "signature": "c2FuZGJveA==", "issued_at": ISSUED, **where})


def identity() -> dict[str, Any]:
    """GET /services/oauth2/userinfo, and /id/{org}/{user}: who the token acts as."""
    names = {"name": INTEGRATION.name, "preferred_username": INTEGRATION.email, "email": INTEGRATION.email}
    return {"sub": f"https://login.salesforce.com/id/{ORG}/{INTEGRATION.id}", **names,
            "user_id": INTEGRATION.id, "organization_id": ORG, "active": True}  # fmt: skip


def forwarded_host(request: Request) -> str:
    """The Salesforce host that the caller meant."""
    return request.headers.get("x-forwarded-host", DEFAULT_HOST).lower()


def _basic(headers: Mapping[str, str]) -> tuple[str, str] | None:
    scheme, _, encoded = headers.get("authorization", "").partition(" ")
    if scheme != "Basic":
        return None
    try:
        key, _, secret = base64.b64decode(encoded, validate=True).decode().partition(":")
    except ValueError:
        return "", ""
    return key, secret


def _refused(error: str, description: str) -> Reply:
    return Reply(400, {"error": error, "error_description": description})
