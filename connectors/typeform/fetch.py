"""Reading a form's finished responses from Typeform's Responses API.

Each response is read as its webhook would have said it: the same key, the same touch. Partial responses are left out,
for the list does not say the id by which their webhook names them. The list shows a response up to half an hour later
than its webhook does, so every sweep looks further back than that.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

from connectors.kit import history, json_body
from connectors.kit.drafts import chosen
from connectors.kit.history import Habit
from connectors.kit.http import RETRY_SECONDS, Host, trouble
from connectors.typeform import source
from connectors.typeform.source import Options
from leadrelay.domain.touch import Touch, TouchDraft
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.fetch import Completed, Fetch, Subscription
from leadrelay.ports.source import Delivery, Malformed, SourceSettings

API = "https://api.typeform.com"
HOSTS = frozenset({"api.typeform.com", "api.eu.typeform.com", "api.typeform.eu"})
REGIONS = {"us": API, "eu": "https://api.eu.typeform.com"}
LISTS_DAYS = 90
"""Days that are listed anew at most; Typeform itself keeps responses for as long as the account wants."""
PAGE_SIZE = 100
OVERLAP = timedelta(minutes=45)
_FORM = re.compile(r"[A-Za-z0-9_-]{1,64}")
_TOKEN = re.compile(r"[A-Za-z0-9_-]{1,128}")
_SECOND = timedelta(seconds=1)
_SETTINGS = SourceSettings("typeform", "typeform")


def fetch(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Fetch:
    """The API for one account. `secret` has `access_token`; `endpoint` replaces Typeform's address. Raises
    Misconfigured."""
    token = secret.get("access_token")
    if not token:
        raise Misconfigured("the secret 'access_token' of the Typeform source has no value")
    wanted = chosen(Options, options, "the Typeform source")
    return TypeformResponses(token, endpoint or REGIONS[wanted.region], wanted)


def utc_now() -> datetime:
    """The wall clock, in UTC."""
    return datetime.now(UTC)


class TypeformResponses:
    """Fetch and Listed over the Responses API."""

    def __init__(self, token: str, endpoint: str, options: Options, now: Callable[[], datetime] = utc_now) -> None:
        self._host = Host(endpoint, HOSTS, {"authorization": f"Bearer {token}", "accept": "application/json"})
        self._forms = [_form(one) for one in options.forms]
        self._habit = Habit(timedelta(days=options.history_days), OVERLAP)
        self._definitions: dict[str, object] = {}
        self._now = now

    def complete(self, touch: Touch) -> Completed:
        """Its webhooks carry the whole response: there is nothing to complete. Raises Reject."""
        raise Reject("unresolvable", "a Typeform webhook is complete as it is")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        """The next pages of a sweep over all forms. All or nothing: a failure raises."""
        return history.since(self.between, cursor, self._now(), self._habit)

    def between(self, start: datetime, end: datetime, page: str | None) -> tuple[Sequence[TouchDraft], str | None]:
        """A page of one form; the token names the form, and the response before which the page begins."""
        if not self._forms:
            raise Misconfigured("the Typeform source reads no history without its option forms")
        number, before = _place(page)
        if number >= len(self._forms):  # there are fewer forms than when the sweep began
            return [], None
        form = self._forms[number]
        rows = self._rows(form, start, end, before)
        drafts = [draft for row in rows for draft in self._drafts(form, row)]
        if len(rows) >= PAGE_SIZE:
            return drafts, f"{number}:{_last(rows)}"
        return drafts, f"{number + 1}:" if number + 1 < len(self._forms) else None

    def subscriptions(self) -> Sequence[tuple[str, Sequence[Subscription]]]:
        """The webhooks of each form: one that was answered 404 or 410 once is switched off."""
        return [(f"form {form}", [_subscription(row) for row in self._webhooks(form)]) for form in self._forms]

    def _webhooks(self, form: str) -> list[dict[str, object]]:
        rows = self._get(f"/forms/{form}/webhooks", {}).get("items")
        return [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []

    def _rows(self, form: str, start: datetime, end: datetime, before: str) -> list[object]:
        """Newest first. Both bounds are inclusive, to the second."""
        query = {
            "page_size": str(PAGE_SIZE),
            "response_type": "completed",
            "since": _written(start),
            "until": _written(end - _SECOND),
            **({"before": before} if before else {}),
        }
        found = self._get(f"/forms/{form}/responses", query).get("items")
        if not isinstance(found, list):
            raise _not_understood("items")
        return found

    def _drafts(self, form: str, row: object) -> Sequence[TouchDraft]:
        """As the webhook says it. One that cannot be read is kept with its reason and holds up no other."""
        known = {"form_id": form, "definition": self._definition(form)}
        said = {**known, **row} if isinstance(row, dict) else row
        body = json.dumps({"event_type": "form_response", "form_response": said}).encode()
        return source.parse(Delivery("POST", {}, (), body), _SETTINGS, self._now())

    def _definition(self, form: str) -> object:
        """The form with its title and questions, read once: responses name their fields by ids only."""
        if form not in self._definitions:
            found = self._get(f"/forms/{form}", {})
            self._definitions[form] = {name: found.get(name) for name in ("id", "title", "fields")}
        return self._definitions[form]

    def _get(self, path: str, query: Mapping[str, str]) -> dict[str, object]:
        answer = self._host.get(path, query)
        if answer.status in {401, 403}:
            raise Misconfigured(f"Typeform answered {answer.status}: the access_token needs forms:read, responses:read")
        if answer.status == 404:
            raise Misconfigured(f"Typeform knows nothing at {path}: look at the source's option forms")
        error = trouble(answer)
        if error:
            raise error
        try:
            json_body.read(answer.body)
        except Malformed as wrong:
            raise _not_understood(str(wrong)) from None
        found: dict[str, object] = json.loads(answer.body)
        return found


def _form(form: str) -> str:
    if not _FORM.fullmatch(form):
        raise Misconfigured("each of the Typeform source's forms is the id in its address, such as lT4Z3j")
    return form


def _subscription(row: Mapping[str, object]) -> Subscription:
    note = "" if row.get("verify_ssl", True) is not False else "it does not look at our certificate"
    return Subscription(str(row.get("url") or ""), row.get("enabled") is True, note)


def _place(page: str | None) -> tuple[int, str]:
    number, _, before = (page or "0:").partition(":")
    if not number.isdecimal():
        raise Reject("cursor", "the cursor of the Typeform source is unreadable; remove it to begin anew")
    return int(number), before


def _written(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _last(rows: Sequence[object]) -> str:
    """The token before which the next page begins. Raises Retry where no response has one."""
    tokens = [row.get("token") for row in rows if isinstance(row, dict)]
    named = [token for token in tokens if isinstance(token, str) and _TOKEN.fullmatch(token)]
    if not named:
        raise _not_understood("no token in a whole page")
    return named[-1]


def _not_understood(what: str) -> Retry:
    return Retry(RETRY_SECONDS, f"Typeform's answer was not understood ({what})", "outage")
