"""What a notice says: who it is, what they are worth and why, whose they are, what comes next and by when."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from leadrelay.domain.card.deadline import told
from leadrelay.domain.card.reasons import reasons
from leadrelay.domain.clocks.reckoning import reckoned
from leadrelay.domain.notices import placed
from leadrelay.domain.notices.notice import Notice
from leadrelay.domain.notices.readers import Reader
from leadrelay.domain.notices.wording import Words

OWED = ("first_contact", "acceptance", "attempts", "follow_up", "disposition", "stage")
"""Clocks of which a notice tells the deadline, in this order; the next step has a line of its own."""


@dataclass(frozen=True, slots=True)
class Text:
    """A title of one line and a body of several, in one language; no markup of any kind."""

    title: str
    body: str


def text(notice: Notice, reader: Reader, words: Words) -> Text:
    """The notice as this reader reads it, on their own clocks."""
    zone = notice.rules.zone(reader.zone(notice))
    own = notice.lines.get(reader.language(notice.rules.notices), ())
    title = own[0] if own else words.title(notice.kind, notice.who(words.unnamed))
    return Text(title, "\n".join((*_lines(notice, reader, words, zone), *own[1:])))


def _lines(notice: Notice, reader: Reader, words: Words, zone: ZoneInfo) -> Iterator[str]:
    if notice.needed.source is not None:
        yield from _of_source(notice, reader, words, zone)
        return
    lead, lines, why = notice.lead, words.lines, placed.why(notice, words, zone)
    yield lines["for"].format(people=", ".join(person.name for person in reader.people))
    yield lines["owner"].format(owner=placed.owner(notice, words))
    yield lines["score"].format(score=lead.score.total, stage=lead.stage, reasons=reasons(lead, notice.rules)).strip()
    if why is not None:
        yield lines["why"].format(why=why)
    yield from deadlines(notice, words, zone)
    if notice.kind in words.advice:
        yield lines["advice"].format(advice=words.advice[notice.kind])
    if notice.late and notice.needed.since is not None:
        yield lines["late"].format(when=words.at(notice.needed.since, zone))
    yield lines["lead"].format(lead=lead.lead_id)


def _of_source(notice: Notice, reader: Reader, words: Words, zone: ZoneInfo) -> Iterator[str]:
    """What no lead is behind: nobody has it, and nothing of it is due."""
    yield words.lines["for"].format(people=", ".join(person.name for person in reader.people))
    yield words.lines["advice"].format(advice=words.advice[notice.kind])
    if notice.late and notice.needed.since is not None:
        yield words.lines["late"].format(when=words.at(notice.needed.since, zone))


def deadlines(notice: Notice, words: Words, zone: ZoneInfo) -> Iterator[str]:
    """What is owed of this lead, by when and why then, each on a line."""
    for clock in filter(None, map(notice.lead.clock, OWED)):
        when = told(reckoned(clock, notice.lead, notice.rules, zone), words.phrases)
        yield words.clocks[clock.kind].format(when=when)
    step = notice.lead.next_step
    if step is not None:
        yield words.lines["step"].format(what=step.what, when=words.at(step.due_at, zone))
