"""TikTok lead generation.

The whole lead comes in the webhook, up to a thousand of them at once; there is no way to ask for one later. TikTok
signs the payload with everything beyond ASCII escaped, and does not say whether it also sends it so: both spellings are
tried, each proves the secret. (`TikTok-Signature` belongs to another product and proves nothing here.)
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import MAX_ANSWERS, collect, digest, flatten, sent_at, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

MAX_ENTRIES = 1000
_LEADS = "1"
"""The `object` of leads; other products may be subscribed to the same address."""
_LEAD_ID = re.compile(r"[0-9]{1,32}")
_BEYOND_ASCII = re.compile(r"[^\x00-\x7f]")


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Open-Signature: <hex of HMAC-SHA256(app_secret, body)>`, of the body as it came or of the same with `\\uXXXX`
    for what is beyond ASCII. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "app_secret")
    header = delivery.header("x-open-signature")
    if not header:
        raise Unauthentic("signature_missing")
    try:
        signing.check_body(values, delivery.body, header, "", signing.hexadecimal)
    except Unauthentic:
        signing.check_body(values, _escaped(delivery.body), header, "", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A submission for every lead; nothing for other products. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return list({draft.key: draft for draft in _drafts(body, now)}.values())
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """200; anything else is sent again at once and then, less and less often, for a day."""
    return replies.plain(outcome)


def _escaped(body: bytes) -> bytes:
    """As JSON writers do that keep to ASCII: lower-case hex, two halves for what is beyond the first plane."""
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise Unauthentic("signature_wrong") from None
    return _BEYOND_ASCII.sub(_escape, text).encode("ascii")


def _escape(char: re.Match[str]) -> str:
    units = char[0].encode("utf-16-be")
    return "".join(f"\\u{units[at : at + 2].hex()}" for at in range(0, len(units), 2))


def _drafts(body: Wild, now: datetime) -> Iterator[TouchDraft]:
    if body.get("object").identifier() != _LEADS:
        return
    for position, entry in enumerate(body.get("entry").each(MAX_ENTRIES)):
        yield _draft(body, entry, position, now)


def _draft(body: Wild, entry: Wild, position: int, now: datetime) -> TouchDraft:
    """One we cannot read must not cost the other 999: it is kept with its reason."""
    try:
        return _lead(entry, now)
    except Malformed:
        where = digest(body.get("request_id").said(LINE), body.get("time").said(LINE), str(position))
        return TouchDraft(kind="submission", key=f"unreadable_lead:{where}", problem="unreadable_lead")


def _lead(entry: Wild, now: datetime) -> TouchDraft:
    lead_id = entry.get("id").identifier()
    if not _LEAD_ID.fullmatch(lead_id):
        raise entry.refuse("lead_id")
    answers = collect(_answers(entry))
    return TouchDraft(
        kind="submission",
        key=lead_id,
        words=Words(answers=answers),
        origin=_origin(entry),
        occurred_at=sent_at(now, entry.get("create_time")),
        problem=None if answers else "no_answers",
    )


def _answers(entry: Wild) -> Iterator[Answer]:
    for change in entry.get("changes").each(MAX_ANSWERS):
        yield from flatten(change.get("value"), change.get("field").said(LINE))


def _origin(entry: Wild) -> Origin:
    return Origin(
        form=_id(entry, "page"),
        form_name=_named(entry, "page"),
        campaign=_named(entry, "campaign"),
        campaign_id=_id(entry, "campaign"),
        ad_group=_named(entry, "adgroup") or _id(entry, "adgroup"),
        ad=_named(entry, "ad") or _id(entry, "ad"),
        medium="paid_social",
        origin_source="tiktok",
    )


def _id(entry: Wild, what: str) -> str | None:
    """Nineteen digits, as a number or as text; 0 is how the sender writes "none"."""
    given = code(entry.get(f"{what}_id").said(64))
    return None if given == "0" else given


def _named(entry: Wild, what: str) -> str | None:
    return code(entry.get(f"{what}_name").said(LINE))
