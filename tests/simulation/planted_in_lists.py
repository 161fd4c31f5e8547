"""Bugs planted where a sender's list is counted against its deliveries."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain.sources import tally
from leadrelay.workflows import forget, reading, reconcile

Planted = Callable[[], AbstractContextManager[Any]]


def _all_delivered() -> Any:
    """Whatever is here counts as delivered."""
    real = tally.settled

    def settled(sightings: Any, *rest: Any) -> Any:
        return real([one.with_(delivered=True) for one in sightings], *rest)

    return mock.patch.object(reconcile, "settled", settled)


def _not_noted() -> Any:
    """The delivery comes after the list was read, and nobody remembers it."""

    def delivered(record: Any, _delivery: str) -> Any:
        return record.with_(version=record.version + 1, said=())

    return mock.patch.object(forget, "_delivered", delivered)


IN_LISTS: dict[str, Planted] = {
    "what only the sender's list has is not taken": lambda: mock.patch.object(reading.Reading, "take", return_value=0),
    "what only the list brought counts as delivered": _all_delivered,
    "a delivery of what the list brought is not noted": _not_noted,
    "a gap is counted and not said": lambda: mock.patch.object(reconcile, "_gaps", return_value=iter(())),
}
"""What is broken, and how to break it."""
