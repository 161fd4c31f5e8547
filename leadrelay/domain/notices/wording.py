"""The words of one language, as its file in `words/` has them, and moments on somebody's own clock in it."""

from __future__ import annotations

from datetime import date, datetime
from zoneinfo import ZoneInfo

from pydantic import Field

from leadrelay.domain.card.deadline import Phrases
from leadrelay.domain.model import Model


class Words(Model):
    """Every text with the names in braces that are filled in. `titles`, `advice` are by kind of notice, `why` by why an
    owner was needed, `ties` and `tests` by what routing found, `answers` by the action of a link, `clocks` by the kind
    of clock; `units` are one and several of hour, minute and second, `due` says why a deadline is then; the rest are
    sentences by name. `days` begin with Monday."""

    days: tuple[str, ...] = Field(min_length=7, max_length=7)
    months: tuple[str, ...] = Field(min_length=12, max_length=12)
    moment: str
    dated: str
    unnamed: str
    nobody: str
    other: str
    titles: dict[str, str]
    advice: dict[str, str]
    lines: dict[str, str]
    clocks: dict[str, str]
    units: dict[str, tuple[str, str]]
    due: dict[str, str]
    why: dict[str, str]
    placed: dict[str, str]
    ties: dict[str, str]
    tests: dict[str, str]
    ends: dict[str, str]
    answers: dict[str, str]
    digest: dict[str, str]

    def at(self, at: datetime, zone: ZoneInfo) -> str:
        """`Mon 23 Nov 12:05 Warsaw`."""
        local = at.astimezone(zone)
        return self.moment.format(
            day=self.days[local.weekday()],
            number=local.day,
            month=self.months[local.month - 1],
            time=f"{local:%H:%M}",
            zone=zone.key.rpartition("/")[2].replace("_", " "),
        )

    def weekday(self, day: date) -> str:
        """`Sat`."""
        return self.days[day.weekday()]

    def date(self, day: date) -> str:
        """`Wed 11 Nov`."""
        return self.dated.format(day=self.weekday(day), number=day.day, month=self.months[day.month - 1])

    @property
    def phrases(self) -> Phrases:
        """For telling why a deadline is then."""
        return Phrases(self.at, self.weekday, self.date, self.units, self.due)

    def title(self, kind: str, who: str) -> str:
        """What a notice is about; a kind that RevOps named in stages.yaml says its own name."""
        if kind in self.titles:
            return self.titles[kind].format(who=who)
        return self.other.format(notice=kind.replace("_", " ").capitalize(), who=who)
