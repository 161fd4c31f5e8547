"""Planted faults of what waits for a reader: the simulation must find each."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain.notices.attention import Attention
from leadrelay.ports.records import ReaderRecord
from leadrelay.workflows import digests
from leadrelay.workflows.telling import Fate

Planted = Callable[[], AbstractContextManager[Any]]


def _never_due() -> Any:
    return mock.patch.object(ReaderRecord, "due", return_value=None)


def _never_taken_off() -> Any:
    """What was told still waits, and is due no more."""
    return mock.patch.object(ReaderRecord, "without", lambda self, *_: self.due_again(None))


def _forgotten() -> Any:
    """The notice is marked as kept, and nobody keeps it."""
    return mock.patch.object(Attention, "keeping", lambda self, *_: self)


def _told_to_nobody() -> Any:
    """The message is made and not sent, and taken for sent."""
    return mock.patch.object(digests.Digests, "_said", return_value=Fate())


IN_DIGESTS: Mapping[str, Planted] = {
    "what waits for a reader is never due": _never_due,
    "what was told together still waits": _never_taken_off,
    "what is to wait for a reader is forgotten": _forgotten,
    "what waited for a reader is not sent": _told_to_nobody,
}
