"""Reading from Salesforce: the record an outbound message hinted at, as it is now, and what changed since then.

Polling hears everything that outbound messages tell, and what they cannot: deleted and merged records, events in the
calendar, a deal that gets its first contact.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime

from connectors.kit.drafts import chosen
from connectors.kit.wild import Wild
from connectors.salesforce import sweep
from connectors.salesforce.attempts import ASKED, Attempts
from connectors.salesforce.deals import Deals
from connectors.salesforce.ids import PREFIXES, long_id
from connectors.salesforce.reading import Reading, not_understood, reading
from connectors.salesforce.shown import CRM, People
from connectors.salesforce.source import Options
from connectors.salesforce.sweep import Cursor, Followed
from connectors.salesforce.values import moment, record_id
from leadrelay.domain.touch import CrmRecord, Origin, Touch, TouchDraft, Words
from leadrelay.ports.errors import Misconfigured, Reject
from leadrelay.ports.fetch import Completed, Fetch
from leadrelay.ports.source import Malformed

ROLE = "OpportunityContactRole"
PASSES = 5
"""Looks at all kinds in one go, where what was found is nobody's contact."""

Rows = Sequence[Wild]


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """One account; `secret` as for the CRM role, `endpoint` a sandbox on this machine. Raises Misconfigured."""
    wanted = chosen(Options, options, "the Salesforce source")
    return SalesforceRecords(reading(secret, endpoint, wanted.fields), wanted)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class SalesforceRecords:
    """Fetch over one account. `now` only says when to look again."""

    def __init__(self, reading: Reading, options: Options, now: Callable[[], datetime] = utc_now) -> None:
        self._reading = reading
        self._now = now
        self._people: dict[str, People] = {kind: People(kind, reading, options) for kind in reading.maps}
        self._deals = Deals(reading, options)
        self._attempts = Attempts(reading, options)
        self._followed = {one.kind: one for one in self._all()}

    def _all(self) -> Iterator[Followed]:
        yield from (Followed(kind, people.asked()) for kind, people in self._people.items())
        yield Followed("Opportunity", self._deals.asked())
        yield Followed(ROLE, ("Id", "OpportunityId", "IsDeleted", sweep.CHANGED))
        yield Followed("Task", ASKED["Task"], "IsClosed = true AND WhoId != null")
        yield Followed("Event", ASKED["Event"], "WhoId != null")

    # -- one record, now

    def complete(self, touch: Touch) -> Completed:
        """What `touch.fetch_id` names, as it is now. A task that was nobody's attempt to reach anybody, and a deal
        without people, belong to no person; one that was deleted for good is gone, as its event said. Raises Reject (no
        id, not there or not visible), Retry, Misconfigured."""
        kind, _, given = (touch.fetch_id or "").partition(":")
        wanted = long_id(given, kind) if kind in self._followed and kind in PREFIXES else None
        if wanted is None:
            raise Reject("unresolvable", "fetch_id names no record of Salesforce")
        rows = self._reading.select(self._followed[kind].names, kind, "WHERE Id IN {ids} LIMIT 1", ids=[wanted]).rows
        if not rows and touch.event == "deleted":
            return Completed(Words(), Origin())
        if not rows:
            raise Reject("NOT_FOUND", "no such record, or the integration user may not see it (sharing)")
        try:
            return self._completed(kind, wanted, rows)
        except Malformed as error:
            raise not_understood(error) from None

    def _completed(self, kind: str, wanted: str, rows: Rows) -> Completed:
        if kind in ("Task", "Event"):
            heard = next(self._attempts.tasks(rows) if kind == "Task" else self._attempts.events(rows), None)
            if heard:
                return Completed(Words(), Origin(), record=heard.record, event=heard.event)
            nobodys = CrmRecord(crm=CRM, kind="activity", person="", record_id=wanted)
            return Completed(Words(), Origin(), record=nobodys)
        teller: People | Deals = self._people.get(kind) or self._deals
        [told] = teller.told(rows)
        return Completed(told.words, Origin(), record=told.record, event=told.event)

    # -- what changed

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """What changed, at most 200 records in one go, in the order of change for each kind. All or nothing: a failure
        raises, and the cursor stays where it was. See `sweep` for why nothing is missed."""
        now = self._now()
        state = self._began(now) if cursor is None else self._known(cursor, now)
        if cursor is None:
            return (), state.text()
        drafts: dict[str, TouchDraft] = {}
        try:
            for _ in range(PASSES):
                more, state = self._pass(state, now, drafts)
                if drafts or not more:
                    break
        except Malformed as error:
            raise not_understood(error) from None
        return list(drafts.values()), state.text()

    def _pass(self, state: Cursor, now: datetime, drafts: dict[str, TouchDraft]) -> tuple[bool, Cursor]:
        """One look at each kind while there is room; who had no turn is first next time."""
        room, more, turn = sweep.PAGE, False, state.turn
        for kind in _rotated(list(self._followed), state.turn):
            if room <= 0:
                more, turn = True, kind
                break
            found = sweep.look(self._reading, self._followed[kind], state.tracks[kind], now, room)
            state = replace(state, tracks={**state.tracks, kind: found.track})
            drafts |= {draft.key: draft for draft in self._drafts(kind, found.rows, state.began)}
            room, more = room - len(found.rows), more or found.more
        return more, replace(state, turn=turn)

    def _drafts(self, kind: str, rows: Rows, began: str) -> Iterator[TouchDraft]:
        if kind in self._people:
            told = self._people[kind].news(rows)
            yield from (one.known(began).draft(kind) for one in told)
        elif kind == "Opportunity":
            yield from (one.draft(kind) for one in self._deals.told(rows) if one.record.person)
        elif kind == ROLE:
            yield from (_role(row) for row in rows)
        else:
            found = self._attempts.tasks(rows) if kind == "Task" else self._attempts.events(rows)
            yield from (one.draft() for one in found)

    def _began(self, now: datetime) -> Cursor:
        tracks = {kind: sweep.newest(self._reading, one, now) for kind, one in self._followed.items()}
        return Cursor(next(iter(self._followed)), sweep.soql_time(now), tracks)

    def _known(self, text: str, now: datetime) -> Cursor:
        """The cursor, with a new track for a kind that it does not know yet."""
        try:
            state = Cursor.of(text)
        except ValueError:
            raise Misconfigured("the cursor of the Salesforce source is unreadable: remove it to begin anew") from None
        tracks = {
            kind: state.tracks.get(kind) or sweep.newest(self._reading, one, now)
            for kind, one in self._followed.items()
        }
        return replace(state, tracks=tracks)


def _rotated(kinds: list[str], first: str) -> list[str]:
    place = kinds.index(first) if first in kinds else 0
    return kinds[place:] + kinds[:place]


def _role(row: Wild) -> TouchDraft:
    """Somebody was put on a deal, or taken off it: the deal is read when the touch is completed."""
    deal = record_id(row, "Opportunity", "OpportunityId")
    at = moment(row, sweep.CHANGED)
    return TouchDraft(
        kind="crm_change",
        key=f"{ROLE}:{record_id(row, ROLE)}:{at.isoformat()}",
        event="deal",
        occurred_at=at,
        fetch_id=f"Opportunity:{deal}",
        record=CrmRecord(crm=CRM, kind="deal", person="", record_id=deal),
    )
