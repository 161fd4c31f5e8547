"""`scoring.yaml` and `segments.yaml`: points, caps, thresholds, segments and personas."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.account.policy import AccountPolicy
from leadrelay.domain.model import Model


class Caps(Model):
    """How much each half of a score may count; together 100."""

    fit: int
    engagement: int


class SegmentRule(Model):
    """An ideal-customer profile; the first that holds wins. `thresholds` and `caps` override the common ones for its
    leads, and those of a persona."""

    id: str
    if_: str = Field(alias="if")
    icp: bool = True
    thresholds: dict[str, int] = Field(default_factory=dict)
    caps: Caps | None = None
    about: str = ""


class PersonaRule(Model):
    """A kind of buyer; the first that holds wins. `thresholds` and `caps` override the common ones for its leads,
    unless their segment has its own."""

    id: str
    if_: str = Field(alias="if")
    thresholds: dict[str, int] = Field(default_factory=dict)
    caps: Caps | None = None
    about: str = ""


class RelationRule(Model):
    """Somebody who is no sales lead; the first that holds wins. `says` tells the people of its queue why."""

    id: str
    if_: str = Field(alias="if")
    says: str
    about: str = ""


class SegmentsPolicy(Model):
    """Every threshold is here once and cited elsewhere as `threshold.name`. `relations` are those who are no sales
    leads; they are judged together with the segments, so neither may ask for the other."""

    thresholds: dict[str, int]
    segments: tuple[SegmentRule, ...]
    personas: tuple[PersonaRule, ...] = ()
    relations: tuple[RelationRule, ...] = ()


class Criterion(Model):
    """Something that must be known to be true before a lead is qualified; `lead.criteria` are those that are met.
    `asks` is the question a rep puts to find out."""

    id: str
    if_: str = Field(alias="if")
    asks: str


class FitRule(Model):
    """Explicit points; negative ones warn. Of a `group` only the best rule counts, so that one trait is not paid twice,
    and only the worst negative one. `segments` and `personas` limit it to their leads."""

    id: str
    if_: str = Field(alias="if")
    points: int
    group: str
    says: str
    segments: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()


class Boost(Model):
    """Other points for the same signal when a condition holds; the first that holds wins."""

    if_: str = Field(alias="if")
    points: int


class Step(Model):
    """Points from this many whole days of silence on."""

    days: int
    points: int


class SignalRule(Model):
    """Implicit points for something the person did; negative ones warn.

    `kind` names a file in `scoring/signals/`, which says what else it reads. `most` caps the points of repeats,
    `per_window` those of one window of `window_days` (7: a week from Monday, UTC). `repeat` counts each time, the
    newest of a day, or the newest only. Points fade linearly to zero over `fades_days`, or halve every
    `half_life_days`; without either they stay. `if`, `segments` and `personas` limit the rule to leads that fit, `when`
    gives them other points. `count` times `within_hours` are a burst, `count` times `within_days` belong to
    times_within, `signals` (each with how often) `within_days` to together, `steps` to recency.
    """

    id: str
    says: str
    kind: str = "occurrence"
    signal: str = ""
    points: int = 0
    group: str = "engagement"
    if_: str | None = Field(default=None, alias="if")
    segments: tuple[str, ...] = ()
    personas: tuple[str, ...] = ()
    when: tuple[Boost, ...] = ()
    repeat: Literal["each", "daily", "once"] = "each"
    most: int | None = None
    per_window: int | None = None
    window_days: int | None = None
    fades_days: int | None = None
    half_life_days: int | None = None
    count: int = 1
    within_hours: int = 24
    within_days: int | None = None
    signals: dict[str, int] = Field(default_factory=dict)
    steps: tuple[Step, ...] = ()


class FitPolicy(Model):
    """`groups` caps each trait, `cap` the sum."""

    cap: int
    groups: dict[str, int]
    rules: tuple[FitRule, ...]


class EngagementPolicy(Model):
    """`intent_signals` are the signals that show an intent to buy; `groups` may cap rules of a kind, `cap` limits the
    sum of all."""

    cap: int
    intent_signals: tuple[str, ...]
    groups: dict[str, int] = Field(default_factory=dict)
    rules: tuple[SignalRule, ...]


class RescorePolicy(Model):
    """From which hour of the night on (local time of RevOps' calendar) scores are brought up to date: each lead at its
    own minute of that hour, so that they do not all come at once."""

    hour: int = Field(default=2, ge=0, le=23)


class Band(Model):
    """A range of scores with a name of its own, from a threshold of segments.yaml on; without one, everything that is
    left."""

    id: str
    from_: str | None = Field(default=None, alias="from")


class ScoringPolicy(Model):
    """Fit and engagement; their caps add up to 100. `grades` are the shares of a cap (percent) from which on a half is
    of the first and of the second grade; `bands` name ranges of the score, highest first. `criteria` are what must be
    known before a lead is qualified. `questions` are signals that a message raises, each with the words that raise
    it."""

    fit: FitPolicy
    engagement: EngagementPolicy
    grades: tuple[int, int] = (67, 34)
    bands: tuple[Band, ...] = ()
    rescore: RescorePolicy = RescorePolicy()
    account: AccountPolicy = AccountPolicy()
    criteria: tuple[Criterion, ...] = ()
    questions: dict[str, tuple[str, ...]] = Field(default_factory=dict)
