"""Reading bookings and cancellations from Calendly's API, as their webhooks would have said them.

The list knows no "made since": meetings are listed by when they take place. Nobody books a meeting in the past, so what
was booked or cancelled since a moment is among the meetings that begin after it; of those, only the ones that changed
since are asked for their invitees. Routing forms and no-shows are in no list that this token may read.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

from connectors.calendly import source
from connectors.calendly.source import Options
from connectors.kit import history, json_body
from connectors.kit.drafts import chosen
from connectors.kit.history import Habit
from connectors.kit.http import RETRY_SECONDS, Answer, Host, trouble
from connectors.kit.wild import Wild
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch, Subscription
from leadrelay.ports.source import Delivery, Malformed, SourceSettings

API = "https://api.calendly.com"
HOSTS = frozenset({"api.calendly.com"})
LISTS_DAYS = 30
MEETINGS = 20
"""Meetings of a page: each that changed costs a question of its own."""
INVITEES = 100
MOST_PAGES = 10
"""Of the invitees of one meeting: a thousand people."""
OVERLAP = timedelta(minutes=10)
_MEETING = re.compile(r"https://[A-Za-z0-9.-]+/scheduled_events/[A-Za-z0-9-]{1,64}")
_SETTINGS = SourceSettings("calendly", "calendly")
_NEEDS = "the access_token must be valid, and of an administrator where the option scope is organization"

Json = dict[str, Any]


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """The API for one account. `secret` has `access_token`; `endpoint` replaces Calendly's address. Raises
    Misconfigured."""
    token = secret.get("access_token")
    if not token:
        raise Misconfigured("the secret 'access_token' of the Calendly source has no value")
    return CalendlyMeetings(token, endpoint or API, chosen(Options, options, "the Calendly source"))


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class CalendlyMeetings:
    """Fetch and Listed over API v2."""

    def __init__(self, token: str, endpoint: str, options: Options, now: Callable[[], datetime] = utc_now) -> None:
        self._host = Host(endpoint, HOSTS, {"authorization": f"Bearer {token}", "accept": "application/json"})
        self._scope = options.scope
        self._habit = Habit(timedelta(days=options.history_days), OVERLAP)
        self._whose: dict[str, str] = {}
        self._now = now

    def complete(self, touch: Touch) -> Completed:
        """Its webhooks carry everything: there is nothing to complete. Raises Reject."""
        raise Reject("unresolvable", "a Calendly webhook is complete as it is")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """The next pages of a sweep. All or nothing: a failure raises."""
        return history.since(self.between, cursor, self._now(), self._habit)

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        """What was booked or cancelled within the span, of one page of meetings."""
        query = {
            **self._owner(),
            "min_start_time": _written(start),
            "count": str(MEETINGS),
            "sort": "start_time:asc",
            **({"page_token": page} if page else {}),
        }
        meetings, following = self._page("/scheduled_events", query)
        changed = [each for each in meetings if _moment(each, "updated_at", start) >= start]
        told = [said for meeting in changed for said in self._told(meeting, start, end)]
        return [draft for said in told for draft in self._drafts(said)], following

    def _told(self, meeting: Json, start: datetime, end: datetime) -> Iterator[Json]:
        """The webhooks that this meeting's invitees caused within the span; a meeting that cannot be read says so."""
        if not _MEETING.fullmatch(str(meeting.get("uri"))):
            yield {"event": "invitee.created", "payload": None, "scheduled_event": meeting}
            return
        for invitee in self._invitees(meeting):
            payload = {**invitee, "scheduled_event": meeting}
            if start <= (at := _moment(invitee, "created_at", end)) < end:
                yield {"event": "invitee.created", "created_at": _written(at), "payload": payload}
            cancelled = invitee.get("status") == "canceled"
            if cancelled and start <= (at := _moment(invitee, "updated_at", end)) < end:
                yield {"event": "invitee.canceled", "created_at": _written(at), "payload": payload}

    def _invitees(self, meeting: Json) -> Iterator[Json]:
        path = f"/scheduled_events/{meeting['uri'].rpartition('/')[2]}/invitees"
        page: str | None = None
        for _ in range(MOST_PAGES):
            query = {"count": str(INVITEES), **({"page_token": page} if page else {})}
            invitees, page = self._page(path, query)
            yield from invitees
            if page is None:
                return
        raise Retry(3600.0, f"a meeting with more than {MOST_PAGES * INVITEES} invitees", "record")

    def _drafts(self, said: Json) -> Sequence[TouchDraft]:
        """One that cannot be read is kept with its reason and holds up no other."""
        return source.parse(Delivery("POST", {}, (), json.dumps(said).encode()), _SETTINGS, self._now())

    def subscriptions(self) -> Sequence[tuple[str, Sequence[Subscription]]]:
        """The webhooks of the organization, or of the user: Calendly switches one off that fails for a day."""
        me = self._me()
        query = {"organization": me["organization"], **self._owner(), "scope": self._scope, "count": "100"}
        rows, _ = self._page("/webhook_subscriptions", query)
        found = [Subscription(str(row.get("callback_url") or ""), row.get("state") == "active") for row in rows]
        return [(f"the {self._scope}", found)]

    def _owner(self) -> Mapping[str, str]:
        """Whose meetings are listed."""
        return {self._scope: self._me()[self._scope]}

    def _me(self) -> Mapping[str, str]:
        """The addresses that Calendly gives the token's user and their organization, read once."""
        if not self._whose:
            me = self._get("/users/me", {}).get("resource")
            known = me if isinstance(me, dict) else {}
            for scope, member in (("user", "uri"), ("organization", "current_organization")):
                if isinstance(address := known.get(member), str):
                    self._whose[scope] = address
            if {"user", "organization"} - set(self._whose):
                raise _not_understood("a user without an address")
        return self._whose

    def _page(self, path: str, query: Mapping[str, str]) -> tuple[list[Json], str | None]:
        found = self._get(path, query)
        rows, paging = found.get("collection"), found.get("pagination")
        following = paging.get("next_page_token") if isinstance(paging, dict) else None
        if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
            raise _not_understood("a page without its collection")
        return rows, following if isinstance(following, str) and following else None

    def _get(self, path: str, query: Mapping[str, str]) -> Json:
        answer = self._host.get(path, query)
        if answer.status in {401, 403}:
            raise Misconfigured(f"Calendly answered {answer.status}: {_NEEDS}")
        error = trouble(answer)
        if isinstance(error, Retry) and answer.status == 429:
            raise Retry(_reset(answer, error.after), "Calendly's limit of questions per minute is reached", "10s")
        if error:
            raise error
        try:
            json_body.read(answer.body)
        except Malformed as wrong:
            raise _not_understood(str(wrong)) from None
        found: Json = json.loads(answer.body)
        return found


def _moment(of: Json, member: str, otherwise: datetime) -> datetime:
    try:
        return Wild(of.get(member), member).optional_time() or otherwise
    except Malformed:
        return otherwise


def _reset(answer: Answer, otherwise: float) -> float:
    """Calendly says when its limit is over in a header of its own."""
    given = answer.headers.get("x-ratelimit-reset", "")
    return max(1.0, min(float(given), 3600.0)) if re.fullmatch(r"[0-9]{1,6}", given) else otherwise


def _written(at: datetime) -> str:
    return at.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


def _not_understood(what: str) -> Retry:
    return Retry(RETRY_SECONDS, f"Calendly's answer was not understood ({what})", "outage")
