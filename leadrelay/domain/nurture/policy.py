"""`nurture:` of `stages.yaml`: the sequence of a lead that nobody calls, and when a returned one is due again."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from datetime import timedelta

from pydantic import Field

from leadrelay.domain.model import Model, code

UNLISTED = "other"
"""Stands for a reason that the rules do not list."""


class Sequence(Model):
    """A programme of mails. `list` maps a CRM to its list (HubSpot) or campaign (Salesforce): who is in the sequence is
    on it. `next_step` is what happens next while no rep has the lead, in `next_step_days`; after `days` the lead has
    been through it, and the next sequence that holds takes over. Without `if` only a stage's `on_entry` enrols."""

    id: str
    if_: str | None = Field(default=None, alias="if")
    list: dict[str, str] = Field(default_factory=dict)
    next_step: str
    next_step_days: int = Field(ge=1, le=366)
    days: int | None = Field(default=None, ge=1, le=3660)
    about: str = ""


class Retire(Model):
    """Dead leads: nothing heard of them for so many days, nobody works them, and `if` holds. `status` is the lead
    status they get, None to leave it."""

    after_days: int = Field(ge=1, le=3660)
    if_: str = Field(default="True", alias="if")
    status: str | None = None

    @property
    def after(self) -> timedelta:
        """The silence that it takes."""
        return timedelta(days=self.after_days)


class NurturePolicy(Model):
    """The first sequence that holds wins. `reasons` are the codes of why a rep gave a lead back, each with how people
    write it; `timings` when to get back in touch, in days, by the value of the CRM's field; `otherwise` is the timing
    where nobody gave one. After one of the signals `unsubscribed` no sequence takes the lead, until one of `subscribed`
    is newer."""

    sequences: tuple[Sequence, ...] = ()
    reasons: dict[str, tuple[str, ...]] = Field(default_factory=dict)
    timings: dict[str, int] = Field(default_factory=dict)
    otherwise: str | None = None
    unsubscribed: tuple[str, ...] = ()
    subscribed: tuple[str, ...] = ()
    retire: Retire | None = None

    def sequence(self, sequence_id: str | None) -> Sequence | None:
        """The sequence, or None for one that is not there any more."""
        return next((each for each in self.sequences if each.id == sequence_id), None)

    def reason(self, said: str | None) -> str | None:
        """The code of a reason as a rep wrote it: the first that is part of it. None where nobody said one."""
        if said is None:
            return None
        words = _plain(said)
        ways = ((name, way) for name, spellings in self.reasons.items() for way in (name, *spellings))
        return next((name for name, way in ways if _plain(way) in words or _plain(_bare(way)) in words), UNLISTED)

    def pause(self, timing: str | None) -> timedelta | None:
        """How long a returned lead is left alone; None where the rules say nothing of it."""
        days: Mapping[str, int] = self.timings
        found = days.get(timing or "", days.get(self.otherwise or ""))
        return None if found is None else timedelta(days=found)


def _plain(text: str) -> str:
    """As reasons are compared: they were made codes on their way here, and letters outside ASCII were lost."""
    return (code(text) or "").casefold().replace("_", " ")


def _bare(text: str) -> str:
    """Without accents, as people type in a hurry."""
    return "".join(each for each in unicodedata.normalize("NFKD", text) if not unicodedata.combining(each))
