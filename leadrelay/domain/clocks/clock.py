"""A running clock: what it measures, and the instants at which it says something."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Literal

from pydantic import computed_field, model_validator

from leadrelay.domain.model import Instant, Model

ClockKind = Literal[
    "assignment",
    "lead",
    "first_contact",
    "acceptance",
    "attempts",
    "follow_up",
    "disposition",
    "stage",
    "next_step",
    "backlog",
]
"""Until somebody owns it; until the first contact, counted from capture whoever owns it; until the owner's first
contact; until they accept it; until they tried often enough; until they are back in touch; until they say what became
of it; until it leaves its stage; until the planned step; until its waiting in a pool ends."""

PROMPTS: frozenset[ClockKind] = frozenset({"assignment", "first_contact", "next_step", "backlog"})
"""Kinds that bring a lead its next step, when they are met or run out. All others only measure what is promised."""

AT_ONCE = timedelta(0)
"""Not looking ahead."""

WARN = "warn"
"""The id of the checkpoint before the deadline that every clock may have."""


class Checkpoint(Model):
    """A point on a clock beside its breach, before it or after: at `at` (UTC) a notice of the kind `notice` is needed.
    `id` is its own on the clock. `level` is how far up the chain it goes: 0 the owner, 1 the manager, then who is
    above."""

    id: str
    at: Instant
    notice: str
    level: int = 0


class Pause(Model):
    """A clock that stands still since `at` (UTC). What is left of it is kept in seconds of its calendar: until the
    deadline (`left`), and until each checkpoint by its id (`ahead`)."""

    at: Instant
    left: int
    ahead: dict[str, int]


class Clock(Model):
    """All times UTC, computed in the business time of `calendar` when it starts, and again after a pause.

    `hop` ties an owner clock to one assignment. `checkpoints` are those still to fire, earliest first. It is over
    `grace_seconds` (elapsed) after `due_at`: until then it is in time. A clock that was breached at `breached_at` runs
    on: what it waits for is measured whenever it comes. While it is in a `pause` it says nothing. `spent` seconds of
    its calendar were counted until the last pause, which ended at `resumed_at`.
    """

    kind: ClockKind
    hop: int
    policy: str
    calendar: str
    started_at: Instant
    due_at: Instant
    checkpoints: tuple[Checkpoint, ...] = ()
    grace_seconds: int = 0
    breached_at: Instant | None = None
    pause: Pause | None = None
    spent: int = 0
    resumed_at: Instant | None = None

    @model_validator(mode="before")
    @classmethod
    def _with_checkpoints(cls, said: Any) -> Any:
        """A clock once had one warning and no other checkpoint; who reads our facts still finds it by that name."""
        if not isinstance(said, Mapping) or "warn_at" not in said:
            return said
        kept = {name: value for name, value in said.items() if name != "warn_at"}
        notice = "waiting" if said.get("kind") == "backlog" else WARN
        first = {"id": WARN, "at": said["warn_at"], "notice": notice}
        return {"checkpoints": [first] if said["warn_at"] is not None else [], **kept}

    @computed_field  # type: ignore[prop-decorator]  # mypy knows no decorated property
    @property
    def warn_at(self) -> Instant | None:
        """When it warns; None where nobody is warned, or once they were."""
        return next((point.at for point in self.checkpoints if point.id == WARN), None)

    @property
    def counted_from(self) -> datetime:
        """Since when it counts without a pause."""
        return self.resumed_at or self.started_at

    @property
    def over_at(self) -> datetime:
        """When it is too late."""
        return self.due_at + timedelta(seconds=self.grace_seconds)

    @property
    def runs(self) -> bool:
        """Whether its deadline is still ahead, or not yet discovered to have passed; not while it stands still."""
        return self.breached_at is None and self.pause is None

    @property
    def next_at(self) -> datetime | None:
        """The next instant at which something happens; None when it only measures, or stands still."""
        return self.looked_for(AT_ONCE)

    def looked_for(self, ahead: timedelta) -> datetime | None:
        """When somebody who looks so far `ahead` acts next: in time on what comes before the deadline, never early on
        the breach and on what follows it."""
        if self.pause is not None:
            return None
        breach = [self.over_at] if self.runs else []
        return min([*breach, *(self._early(point, ahead) for point in self.checkpoints)], default=None)

    def reached(self, now: datetime, ahead: timedelta) -> tuple[Checkpoint, ...]:
        """The checkpoints whose time has come by `now` for somebody who looks so far `ahead`, earliest first."""
        return tuple(point for point in self.checkpoints if self._early(point, ahead) <= now)

    def _early(self, point: Checkpoint, ahead: timedelta) -> datetime:
        return point.at - ahead if point.at < self.over_at else point.at

    def in_time(self, at: datetime) -> bool:
        """Whether what it waits for is in time when it happens at `at`."""
        return at <= self.over_at or (self.pause is not None and self.breached_at is None and at >= self.pause.at)

    def breached(self, at: datetime) -> Clock:
        """Discovered at `at` to be over: what it had to say before is too late to be said."""
        ahead = tuple(point for point in self.checkpoints if point.at > self.over_at)
        return self.with_(breached_at=at, checkpoints=ahead)

    def passed(self, checkpoint: str) -> Clock:
        """Without a checkpoint that has fired."""
        return self.with_(checkpoints=tuple(point for point in self.checkpoints if point.id != checkpoint))


class Lapse(Model):
    """A contact clock that was breached, and whose owner (`rep`) lost the lead at `until` (UTC): a contact of theirs
    may still come to light."""

    clock: Clock
    rep: str | None
    until: Instant


class Promise(Model):
    """What was promised of assignment number `hop`, counted from `since` (UTC)."""

    hop: int
    since: Instant


LAPSES = 5
"""So many are remembered, the newest: far more owners than a lead may have."""


def warning(at: datetime, notice: str = WARN) -> tuple[Checkpoint, ...]:
    """The one checkpoint of a clock that only warns."""
    return (Checkpoint(id=WARN, at=at, notice=notice),)


def earlier(ours: tuple[Clock, ...], theirs: Clock | None) -> tuple[Clock, ...]:
    """The clocks of a lead that another one became: of two leads' own clocks the one counts that runs for longer."""
    known = next((clock for clock in ours if clock.kind == "lead"), None)
    if theirs is None or (known is not None and known.started_at <= theirs.started_at):
        return ours
    return (*(clock for clock in ours if clock.kind != "lead"), theirs)
