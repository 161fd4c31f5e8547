"""Cal.com.

A request for a meeting is not a booking: it may be declined. A booking that is moved is one event with a new id that
remembers the old (`rescheduleUid`). Users can replace the payload with a template of their own; what then lacks a
trigger is kept with that reason. Addresses and passwords of the meeting itself are left out of what is kept.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import VALUE_BYTES, answer, believable, collect, digest, flatten, said_today, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_FORM = "FORM_SUBMITTED"
_MOVED: tuple[TouchKind, str] = ("behaviour", "meeting_rescheduled")
_EVENTS: Mapping[str, tuple[TouchKind, str]] = {
    "BOOKING_CREATED": ("activity", "meeting_booked"),
    "BOOKING_RESCHEDULED": _MOVED,
    "BOOKING_REQUESTED": ("behaviour", "meeting_requested"),
    "BOOKING_REJECTED": ("behaviour", "meeting_declined"),
    "BOOKING_CANCELLED": ("behaviour", "meeting_canceled"),
}
_NO_SHOW = "BOOKING_NO_SHOW_UPDATED"
_SECRETS = frozenset({"videocallurl", "videocalldata", "conferencedata", "hangoutlink", "location", "meetingurl"})
_NOBODYS = frozenset({"location", "guests", "smsremindernumber"})
"""Answers that are not about the person: where the meeting is, and whom else they bring."""
_MEETING = {"title": "title", "startTime": "start_time", "endTime": "end_time"}
_REASONS = {"cancellationReason": "canceled_because", "rejectionReason": "declined_because"}


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Cal-Signature-256: <hex of HMAC-SHA256(signing_secret, body)>`. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_secret")
    header = delivery.header("x-cal-signature-256")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_body(values, delivery.body, header, "", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch for an event. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return list(_drafts(body, now))
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without what lets its holder into the meeting."""
    return json_body.blanked(delivery.body, _SECRETS)


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200."""
    return replies.plain(outcome)


def _drafts(body: Wild, now: datetime) -> Iterator[TouchDraft]:
    for draft in _told(body.get("triggerEvent").text(), body.get("payload"), now):
        yield draft.with_(occurred_at=believable(body.get("createdAt").optional_time(), now))


def _told(trigger: str, payload: Wild, now: datetime) -> Iterator[TouchDraft]:
    if trigger in _EVENTS:
        yield _booking(trigger, payload)
    elif trigger == _FORM:
        yield _form(payload, now)
    elif trigger == _NO_SHOW:
        yield from (_no_show(payload, attendee) for attendee in payload.get("attendees").each())


def _booking(trigger: str, payload: Wild) -> TouchDraft:
    """A booking is known by its uid; one that replaces another is the other, moved."""
    moved = trigger == "BOOKING_CREATED" and payload.get("rescheduleUid").said(LINE)
    kind, event = _MOVED if moved else _EVENTS[trigger]
    return TouchDraft(
        kind=kind,
        key=f"{event}:{payload.get('uid').identifier()}",
        event=event,
        words=Words(answers=collect(_words(payload))),
        origin=_origin(payload, "eventTypeId", "type"),
    )


def _no_show(payload: Wild, attendee: Wild) -> TouchDraft:
    """Somebody of ours marks, or unmarks, each who did not come."""
    event = "meeting_no_show" if attendee.get("noShow").flag() else "meeting_no_show_undone"
    email = answer("email", [attendee.get("email").text()])
    return TouchDraft(
        kind="behaviour",
        key=f"{event}:{payload.get('bookingUid').identifier()}:{digest(attendee.get('email').text())}",
        event=event,
        words=Words(answers=(email,) if email else ()),
    )


def _form(payload: Wild, now: datetime) -> TouchDraft:
    """A routing form; it has no id, so it is known by what was said in it that day."""
    answers = collect(_responses(payload))
    origin = _origin(payload, "formId", "formName")
    return TouchDraft(
        kind="submission",
        key=f"form:{said_today(now, origin.form, *sorted(one.model_dump_json() for one in answers))}",
        words=Words(answers=answers),
        origin=origin,
        problem=None if answers else "no_answers",
    )


def _words(payload: Wild) -> Iterator[Answer]:
    asked = list(_responses(payload))
    yield from asked
    known = {one.key.casefold() for one in asked}
    first = next(iter(payload.get("attendees").each()), Wild(None))
    pairs = [(name, first.optional(name)) for name in ("email", "name", "phoneNumber") if name.casefold() not in known]
    pairs += [("timezone", first.optional("timeZone")), ("host", payload.get("organizer").optional("email"))]
    pairs += [(f"meeting.{ours}", payload.get(name)) for name, ours in _MEETING.items()]
    pairs += [(f"meeting.{ours}", payload.get(name)) for name, ours in _REASONS.items()]
    for name, value in pairs:
        found = answer(name, [value.said(VALUE_BYTES)])
        if found:
            yield found


def _responses(payload: Wild) -> Iterator[Answer]:
    """Each answer by its own name, with its label; those of the booker's own fields stand beside the others."""
    for where in ("responses", "userFieldsResponses"):
        for name, given in payload.get(where).entries():
            if name.casefold() in _NOBODYS:
                continue
            label = given.get("label").said(LINE) if given.is_object else ""
            for found in _said(given, name):
                yield found.with_(label=label or None)


def _said(given: Wild, name: str) -> Iterator[Answer]:
    """A choice in a routing form is told by its id, and beside it (`response`) in the words that people saw."""
    seen = given.get("response") if given.is_object else Wild(None)
    if seen.is_list:
        found = answer(name, [one.get("label").said(VALUE_BYTES) for one in seen.each() if one.is_object])
        yield from () if found is None else (found,)
    elif not seen.missing and not seen.is_object:
        yield from flatten(seen, name)
    else:
        yield from flatten(given.get("value") if given.is_object else given, name)


def _origin(payload: Wild, form: str, name: str) -> Origin:
    """A page that embeds the calendar hands its own query on in `metadata` or `tracking`."""
    places = (payload.get("metadata"), payload.get("tracking"))
    said = {key: value.said(LINE) for place in places if place.is_object for key, value in place.entries()}
    return Origin(
        form=code(payload.get(form).said(LINE)),
        form_name=code(payload.get(name).said(LINE)),
        **utm.origin_codes(said, said.get("page")),
    )
