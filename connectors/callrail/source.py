"""CallRail: calls, text messages and forms, with the campaign that led to them.

The body does not name its event: what it holds says what it is. A call is told several times (before, after, when it is
changed later), so its identity is the call and what became of it: a recording that is attached later is a repeat, a
call that was found to be answered after all is not. Types are loose and "" means nothing.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import VALUE_BYTES, answer, believable, collect, flatten, unreadable
from connectors.kit.telephone import is_withheld
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, Speaker, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_SECRETS = frozenset({"recording", "recording_player", "recording_redirect", "media_urls"})
_NUMBER = re.compile(r"\+?[0-9][0-9 ().-]{5,24}")
_CALLER = {
    "customer_name": "name",
    "customer_city": "city",
    "customer_state": "region",
    "customer_country": "country",
    "duration": "seconds",
    "source_name": "source_name",
    "keywords": "keywords",
    "utm_term": "utm_term",
    "note": "note",
    "lead_status": "lead_status",
    "first_call": "first_call",
    "tags": "tags",
    "zip_code": "postcode",
}
_MESSAGE = {"message_type": "message_type", "lead_status": "lead_status"}


class _Told(NamedTuple):
    """What a body means: `what` is part of the identity, `number` names the member with the person's number."""

    kind: TouchKind
    what: str
    number: str
    event: str | None = None
    talk: Speaker | None = None


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`Signature: <base64 of HMAC-SHA1(signing_key, body)>`; each company of an account has a key of its own, and any
    of them will do. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_key")
    header = delivery.header("signature")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_body(values, delivery.body, header, "", signing.base64_text, "sha1")
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch; a call that has not ended is none. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        if not body.get("form_data").missing:
            return [_form(body, now)]
        told = _message(body) if not body.get("source_number").missing else _call(body)
        return [_contact(body, told, now)] if told else []
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without addresses of recordings and pictures: whoever has one may open it."""
    return json_body.blanked(delivery.body, _SECRETS)


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx. What fails is never sent again, and who fails often is switched off."""
    return replies.plain(outcome)


def _call(body: Wild) -> _Told | None:
    """Before its end a call says neither whether it was answered nor how long it was."""
    if body.get("direction").said(LINE) == "outbound":
        return None if body.get("duration").missing else _Told("activity", "made", "customer_phone_number", "call")
    if body.get("answered").missing or body.get("duration").missing:
        return None
    if body.get("voicemail").flag() or body.get("call_type").said(LINE) in {"voicemail", "voicemail_transcription"}:
        return _Told("submission", "voicemail", "customer_phone_number")
    if body.get("answered").flag():
        return _Told("activity", "answered", "customer_phone_number", "call")
    return _Told("submission", "missed_call", "customer_phone_number")


def _message(body: Wild) -> _Told:
    """Only what a person of ours sent names its `agent`."""
    if body.get("agent").said(LINE):
        return _Told("activity", "sent", "destination_number", "sms", "ours")
    return _Told("submission", "sms", "source_number", talk="theirs")


def _contact(body: Wild, told: _Told, now: datetime) -> TouchDraft:
    """A number that is none was withheld: nobody can call back."""
    number = body.get(told.number).said(LINE)
    known = bool(_NUMBER.fullmatch(number)) and not is_withheld(number)
    names = _CALLER if told.talk is None else {"content": "said" if told.talk == "ours" else "text", **_MESSAGE}
    answers = [*_one("phone", number if known else "")]
    if told.what == "voicemail":
        answers += _one("text", body.get("transcription").said(VALUE_BYTES))
    answers += [found for theirs, ours in names.items() for found in flatten(body.get(theirs), ours)]
    form = told.what if told.kind == "submission" else None
    return TouchDraft(
        kind=told.kind,
        key=f"{_id(body)}:{told.what}",
        event=told.event,
        words=Words(answers=collect(iter(answers))),
        origin=_origin(body, form, body.get("tracking_phone_number").said(LINE)),
        occurred_at=believable(_time(body, "start_time", "timestamp"), now),
        problem=None if known else "number_withheld",
        talk=told.talk,
    )


def _form(body: Wild, now: datetime) -> TouchDraft:
    """A form of the website, as its visitor filled it in."""
    answers = collect(flatten(body.get("form_data")))
    return TouchDraft(
        kind="submission",
        key=f"{_id(body)}:form",
        words=Words(answers=answers),
        origin=_origin(body, utm.page_code(body.get("form_url").said(2048)) or "form", ""),
        occurred_at=believable(_time(body, "submitted_at", "timestamp"), now),
        problem=None if answers else "no_answers",
    )


def _id(body: Wild) -> str:
    """Older accounts still send the plain number too; the newer id is the lasting one."""
    return body.get("resource_id").optional_identifier() or body.get("id").identifier()


def _time(body: Wild, *names: str) -> datetime | None:
    found = next((body.get(name) for name in names if body.get(name).said(LINE)), Wild(None))
    return found.optional_time()


def _origin(body: Wild, form: str | None, tracked: str) -> Origin:
    """The campaign is the UTM one, else CallRail's own, else the number that was called."""
    names: Mapping[str, str] = {"source": "utm_source", "medium": "utm_medium", "campaign": "utm_campaign"}
    said = {ours: body.get(theirs).said(LINE) for theirs, ours in names.items()}
    said |= {name: text for name in utm.CARRIED if (text := body.get(name).said(LINE))}
    page = body.get("landing_page_url").said(2048) or body.get("form_url").said(2048)
    found = utm.origin_codes(said, page or None)
    return Origin(form=form, **{**found, "campaign": found["campaign"] or code(tracked)})


def _one(key: str, value: str) -> Iterator[Answer]:
    found = answer(key, [value[:VALUE_BYTES]])
    if found:
        yield found
