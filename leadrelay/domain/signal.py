"""Signals: what a person did, aggregated per name so that a lead stays small however much they do."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Literal

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.sources.channel import ChannelClass
from leadrelay.domain.touch import Origin

KEPT = 10
"""How many of the newest times of a signal are kept."""


class Signal(Model):
    """How often and when; `times` are the newest ten, newest first (UTC), `touch_ids` the touches that said so, in the
    same order ("" where an earlier release did not keep it)."""

    count: int
    times: tuple[Instant, ...]
    touch_ids: tuple[str, ...] = ()

    def moments(self) -> tuple[tuple[Instant, str], ...]:
        """Each of the newest times with its touch, newest first."""
        unknown = ("",) * (len(self.times) - len(self.touch_ids))
        return tuple(zip(self.times, (*self.touch_ids, *unknown), strict=True))


class Moment(Model):
    """When (UTC), and which touch."""

    at: Instant
    touch_id: str


class Sent(Model):
    """Which partner sent somebody: the id, when (UTC), and which touch said so."""

    partner: str
    at: Instant
    touch_id: str

    def order(self) -> tuple[Instant, str]:
        """First and last are by time, then by touch id: never by the order of arrival."""
        return (self.at, self.touch_id)


class Attribution(Model):
    """Where a touch came from, in codes; `direction` tells who wrote first; `at` is when it occurred. `channel_class`
    is None where an earlier release did not say it, and for a channel that has none."""

    touch_id: str
    source: str
    vendor: str
    channel: str
    origin: Origin
    intent: str | None
    product: str | None
    at: Instant
    direction: Literal["inbound", "outbound"] = "inbound"
    channel_class: ChannelClass | None = None

    def order(self) -> tuple[Instant, str]:
        """First and last are by time, then by touch id: never by the order of arrival."""
        return (self.at, self.touch_id)


def note(signals: Mapping[str, Signal], names: Iterable[str], at: Instant, touch_id: str) -> dict[str, Signal]:
    """The signals after this touch did these at `at`."""
    return together(signals, {name: Signal(count=1, times=(at,), touch_ids=(touch_id,)) for name in names})


def together(one: Mapping[str, Signal], other: Mapping[str, Signal]) -> dict[str, Signal]:
    """Both as one; order does not matter."""
    merged = dict(one)
    for name, more in other.items():
        known = merged.get(name, Signal(count=0, times=()))
        moments = sorted((*known.moments(), *more.moments()), reverse=True)[:KEPT]
        merged[name] = Signal(
            count=known.count + more.count,
            times=tuple(at for at, _ in moments),
            touch_ids=tuple(touch_id for _, touch_id in moments),
        )
    return merged
