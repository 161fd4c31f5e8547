"""Bugs planted on purpose: erasures that stop half-way, and people who come back from what they did before."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain.person.profile import Profile
from leadrelay.ports.records import SyncRecord
from leadrelay.workflows import erase_person, forget, identify

Planted = Callable[[], AbstractContextManager[Any]]


def _profile_stays() -> Any:
    """The lead is closed, and what is known of the person kept."""
    real = erase_person.erase

    def erase(touch: Any, decision: Any) -> None:
        known: Profile = decision.profile
        real(touch, decision)
        decision.profile = known

    return mock.patch.object(erase_person, "erase", erase)


ERASED: dict[str, Planted] = {
    "an erased lead keeps its profile": _profile_stays,
    "the words of an erased touch stay": lambda: mock.patch.object(forget, "silenced", return_value=()),
    "raw deliveries are not erased": lambda: mock.patch.object(forget, "forget_delivery", return_value=None),
    "digests of an erased person stay": lambda: mock.patch.object(
        SyncRecord, "forgotten", lambda self: self.with_(version=self.version + 1)
    ),
    "an old touch brings an erased person back": lambda: mock.patch.object(identify, "comes_back", return_value=True),
}
"""What is broken, and how to break it."""
