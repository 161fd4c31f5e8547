"""Bugs planted on purpose: lines that nobody looks at, or that have no end."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any
from unittest import mock

from leadrelay.domain.clocks import machine
from leadrelay.domain.clocks.facts import SlaBreached
from leadrelay.domain.handing import hold
from leadrelay.workflows import backlog

Planted = Callable[[], AbstractContextManager[Any]]


def _runs_out_silently() -> Any:
    """The end of the waiting is noted, and nobody is asked."""
    told = {
        **machine._RUN_OUT,
        "backlog": lambda lead, clock, rules, now: iter([SlaBreached.of(clock, now, runs_on=False)]),
    }
    return mock.patch.object(machine, "_RUN_OUT", told)


IN_LINE: dict[str, Planted] = {
    "nobody looks at who waits": lambda: mock.patch.object(backlog.Backlog, "__call__", return_value=0),
    "who waits has no end": lambda: mock.patch.object(hold, "backlog_clock", return_value=None),
    "the waiting runs out, and nobody is asked": _runs_out_silently,
}
"""What is broken, and how to break it."""
