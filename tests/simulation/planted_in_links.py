"""Bugs planted on purpose: links that work for anybody, twice, or by merely being looked at."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain import answering
from leadrelay.workflows import act

Planted = Callable[[], AbstractContextManager[Any]]


def _acts_on_sight() -> Any:
    """Who only looks has pressed the button."""
    real = act.Act.__call__

    def call(self: act.Act, token: str, form: Any = None) -> Any:
        return real(self, token, form or {"reason": "no_budget"})

    return mock.patch.object(act.Act, "__call__", call)


LINKS: dict[str, Planted] = {
    "a link works again": lambda: mock.patch.object(answering, "_is_done", return_value=False),
    "a link outlives its assignment": lambda: mock.patch.object(answering, "_is_theirs", return_value=True),
    "looking at a link presses its button": _acts_on_sight,
}
"""What is broken, and how to break it."""
