"""Brings deliveries to the API as their senders would, and writes down what came back."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import UTC, datetime
from urllib.parse import urlencode

import urllib3

from leadrelay.local.emulator import MOST_IN_FLIGHT

PATIENCE = urllib3.Timeout(connect=5.0, read=60.0)


@dataclass(frozen=True, slots=True)
class Parcel:
    """What is sent where: `source` is the last part of the path, `name` says whose it is, `query` may hold a secret."""

    name: str
    source: str
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    query: tuple[tuple[str, str], ...] = field(default=(), repr=False)
    method: str = "POST"


@dataclass(frozen=True, slots=True)
class Receipt:
    """The answer to a parcel; `posted_at` in UTC, `ms` until the answer was complete."""

    parcel: Parcel
    posted_at: datetime
    status: int
    body: bytes
    ms: float


class Courier:
    """Posts to `{api}/in/{source}`, at most `in_flight` (1 to 16) parcels at once."""

    def __init__(self, api: str, in_flight: int = 8) -> None:
        if not 1 <= in_flight <= MOST_IN_FLIGHT:
            raise ValueError(f"in_flight is from 1 to {MOST_IN_FLIGHT}: more would start a worker for each request")
        self._api = api
        self._in_flight = in_flight
        self._pool = urllib3.PoolManager(maxsize=in_flight, retries=False, timeout=PATIENCE)

    def post(self, parcel: Parcel) -> Receipt:
        """Post one parcel and wait for the answer."""
        posted_at, started = datetime.now(UTC), time.perf_counter()
        query = f"?{urlencode(parcel.query)}" if parcel.query else ""
        url = f"{self._api}/in/{parcel.source}{query}"
        headers = dict(parcel.headers)
        answer = self._pool.request(parcel.method, url, body=parcel.body, headers=headers, decode_content=False)
        return Receipt(parcel, posted_at, answer.status, answer.data, 1000 * (time.perf_counter() - started))

    def post_all(self, parcels: Sequence[Parcel]) -> list[Receipt]:
        """Post them side by side; receipts in the order of the parcels."""
        with ThreadPoolExecutor(self._in_flight, thread_name_prefix="courier") as threads:
            return list(threads.map(self.post, parcels))

    def close(self) -> None:
        """Let go of the connections."""
        self._pool.clear()
