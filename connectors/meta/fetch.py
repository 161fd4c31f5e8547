"""Reading leads from Meta's Graph API: the one a webhook named, or a form's history.

The access token travels in a header, never in the address, which gets logged; `appsecret_proof` shows that who holds
the token is also who holds the app. Leads can be read for about 90 days.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from math import ceil, floor

from pydantic import ValidationError

from connectors.kit import history, json_body, signing
from connectors.kit.drafts import MAX_ANSWERS, MAX_VALUES, VALUE_BYTES, answer
from connectors.kit.history import Habit, Sweep
from connectors.kit.http import RETRY_SECONDS, Host
from connectors.kit.http import Answer as HttpAnswer
from connectors.kit.wild import Wild
from connectors.meta.graph_errors import graph_trouble, used_share
from connectors.meta.source import Options
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, Touch, TouchDraft, Words
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch, Subscription
from leadrelay.ports.source import Malformed

GRAPH = "https://graph.facebook.com"
HOSTS = frozenset({"graph.facebook.com"})
FIELDS = (
    "id,created_time,form_id,ad_id,ad_name,adset_id,adset_name,campaign_id,campaign_name,is_organic,platform,field_data,"
    "custom_disclaimer_responses"
)
PAGE_SIZE = 100
LISTS_DAYS = 90
"""So long Meta shows a lead."""
OVERLAP = timedelta(minutes=5)
"""How far a sweep looks back behind the one before: leads appear in the list a little after they were made, and keys
that are known already are recognised as repeats."""
SPARE_SHARE = 50
"""Per cent of a page's calls in a day that may be used before its history has to wait: a page with few leads has few
calls, and each lead that comes now needs one."""
SPARE_SECONDS = 1800.0
ITSELF = "me"
"""The page whose token it is."""
_ID = re.compile(r"[0-9]{1,32}")
_VERSION = re.compile(r"v[0-9]{1,3}\.[0-9]{1,2}")
_ZONE = re.compile(r"([+-][0-9]{2})([0-9]{2})$")
_PLATFORMS = {"fb": "facebook", "ig": "instagram"}
_DUMMY = "<test lead:"


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """The Graph API for one app. `secret` has `access_token` and `app_secret`; `endpoint` replaces Meta's address.

    Raises Misconfigured when one of them is missing or an option is wrong.
    """
    for name in ("access_token", "app_secret"):
        if not secret.get(name):
            raise Misconfigured(f"the secret {name!r} of the Meta source has no value")
    try:
        chosen = Options.model_validate(dict(options))
    except ValidationError as error:
        raise Misconfigured(f"options of the Meta source: {error.error_count()} wrong: {error.title}") from None
    return GraphLeads(secret["access_token"], secret["app_secret"], endpoint or GRAPH, chosen)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class GraphLeads:
    """Fetch and Listed over the Graph API."""

    def __init__(
        self, access_token: str, app_secret: str, endpoint: str, options: Options, now: Callable[[], datetime] = utc_now
    ) -> None:
        if not _VERSION.fullmatch(options.graph_version):
            raise Misconfigured("graph_version looks like v24.0")
        self._host = Host(endpoint, HOSTS, {"authorization": f"Bearer {access_token}", "accept": "application/json"})
        self._proof = signing.sign(app_secret, access_token.encode()).decode("ascii")
        self._version = options.graph_version
        self._forms, self._pages = options.forms, options.pages or (ITSELF,)
        if not all(page == ITSELF or _ID.fullmatch(page) for page in self._pages):
            raise Misconfigured("each of the Meta source's pages is an id of digits")
        self._habit = Habit(timedelta(days=options.history_days), OVERLAP)
        self._now = now

    def complete(self, touch: Touch) -> Completed:
        """The lead named by `touch.fetch_id`. Raises Reject (unresolvable, unreadable), Retry, Misconfigured."""
        if not _ID.fullmatch(touch.fetch_id or ""):
            raise Reject("unresolvable", "the lead id is no Graph id")
        lead = self._get(f"/{touch.fetch_id}", {"fields": FIELDS})
        try:
            answers = _answers(lead)
        except Malformed as error:
            raise Reject("unreadable", f"the Graph API's lead: {error}") from None
        return Completed(Words(answers=answers), _origin(lead), test=_is_dummy(answers))

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """The next pages of a sweep over the configured forms (None: the first, which goes `history_days` back). All or
        nothing: a failure raises and leaves the cursor where it was."""
        now = self._now()
        begun = _former(cursor) if cursor is not None and _ID.fullmatch(cursor) else cursor
        return history.since(self.between, begun, now, self._habit)

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        """A page of one form, newest first; the token names the form, and Meta's own place in it."""
        number, after = _place(page)
        if number >= len(self._forms):  # no form is read, or fewer than when the sweep began
            return [], None
        form = self._forms[number]
        if not _ID.fullmatch(form):
            raise Misconfigured("each of the Meta source's forms is an id of digits")
        query = {"fields": FIELDS, "limit": str(PAGE_SIZE), "filtering": _within(start, end)}
        found = self._get(f"/{form}/leads", {**query, "after": after} if after else query, spare=True)
        drafts, following = _read_page(found)
        if following is not None:
            return drafts, f"{number}:{following}"
        return drafts, f"{number + 1}:" if number + 1 < len(self._forms) else None

    def subscriptions(self) -> Sequence[tuple[str, Sequence[Subscription]]]:
        """Which apps hear of each page's leads. Where to is set at the app, and is not shown here."""
        return [(f"page {page}", self._apps(page)) for page in self._pages]

    def _apps(self, page: str) -> list[Subscription]:
        try:
            rows = self._get(f"/{page}/subscribed_apps", {}).get("data").each()
            fields = [[one.said(64) for one in row.optional("subscribed_fields").each()] for row in rows]
        except Malformed as error:
            raise _not_understood(error) from None
        return [
            Subscription("", "leadgen" in named, "" if "leadgen" in named else "not for leadgen") for named in fields
        ]

    def _get(self, path: str, query: Mapping[str, str], *, spare: bool = False) -> Wild:
        """`spare`: what is asked can wait for hours, and leaves the page's budget to the leads that come now."""
        answer = self._host.get(f"/{self._version}{path}", {**query, "appsecret_proof": self._proof})
        error = graph_trouble(answer)
        if error:
            raise error
        if spare and (used := used_share(answer)) >= SPARE_SHARE:
            raise Retry(SPARE_SECONDS, f"{used} % of the page's calls are used; the rest is for new leads", "record")
        return _read(answer)


def _former(cursor: str) -> str:
    """The cursor of a former release: the second of the newest lead that was read."""
    return Sweep(datetime.fromtimestamp(int(cursor), UTC) - OVERLAP).written()


def _place(page: str | None) -> tuple[int, str]:
    number, _, after = (page or "0:").partition(":")
    if not number.isdecimal():
        raise Reject("cursor", "the cursor of the Meta source is unreadable; remove it to begin anew")
    return int(number), after


def _within(start: datetime, end: datetime) -> str:
    """Both bounds are exclusive, in whole seconds."""
    bounds = (("GREATER_THAN", floor(start.timestamp()) - 1), ("LESS_THAN", ceil(end.timestamp())))
    return json.dumps([{"field": "time_created", "operator": name, "value": value} for name, value in bounds])


def _read(answer: HttpAnswer) -> Wild:
    try:
        return json_body.read(answer.body)
    except Malformed as error:
        raise _not_understood(error) from None


def _read_page(page: Wild) -> tuple[list[TouchDraft], str | None]:
    """The leads of a page and the cursor of the page that follows it, if any."""
    try:
        paging = page.get("paging")
        following = paging.optional("cursors").optional("after").optional_text(1024)
        drafts = [_read_lead(lead) for lead in page.get("data").each(PAGE_SIZE)]
        return drafts, None if paging.optional("next").missing else following
    except Malformed as error:
        raise _not_understood(error) from None


def _not_understood(error: Malformed) -> Retry:
    return Retry(RETRY_SECONDS, f"the Graph API's answer was not understood ({error})", "outage")


def _read_lead(lead: Wild) -> TouchDraft:
    """One lead of a form's history; one that cannot be read is kept with its reason and holds up no other."""
    lead_id = lead.get("id").identifier()
    try:
        answers, at = _answers(lead), _created(lead)
    except Malformed:
        return TouchDraft(kind="submission", key=lead_id, problem="unreadable_lead")
    return TouchDraft(
        kind="submission",
        key=lead_id,
        words=Words(answers=answers),
        origin=_origin(lead),
        occurred_at=at,
        problem=None if answers else "no_answers",
        test=_is_dummy(answers),
    )


def _created(lead: Wild) -> datetime | None:
    """The Graph API writes zones as +0000, without the colon that ISO 8601's extended form wants."""
    written = lead.get("created_time").optional_text(64)
    return Wild(_ZONE.sub(r"\1:\2", written), "created_time").optional_time() if written else None


def _answers(lead: Wild) -> tuple[Answer, ...]:
    """`values` may be empty: a question that was not asked or not answered."""
    rows = ((row.get("name").said(256), row.get("values").each(MAX_VALUES)) for row in _rows(lead))
    found = (answer(name, [value.said(VALUE_BYTES) for value in values]) for name, values in rows)
    return tuple(one for one in (*found, *_ticked(lead)) if one)


def _ticked(lead: Wild) -> Iterator[Answer | None]:
    """The boxes below the form, by which somebody allows something."""
    for row in lead.get("custom_disclaimer_responses").each(MAX_VALUES):
        name = row.get("checkbox_key").said(256)
        yield answer(f"consent.{name}" if name else "", [_yes(row.get("is_checked"))])


def _yes(ticked: Wild) -> str:
    return "true" if ticked.said(8).casefold() in {"1", "true"} else "false"


def _rows(lead: Wild) -> Sequence[Wild]:
    return lead.get("field_data").each(MAX_ANSWERS)


def _is_dummy(answers: Sequence[Answer]) -> bool:
    """Meta's own testing tool answers every question with a placeholder."""
    return any(value.startswith(_DUMMY) for one in answers for value in one.values)


def _origin(lead: Wild) -> Origin:
    platform = lead.get("platform").said(16)
    return Origin(
        form=code(lead.get("form_id").said(64) or None),
        campaign=code(lead.get("campaign_name").said(256)),
        campaign_id=code(lead.get("campaign_id").said(64)),
        ad_group=code(lead.get("adset_name").said(256) or lead.get("adset_id").said(64)),
        ad=code(lead.get("ad_name").said(256) or lead.get("ad_id").said(64)),
        medium="organic_social" if lead.get("is_organic").said(8) == "true" else "paid_social",
        origin_source=_PLATFORMS.get(platform, "facebook"),
    )
