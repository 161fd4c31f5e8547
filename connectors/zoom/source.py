"""Zoom webinars: who registered, and who was there.

Zoom has the endpoint sign a text of its choice, every three days; the same secret signs its events. So only a text that
could never be the beginning of a signed event is answered. Who leaves and comes back was there once. Addresses that let
somebody into the webinar are left out of what is kept.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, believable, collect, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

SECRET_BYTES = 22
"""Zoom makes the secret itself: 128 random bits in so many letters."""
_VALIDATION = "endpoint.url_validation"
_PLAIN = re.compile(r"[A-Za-z0-9_-]{8,64}")
_LAST_MILLISECOND = 253_402_300_799_999
_SECRETS = frozenset({"join_url", "start_url", "password", "passcode", "registration_url"})
_REGISTRANT = ("email", "first_name", "last_name", "phone", "org", "job_title", "industry", "country", "city", "zip")
_MORE = ("no_of_employees", "purchasing_time_frame", "role_in_purchase_process", "comments")
_PARTICIPANT = {"email": "email", "user_name": "name"}


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """The signature of the text that Zoom validates the address with. Raises Unauthentic for any other text, and
    Misconfigured."""
    if _VALIDATION.encode() not in delivery.body:
        return None
    try:
        body = json_body.read(delivery.body)
        if body.get("event").said(LINE) != _VALIDATION:
            return None
        asked = body.get("payload").get("plainToken").said(LINE)
    except Malformed:
        return None
    if not _PLAIN.fullmatch(asked):
        raise Unauthentic("challenge_form")
    signed = signing.sign(signing.usable(secrets, "secret_token", SECRET_BYTES)[0], asked.encode()).decode("ascii")
    return Reply(200, json.dumps({"plainToken": asked, "encryptedToken": signed}), "application/json")


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`x-zm-signature: v0=<hex of HMAC-SHA256(secret_token, "v0:timestamp:body")>` with x-zm-request-timestamp in Unix
    seconds, at most five minutes old or ahead. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "secret_token", SECRET_BYTES)
    header, stamp = delivery.header("x-zm-signature"), delivery.header("x-zm-request-timestamp")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_stamp(stamp, now)
    signing.check_body(values, f"v0:{stamp}:".encode() + delivery.body, header, "v0=", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch for an event. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return list(_drafts(body, now))
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without what lets its holder into the webinar."""
    return json_body.blanked(delivery.body, _SECRETS)


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx within three seconds."""
    return replies.plain(outcome)


def _drafts(body: Wild, now: datetime) -> Iterator[TouchDraft]:
    reader = _READERS.get(body.get("event").text())
    draft = reader(body.get("payload").get("object")) if reader else None
    if draft is not None:
        at = body.get("event_ts")
        yield draft.with_(occurred_at=None if at.missing else believable(_moment(at), now))


def _moment(at: Wild) -> datetime:
    return datetime.fromtimestamp(at.whole(0, _LAST_MILLISECOND) / 1000, UTC)


def _registered(webinar: Wild) -> TouchDraft:
    registrant = webinar.get("registrant")
    draft = _draft(webinar, "submission", "registered", registrant.get("id").identifier(), _answers(registrant))
    campaign = code(registrant.get("tracking_source").said(LINE))
    return draft.with_(origin=draft.origin.with_(campaign=campaign))


def _canceled(webinar: Wild) -> TouchDraft:
    registrant = webinar.get("registrant")
    who = registrant.get("id").identifier()
    return _draft(webinar, "behaviour", "canceled", who, _answers(registrant), "webinar_registration_canceled")


def _attended(webinar: Wild) -> TouchDraft | None:
    """Whoever registered is known by that; the host was there too, but is ours."""
    person = webinar.get("participant")
    if person.get("id").said(LINE) and person.get("id").said(LINE) == webinar.get("host_id").said(LINE):
        return None
    known = (person.get(name).optional_identifier() for name in ("registrant_id", "participant_uuid", "user_id"))
    who = next((one for one in known if one), None) or person.get("email").identifier()
    found = (answer(ours, [person.get(theirs).said(VALUE_BYTES)]) for theirs, ours in _PARTICIPANT.items())
    return _draft(webinar, "behaviour", "attended", who, filter(None, found), "webinar_attended")


_READERS: Mapping[str, Callable[[Wild], TouchDraft | None]] = {
    "webinar.registration_created": _registered,
    "webinar.registration_cancelled": _canceled,
    "webinar.participant_joined": _attended,
}


def _draft(
    webinar: Wild, kind: TouchKind, what: str, who: str, answers: Iterator[Answer], event: str | None = None
) -> TouchDraft:
    """A webinar that is held several times has one id; who was there on several days was there."""
    number, said = webinar.get("id").identifier(), collect(answers)
    return TouchDraft(
        kind=kind,
        key=f"{what}:{number}:{who}",
        event=event,
        words=Words(answers=said, anonymous_id=f"zoom:{who}"[:128]),
        origin=Origin(form=code(number), form_name=code(webinar.get("topic").said(LINE)), origin_source="zoom"),
        problem=None if event or said else "no_answers",
    )


def _answers(registrant: Wild) -> Iterator[Answer]:
    """The usual questions by Zoom's names, the host's own by their words."""
    pairs = [(name, registrant.get(name)) for name in (*_REGISTRANT, *_MORE)]
    questions = registrant.get("custom_questions").each(MAX_ANSWERS)
    pairs += [(one.get("title").said(LINE), one.get("value")) for one in questions]
    for name, value in pairs:
        found = answer(name, [value.said(VALUE_BYTES)])
        if found:
            yield found
