"""The pieces of a sweep's work: begun while there is time, and what goes wrong with one hurts only itself."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.store import DueKind, Key, Record
from leadrelay.ports.telemetry import Telemetry

Lasts = Callable[[], bool]
"""Whether there is time to begin another piece."""


def endless() -> bool:
    """There always is."""
    return True


def for_at_most(patience: timedelta, clock: Clock, lasts: Lasts) -> Lasts:
    """While it lasts, but no longer than this from now on."""
    begun = clock.now()
    return lambda: lasts() and clock.now() - begun < patience


def spared(kind: DueKind, key: Key[Record], work: Callable[[], bool], telemetry: Telemetry) -> bool:
    """What `work` answers; False when it failed: the record stays due, and the others have their turn."""
    try:
        return work()
    except (Conflict, Retry) as trouble:
        telemetry.count("SweepSkipped", kind=kind, trouble=type(trouble).__name__)
    except Exception as error:  # noqa: BLE001 - one unreadable record must not stop everybody's clocks
        telemetry.count("SweepFailed", kind=kind, error=type(error).__name__)
        telemetry.line("sweep_failed", key=str(key), error=type(error).__name__)
    return False
