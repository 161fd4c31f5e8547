"""Many notices as one message: each lead once, the nearest deadline first; what is over by now is not told any more."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from leadrelay.domain.notices.notice import Notice, is_nobodys
from leadrelay.domain.notices.readers import Reader
from leadrelay.domain.notices.text import OWED, Text, deadlines
from leadrelay.domain.notices.wording import Words


def still_true(notice: Notice, rep: str | None) -> bool:
    """Whether it is worth telling `rep` (None: a shared channel): the lead is worked, still theirs if it was, and a
    warning has not been heeded."""
    lead, asked = notice.lead, notice.needed.rep
    if notice.needed.source is not None:
        return True
    if is_nobodys(notice.kind, lead):
        return False
    if rep is not None and rep == asked and lead.ownership.rep != asked:
        return False
    return notice.kind != "warn" or any(lead.clock(kind) is not None for kind in OWED)


def by_lead(notices: Sequence[Notice]) -> list[Notice]:
    """The newest notice of each lead or source; the lead whose time is up first comes first."""
    newest = {notice.about: notice for notice in notices}
    return sorted(newest.values(), key=_deadline)


def _deadline(notice: Notice) -> tuple[bool, float]:
    due = min((clock.due_at for clock in notice.lead.clocks), default=None)
    return due is None, 0 if due is None else due.timestamp()


def digest(notices: Sequence[Notice], reader: Reader, words: Words) -> Text:
    """One message for one reader; `notices` are those of `by_lead`, at least one."""
    title = words.digest["title"].format(count=len(notices))
    return Text(title, "\n".join(_lines(notices, reader, words)))


def _lines(notices: Sequence[Notice], reader: Reader, words: Words) -> Iterator[str]:
    yield words.digest["for"].format(people=", ".join(person.name for person in reader.people))
    late = [notice.needed.since for notice in notices if notice.late and notice.needed.since is not None]
    if late:
        zone = notices[0].rules.zone(reader.zone(notices[0]))
        yield words.digest["late"].format(when=words.at(min(late), zone))
    for number, notice in enumerate(notices, 1):
        title = words.title(notice.kind, notice.who(words.unnamed))
        yield words.digest["entry"].format(number=number, title=title)
        yield from deadlines(notice, words, notice.rules.zone(reader.zone(notice)))
        if notice.needed.source is None:
            yield words.digest["lead"].format(lead=notice.lead.lead_id)
        else:
            yield words.advice[notice.kind]
