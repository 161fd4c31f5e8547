"""The attendance role: calendars of absences, each at the secret address that its rep named."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from urllib.parse import urlsplit

from connectors.ics.absences import absences
from connectors.kit.http import Host, trouble
from leadrelay.ports.attendance import Attendance, Seen
from leadrelay.ports.errors import Misconfigured, PortError

_TIMEOUT = (2.0, 4.0)
"""Seconds to connect, and between two pieces of the answer."""


class Calendars:
    """`addresses` by name; `endpoint` replaces their host (a stand-in on this machine)."""

    def __init__(self, addresses: Mapping[str, str], endpoint: str | None) -> None:
        self._addresses = addresses
        self._endpoint = endpoint

    def seen(self, people: Mapping[str, str], now: datetime) -> dict[str, Seen]:
        """One calendar after the other: one that cannot be read holds up no other."""
        return {rep: self._seen(name, now) for rep, name in people.items()}

    def _seen(self, name: str, now: datetime) -> Seen:
        try:
            return Seen(away=absences(self._read(name), now))
        except PortError as problem:
            return Seen(trouble=type(problem).__name__)

    def _read(self, name: str) -> bytes:
        """The calendar. Its address is the operator's word: all of it but the last part goes to the host as it is."""
        if name not in self._addresses:
            raise Misconfigured(f"the secret fetch/ics has no calendar '{name}'; store its address there")
        parts = urlsplit(self._addresses[name].strip().replace("webcal://", "https://", 1))
        folder, _, last = parts.path.rpartition("/")
        base = self._endpoint or f"{parts.scheme}://{parts.netloc}"
        allowed = frozenset({parts.hostname or ""})
        host = Host(f"{base}{folder}", allowed, {"accept": "text/calendar"}, timeout=_TIMEOUT)
        answer = host.get(f"/{last}", parts.query)
        problem = trouble(answer)
        if problem is not None:
            raise problem
        return answer.body


def attendance(
    secret: Mapping[str, str], endpoint: str | None, properties: Mapping[str, str] | None = None
) -> Attendance:
    """The calendars of a deployment: `secret` has their addresses by name."""
    return Calendars(secret, endpoint)
