"""`reports.yaml`: what reports count by, and which numbers are worth a word."""

from __future__ import annotations

from typing import Literal, Self

from pydantic import Field, model_validator

from leadrelay.domain.model import Model

Weekday = Literal["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]


class Threshold(Model):
    """A number that must not fall below `below`, nor rise above `above`, over the last whole `days`. `number` is a key
    number of the report, as it is in its JSON; shares are 0 to 1, times seconds. `where` narrows it, by the filters of
    reports. `min_count`: nothing is said of shares and times that rest on fewer; a count is one."""

    id: str
    report: str
    number: str
    below: float | None = None
    above: float | None = None
    days: int = Field(default=7, ge=1, le=366)
    where: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    min_count: int = Field(default=30, ge=1)
    notice: str = "report_threshold"


class WeeklyDigest(Model):
    """The numbers of last week that moved most, told on this day at this hour (of `zone`)."""

    weekday: Weekday = "monday"
    hour: int = Field(default=8, ge=0, le=23)
    numbers: int = Field(default=3, ge=1, le=10)
    notice: str = "weekly_digest"


class Promised(Model):
    """What marketing promises sales of a month: how many MQLs, in all or from each source."""

    mqls: int = Field(default=0, ge=0)
    by_source: dict[str, int] = Field(default_factory=dict)


class SeesAll(Model):
    """Who sees every lead, beside the managers of team.yaml and RevOps: somebody by their verified `email`, everybody
    of a `group` that the issuer tells, or a program by its `subject` (the token's `sub`). `role` is the page that they
    begin with."""

    role: Literal["manager", "revops"] = "manager"
    email: str | None = None
    group: str | None = None
    subject: str | None = None

    @model_validator(mode="after")
    def _by_one(self) -> Self:
        if len([each for each in (self.email, self.group, self.subject) if each]) != 1:
            raise ValueError("name one of `email`, `group` and `subject`")
        return self


class ReportsPolicy(Model):
    """`zone` (IANA) is whose days and weeks are counted; amounts are shown in `currency` (ISO 4217). `bands` are the
    lower edges of the score bands. Below `enough` leads no conversion is compared with another. `lifetime_margin` is
    the share of a customer's revenue that counts as its lifetime value. `reps_see` is whose leads a rep sees by name:
    their own, those of their pools, or all; `viewers` see all without being in team.yaml."""

    zone: str = "UTC"
    currency: str = Field(default="EUR", pattern=r"[A-Z]{3}")
    week_starts: Weekday = "monday"
    attribution: Literal["first", "last"] = "first"
    bands: tuple[int, ...] = (0, 20, 40, 60, 70, 80)
    enough: int = Field(default=30, ge=2)
    lifetime_margin: float = Field(default=1.0, gt=0, le=1)
    promised: Promised = Promised()
    thresholds: tuple[Threshold, ...] = ()
    digest: WeeklyDigest | None = None
    reps_see: Literal["own", "pool", "all"] = "own"
    viewers: tuple[SeesAll, ...] = ()
