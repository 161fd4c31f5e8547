"""One piece of a sweep's work: what goes wrong with it hurts only itself."""

from __future__ import annotations

from collections.abc import Callable

from leadrelay.ports.errors import Conflict, Retry
from leadrelay.ports.store import DueKind, Key, Record
from leadrelay.ports.telemetry import Telemetry


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
