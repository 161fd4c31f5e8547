"""The words of an explanation: what was seen, asked and answered when a lead was decided."""

from __future__ import annotations

from pydantic import JsonValue

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.rulebook.case import Outcome


class Leaf(Model):
    """One part of a condition: whether it held, and what its fields were (null: missing)."""

    text: str
    holds: bool
    values: dict[str, JsonValue]


class Asked(Model):
    """A rule that was asked. `decides` marks the one that won; rules after it are asked too, for comparison."""

    rule: str
    condition: str
    holds: bool
    decides: bool
    parts: tuple[Leaf, ...]


class Points(Model):
    """A line of the score with its words. `touched_at` is when the touch was that earned it, `fades_at` when it changes
    next if nothing happens (UTC)."""

    rule: str
    group: str
    points: int
    kept: int
    says: str
    touched_at: Instant | None = None
    fades_at: Instant | None = None


class Needed(Model):
    """A criterion of scoring.yaml, and the question that finds it out."""

    criterion: str
    asks: str
    met: bool


class Given(Model):
    """To whom the lead went and why; `decision` is the record that `route` would keep of it."""

    rule: str
    says: str
    to: str | None
    rep: str | None
    queue: str | None
    next_step: str
    decision: DecisionRecord


class Stretch(Model):
    """Working time that a deadline uses up."""

    start: Instant
    end: Instant
    seconds: int


class Deadline(Model):
    """A running clock: what it waits for, the working time until then, and the deadline as the rep reads it."""

    kind: str
    policy: str
    calendar: str
    started_at: Instant
    warn_at: Instant | None
    due_at: Instant
    says: str
    trace: tuple[Stretch, ...]


class Chapter(Model):
    """What one touch did to the lead. All times are UTC."""

    at: Instant
    source: str
    what: str
    understood: dict[str, JsonValue]
    not_understood: tuple[str, ...]
    signals: tuple[str, ...]
    channel: str | None
    channel_class: str | None = None
    channels: tuple[Asked, ...] = ()
    partner: str | None = None
    segment: str | None
    segments: tuple[Asked, ...]
    persona: str | None
    personas: tuple[Asked, ...]
    relation: str | None
    relations: tuple[Asked, ...]
    permission: str | None
    callback_at: Instant | None
    score: int
    fit: int
    engagement: int
    lost: int
    points: tuple[Points, ...]
    criteria: tuple[Needed, ...]
    grade: str
    band: str | None = None
    stage_before: str
    stage: str
    stages: tuple[Asked, ...]
    next_stage: Asked | None
    temperature: str | None
    routing: tuple[Asked, ...]
    given: Given | None
    lacks: tuple[str, ...] = ()
    policies: dict[str, tuple[Asked, ...]]
    deadlines: tuple[Deadline, ...]
    facts: tuple[str, ...]


class Explanation(Model):
    """The whole story and the outcome; what of it the case expects, and where it differs: name -> (expected, found)."""

    about: str
    rules_version: str
    chapters: tuple[Chapter, ...]
    outcome: Outcome
    expected: tuple[str, ...]
    differs: dict[str, tuple[JsonValue, JsonValue]]
