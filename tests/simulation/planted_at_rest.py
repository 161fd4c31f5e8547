"""Bugs planted on purpose: sequences that do not end, lists that are not left, returns that nobody wakes."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain import decide
from leadrelay.domain.nurture import enrol
from leadrelay.domain.stages import enter
from leadrelay.domain.stages.facts import StageChanged
from leadrelay.workflows.deliver import diff, progress, send

Planted = Callable[[], AbstractContextManager[Any]]


def _never_left() -> Any:
    """Who leaves a sequence stays on its list."""
    real = diff.memberships

    def memberships(to: Any, sync: Any) -> Any:
        return [op for op in real(to, sync) if op.member]

    return mock.patch.object(send, "memberships", memberships)


def _customers_leave() -> Any:
    """A customer who is given back leaves the lifecycle like anybody."""

    def left(lead: Any, disposition: str, rules: Any) -> StageChanged | None:
        out = rules.stages.exits[disposition]
        return None if out == lead.stage else StageChanged(before=lead.stage, after=out, why=disposition)

    return mock.patch.object(enter, "left", left)


AT_REST: dict[str, Planted] = {
    "who sales has is nurtured all the same": lambda: mock.patch.object(enrol, "_waits", return_value=True),
    "who leaves a sequence stays on its list": _never_left,
    "lists are taken for sure too early": lambda: mock.patch.object(
        progress.Progress, "sure", lambda self, every: setattr(self, "sync", self.sync.with_(unsure=(), offered=()))
    ),
    "a return is never woken": lambda: mock.patch.object(decide, "wake", return_value=False),
    "a customer leaves the lifecycle": _customers_leave,
}
"""What is broken, and how to break it."""
