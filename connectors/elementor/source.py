"""WordPress: Elementor Pro's forms.

Elementor signs nothing and sends no header of one's own: what proves it is a secret of ours in the address it posts to
(`?token=`). It posts inside the visitor's page load, once, and shows the visitor an error for any answer but exactly
200. With "Advanced Data" on, each field comes with its id, type and title; without, under its label alone.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from connectors.kit import form_body, replies, signing
from connectors.kit.drafts import VALUE_BYTES, answer, collect, options, unreadable
from connectors.kit.site_form import PAGE_BYTES, About, Options, own_id, submission
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.touch import Answer, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

MAX_PAIRS = 1200
"""Each field of a form is six pairs."""
_ON_TOP = frozenset({"form_id", "form_name", "form[id]", "form[name]"})
_FIELD = re.compile(r"fields\[([^\[\]]{1,128})\]\[(type|title|value|raw_value)\](?:\[[^\[\]]{0,32}\])?")
_OPEN, _CLOSE = rb"(?:%5B|\[)", rb"(?:%5D|\])"
_PASSWORD = re.compile(
    rb"(?:^|&)fields%s([^&=]{1,128}?)%s%stype%s=password(?=&|$)" % (_OPEN, _CLOSE, _OPEN, _CLOSE), re.IGNORECASE
)
_ADVANCED = re.compile(r"(?:fields|meta)\[.*")
_NOTES = frozenset({"date", "time", "page url", "user agent", "remote ip", "powered by"})
"""What simple mode adds under labels of its own, where the site's owner chose so."""
_BY_TYPE = {"email": "type.email", "tel": "type.phone_number"}
_NOBODYS = frozenset({"password", "honeypot", "recaptcha", "recaptcha_v3", "html", "step"})
_ENVELOPE = frozenset({"submission_id", "page"})


@dataclass(slots=True)
class _Field:
    """One field of an advanced body, while its pairs come in."""

    types: set[str] = field(default_factory=set)
    title: str = ""
    values: list[str] = field(default_factory=list)
    raw: list[str] = field(default_factory=list)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`?token=` is one of ours. Raises Unauthentic, Misconfigured."""
    signing.check_token(signing.usable(secrets, "token"), delivery.parameter("token"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission. Raises Malformed when the body is no form."""
    chosen = options(Options, settings)
    content_type = delivery.header("content-type")
    if form_body.media_type(content_type)[0] != form_body.URLENCODED:
        raise Malformed("content_type")
    body = form_body.read(content_type, delivery.body, _ON_TOP, MAX_PAIRS)
    try:
        fields = body.get("fields").entries(MAX_PAIRS)
        advanced = any(_FIELD.fullmatch(name) for name, _ in fields)
        return [_advanced(body, fields, chosen, now) if advanced else _simple(body, fields, chosen, now)]
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """Without what was typed into fields for passwords, as far as the body says which these are."""
    names = b"|".join(re.escape(name) for name in sorted({*_PASSWORD.findall(delivery.body)}))
    if not names:
        return delivery.body
    value = rb"(fields%s(?:%s)%s%s(?:raw_)?value%s=)[^&]*" % (_OPEN, names, _CLOSE, _OPEN, _CLOSE)
    return re.sub(value, rb"\1", delivery.body, flags=re.IGNORECASE)


def acknowledge(outcome: Outcome) -> Reply:
    """Exactly 200 for success; whatever else, the visitor is told that sending failed."""
    return replies.plain(outcome)


Pairs = Sequence[tuple[str, Wild]]


def _simple(body: Wild, pairs: Pairs, chosen: Options, now: datetime) -> TouchDraft:
    """Labels are all there is; the form's own id and name override fields that are called the same."""
    said = {name.casefold(): value for name, value in pairs}
    found = (
        answer(name, _texts(value))
        for name, value in pairs
        if name.casefold() not in _NOTES | _ENVELOPE and not _ADVANCED.fullmatch(name)
    )
    told = About(
        form=body.get("form_id").said(LINE) or chosen.form,
        form_name=body.get("form_name").said(LINE) or None,
        page=_text(said, "page url", PAGE_BYTES) or _text(said, "page", PAGE_BYTES),
        given=own_id(said.get("submission_id", Wild(None))),
        user_agent=clean_line(_text(said, "user agent", LINE) or "", 256) or None,
    )
    return submission(collect(one for one in found if one), told, now)


def _advanced(body: Wild, pairs: Pairs, chosen: Options, now: datetime) -> TouchDraft:
    fields, said = _fields(pairs), dict(pairs)
    hidden = {name: Wild(known.values[0] if known.values else None) for name, known in fields.items()}
    told = About(
        form=body.get("form[id]").said(LINE) or chosen.form,
        form_name=body.get("form[name]").said(LINE) or None,
        page=_text(said, "meta[page_url][value]", PAGE_BYTES) or _text(hidden, "page", PAGE_BYTES),
        given=own_id(hidden.get("submission_id", Wild(None))),
        user_agent=clean_line(_text(said, "meta[user_agent][value]", LINE) or "", 256) or None,
    )
    return submission(collect(_answers(fields)), told, now)


def _fields(pairs: Pairs) -> dict[str, _Field]:
    fields: dict[str, _Field] = {}
    for name, value in pairs:
        matched = _FIELD.fullmatch(name)
        if not matched:
            continue
        known = fields.setdefault(matched[1], _Field())
        if matched[2] == "title":
            known.title = value.said(LINE)
        elif matched[2] == "type":
            known.types.update(one.casefold() for one in _texts(value))
        else:
            (known.values if matched[2] == "value" else known.raw).extend(_texts(value))
    return fields


def _answers(fields: dict[str, _Field]) -> Iterator[Answer]:
    """Several choices are one text in `value` and a list in `raw_value`."""
    by_type: dict[str, Answer] = {}
    for name, known in fields.items():
        if name in _ENVELOPE or known.types & _NOBODYS:
            continue
        found = answer(name, known.raw if len(known.raw) > 1 else known.values, known.title)
        if found:
            yield found
            for kind in known.types & _BY_TYPE.keys():
                by_type.setdefault(kind, found.with_(key=_BY_TYPE[kind]))
    yield from by_type.values()


def _texts(value: Wild) -> list[str]:
    return [one.said(VALUE_BYTES) for one in (value.each(MAX_PAIRS) if value.is_list else (value,))]


def _text(said: dict[str, Wild], name: str, longest: int) -> str | None:
    return said.get(name, Wild(None)).said(longest) or None
