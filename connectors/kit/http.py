"""Asking a vendor over HTTPS: one host, time-outs, no redirects, at most 1 MiB of answer.

A vendor's answer is untrusted like everything from outside: it comes back as bytes for `json_body`. What went wrong is
said in the words of the ports: Retry (away or throttled), Misconfigured (our credentials), Reject (the question).
"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlencode, urlsplit

from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry

if TYPE_CHECKING:
    from urllib3 import BaseHTTPResponse, HTTPHeaderDict, PoolManager

MAX_ANSWER = 1024 * 1024
CONNECT_SECONDS = 3.0
READ_SECONDS = 10.0
WHOLE_SECONDS = 60.0
"""Seconds until an answer has come whole: one that drips would otherwise never end."""
PIECE = 64 * 1024
RETRY_SECONDS = 30.0
MAX_RETRY_SECONDS = 3600.0
_LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})
_PATH = re.compile(r"/[A-Za-z0-9_./-]{0,256}")
_FORM = "application/x-www-form-urlencoded"
_AWAY = frozenset({408, 423, 425, 429})


@dataclass(frozen=True, slots=True)
class Answer:
    """A vendor's answer; header names are lower-case. The body stays out of `repr`: it may hold personal data."""

    status: int
    headers: Mapping[str, str]
    body: bytes = field(repr=False)


class Host:
    """One vendor's host. `base_url` is https, or http on this machine; `headers` (credentials) go with each request."""

    def __init__(
        self,
        base_url: str,
        allowed: frozenset[str],
        headers: Mapping[str, str],
        timeout: tuple[float, float] | None = None,
    ) -> None:
        """`allowed` are the host names the vendor has; others only on this machine. `timeout` is seconds to connect and
        between two pieces of the answer. Raises Misconfigured."""
        parts = urlsplit(base_url)
        local = parts.hostname in _LOOPBACK
        if not (local and parts.scheme in {"http", "https"}) and not (
            parts.scheme == "https" and parts.hostname in allowed
        ):
            raise Misconfigured(f"endpoint: {parts.hostname!r} is not https on one of {', '.join(sorted(allowed))}")
        self._base = base_url.rstrip("/")
        self._headers = dict(headers)
        self._timeout = timeout or (CONNECT_SECONDS, READ_SECONDS)
        self._pool: PoolManager | None = None

    def get(self, path: str, query: Mapping[str, str] | str) -> Answer:
        """Any answer the vendor gave, whatever its status. A `query` that is text is encoded already (some vendors give
        meaning to what is not). Raises Retry when there was none."""
        return self._asked("GET", path, query, None)

    def post(self, path: str, query: Mapping[str, str] | str, form: Mapping[str, str]) -> Answer:
        """As `get`, with a form sent."""
        return self._asked("POST", path, query, urlencode(form).encode())

    def _asked(self, method: str, path: str, query: Mapping[str, str] | str, body: bytes | None) -> Answer:
        from urllib3.exceptions import HTTPError

        if not _PATH.fullmatch(path) or ".." in path:
            raise Reject("path", "an id that is no id")
        encoded = query if isinstance(query, str) else urlencode(query)
        url = f"{self._base}{path}?{encoded}" if encoded else f"{self._base}{path}"
        headers = self._headers if body is None else {**self._headers, "Content-Type": _FORM}
        try:
            response = self._connect().request(
                method, url, body=body, headers=headers, redirect=False, retries=False, preload_content=False
            )
            return _read(response)
        except HTTPError as error:
            raise Retry(RETRY_SECONDS, f"no answer ({type(error).__name__})", "outage") from None

    def _connect(self) -> PoolManager:
        if self._pool is None:
            from urllib3 import PoolManager, Timeout

            connect, read = self._timeout
            self._pool = PoolManager(maxsize=4, timeout=Timeout(connect=connect, read=read))
        return self._pool


def trouble(answer: Answer) -> PortError | None:
    """What the status means for the caller, or None for success; vendors' own codes come first."""
    status = answer.status
    if 200 <= status < 300:
        return None
    if status in _AWAY or status >= 500:
        return Retry(retry_after(answer), f"the vendor answered {status}", "10s" if status == 429 else "outage")
    if status in {401, 403}:
        return Misconfigured(f"the vendor answered {status}: check the credentials and their rights")
    return Reject(f"http_{status}", "the vendor refuses the request")


def retry_after(answer: Answer) -> float:
    """Seconds from `Retry-After`, else 30; at most an hour."""
    given = answer.headers.get("retry-after", "")
    return min(float(given), MAX_RETRY_SECONDS) if re.fullmatch(r"[0-9]{1,6}", given) else RETRY_SECONDS


def _read(response: BaseHTTPResponse) -> Answer:
    try:
        body = b"".join(_pieces(response))
    finally:
        response.close()
    return Answer(response.status, _lower(response.headers), body)


def _pieces(response: BaseHTTPResponse) -> Iterator[bytes]:
    until, size = time.monotonic() + WHOLE_SECONDS, 0
    while piece := response.read1(PIECE, decode_content=False):
        size += len(piece)
        if size > MAX_ANSWER:
            raise Reject("answer_too_large", f"more than {MAX_ANSWER} bytes")
        if time.monotonic() > until:
            raise Retry(RETRY_SECONDS, "the answer takes too long", "outage")
        yield piece


def _lower(headers: HTTPHeaderDict) -> dict[str, str]:
    return {name.lower(): value for name, value in headers.items()}
