"""Walking through what changed, by the time of the change, so that nothing is missed and nothing stands in the way.

Many records change in one second, records change again while one reads, and a long transaction shows its changes late,
under the time at which it saved them. Therefore two readers follow each kind of object, each from its own place on, by
time and then by id, and neither ever goes back:

- `ahead` reads what is new, as soon as it shows.
- `behind` reads the same once more, a minute later, and so finds what came to light behind `ahead`.

A second look at the same row has the same key, and is recognised. A mass change of ten thousand records makes `behind`
late and never `ahead`. Our own clock only says when a minute has passed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta

from connectors.kit.wild import Wild
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Page, Reading
from connectors.salesforce.values import moment, record_id

OVERLAP = timedelta(seconds=60)
"""How late a change may come to light."""
PAGE = 200
"""Rows read in one go, of all kinds together."""
CHANGED = "SystemModstamp"
LONGEST = 4096
_ORDER = "ORDER BY SystemModstamp, Id LIMIT {limit:literal}"
_TIME = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}\.[0-9]{3}Z")
_EVER = "1970-01-01T00:00:00.000Z"


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """Behind the record with this time of change (UTC, as SOQL writes it) and id; without an id, before that time."""

    at: str = _EVER
    id: str = ""


@dataclass(frozen=True, slots=True)
class Track:
    """Where the two readers of one kind of object are."""

    ahead: Place
    behind: Place


@dataclass(frozen=True, slots=True)
class Followed:
    """One kind of object to follow: its name, the fields to ask for, and which records at all."""

    kind: str
    names: Sequence[str]
    only: str = ""


@dataclass(frozen=True, slots=True)
class Found:
    """What one look at one kind brought; `more` says that there is more to be had at once."""

    rows: Sequence[Wild]
    track: Track
    more: bool


def newest(reading: Reading, followed: Followed, now: datetime) -> Track:
    """Behind the last change there is: what was before is left alone. Only if that has just happened, there may be more
    to come of the same second, and it is looked at again."""
    rows = reading.select(("Id", CHANGED), followed.kind, f"ORDER BY {CHANGED} DESC, Id DESC LIMIT 1").rows
    last = _place(followed.kind, rows[0]) if rows else Place()
    return Track(last, last if last.at < soql_time(now - OVERLAP) else Place(last.at))


def look(reading: Reading, followed: Followed, track: Track, now: datetime, room: int) -> Found:
    """The next rows, at most `room`: first those ahead, then, if there is room, those to be looked at again."""
    page = _page(reading, followed, track.ahead, None, room)
    ahead = _last(followed.kind, page, track.ahead)
    full = not page.whole or len(page.rows) >= room
    track = replace(track, ahead=ahead)
    until = min(ahead.at, soql_time(now - OVERLAP))
    if full or track.behind == ahead or until < track.behind.at:
        return Found(page.rows, track, more=full)
    again = _page(reading, followed, track.behind, until, room - len(page.rows))
    caught_up = again.whole and len(again.rows) < room - len(page.rows)
    behind = ahead if caught_up and until == ahead.at else _last(followed.kind, again, track.behind)
    return Found([*page.rows, *again.rows], replace(track, behind=behind), more=False)


def soql_time(at: datetime) -> str:
    """A time as SOQL and our cursor write it: UTC with milliseconds, so that it sorts as text."""
    return at.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def _page(reading: Reading, followed: Followed, place: Place, until: str | None, limit: int) -> Page:
    tests = [f"{CHANGED} >= {{at:literal}}"]
    tests += [f"({CHANGED} > {{at:literal}} OR Id > {{id}})"] if place.id else []
    tests += [f"{CHANGED} <= {{until:literal}}"] if until else []
    tests += [followed.only] if followed.only else []
    rest = f"WHERE {' AND '.join(tests)} {_ORDER}"
    return reading.select(followed.names, followed.kind, rest, at=place.at, id=place.id, until=until, limit=str(limit))


def _last(kind: str, page: Page, place: Place) -> Place:
    return _place(kind, page.rows[-1]) if page.rows else place


def _place(kind: str, row: Wild) -> Place:
    return Place(soql_time(moment(row, CHANGED)), record_id(row, kind))


@dataclass(frozen=True, slots=True)
class Cursor:
    """Where we are: the kind whose turn it is to be first, when the watch began, and each kind's track."""

    turn: str
    began: str
    tracks: Mapping[str, Track]

    def text(self) -> str:
        """As it is kept."""
        tracks = {
            kind: [[place.at, place.id] for place in (one.ahead, one.behind)] for kind, one in self.tracks.items()
        }
        return json.dumps({"turn": self.turn, "began": self.began, "tracks": tracks}, separators=(",", ":"))

    @classmethod
    def of(cls, text: str) -> Cursor:
        """From what was kept. Raises ValueError where it is none."""
        try:
            given = json.loads(text[:LONGEST])
            tracks = {
                kind: Track(*(_known(kind, *place) for place in places)) for kind, places in given["tracks"].items()
            }
            return cls(str(given["turn"]), _time(given["began"]), tracks)
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError("no cursor") from error


def _known(kind: str, at: str, record: str) -> Place:
    if record and long_id(record, kind) != record:
        raise ValueError("no id")
    return Place(_time(at), record)


def _time(text: str) -> str:
    if not _TIME.fullmatch(text):
        raise ValueError("no time")
    return text
