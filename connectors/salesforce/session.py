"""One Salesforce account: logged in, asked, answered.

The client library logs in and knows the formats; its own calls are not used, because they lose headers when a token is
renewed, recurse without end when a token stays refused, and renew it once per thread. Here a refused token is renewed
once, by one thread for all, and a second refusal is an answer like any other. Nothing else is retried: answers and
silences go up to the one retry policy, outside the connectors.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import Silence
from connectors.salesforce.door import Timeout, opened
from connectors.salesforce.login import Login, LoginRefused, Token
from leadrelay.ports.errors import Misconfigured

if TYPE_CHECKING:
    from requests import Response

VERSION = re.compile(r"[1-9][0-9]{1,2}\.0")
PATH = re.compile(r"(?:/[A-Za-z0-9_.%-]+)+/?")
UNAUTHORISED = 401
USERINFO = "/services/oauth2/userinfo"


@dataclass(frozen=True, slots=True)
class Answer:
    """What Salesforce said. `body` is its JSON, None where there is none; it stays out of `repr`: it may hold personal
    data. A status of 401 without a body also stands for a login that was refused, told in `why`."""

    status: int
    body: Any = field(default=None, repr=False)
    readable: bool = True
    why: str = ""

    @property
    def ok(self) -> bool:
        """A 2xx whose body could be read."""
        return 200 <= self.status < 300 and self.readable


class Org:
    """An account of Salesforce; safe under threads. Logs in when first asked."""

    def __init__(self, login: Login, endpoint: str | None, timeout: Timeout, version: str, pace: Pace) -> None:
        """Raises Misconfigured for an impossible endpoint or version."""
        if not VERSION.fullmatch(version):
            raise Misconfigured(f"Salesforce API version {version!r} is not a number like 62.0")
        self.base = f"/services/data/v{version}"
        self._login = login
        self._door = (endpoint, timeout, pace)
        self._session = opened(*self._door)
        self._lock = threading.Lock()
        self._current: Token | None = None

    def call(
        self,
        method: str,
        path: str,
        body: object = None,
        query: Mapping[str, str] | None = None,
        headers: Mapping[str, str] | None = None,
        **options: Any,
    ) -> Answer:
        """Call a path below `base`, e.g. `call("PATCH", "/sobjects/Lead/…", {…})`, or one that starts with /services.
        `options` are those of requests (`files`).

        Returns every HTTP answer, whatever its status; raises Silence where there was none.
        """
        if not PATH.fullmatch(path) or ".." in path:
            raise ValueError("not a path of Salesforce's API")
        options.update(method=method, path=path, params=query, headers=headers, json=body)
        try:
            token = self._token(None)
            answer = self._once(token, **options)
            return self._once(self._token(token), **options) if answer.status == UNAUTHORISED else answer
        except LoginRefused as refused:
            return Answer(refused.status, why=str(refused))

    def more(self, address: str) -> Answer:
        """The next page of a query, at the address that the last one named."""
        return self.call("GET", urlsplit(address).path)

    def me(self) -> str:
        """The id of the user we act as, "" where Salesforce does not say. Raises Silence."""
        try:
            token = self._token(None)
        except LoginRefused:
            return ""
        if token.user:
            return token.user
        told = self.call("GET", USERINFO).body
        user = str(told.get("user_id", "")) if isinstance(told, dict) else ""
        with self._lock:
            if self._current:
                self._current = Token(self._current.value, self._current.host, user)
        return user

    def _token(self, refused: Token | None) -> Token:
        """The token to use, another one than the refused. Whoever comes first logs in, the others wait for it."""
        with self._lock:
            if self._current is None or (refused and self._current.value == refused.value):
                self._current = self._logged_in()
            return self._current

    def _logged_in(self) -> Token:
        from requests.exceptions import RequestException

        session = opened(*self._door)
        try:
            return self._login.token(session)
        except RequestException as error:
            raise Silence(f"no answer from Salesforce's login ({type(error).__name__})", sent=False) from error
        finally:
            session.close()

    def _once(self, token: Token, *, path: str, headers: Mapping[str, str] | None, **options: Any) -> Answer:
        from requests.exceptions import RequestException

        place = path if path.startswith("/services/") else self.base + path
        named = {**(headers or {}), "Authorization": f"Bearer {token.value}"}
        try:
            response = self._session.request(
                url=f"https://{token.host}{place}", headers=named, allow_redirects=False, **options
            )
        except RequestException as error:
            raise Silence(f"no answer from Salesforce ({type(error).__name__})", sent=not _unsent(error)) from error
        return _answer(response)


def _unsent(error: Exception) -> bool:
    """Refused, unresolved or untrusted connections carried nothing; after that nobody can know."""
    from requests.exceptions import ConnectTimeout, InvalidSchema, InvalidURL, SSLError
    from urllib3.exceptions import NewConnectionError

    cause = getattr(error.args[0], "reason", None) if error.args else None
    return isinstance(error, (ConnectTimeout, SSLError, InvalidURL, InvalidSchema)) or isinstance(
        cause, NewConnectionError
    )


def _answer(response: Response) -> Answer:
    if not response.content:
        return Answer(response.status_code)
    try:
        return Answer(response.status_code, response.json())
    except ValueError:
        return Answer(response.status_code, readable=False)
