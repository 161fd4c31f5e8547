"""WordPress: Gravity Forms with its Webhooks add-on.

The add-on signs nothing but sends headers that the site's owner chose: one of them is our key. "All Fields" sends the
entry with fields by number (`3`, `1.3`), "Select Fields" names that the owner gave; both come as JSON or as a form.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import form_body, json_body, replies, signing
from connectors.kit.drafts import MAX_ANSWERS, collect, flatten, options, unreadable
from connectors.kit.site_form import ENVELOPE, PAGE_BYTES, About, Options, own_id, submission
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.touch import Answer, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

_ENTRY = ENVELOPE | {
    "id", "post_id", "date_created", "date_updated", "is_starred", "is_read", "ip", "source_url", "source_id",
    "user_agent", "currency", "payment_status", "payment_date", "payment_amount", "payment_method", "transaction_id",
    "transaction_type", "is_fulfilled", "created_by", "status",
}  # fmt: skip
"""What an entry says beside the person's answers."""
_SUSPICIONS = {"spam": "marked_spam"}


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Api-Key: <api_key>`. Raises Unauthentic, Misconfigured."""
    signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission. Raises Malformed when the body is neither a JSON object nor a form."""
    chosen = options(Options, settings)
    body = _read(delivery)
    try:
        return [_draft(body, chosen, now)]
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200."""
    return replies.plain(outcome)


def _read(delivery: Delivery) -> Wild:
    content_type = delivery.header("content-type")
    if form_body.media_type(content_type)[0] != form_body.URLENCODED:
        return json_body.read(delivery.body)
    return form_body.read(content_type, delivery.body, _ENTRY)


def _draft(body: Wild, chosen: Options, now: datetime) -> TouchDraft:
    found = submission(collect(_answers(body)), _about(body, chosen), now)
    return found.with_(suspicion=_SUSPICIONS.get(body.get("status").said(LINE)))


def _answers(body: Wild) -> Iterator[Answer]:
    """A form's own fields stand under `fields`, the members of a JSON entry beside the others."""
    rows = [*body.entries(MAX_ANSWERS * 2), *body.get("fields").entries()] if _is_form(body) else body.entries(400)
    for name, value in rows:
        if name not in _ENTRY and not (name == "fields" and value.is_object):
            yield from flatten(value, name)


def _is_form(body: Wild) -> bool:
    return body.get("fields").is_object


def _about(body: Wild, chosen: Options) -> About:
    page = body.get("source_url").said(PAGE_BYTES) or body.get("page").said(PAGE_BYTES)
    return About(
        form=body.get("form_id").said(LINE) or chosen.form,
        form_name=body.get("form_name").said(LINE) or None,
        page=page or None,
        given=own_id(body.get("submission_id"), body.get("id"), body.get("entry_id")),
        at=_created(body),
        user_agent=clean_line(body.get("user_agent").said(LINE), 256) or None,
    )


def _created(body: Wild) -> datetime | None:
    """Gravity Forms keeps UTC and does not say so; no lead is lost for a time that is written otherwise."""
    written = body.get("date_created").said(64)
    try:
        return Wild(f"{written}+00:00").optional_time() if written else None
    except Malformed:
        return None
