"""Secrets Manager, cached.

A secret is one JSON object: names to a text, or to a list of texts while it is being rotated, so that both old and new
are accepted. A signature that matches no known value may mean a rotation: `refresh` reads again, but not more often
than every 30 s, so that forged calls do not become a bill.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field

from leadrelay.aws.answers import speaking_to
from leadrelay.aws.clients import client
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.source import SecretValues

KEPT_SECONDS = 300.0
REFRESH_SECONDS = 30.0
SHORTEST = 16
"""Characters of a secret that proves a sender: who can guess it sends leads."""

_GIVEN = ("crm/", "fetch/", "notify/")
"""What a vendor gave us to log in with. A login host or a user's name may be short."""


@dataclass(frozen=True, slots=True)
class _Read:
    at: float
    values: SecretValues = field(repr=False)
    problem: Misconfigured | None = None


class ManagedSecrets:
    """Implements `ports.secrets.Secrets`.

    The secret of `path` is named `{prefix}{path}`, such as `leadrelay/dev/crm/hubspot`. `monotonic` tells seconds, for
    the age of what is cached.
    """

    def __init__(self, prefix: str, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._prefix = prefix
        self._monotonic = monotonic
        self._cache: dict[str, _Read] = {}

    def get(self, path: str) -> SecretValues:
        """Named values, at most 300 s old (older only while the service is away)."""
        read = self._cache.get(path)
        return self._told(path, REFRESH_SECONDS if read and read.problem else KEPT_SECONDS)

    def refresh(self, path: str) -> SecretValues:
        """As `get`, at most 30 s old: for a signature that no known value explains."""
        return self._told(path, REFRESH_SECONDS)

    def _told(self, path: str, oldest: float) -> SecretValues:
        read = self._cache.get(path)
        if read is None or self._monotonic() - read.at >= oldest:
            read = self._cache[path] = self._renewed(path, read)
        if read.problem:
            raise read.problem
        return read.values

    def _renewed(self, path: str, last: _Read | None) -> _Read:
        now = self._monotonic()
        try:
            return _Read(now, self._fetch(path))
        except Misconfigured as problem:
            return _Read(now, {}, problem)
        except Retry:
            if last is None or last.problem:
                raise
            return _Read(now, last.values)  # the last good ones, while the service is away

    def _fetch(self, path: str) -> SecretValues:
        name = self._prefix + path
        with speaking_to(f"secret {name}"):
            answer = client("secretsmanager").get_secret_value(SecretId=name)
        return values_of(name, answer.get("SecretString", ""), 1 if path.startswith(_GIVEN) else SHORTEST)


def values_of(name: str, text: str, shortest: int = SHORTEST) -> SecretValues:
    """The named values of a secret's text, each of `shortest` characters at least. Raises Misconfigured without ever
    telling a value."""
    try:
        named = json.loads(text)
    except ValueError:
        named = None
    if not isinstance(named, dict):
        raise Misconfigured(f'secret {name} must be a JSON object such as {{"signing_key": "..."}}')
    return {key: _values(name, key, given, shortest) for key, given in named.items()}


def _values(name: str, key: str, given: object, shortest: int) -> tuple[str, ...]:
    values = tuple(given) if isinstance(given, list) else (given,)
    texts = tuple(value for value in values if isinstance(value, str))
    if not texts or len(texts) < len(values):
        raise Misconfigured(f"secret {name}: {key!r} must be a text, or a list of texts while it is being rotated")
    if not all(texts):
        raise Misconfigured(f"secret {name}: {key!r} has an empty value")
    if any(len(text) < shortest for text in texts):
        raise Misconfigured(
            f"secret {name}: a value of {key!r} is shorter than {shortest} characters and could be guessed; "
            f"make one with `openssl rand -hex 32`"
        )
    return texts
