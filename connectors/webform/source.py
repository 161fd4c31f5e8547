"""The company's own forms, pages and servers: the reference source.

Three ways to prove a sender, by what it can keep secret:

- `hmac`: a server signs, `X-LeadRelay-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256(signing_secret, "t.body")>`;
- `key`: a server or a form plug-in that can only set a header sends `X-Api-Key: <api_key>`;
- `browser`: a page can keep no secret. Its `Origin` must be on the list; a hidden field that people leave empty must be
  present and empty; optionally the server that renders the page signs when it did. Such touches stay `unverified`, and
  what looks like a robot gets the same answer as everybody else, so that it learns nothing. Nobody is refused for a
  token: a page that was left open over night, or a secret changed on one side only, must not cost a lead.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime, timedelta
from typing import Literal

from connectors.kit import form_body, json_body, replies, signing, utm
from connectors.kit.drafts import VALUE_BYTES, believable, collect, digest, flatten, options
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

BROWSER_BYTES = 64 * 1024
TOKEN_LIFE = timedelta(hours=24)
_BEACON = "text/plain"
"""What a page sends JSON as, so that its browser need not ask first whether it may."""
_SUBMISSION_ID = re.compile(r"[A-Za-z0-9_-]{8,128}")
_TOKEN_TIME = re.compile(r"t=([0-9]{10}),")
_TOKEN_FIELD = "form_token"  # noqa: S105 the field's name, not a token
_TOKENS = {
    "signature_missing": "form_token_missing",
    "signature_form": "form_token_missing",
    "signature_time": "form_token_old",
    "signature_wrong": "form_token_wrong",
}
"""What is wrong with a token, as a suspicion."""
_ON_TOP = frozenset({"form", "form_id", "form_name", "submission_id", "anonymous_id", "page", _TOKEN_FIELD, *utm.UTM})
"""What a page says about a submission, beside what the person says. JSON may also say the next five."""
_ENVELOPE = _ON_TOP | {"fields", "properties", "event", "event_id", "occurred_at"}


class Options(Model):
    """What RevOps sets for one form or site.

    `form` is the form's code where the sender gives none. `origins` (scheme://host) and `honeypot` (the hidden field's
    name) are for browser mode; `min_fill_seconds` above 0 asks for a `form_token` and suspects faster people.
    """

    mode: Literal["hmac", "key", "browser"] = "hmac"
    form: str | None = None
    origins: tuple[str, ...] = ()
    honeypot: str = "company_fax"
    min_fill_seconds: int = 0


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """By the mode of this source. Raises Unauthentic, Malformed (browser body above 64 KiB), Misconfigured."""
    chosen = options(Options, settings)
    if chosen.mode == "hmac":
        header = delivery.header("x-leadrelay-signature")
        values = signing.usable(secrets, "signing_secret")
        signing.check_timestamped(values, delivery.body, header, now, signing.TOLERANCE)
    elif chosen.mode == "key":
        signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
    else:
        _check_browser(delivery, chosen, secrets)
        return "unverified"
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission, or one behaviour where the body names an `event`. Raises Malformed."""
    chosen = options(Options, settings)
    body = _read(delivery)
    event = code(body.get("event").optional_text())
    form = code(_first(body, "form", "form_id")) or code(chosen.form)
    occurred_at = believable(body.get("occurred_at").optional_time(), now)
    words = _words(body, chosen, delivery)
    draft = TouchDraft(
        kind="behaviour" if event else "submission",
        key="",
        event=event,
        words=words,
        origin=_origin(body, form),
        occurred_at=occurred_at,
        suspicion=_suspicion(body, chosen, now) if chosen.mode == "browser" and not event else None,
        problem=None if event or words.answers else "no_answers",
    )
    return [draft.with_(key=_key(body, draft, now))]


def suspicion(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> str | None:
    """What the `form_token` shows, where one is asked for: `form_token_missing`, `form_token_wrong` (not made with our
    secret, or for another form) or `form_token_old`. Raises Malformed, Misconfigured (asked for, and no secret)."""
    chosen = options(Options, settings)
    body = _read(delivery) if _asks_for_token(chosen) else None
    if body is None or not body.get("event").missing:
        return None
    form = (code(_first(body, "form", "form_id")) or chosen.form or "").encode()
    token, values = body.get(_TOKEN_FIELD).said(LINE), signing.usable(secrets, "form_secret")
    try:
        signing.check_timestamped(values, form, token, now, TOKEN_LIFE)
    except Unauthentic as wrong:
        return _TOKENS[str(wrong)]
    return None


def offer(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Reply | None:
    """A `form_token` for the form named in the query: for pages that no server renders. Only pages of the list get one.
    Raises Misconfigured (no secret)."""
    chosen = options(Options, settings)
    if not _asks_for_token(chosen) or delivery.header("origin") not in chosen.origins:
        return None
    stamp, form = str(int(now.timestamp())), code(delivery.parameter("form")) or chosen.form or ""
    proof = signing.sign(signing.usable(secrets, "form_secret")[0], f"{stamp}.{form}".encode()).decode("ascii")
    body = json.dumps({_TOKEN_FIELD: f"t={stamp},v1={proof}"})
    return Reply(200, body, "application/json", {"Cache-Control": "no-store"})


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Exactly 200 for success: form plug-ins show their visitor an error for any other 2xx."""
    return replies.plain(outcome)


def _check_browser(delivery: Delivery, chosen: Options, secrets: SecretValues) -> None:
    if delivery.header("origin") not in chosen.origins:
        raise Unauthentic("origin")
    if len(delivery.body) > BROWSER_BYTES:
        raise Malformed("body:too_large")
    if _asks_for_token(chosen):
        signing.usable(secrets, "form_secret")


def _asks_for_token(chosen: Options) -> bool:
    return chosen.mode == "browser" and chosen.min_fill_seconds > 0


def _read(delivery: Delivery) -> Wild:
    content_type = delivery.header("content-type")
    kind, _ = form_body.media_type(content_type)
    if kind in {form_body.URLENCODED, form_body.MULTIPART}:
        return form_body.read(content_type, delivery.body, _ON_TOP)
    if kind in {"application/json", _BEACON} or (kind.startswith("application/") and kind.endswith("+json")):
        return json_body.read(delivery.body)
    raise Malformed("content_type")


def _words(body: Wild, chosen: Options, delivery: Delivery) -> Words:
    """The page's user agent is the visitor's only in browser mode; a server's own says nothing about a person."""
    agent = clean_line(delivery.header("user-agent"), 256) if chosen.mode == "browser" else ""
    return Words(
        answers=collect(_answers(body, chosen.honeypot)),
        anonymous_id=body.get("anonymous_id").optional_text(128),
        user_agent=agent or None,
    )


def _answers(body: Wild, honeypot: str) -> Iterator[Answer]:
    """Fields beside the envelope and inside `fields` bear their own names, an event's `properties.<name>`."""
    for name, value in [*body.entries(), *body.get("fields").entries()]:
        if name not in _ENVELOPE and name != honeypot:
            yield from flatten(value, name)
    yield from flatten(body.get("properties"), "properties")


def _origin(body: Wild, form: str | None) -> Origin:
    fields = body.get("fields")
    said = {name: body.get(name).said(LINE) for name in utm.UTM}
    said |= {
        name: body.get(name).said(LINE) or fields.optional(name).said(LINE)
        for name in (*utm.CLICK_IDS, *utm.PARTNERS, "referrer")
    }
    return Origin(
        form=form,
        form_name=code(body.get("form_name").optional_text()),
        **utm.origin_codes(said, body.get("page").optional_text(2048)),
    )


def _suspicion(body: Wild, chosen: Options, now: datetime) -> str | None:
    trap = body.get(chosen.honeypot)
    if trap.missing:
        trap = body.get("fields").optional(chosen.honeypot)
    if trap.missing:
        return "honeypot_missing"
    if trap.said(VALUE_BYTES) or trap.is_list or trap.is_object:
        return "honeypot_filled"
    rendered = _TOKEN_TIME.match(body.get(_TOKEN_FIELD).optional_text() or "")
    if chosen.min_fill_seconds and rendered:
        shown_for = now - datetime.fromtimestamp(int(rendered[1]), UTC)
        return "filled_too_fast" if shown_for < timedelta(seconds=chosen.min_fill_seconds) else None
    return None


def _key(body: Wild, draft: TouchDraft, now: datetime) -> str:
    """The sender's id, or else what was said on this UTC day: the same form next month is a new touch.

    A suspicion is part of it: a robot that says what a person will say must not be taken for the person's first time.
    """
    parts = [draft.event or draft.kind, draft.origin.form or "-", *filter(None, [draft.suspicion])]
    given = _first(body, "submission_id", "event_id") or ""
    if _SUBMISSION_ID.fullmatch(given):
        return ":".join([*parts, given])
    answers = sorted(one.model_dump_json() for one in draft.words.answers)
    when = draft.occurred_at.isoformat() if draft.occurred_at else None
    origin = draft.origin.model_dump_json(exclude_none=True)  # what nobody says must not tell two releases apart
    said = digest(origin, draft.words.anonymous_id, when, *answers)
    return ":".join([*parts, said, now.date().isoformat()])


def _first(body: Wild, *names: str) -> str | None:
    return next((found for name in names if (found := body.get(name).said(LINE))), None)
