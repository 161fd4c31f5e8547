"""Calendly.

A booking that is moved comes as two events: the old one cancelled (`rescheduled`), a new one created (`old_invitee`).
Neither is news of a meeting won or lost, so the first becomes nothing and the second a `meeting_rescheduled`. Addresses
and passwords of the meeting itself, and the addresses that cancel it, are left out of what is kept.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Literal

from pydantic import Field

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, believable, collect, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

OLDEST = timedelta(seconds=180)
"""As Calendly recommends."""
_SECRETS = frozenset({"join_url", "password", "cancel_url", "reschedule_url"})
_INVITEE = {
    "email": "email",
    "name": "name",
    "first_name": "first_name",
    "last_name": "last_name",
    "text_reminder_number": "phone",
    "timezone": "timezone",
}
_MEETING = ("name", "start_time", "end_time")


class Options(Model):
    """What RevOps sets for `fetch`: whose meetings are read, those of the whole `organization` or of the token's own
    `user`, and how many days back the first reading goes."""

    scope: Literal["organization", "user"] = "organization"
    history_days: int = Field(default=7, ge=0, le=90)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`Calendly-Webhook-Signature: t=<unix seconds>,v1=<hex of HMAC-SHA256(signing_key, "t.body")>`, at most three
    minutes old. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_key")
    signing.check_timestamped(values, delivery.body, delivery.header("calendly-webhook-signature"), now, OLDEST)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch for an event. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return list(_drafts(body, now))
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without what lets its holder into the meeting, or cancel it."""
    return json_body.blanked(delivery.body, _SECRETS)


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx; who fails for about a day is switched off."""
    return replies.plain(outcome)


def _drafts(body: Wild, now: datetime) -> Iterator[TouchDraft]:
    reader = _READERS.get(body.get("event").text())
    draft = reader(body.get("payload")) if reader else None
    if draft is not None:
        yield draft.with_(occurred_at=believable(body.get("created_at").optional_time(), now))


def _created(payload: Wild) -> TouchDraft:
    """The invitee's address is the booking: each move makes a new one, which remembers the old."""
    if payload.get("old_invitee").missing:
        return _invitee(payload, "activity", "meeting_booked", "booked")
    return _invitee(payload, "behaviour", "meeting_rescheduled", "rescheduled")


def _canceled(payload: Wild) -> TouchDraft | None:
    return None if payload.get("rescheduled").flag() else _invitee(payload, "behaviour", "meeting_canceled", "canceled")


def _no_show(payload: Wild) -> TouchDraft:
    return _invitee(payload, "behaviour", "meeting_no_show", "no_show")


def _no_show_undone(payload: Wild) -> TouchDraft:
    return _invitee(payload, "behaviour", "meeting_no_show_undone", "no_show_undone")


def _invitee(payload: Wild, kind: TouchKind, event: str, what: str) -> TouchDraft:
    return TouchDraft(
        kind=kind,
        key=f"{what}:{payload.get('uri').identifier()}",
        event=event,
        words=Words(answers=collect(_words(payload))),
        origin=_origin(payload, "event_type", payload.get("scheduled_event")),
    )


def _routing_form(payload: Wild) -> TouchDraft:
    """A form that asks before it offers a time: a submission, whether or not a meeting follows."""
    answers = collect(_asked(payload, "questions_and_answers"))
    return TouchDraft(
        kind="submission",
        key=f"form:{payload.get('uri').identifier()}",
        words=Words(answers=answers),
        origin=_origin(payload, "routing_form", payload),
        problem=None if answers else "no_answers",
    )


_READERS: Mapping[str, Callable[[Wild], TouchDraft | None]] = {
    "invitee.created": _created,
    "invitee.canceled": _canceled,
    "invitee_no_show.created": _no_show,
    "invitee_no_show.deleted": _no_show_undone,
    "routing_form_submission.created": _routing_form,
}


def _words(payload: Wild) -> Iterator[Answer]:
    meeting, cancellation = payload.get("scheduled_event"), payload.get("cancellation")
    pairs = [(ours, payload.get(name)) for name, ours in _INVITEE.items()]
    pairs += [(f"meeting.{name}", meeting.optional(name)) for name in _MEETING]
    pairs += [(f"cancellation.{name}", cancellation.optional(name)) for name in ("canceler_type", "reason")]
    pairs += [(f"tracking.{name}", value) for name, value in payload.get("tracking").entries()]
    for name, value in pairs:
        found = answer(name, [value.said(VALUE_BYTES)])
        if found:
            yield found
    hosts = answer("host", [host.get("user_email").said(LINE) for host in meeting.optional("event_memberships").each()])
    if hosts:
        yield hosts
    yield from _asked(payload, "questions_and_answers")


def _asked(payload: Wild, where: str) -> Iterator[Answer]:
    for row in payload.get(where).each(MAX_ANSWERS):
        given = row.get("answer")
        said = given.each(MAX_ANSWERS) if given.is_list else (given,)
        found = answer(row.get("question").said(LINE), [one.said(VALUE_BYTES) for one in said])
        if found:
            yield found


def _origin(payload: Wild, named: str, within: Wild) -> Origin:
    """The form is the last part of the address of the type of meeting, or of the routing form."""
    said = {name: value.said(LINE) for name, value in payload.get("tracking").entries()}
    address = within.optional(named).said(LINE)
    name = within.optional("name").said(LINE) if named == "event_type" else None
    return Origin(form=code(address.rstrip("/").rpartition("/")[2]), form_name=code(name), **utm.origin_codes(said))
