"""A sandbox whose clock the test holds, and the real reading client before it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

from connectors.hubspot.fetch import HubSpotRecords
from connectors.hubspot.reading import reading
from connectors.hubspot.sandbox import serve
from connectors.hubspot.sandbox.schema import seed
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.local.crm_world import Property, Record, Sandbox, World
from leadrelay.ports.fetch import Completed

TOKEN = "test-token"
AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
CONTACT = "contacts"


@dataclass(slots=True)
class Room:
    """One account. `skew` is how far our clock is ahead of HubSpot's."""

    sandbox: Sandbox
    records: HubSpotRecords
    time: list[datetime]
    skew: timedelta = field(default_factory=timedelta)

    @property
    def world(self) -> World:
        return self.sandbox.world

    def wait(self, seconds: float) -> None:
        self.time[0] += timedelta(seconds=seconds)

    def enter(self, kind: str, *links: tuple[str, str], **values: str) -> Record:
        """Somebody makes a record by hand."""
        made = self.world.by_hand("create", kind, "", values, links)
        assert made is not None
        return made

    def edit(self, kind: str, record_id: str, **values: str) -> None:
        self.world.by_hand("update", kind, record_id, values)

    def complete(self, fetch_id: str, event: str = "edited") -> Completed:
        touch = Touch(
            touch_id="hubspot.0", kind="crm_change", source="hubspot", vendor="hubspot", trust="verified",
            received_at=AT, occurred_at=AT, event=event, fetch_id=fetch_id,
        )  # fmt: skip
        return self.records.complete(touch)

    def poll(self, cursor: str) -> tuple[list[TouchDraft], str]:
        drafts, following = self.records.since(cursor)
        return list(drafts), following


@contextmanager
def room(version: str = "v3") -> Iterator[Room]:
    time = [AT]
    world = World(lambda: time[0])
    with serve(token=TOKEN, world=world) as sandbox:
        seed(world)
        world.define(CONTACT, Property("leadrelay_key", "LeadRelay key", unique=True))
        before = reading({"token": TOKEN}, sandbox.url, version)
        made = Room(sandbox, HubSpotRecords(before), time)
        made.records = HubSpotRecords(before, lambda: time[0] + made.skew)
        yield made
