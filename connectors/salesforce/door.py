"""The one door to Salesforce: every request passes here, whoever makes it.

- It leads to Salesforce's own hosts only, encrypted; or, for tests and demos, to a sandbox on this machine: then the
  request says in `X-Forwarded-Host` which host it meant, because the client library knows nothing but https.
- It has a time limit, which neither requests nor the client library have by themselves.
- It asks first whether the request may be made (`pace`).
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from http.cookiejar import DefaultCookiePolicy
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit, urlunsplit

from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import held
from connectors.salesforce.pace import said
from leadrelay.ports.errors import Misconfigured

if TYPE_CHECKING:
    from requests import PreparedRequest, Response, Session

Timeout = tuple[float, float]
"""Seconds to connect and to wait for the answer."""
TIMEOUT: Timeout = (3.05, 20.0)
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
HOST = re.compile(r"(?:[a-z0-9](?:[a-z0-9-]{0,62}[a-z0-9])?\.){1,5}salesforce\.com")
ALWAYS: Mapping[str, str] = {
    # Assignment rules run on every save by default, and would take the lead from whoever has it.
    "Sforce-Auto-Assign": "FALSE",
    "Accept": "application/json",
}


def opened(endpoint: str | None, timeout: Timeout, pace: Pace) -> Session:
    """A session whose requests all pass the door; safe under threads. It keeps no cookies, follows no redirects, and
    looks at nothing in the environment: a proxy or a .netrc there could send the token elsewhere.

    Raises Misconfigured for an endpoint that is not plain http on this machine; a request that is held back raises
    Silence."""
    import requests

    session = requests.Session()
    session.trust_env = False
    session.max_redirects = 0
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    session.headers.update(ALWAYS)
    session.adapters.clear()
    session.mount("https://", _door(_sandbox(endpoint), timeout, pace))
    return session


def is_host(name: str | None) -> bool:
    """Whether this is one of Salesforce's hosts."""
    return bool(name and HOST.fullmatch(name))


def _sandbox(endpoint: str | None) -> str | None:
    """Host and port of the sandbox; None for Salesforce itself."""
    if not endpoint:
        return None
    parts = urlsplit(endpoint)
    if parts.scheme != "http" or parts.hostname not in LOOPBACK:
        raise Misconfigured(
            f"Salesforce endpoint {parts.scheme}://{parts.hostname}: only a sandbox on this machine can be named "
            "(http://127.0.0.1:…); the account itself is named by the secret's domain"
        )
    return parts.netloc


def _door(sandbox: str | None, timeout: Timeout, pace: Pace) -> Any:
    from requests.adapters import HTTPAdapter
    from requests.exceptions import InvalidURL

    class Door(HTTPAdapter):
        def send(self, request: PreparedRequest, *args: Any, **options: Any) -> Response:
            parts = urlsplit(request.url or "")
            if parts.scheme != "https" or not is_host(parts.netloc):
                raise InvalidURL("not one of Salesforce's hosts")
            hold = pace.hold()
            if hold:
                raise held(hold)
            if sandbox:
                request.headers["X-Forwarded-Host"] = parts.netloc
                request.url = urlunsplit(("http", sandbox, parts.path, parts.query, ""))
            response = super().send(request, *args, **{**options, "timeout": timeout})
            pace.heard(said(response.headers.get("Sforce-Limit-Info", "")))
            return response

    return Door()
