"""The play: scenes become signed deliveries, deliveries are posted, and it is remembered what must become of each."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import chain

from connectors import registry
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import touch_id
from leadrelay.local.cast import SECOND_ACT, Scene
from leadrelay.local.courier import Courier, Parcel, Receipt
from leadrelay.local.outside import Outside
from leadrelay.local.samples import build
from leadrelay.ports.sample import Sent
from leadrelay.ports.source import SourceSettings


@dataclass(frozen=True, slots=True)
class Act:
    """A scene that was played: the touches it means, and every answer it got (one per time it was sent)."""

    scene: Scene
    touch_ids: tuple[str, ...]
    receipts: tuple[Receipt, ...]

    @property
    def begun_at(self) -> datetime:
        """When it was first posted (UTC)."""
        return min(receipt.posted_at for receipt in self.receipts)


def perform(scenes: Sequence[Scene], outside: Outside, rules: Rules, courier: Courier) -> list[Act]:
    """Play all at once: first everybody's first act, then the follow-ups; repeats of a scene are side by side."""
    first = [scene for scene in scenes if scene.part not in SECOND_ACT]
    second = [scene for scene in scenes if scene.part in SECOND_ACT]
    return [*_played(first, outside, rules, courier), *_played(second, outside, rules, courier)]


def perform_slowly(
    scenes: Sequence[Scene], outside: Outside, rules: Rules, courier: Courier, pause: float
) -> Iterator[Act]:
    """Play scene after scene with so many seconds in between, as leads come in life; only repeats are side by side."""
    for scene in scenes:
        yield from _played([scene], outside, rules, courier)
        time.sleep(pause)


def signed(scene: Scene, outside: Outside, rules: Rules, now: datetime) -> Sent:
    """The scene's delivery; an impostor signs with a secret of their own."""
    secrets = outside.of_source(scene.visit.source)
    if scene.part == "forged":
        secrets = {name: (hashlib.sha256(name.encode()).hexdigest(),) for name in secrets}
    return build(scene.visit, rules, secrets, now)


def touches_of(source: str, sent: Sent, rules: Rules, now: datetime) -> tuple[str, ...]:
    """The ids under which the touches of a delivery are stored."""
    policy = rules.sources.sources[source]
    settings = SourceSettings(name=source, vendor=policy.vendor, options=policy.options)
    drafts = registry.load("source", policy.vendor).parse(sent.delivery(), settings, now)
    return tuple(touch_id(source, draft.key) for draft in drafts)


def _played(scenes: Sequence[Scene], outside: Outside, rules: Rules, courier: Courier) -> list[Act]:
    now = datetime.now(UTC)
    letters = [(scene, signed(scene, outside, rules, now)) for scene in scenes]
    for scene, sent in letters:
        if sent.later is not None:
            outside.lists[rules.sources.sources[scene.visit.source].vendor].world.add([dict(sent.later)])
    parcels = list(chain.from_iterable([_parcel(scene, sent)] * scene.times for scene, sent in letters))
    receipts = _by_name(courier.post_all(parcels))
    return [
        Act(scene, touches_of(scene.visit.source, sent, rules, now), receipts[scene.visit.key])
        for scene, sent in letters
    ]


def _parcel(scene: Scene, sent: Sent) -> Parcel:
    return Parcel(scene.visit.key, scene.visit.source, sent.headers, sent.body, sent.query, sent.method)


def _by_name(receipts: Sequence[Receipt]) -> Mapping[str, tuple[Receipt, ...]]:
    found: dict[str, tuple[Receipt, ...]] = {}
    for receipt in receipts:
        found[receipt.parcel.name] = (*found.get(receipt.parcel.name, ()), receipt)
    return found
