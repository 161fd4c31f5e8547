"""Bugs planted into the night."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain.scoring.night import wakes_at
from leadrelay.workflows import accounts, night_row, nights
from leadrelay.workflows.night_row import next_night


def _hidden(known: Any, decision: Any) -> Any:
    """A lead that became another keeps its night."""
    return None if decision.lead.merged_into is not None else next_night(known, decision)


def _merged_keeps_its_night() -> Any:
    return mock.patch("leadrelay.workflows.outcome.next_night", _hidden)


def _first_night_only() -> Any:
    """Who was judged in one night is never due again."""
    return mock.patch.object(
        night_row, "wakes_at", lambda decision: None if decision.lead.score.lines else wakes_at(decision)
    )


AT_NIGHT: dict[str, Callable[[], AbstractContextManager[Any]]] = {
    "the night is not swept": lambda: mock.patch.object(nights.Nights, "__call__", return_value=0),
    "nobody is due in any night": _first_night_only,
    "new rules wait for the next touch": lambda: mock.patch.object(nights.Nights, "_meet", return_value=False),
    "the night moves the row and judges nobody": lambda: mock.patch.object(nights, "judge"),
    "colleagues never hear of one another": lambda: mock.patch.object(accounts, "_told_at", return_value=None),
    "a merged lead keeps its night": _merged_keeps_its_night,
}
