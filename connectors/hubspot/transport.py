"""The wire to HubSpot: the official client with its surprises taken out.

- Every API object is made once: the client builds a new connection pool at each access.
- Replies are read raw: the client's models drop `errors` from a 200 and its debug log shows bodies.
- Nothing is retried here: an answer or a silence goes up to the one retry policy, outside the connectors.
- Timeouts are always set: the client has none of its own.
- Paths are rewritten in one place when an account uses a date version of the API.
- Each request asks first whether it may go out (`pace`); one that may not is a silence that was never sent.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any
from urllib.parse import urlencode, urlsplit

from connectors.hubspot.pace import said
from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import Silence, held
from leadrelay.ports.errors import Misconfigured

Timeout = tuple[float, float]
"""Seconds to connect and to wait for the answer."""
TIMEOUT: Timeout = (3.05, 10.0)
CLIENT_VERSION = "v3"
DATE_VERSION = re.compile(r"[0-9]{4}-[0-9]{2}")
ID = re.compile(r"[0-9]{1,20}")  # \d would take the digits of every script
LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
# The client's paths on the left, those of a date version on the right. Workflows have a beta of each date only.
DATED_PATHS = (
    (
        re.compile(r"/crm/v[34]/(objects|properties|owners|lists|associations|pipelines)(?=[/?]|$)"),
        r"/crm/\1/{version}",
    ),
    (re.compile(r"/automation/v4/"), "/automation/{version}-beta/"),
    (re.compile(r"/account-info/v3/"), "/account-info/{version}/"),
)


@dataclass(frozen=True, slots=True)
class Answer:
    """What HubSpot said: status, headers (names in lower case) and the JSON object, `{}` where there is none."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: Mapping[str, Any] = field(default_factory=dict)
    readable: bool = True

    @property
    def ok(self) -> bool:
        """A 2xx whose body could be read."""
        return 200 <= self.status < 300 and self.readable


def is_id(value: str | None) -> bool:
    """Whether a value may stand in a path: digits only, so that nothing from outside can bend a URL."""
    return bool(value and ID.fullmatch(value))


def dated(url: str, version: str) -> str:
    """The URL in a date version of the API; unchanged for the version the client speaks."""
    if version == CLIENT_VERSION:
        return url
    for pattern, replacement in DATED_PATHS:
        url, found = pattern.subn(replacement.replace("{version}", version), url, count=1)
        if found:
            return re.sub(r"/(?=\?|$)", "", url)
    return url


class Wire:
    """One account, reached through the client; safe under threads.

    `endpoint` replaces the public address (the sandbox); plain http is accepted for loopback only, because the token
    travels with every request.
    """

    def __init__(
        self, token: str, endpoint: str | None, timeout: Timeout, version: str, pace: Pace | None = None
    ) -> None:
        if version != CLIENT_VERSION and not DATE_VERSION.fullmatch(version):
            raise Misconfigured(f"HubSpot API version {version!r} is neither v3 nor a date like 2026-09")
        self._options: dict[str, Any] = {"access_token": token, **_address(endpoint)}
        self._timeout = timeout
        self._version = version
        self._pace = pace or Pace()
        self._client: Any = None
        self._apis: dict[str, Any] = {}

    def call(self, api: str, method: str, *args: object, **options: object) -> Answer:
        """Call a method of the client, e.g. `call("crm.objects.batch_api", "read", "contacts", {...})`.

        Returns every HTTP answer, whatever its status; raises Silence where there was none.
        """
        return self._guarded(lambda: getattr(self._api(api), method)(*args, **options, _preload_content=False))

    def get(self, path: str, **query: object) -> Answer:
        """GET a path that the client has no method for."""
        return self._plain("GET", f"{path}?{urlencode(query)}" if query else path)

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """POST JSON to a path that the client has no method for."""
        return self._plain("POST", path, header_params={"Content-Type": "application/json"}, body=body)

    def _plain(self, method: str, path: str, **options: object) -> Answer:
        caller = self._api("crm.owners.owners_api").api_client.call_api
        options.update(auth_settings=["oauth2"], _preload_content=False)
        return self._guarded(lambda: caller(path, method, **options))

    def _guarded(self, call: Callable[[], Any]) -> Answer:
        from urllib3.exceptions import HTTPError

        try:
            answer = call()
        except (HTTPError, OSError) as error:
            raise _silence(error) from error
        return answer if isinstance(answer, Answer) else _answer(answer.status, answer.headers, answer.data)

    def _api(self, name: str) -> Any:
        if name not in self._apis:
            self._apis[name] = attrgetter(name)(self._connected())
        return self._apis[name]

    def _connected(self) -> Any:
        if self._client is None:
            from hubspot import Client
            from urllib3.util.retry import Retry

            factory = _api_factory(self._version, self._timeout, self._pace)
            self._client = Client.create(**self._options, api_factory=factory, retry=Retry(total=0, redirect=False))
        return self._client


def _address(endpoint: str | None) -> dict[str, str]:
    if not endpoint:
        return {}
    parts = urlsplit(endpoint)
    if parts.scheme != "https" and not (parts.scheme == "http" and parts.hostname in LOOPBACK):
        raise Misconfigured(f"HubSpot endpoint {parts.scheme}://{parts.hostname}: use https, or http on loopback only")
    return {"host": endpoint.rstrip("/")}


def _api_factory(version: str, timeout: Timeout, pace: Pace) -> Callable[[Any, str, Any], Any]:
    """Makes the client's API objects, each with our own `request` in front of its connection pool."""
    from hubspot.discovery.discovery_base import DiscoveryBase

    def make(package: Any, name: str, config: Any) -> Any:
        api = DiscoveryBase._default_api_factory(package, name, config)
        rest = api.api_client.rest_client
        rest.request = _requester(rest.request, version, timeout, pace)
        return api

    return make


def _requester(plain: Callable[..., Any], version: str, timeout: Timeout, pace: Pace) -> Callable[..., Answer]:
    """The one place that every request passes. Raises Silence for one that is held back."""

    def request(method: str, url: str, **options: Any) -> Answer:
        hold = pace.hold()
        if hold:
            raise held(hold)
        options.update(_request_timeout=timeout, _preload_content=False)
        answer = _asked(plain, method, dated(url, version), options)
        pace.heard(said(answer.headers))
        return answer

    return request


def _asked(plain: Callable[..., Any], method: str, url: str, options: Mapping[str, Any]) -> Answer:
    try:
        raw = plain(method, url, **options)
    except Exception as error:
        # Each sub-package has an ApiException of its own: known by its status, not by its class.
        status = getattr(error, "status", None)
        if not status:
            raise
        return _answer(status, getattr(error, "headers", None), getattr(error, "body", None))
    return _answer(raw.status, raw.headers, raw.data)


def _answer(status: int, headers: Mapping[str, str] | None, data: bytes | str | None) -> Answer:
    names = {name.lower(): value for name, value in (headers or {}).items()}
    if not data:
        return Answer(status, names)
    try:
        body = json.loads(data)
    except ValueError:
        return Answer(status, names, readable=False)
    return Answer(status, names, body) if isinstance(body, dict) else Answer(status, names, readable=False)


def _silence(error: Exception) -> Silence:
    """Refused, unresolved or untrusted connections carried nothing; after that nobody can know."""
    from urllib3.exceptions import ConnectTimeoutError, NewConnectionError

    cause = getattr(error, "reason", None) or error
    unsent = isinstance(cause, (NewConnectionError, ConnectTimeoutError)) or "CERTIFICATE_VERIFY" in str(cause)
    return Silence(f"no answer from HubSpot ({type(cause).__name__})", sent=not unsent)
