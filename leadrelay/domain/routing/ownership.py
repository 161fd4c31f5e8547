"""Whose a lead is, and the question whose it shall be."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from leadrelay.domain.model import Instant, Model
from leadrelay.domain.routing.skipped import Skip

Why = Literal["new", "qualified", "hand_off", "hand_back", "breach", "handover", "waiting", "passed", "again"]
"""New lead; it outgrew the nurture queue; another team takes over, or gives it back; the owner ran out of time; the
owner is away for long or left; it waited in a pool; the owner passed it on; they
asked again while the owner was not there."""


class Ownership(Model):
    """Who has the lead now: a rep or a named queue; `outside` is an owner in the CRM whom the team does not know.
    Without any it may `waits` in its pool: for a rep who is free, or for the first who accepts. `hop` counts answers to
    the question whose it is; `previous` are earlier reps, newest last. `teams` is the last owner of each team in a
    hand-off, such as sdr and ae. `skipped` are the reps who would have come before, each with the test that failed;
    `asked_first` those who were asked before it was anybody's turn, each with what ties them to the lead, `account_by`
    how its account is known; `counted` is the class of leads in which its pool counts it as given to the owner, None
    where it was no turn of theirs. `due_at` (UTC) is what could honestly be promised when the owner was chosen, None
    where nothing was. While it waits, `owed` says whether a first contact is owed by who gets it. `answered` is what
    the owner said by the links in their notices, each with when (UTC), `handed_back_at` when the team that took it over
    gave it back (UTC), until it is handed over again."""

    rep: str | None = None
    pool: str | None = None
    queue: str | None = None
    outside: str | None = None
    rule: str | None = None
    why: str | None = None
    since: Instant | None = None
    hop: int = 0
    previous: tuple[str, ...] = ()
    waits: Literal["backlog", "claim"] | None = None
    teams: dict[str, str] = Field(default_factory=dict)
    skipped: dict[str, Skip] = Field(default_factory=dict)
    asked_first: dict[str, str] = Field(default_factory=dict)
    account_by: str | None = None
    counted: Literal["hot", "other"] | None = None
    due_at: Instant | None = None
    owed: bool = True
    handed_back_at: Instant | None = None
    answered: dict[str, Instant] = Field(default_factory=dict)

    @property
    def placed(self) -> bool:
        """Whether it has an owner, a named queue, or a place in a pool's backlog."""
        return any((self.rep, self.queue, self.outside, self.waits))

    def overridden(self, until: timedelta, now: datetime) -> bool:
        """Whether a person chose the owner so lately that nobody takes the lead away again."""
        return self.why == "override" and self.since is not None and now < self.since + until


class Wanted(Model):
    """An owner is needed and not chosen yet, `since` when (UTC; None in what a former release stored); `hop` is the
    assignment it would end. `pool` is where a person wants it to go, None for where the rules say. `asked` counts how
    often the question was put, `doubted` how often the CRM was asked whether the present owner did call: until that is
    settled nobody is chosen (0: it is, or never was the question)."""

    why: Why
    exclude: tuple[str, ...]
    hop: int
    pool: str | None = None
    since: Instant | None = None
    asked: int = 1
    doubted: int = 0

    def after(self, before: Wanted | None) -> Wanted:
        """The same question put again counts on; another one begins anew."""
        if before is None or before.doubted or (before.why, before.hop) != (self.why, self.hop):
            return self
        return self.with_(since=before.since, asked=before.asked + 1)
