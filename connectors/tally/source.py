"""Tally.

Choices come as ids of options, each question with its own list of what they mean; a group of checkboxes is said twice,
as a list and once more per option. Both are undone here. A question is named by a key that nobody chose, so the label
travels along, and what a field *is* (e-mail, phone, hidden) gets a name of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing, utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, collect, sent_at, unreadable
from connectors.kit.text import cut
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

MAX_FIELDS = 1000
"""A question with many options is many fields: each of its checkboxes is one more."""
_RESPONSE = "FORM_RESPONSE"
_CHECKBOXES = "CHECKBOXES"
_BY_TYPE = {"INPUT_EMAIL": "type.email", "INPUT_PHONE_NUMBER": "type.phone_number"}
"""What a field is, whatever its author called it."""
_NAMED = {"HIDDEN_FIELDS": "hidden", "CALCULATED_FIELDS": "calculated"}
"""Fields whose label is a name that the author chose for machines."""
_NOBODYS = frozenset({"PAYMENT", "SIGNATURE"})
"""What was paid and how somebody signs is nobody's business."""


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`Tally-Signature: <base64 of HMAC-SHA256(signing_secret, body)>`. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "signing_secret")
    header = delivery.header("tally-signature")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_body(values, delivery.body, header, "", signing.base64_text)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A submission for a response, nothing for other events. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return [_draft(body, now)] if body.get("eventType").text() == _RESPONSE else []
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx within ten seconds is success."""
    return replies.plain(outcome)


def _draft(body: Wild, now: datetime) -> TouchDraft:
    data = body.get("data")
    given = data.get("submissionId").optional_identifier() or data.get("responseId").identifier()
    fields = _once(data.get("fields").each(MAX_FIELDS))
    answers = collect(_words(fields))
    return TouchDraft(
        kind="submission",
        key=given,
        words=Words(answers=answers),
        origin=_origin(data, fields),
        occurred_at=sent_at(now, data.get("createdAt"), body.get("createdAt")),
        problem=None if answers else "no_answers",
    )


def _once(fields: Sequence[Wild]) -> list[Wild]:
    """Without the boolean fields that repeat each option of a group: their keys begin with the group's."""
    boxes = [field for field in fields if _type(field) == _CHECKBOXES]
    groups = tuple(f"{_key(field)}_" for field in boxes if field.get("value").is_list)
    return [field for field in fields if not (_type(field) == _CHECKBOXES and _key(field).startswith(groups))]


def _words(fields: Sequence[Wild]) -> Iterator[Answer]:
    by_type: dict[str, Answer] = {}
    for field in fields:
        kind = _type(field)
        found = None if kind in _NOBODYS else answer(_name(field, kind), _values(field), _label(field))
        if found:
            yield found
            if kind in _BY_TYPE:
                by_type.setdefault(kind, found.with_(key=_BY_TYPE[kind]))
    yield from by_type.values()


def _name(field: Wild, kind: str) -> str:
    return f"{_NAMED[kind]}.{_label(field)}" if kind in _NAMED else _key(field) or _label(field)


def _values(field: Wild) -> list[str]:
    value = field.get("value")
    if value.is_object:
        return _matrix(field)
    if not value.is_list:
        return [_option(field, value)]
    return [_file(item) if item.is_object else _option(field, item) for item in value.each(MAX_ANSWERS)]


def _option(field: Wild, value: Wild, where: str = "options") -> str:
    """The text of the option whose id this is; what is no option's id was written by the person."""
    said = value.said(VALUE_BYTES)
    return said and (_texts(field, where).get(said) or said)


def _texts(field: Wild, where: str) -> dict[str, str]:
    options = field.get(where).each(MAX_FIELDS)
    return {option.get("id").said(LINE): option.get("text").said(VALUE_BYTES) for option in options}


def _matrix(field: Wild) -> list[str]:
    """A table of questions: each row with the columns that were chosen in it."""
    rows = _texts(field, "rows")
    chosen = field.get("value").entries(MAX_ANSWERS)
    cells = ((rows.get(row, row), [_option(field, one, "columns") for one in picked.each()]) for row, picked in chosen)
    return [cut(f"{row}: {', '.join(columns)}", VALUE_BYTES) for row, columns in cells if columns]


def _file(item: Wild) -> str:
    """The name of a file only: its address opens it to whoever has it."""
    return item.get("name").said(LINE)


def _type(field: Wild) -> str:
    return field.get("type").said(LINE)


def _key(field: Wild) -> str:
    return field.get("key").said(LINE)


def _label(field: Wild) -> str:
    return field.get("label").said(LINE)


def _origin(data: Wild, fields: Sequence[Wild]) -> Origin:
    hidden = {_label(field).casefold(): field.get("value").said(LINE) for field in fields if _type(field) in _NAMED}
    form, name = data.get("formId").optional_identifier(), data.get("formName").optional_text()
    return Origin(form=code(form), form_name=code(name), **utm.origin_codes(hidden, hidden.get("page")))
