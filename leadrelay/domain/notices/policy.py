"""`notices.yaml`: who hears what, where, in which language, and what may wait until the morning."""

from __future__ import annotations

from typing import Literal

from pydantic import Field

from leadrelay.domain.clocks.calendar_spec import WallTime
from leadrelay.domain.model import Model

KINDS = (
    "acceptance_late",
    "assigned",
    "attempts_late",
    "breach",
    "disposition_late",
    "erased",
    "escalation",
    "follow_up_late",
    "get_back",
    "handover_lacks",
    "lead_late",
    "new_request",
    "next_step",
    "offered",
    "report_threshold",
    "score_alert",
    "set_away",
    "source_gap",
    "stage_late",
    "unassignable",
    "unassigned",
    "waiting",
    "warn",
    "weekly_digest",
)
"""The kinds of notice that the decisions can say, beside those that stages name."""

ERASED = "erased"
"""Said of a lead that nobody works any more, too: what the CRM still shows of the person, only people may delete."""

REMINDERS = ("next_step", "get_back")
"""Kinds that the owner may put off. Never what is said of a first contact: no customer waits longer for a snooze."""

Language = Literal["en", "pl", "sr"]
"""ISO 639-1; Serbian in Latin letters."""

Role = Literal["owner", "manager", "revops", "pool", "chain"]
"""The lead's owner; the pool's manager; RevOps; everybody of the pool who may take the lead; who is so far up the chain
(the manager, the pool's escalation, RevOps) as the notice says."""


class Channel(Model):
    """A way to reach people. `notifier` is the connector folder, `secret` the path of its address and token.

    Whoever reads a shared channel can follow its `links`; false leaves them out. In a `personal` one the address holds
    `{email}`: each person gets a message of their own. `language` is that of a shared channel; None: the common one.
    """

    notifier: str
    secret: str
    personal: bool = False
    links: bool = True
    language: Language | None = None


class NoticeRule(Model):
    """Who hears of a kind of notice, and where. What has `at_night` is told at once; all else may wait until the
    morning, and for a digest when somebody was told much in the last hour."""

    notice: str
    to: tuple[Role, ...]
    channel: str
    at_night: bool = False


class Night(Model):
    """From one wall-clock time to another of the same or the next day, in the zone of whoever is told."""

    from_: WallTime = Field(alias="from")
    to: WallTime


Quiet = Literal["off_hours"] | Night
"""When somebody is left alone: outside their working hours, or in these of every day."""


class Person(Model):
    """How one rep is told. `channel` is their own, which nobody else reads: what is for them goes there instead of
    where the rule says. None in any field: as for everybody."""

    channel: str | None = None
    language: Language | None = None
    quiet: Quiet | None = None
    per_hour: int | None = Field(default=None, ge=1, le=1000)


class NoticesPolicy(Model):
    """A notice that no rule names is not said at all.

    What goes to the owner carries links to answer by, which work for `link_days` (elapsed); 0 leaves them out. `people`
    maps rep ids to what differs for them. `quiet` and `per_hour` (notices to one person in any hour; more wait for a
    digest) hold where one person reads alone; None: never, no limit. What should have been told more than
    `digest_after_minutes` (elapsed) ago comes as one digest; `digest_leads` is how many leads one digest lists at most.
    A reminder that the owner puts off comes when `snooze_days` more of their working days have begun.
    """

    channels: dict[str, Channel] = Field(default_factory=dict)
    rules: tuple[NoticeRule, ...] = ()
    link_days: int = Field(default=7, ge=0, le=90)
    language: Language = "en"
    people: dict[str, Person] = Field(default_factory=dict)
    quiet: Quiet | None = None
    per_hour: int | None = Field(default=None, ge=1, le=1000)
    digest_after_minutes: int = Field(default=30, ge=1, le=1440)
    digest_leads: int = Field(default=25, ge=2, le=50)
    snooze_days: int = Field(default=2, ge=1, le=30)

    def named(self, notice: str) -> tuple[NoticeRule, ...]:
        """The rules for a kind of notice."""
        return tuple(rule for rule in self.rules if rule.notice == notice)

    def person(self, rep: str) -> Person:
        """What differs for a rep."""
        return self.people.get(rep, Person())
