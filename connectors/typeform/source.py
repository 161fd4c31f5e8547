"""Typeform.

A response that is still being filled in (`form_response_partial`) and the finished one share a token. An abandoned form
is a sign of interest, not a request: partial responses are behaviours with keys of their own, so that they never stand
in the way of the submission. Fields are named by their `ref`, which survives a rewording of the question.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, collect, flatten, sent_at, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

PARTIAL_EVENT = "form_partial"
_SAMPLE_FORM = "lT4Z3j"
"""The form of the fixed sample that the dashboard's test button sends."""
_FINAL, _PARTIAL = "form_response", "form_response_partial"
_NOBODYS = frozenset({"payment"})
"""What was paid is nobody's business."""
_BY_TYPE = ("email", "phone_number")
"""Answer types that say what they are whatever the form's author called the field."""


class Options(Model):
    """What RevOps sets for `fetch`: the `forms` whose responses are read, the account's `region`, and how many days
    back the first reading goes."""

    forms: tuple[str, ...] = ()
    region: str = Field(default="us", pattern="^(us|eu)$")
    history_days: int = Field(default=30, ge=0, le=365)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`Typeform-Signature: sha256=<base64 of HMAC-SHA256(signing_secret, body)>`. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_secret")
    header = delivery.header("typeform-signature")
    signing.check_body(values, delivery.body, header, "sha256=", signing.base64_text)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One touch for a response, none for other events. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        event_type = body.get("event_type").text()
        return [_draft(body, event_type, now)] if event_type in {_FINAL, _PARTIAL} else []
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx is success. Never 404 or 410: they disable the webhook at once."""
    return replies.plain(outcome)


def _draft(body: Wild, event_type: str, now: datetime) -> TouchDraft:
    response = body.get("form_response")
    form = response.get("form_id").optional_identifier()
    token = response.get("token").identifier()
    final = event_type == _FINAL
    answers = collect(_words(response))
    return TouchDraft(
        kind="submission" if final else "behaviour",
        key=token if final else f"{token}:partial:{body.get('event_id').identifier()}",
        event=None if final else PARTIAL_EVENT,
        words=Words(answers=answers),
        origin=_origin(response, form),
        occurred_at=sent_at(now, response.get("submitted_at"), response.get("landed_at")),
        problem=None if answers or not final else "no_answers",
        test=form == _SAMPLE_FORM,
    )


def _words(response: Wild) -> Iterator[Answer]:
    titles = _titles(response)
    by_type: dict[str, Answer] = {}
    for given in response.get("answers").each(MAX_ANSWERS):
        found = _answer(given, titles)
        if found:
            yield found
            kind = given.get("type").said(LINE)
            if kind in _BY_TYPE:
                by_type.setdefault(kind, found.with_(key=f"type.{kind}"))
    yield from by_type.values()
    yield from _beside(response)


def _answer(given: Wild, titles: Mapping[str, str]) -> Answer | None:
    field = given.get("field")
    field_id = field.get("id").said(LINE)
    return answer(field.get("ref").said(LINE) or field_id, _values(given), titles.get(field_id))


def _values(given: Wild) -> list[str]:
    """The member named like the answer's type."""
    kind = given.get("type").text()
    if kind == "choice":
        choice = given.get("choice")
        return [choice.optional("label").said(VALUE_BYTES), choice.optional("other").said(VALUE_BYTES)]
    if kind == "choices":
        choices = given.get("choices")
        labels = [label.said(VALUE_BYTES) for label in choices.optional("labels").each(MAX_ANSWERS)]
        return [*labels, choices.optional("other").said(VALUE_BYTES)]
    return [] if kind in _NOBODYS else [value for one in flatten(given.get(kind), kind) for value in one.values]


def _titles(response: Wild) -> dict[str, str]:
    fields = response.get("definition").optional("fields").each(MAX_ANSWERS)
    return {field.get("id").said(LINE): field.get("title").said(LINE) for field in fields}


def _beside(response: Wild) -> Iterator[Answer]:
    """Hidden fields, variables and the score that the form computed."""
    pairs = [(f"hidden.{name}", value) for name, value in response.get("hidden").entries()]
    for variable in response.get("variables").each(MAX_ANSWERS):
        kind = variable.get("type").said(LINE)
        pairs.append((f"variables.{variable.get('key').said(LINE)}", variable.get(kind)))
    pairs.append(("calculated.score", response.get("calculated").optional("score")))
    for name, value in pairs:
        found = answer(name, [value.said(VALUE_BYTES)])
        if found:
            yield found


def _origin(response: Wild, form: str | None) -> Origin:
    hidden = {name: value.said(LINE) for name, value in response.get("hidden").entries()}
    title = code(response.get("definition").optional("title").optional_text())
    return Origin(form=code(form), form_name=title, **utm.origin_codes(hidden, hidden.get("page")))
