"""`scoring.yaml` and `segments.yaml`: points, caps, thresholds, segments and personas."""

from __future__ import annotations

from pydantic import Field

from leadrelay.domain.account.policy import AccountPolicy
from leadrelay.domain.model import Model


class SegmentRule(Model):
    """An ideal-customer profile; the first that holds wins. `thresholds` override the common ones for its leads."""

    id: str
    if_: str = Field(alias="if")
    icp: bool = True
    thresholds: dict[str, int] = Field(default_factory=dict)
    about: str = ""


class PersonaRule(Model):
    """A kind of buyer; the first that holds wins."""

    id: str
    if_: str = Field(alias="if")
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


class FitRule(Model):
    """Explicit points. Only the best rule of a `group` counts, so that one trait is not paid twice."""

    id: str
    if_: str = Field(alias="if")
    points: int
    group: str
    says: str


class Boost(Model):
    """Other points for the same signal when a condition holds; the first that holds wins."""

    if_: str = Field(alias="if")
    points: int


class SignalRule(Model):
    """Implicit points for something the person did.

    `kind` names a file in `scoring/signals/`. `most` caps the points of repeats. Points fade linearly to zero over
    `fades_days`; None never fades. `count` and `within_hours` belong to bursts.
    """

    id: str
    signal: str
    points: int
    says: str
    kind: str = "occurrence"
    most: int | None = None
    when: tuple[Boost, ...] = ()
    fades_days: int | None = None
    count: int = 1
    within_hours: int = 24


class FitPolicy(Model):
    """`groups` caps each trait, `cap` the sum."""

    cap: int
    groups: dict[str, int]
    rules: tuple[FitRule, ...]


class EngagementPolicy(Model):
    """`intent_signals` are the signals that show an intent to buy; `cap` limits the sum of all."""

    cap: int
    intent_signals: tuple[str, ...]
    rules: tuple[SignalRule, ...]


class RescorePolicy(Model):
    """From which hour of the night on (local time of RevOps' calendar) scores are brought up to date: each lead at its
    own minute of that hour, so that they do not all come at once."""

    hour: int = Field(default=2, ge=0, le=23)


class ScoringPolicy(Model):
    """Fit and engagement; their caps add up to 100. `grades` are the shares of a cap (percent) from which on a half is
    of the first and of the second grade."""

    fit: FitPolicy
    engagement: EngagementPolicy
    grades: tuple[int, int] = (67, 34)
    rescore: RescorePolicy = RescorePolicy()
    account: AccountPolicy = AccountPolicy()
