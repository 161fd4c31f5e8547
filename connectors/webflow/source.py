"""Webflow's form submissions.

Only webhooks made by an app or through the API are signed; one that was made in the dashboard is not, and is refused.
Answers bear the labels that visitors see, which a designer renames; what a field *is* stands in the schema beside them.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import MAX_ANSWERS, collect, flatten, sent_at, unreadable
from connectors.kit.site_form import PAGE_BYTES
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_SUBMISSION = "form_submission"
_MILLISECONDS = re.compile(r"[0-9]{13}")
_BY_TYPE = {"email": "type.email", "phone": "type.phone_number"}
"""What the name of a field's type contains, and what its first answer is known as besides."""


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`x-webflow-signature: <hex of HMAC-SHA256(signing_secret, "timestamp:body")>` with `x-webflow-timestamp` in
    milliseconds, at most five minutes old or ahead. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_secret")
    header, stamp = delivery.header("x-webflow-signature"), delivery.header("x-webflow-timestamp")
    if not header:
        raise Unauthentic("signature_missing")
    if not _MILLISECONDS.fullmatch(stamp):
        raise Unauthentic("signature_form")
    if abs(now - datetime.fromtimestamp(int(stamp) / 1000, UTC)) > signing.TOLERANCE:
        raise Unauthentic("signature_time")
    signing.check_body(values, stamp.encode() + b":" + delivery.body, header, "", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A submission, nothing for other triggers. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        if body.get("triggerType").missing and body.get("data").is_object:  # the first version has no envelope
            return [_draft(body, now)]
        return [_draft(body.get("payload"), now)] if body.get("triggerType").text() == _SUBMISSION else []
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx; anything else is sent again, three times in all."""
    return replies.plain(outcome)


def _draft(payload: Wild, now: datetime) -> TouchDraft:
    answers = collect(_words(payload))
    return TouchDraft(
        kind="submission",
        key=payload.get("id").optional_identifier() or payload.get("_id").identifier(),
        words=Words(answers=answers),
        origin=_origin(payload, answers),
        occurred_at=sent_at(now, payload.get("submittedAt"), payload.get("d")),
        problem=None if answers else "no_answers",
    )


def _words(payload: Wild) -> Iterator[Answer]:
    types = _types(payload)
    by_type: dict[str, Answer] = {}
    for label, value in payload.get("data").entries(MAX_ANSWERS):
        for found in flatten(value, label):
            yield found
            known = types.get(label)
            if known:
                by_type.setdefault(known, found.with_(key=known, label=found.key))
    yield from by_type.values()


def _types(payload: Wild) -> Mapping[str, str]:
    """Label of a field -> the name its type gives it; the schema may be absent."""
    fields = payload.get("schema").each(MAX_ANSWERS)
    pairs = ((field.get("fieldName").said(LINE), field.get("fieldType").said(LINE).casefold()) for field in fields)
    return {label: name for label, kind in pairs for word, name in _BY_TYPE.items() if word in kind}


def _origin(payload: Wild, answers: Sequence[Answer]) -> Origin:
    said = {one.key.casefold(): one.values[0] for one in reversed(answers)}
    form, name = payload.get("formId").optional_identifier(), payload.get("name").optional_text()
    return Origin(
        form=code(form),
        form_name=code(name),
        **utm.origin_codes(said, payload.get("pageUrl").said(PAGE_BYTES) or said.get("page")),
    )
