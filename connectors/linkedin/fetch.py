"""Reading LinkedIn's lead form responses: the one a notification named, or an account's history.

Questions to this API give meaning to brackets, colons and commas that are *not* percent-encoded, so they are written by
hand; what comes from outside into them is an id that was checked. Responses can be read for a year.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from urllib.parse import quote

from pydantic import ValidationError

from connectors.kit import json_body
from connectors.kit.http import RETRY_SECONDS, Answer, Host, trouble
from connectors.kit.wild import LINE, Wild
from connectors.linkedin import response
from connectors.linkedin.source import Options
from leadrelay.domain.touch import Origin, Touch, TouchDraft, Words
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch
from leadrelay.ports.source import Malformed

API = "https://api.linkedin.com"
HOSTS = frozenset({"api.linkedin.com"})
PATH = "/rest/leadFormResponses"
FIELDS = (
    "id,owner,leadType,versionedLeadGenFormUrn,submittedAt,testLead,associatedEntity,leadMetadata,formResponse,"
    "form:(hiddenFields,creationLocale,name,id,content)"
)
LISTS_DAYS = 90
"""Days that are listed anew at most; LinkedIn itself shows a year."""
PAGE = 25
"""Each response brings its whole form along."""
STEP = 22
"""A page begins within the one before: what is deleted meanwhile moves the rest forward."""
PAGES_AT_ONCE = 5
OVERLAP = timedelta(minutes=10)
"""How far a sweep looks back behind the one before: responses may appear in the list a little late."""
LONGEST_CURSOR = 512
_ID = re.compile(r"[A-Za-z0-9_-]{1,64}")
_OWNER = re.compile(r"(sponsoredAccount|organization):([0-9]{1,20})")
_LEAD_TYPE = re.compile(r"[A-Z_]{1,40}")
_MISCONFIGURED: Mapping[int, str] = {
    401: "the access_token has expired, or its member lost the role on the account",
    403: "r_marketing_leadgen_automation and roles on ad account and page are needed",
    426: "this version of the API is retired; set the option version (YYYYMM)",
}


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """The API for one member's token. `secret` has `access_token`; `endpoint` replaces LinkedIn's address. Raises
    Misconfigured."""
    token = secret.get("access_token")
    if not token:
        raise Misconfigured("the secret 'access_token' of the LinkedIn source has no value")
    try:
        chosen = Options.model_validate(dict(options))
    except ValidationError as error:
        wrong = ", ".join(str(item["loc"][0]) for item in error.errors())
        raise Misconfigured(f"options of the LinkedIn source are wrong: {wrong}") from None
    return LinkedInResponses(token, endpoint or API, chosen)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Place:
    """Where a sweep is. It reads what was submitted from `begin` until `end` (milliseconds; 0: it has not begun), one
    `question` (an owner's leads of one type) after the other, each from its `start`-th."""

    begin: int
    end: int = 0
    question: int = 0
    start: int = 0


class LinkedInResponses:
    """Fetch and Listed over the Lead Sync API."""

    def __init__(self, token: str, endpoint: str, options: Options, now: Callable[[], datetime] = utc_now) -> None:
        headers = {
            "authorization": f"Bearer {token}",
            "accept": "application/json",
            "linkedin-version": options.version,
            "x-restli-protocol-version": "2.0.0",
        }
        self._host = Host(endpoint, HOSTS, headers)
        self._questions = _questions(options)
        self._history = timedelta(days=options.history_days)
        self._now = now

    # -- one response

    def complete(self, touch: Touch) -> Completed:
        """The response named by `touch.fetch_id`; of an erasure nothing is left to be read. Raises Reject
        (unresolvable, unreadable), Retry, Misconfigured."""
        if touch.kind == "erasure":
            return Completed(Words(), Origin())
        if not _ID.fullmatch(touch.fetch_id or ""):
            raise Reject("unresolvable", "the id is none of a LinkedIn response")
        found = self._get(f"{PATH}/{touch.fetch_id}", f"fields={FIELDS}")
        try:
            return response.completed(found)
        except Malformed as error:
            raise Reject("unreadable", f"LinkedIn's response: {error}") from None

    # -- what was submitted

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """A few pages of the sweep that the cursor is in (None: the first, which goes `history_days` back). All or
        nothing: a failure raises, and the cursor stays where it was."""
        if not self._questions:
            raise Misconfigured("the LinkedIn source reads no history without its option owners")
        now = self._now()
        place = self._begun(cursor, now)
        drafts: list[TouchDraft] = []
        for _ in range(PAGES_AT_ONCE):
            page, place = self._page(place, now)
            drafts += page
            if not place.end:
                break
        found = {draft.key: draft for draft in drafts}.values()
        return sorted(found, key=lambda draft: (draft.occurred_at or now, draft.key)), json.dumps(asdict(place))

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        """A page of one owner's leads of one type; the token is the place in the questions that this asks."""
        if not self._questions:
            raise Misconfigured("the LinkedIn source reads no history without its option owners")
        question, _, at = (page or "0:0").partition(":")
        if not (question.isdecimal() and at.isdecimal()):
            raise Reject("cursor", "this is no place in a list of LinkedIn's")
        place = Place(_milliseconds(start), _milliseconds(end), int(question), int(at))
        drafts, following = self._page(place, self._now())
        return drafts, f"{following.question}:{following.start}" if following.end else None

    def _begun(self, cursor: str | None, now: datetime) -> Place:
        first = Place(begin=max(_milliseconds(now - self._history), 0))
        place = first if cursor is None else _read_place(cursor)
        return place if place.end else replace(place, end=_milliseconds(now))

    def _page(self, place: Place, now: datetime) -> tuple[list[TouchDraft], Place]:
        """The leads of the next page and the place behind it."""
        if place.question >= len(self._questions):  # there are fewer owners than when the sweep began
            return [], _swept(place)
        within = f"submittedAtTimeRange=(start:{place.begin},end:{place.end})&limitedToTestLeads=false"
        query = f"q=owner&{self._questions[place.question]}&{within}&fields={FIELDS}&start={place.start}&count={PAGE}"
        answer = self._get(PATH, query)
        try:
            rows = answer.get("elements").each()
            drafts = [_draft(row, now) for row in rows]
            more = len(rows) >= PAGE or _has_next(answer)
        except Malformed as error:
            raise _not_understood(error) from None
        return drafts, self._behind(place, more)

    def _behind(self, place: Place, more: bool) -> Place:
        if more:
            return replace(place, start=place.start + STEP)
        following = replace(place, question=place.question + 1, start=0)
        return following if following.question < len(self._questions) else _swept(place)

    def _get(self, path: str, query: str) -> Wild:
        answer = self._host.get(path, query)
        error = _trouble(answer)
        if error:
            raise error
        return _read(answer)


def _trouble(answer: Answer) -> PortError | None:
    if answer.status in _MISCONFIGURED:
        return Misconfigured(f"LinkedIn answered {answer.status}: {_MISCONFIGURED[answer.status]}")
    if answer.status == 404:
        return Reject("unresolvable", "LinkedIn knows no such response: deleted, or of an account we may not read")
    return trouble(answer)


def _questions(options: Options) -> list[str]:
    """The finder's parameters for each owner and type of lead. Raises Misconfigured."""
    owners, types = [_owner(one) for one in options.owners], [_type(one) for one in options.lead_types]
    return [f"{owner}&leadType=(leadType:{kind})" for owner in owners for kind in types]


def _owner(owner: str) -> str:
    if not (found := _OWNER.fullmatch(owner)):
        raise Misconfigured("each of the LinkedIn source's owners looks like sponsoredAccount:123 or organization:456")
    return f"owner=({found[1]}:{quote(f'urn:li:{owner}', safe='')})"


def _type(kind: str) -> str:
    if not _LEAD_TYPE.fullmatch(kind):
        raise Misconfigured("each of the LinkedIn source's lead_types looks like SPONSORED")
    return kind


def _draft(row: Wild, now: datetime) -> TouchDraft:
    """One that cannot be read is kept with its reason and holds up no other."""
    response_id = row.get("id").identifier()
    if not _ID.fullmatch(response_id):
        raise row.get("id").refuse("not_an_id")
    try:
        return response.draft(row, response_id, now)
    except Malformed:
        return TouchDraft(kind="submission", key=response_id, problem="unreadable_lead")


def _has_next(answer: Wild) -> bool:
    links = answer.get("paging").optional("links").each()
    return any(link.get("rel").said(LINE) == "next" for link in links)


def _swept(place: Place) -> Place:
    """The next sweep begins a little before this one's end; when it ends is known when it begins."""
    return Place(begin=max(place.begin, place.end - OVERLAP // timedelta(milliseconds=1)))


def _read_place(cursor: str) -> Place:
    try:
        given = json.loads(cursor[:LONGEST_CURSOR])
        return Place(*(int(given[name]) for name in ("begin", "end", "question", "start")))
    except (ValueError, KeyError, TypeError):
        raise Reject("cursor", "the cursor of the LinkedIn source is unreadable; remove it to begin anew") from None


def _read(answer: Answer) -> Wild:
    try:
        return json_body.read(answer.body)
    except Malformed as error:
        raise _not_understood(error) from None


def _not_understood(error: Malformed) -> Retry:
    return Retry(RETRY_SECONDS, f"LinkedIn's answer was not understood ({error})", "outage")


def _milliseconds(at: datetime) -> int:
    return round(at.timestamp() * 1000)
