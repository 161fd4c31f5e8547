"""Signals: what a person did, aggregated per name so that a lead stays small however much they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.touch import Origin

_KEPT = 10


class Signal(Model):
    """How often and when; `times` are the newest ten, newest first (UTC)."""

    count: int
    times: tuple[Instant, ...]


class Attribution(Model):
    """Where a submission came from, in codes; `at` is when it occurred."""

    touch_id: str
    source: str
    vendor: str
    channel: str
    origin: Origin
    intent: str | None
    product: str | None
    at: Instant

    def order(self) -> tuple[Instant, str]:
        """First and last are by time, then by touch id: never by the order of arrival."""
        return (self.at, self.touch_id)


def note(signals: Mapping[str, Signal], names: Iterable[str], at: Instant) -> dict[str, Signal]:
    """The signals after these happened at `at`."""
    return together(signals, {name: Signal(count=1, times=(at,)) for name in names})


def together(one: Mapping[str, Signal], other: Mapping[str, Signal]) -> dict[str, Signal]:
    """Both as one; order does not matter."""
    merged = dict(one)
    for name, more in other.items():
        known = merged.get(name, Signal(count=0, times=()))
        times = tuple(sorted((*known.times, *more.times), reverse=True))[:_KEPT]
        merged[name] = Signal(count=known.count + more.count, times=times)
    return merged
