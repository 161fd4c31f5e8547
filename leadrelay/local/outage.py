"""The CRM is away for a while, in the middle of the play: nothing may be lost, and no assignment may wait for it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from leadrelay.local.crm_world import World
from leadrelay.local.traffic import Act
from leadrelay.local.verdict import GENUINE
from leadrelay.local.watch import Picture

ENDLESS = 1_000_000


@dataclass
class Outage:
    """`after` so many scenes every request is answered 503 for `time`; a time of zero is no outage at all."""

    world: World
    time: timedelta
    after: int
    begun: datetime | None = None
    ended: datetime | None = None

    def tick(self, acts: Sequence[Act], now: datetime) -> None:
        """Begin or end it, when it is time."""
        if self.time and self.begun is None and len(acts) >= self.after:
            self.begun = now
            self.world.fail("503", times=ENDLESS)
        if self.begun is not None and self.ended is None and now >= self.begun + self.time:
            self.ended = now
            self.world.faults.clear()

    def problems(self, acts: Sequence[Act], picture: Picture) -> Iterator[str]:
        """What does not hold yet: it is over, and everybody who came meanwhile had an owner before it was."""
        if self.time and self.ended is None:
            yield "the CRM is away"
        for act in acts:
            if self._meanwhile(act) and act.scene.part in GENUINE and not self._owned_in_time(act, picture):
                yield f"{act.scene.visit.person.email} waited for the CRM to come back before there was an owner"

    def _meanwhile(self, act: Act) -> bool:
        margin = timedelta(seconds=15)  # for a cold worker
        return self.begun is not None and self.ended is not None and self.begun <= act.begun_at <= self.ended - margin

    def _owned_in_time(self, act: Act, picture: Picture) -> bool:
        lead = picture.lead_of(act)
        assigned = [] if lead is None else picture.said(lead.lead_id, "LeadAssigned")
        return bool(assigned) and self.ended is not None and assigned[0].metadata.occurred_at <= self.ended
