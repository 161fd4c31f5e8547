"""Standard Webhooks: the API for servers, ours and everybody's that already sends so.

The signature covers the id, so the id is the identity of the touch. Who can set a header but not sign (an HTTP callout
of a CRM) uses mode `key`. Other senders name their events in their own way: the option `types` says which of ours they
are. A sender that keeps its key to itself signs with Ed25519 (`v1a`), and we hold the public half.
"""

from __future__ import annotations

import base64
import binascii
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Literal, get_args

from pydantic import Field

from connectors.kit import json_body, public_keys, replies, signing, utm
from connectors.kit.drafts import believable, collect, flatten, options, said_today, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import CONTACT_EVENTS, Answer, Origin, Speaker, TouchDraft, Trust, Words
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

Kind = Literal["submission", "behaviour", "activity", "enrichment"]
_KINDS: Mapping[str, Kind] = {kind: kind for kind in get_args(Kind)}
_WITHOUT_EVENT = ("submission", "enrichment")
_PREFIX = "whsec_"
_PUBLIC = "whpk_"
_ID = re.compile(r"[\x21-\x7e]{1,256}")
_ABOUT = frozenset(
    {"form", "form_name", "event", "page", "anonymous_id", "test", "talk", "fields", "properties", *utm.UTM}
)
"""What `data` says about a touch, beside what the person says."""
_SPEAKERS: Mapping[str, Speaker] = {speaker: speaker for speaker in get_args(Speaker)}


class Options(Model):
    """What RevOps sets. `mode` is how the sender proves itself, `types` maps a sender's own event types to ours, `form`
    is the form's code where the sender gives none."""

    mode: Literal["signed", "key"] = "signed"
    types: dict[str, Kind] = Field(default_factory=dict)
    form: str | None = None


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """By the mode of this source: `webhook-signature: v1,<base64 of HMAC-SHA256(signing_secret, "id.timestamp.body")>`,
    or `v1a,<base64 of the Ed25519 signature>` where a signing_secret is a public key (whpk_), one of several between
    blanks, within five minutes; or `X-Api-Key: <api_key>`. Raises Unauthentic, Misconfigured."""
    if options(Options, settings).mode == "key":
        signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
        return "verified"
    values = signing.usable(secrets, "signing_secret")
    given, stamp, header = (_header(delivery, name) for name in ("id", "timestamp", "signature"))
    if not header:
        raise Unauthentic("signature_missing")
    items = header.split(" ", signing.MAX_SIGNATURES + 1)[: signing.MAX_SIGNATURES + 1]
    if not _ID.fullmatch(given) or "" in items:
        raise Unauthentic("signature_form")
    signing.check_stamp(stamp, now)
    _check(values, f"{given}.{stamp}.".encode() + delivery.body, items)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One touch. Raises Malformed when the body is no JSON object."""
    chosen = options(Options, settings)
    body = json_body.read(delivery.body)
    try:
        draft = _draft(body, chosen, now)
        return [draft.with_(key=_identity(delivery, body, chosen, now))]
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx; never 410, which means "send me nothing any more"."""
    return replies.plain(outcome)


def _check(values: Sequence[str], message: bytes, items: Sequence[str]) -> None:
    """Each kind of signature by keys of its own kind: a public key is known to everybody and must never be a secret."""
    public = [value.removeprefix(_PUBLIC) for value in values if value.startswith(_PUBLIC)]
    keys = [signing_key(value) for value in values if not value.startswith(_PUBLIC)]
    ours, theirs = (
        [item.removeprefix(version) for item in items[: signing.MAX_SIGNATURES] if item.startswith(version)]
        for version in ("v1,", "v1a,")
    )
    try:
        signing.check_any(keys, message, ours, signing.base64_text)
    except Unauthentic:
        if not (public and theirs):
            raise
        public_keys.check_ed25519(public, "signing_secret", message, theirs)


def signing_key(secret: str) -> bytes:
    """The bytes behind `whsec_`; a secret without that prefix is its own bytes. Raises Misconfigured."""
    if not secret.startswith(_PREFIX):
        return secret.encode()
    try:
        key = base64.b64decode(secret.removeprefix(_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise Misconfigured(
            "a value of the secret 'signing_secret' is not base64 after whsec_; copy it again"
        ) from None
    if len(key) < signing.MIN_SECRET_BYTES:
        raise Misconfigured("a value of the secret 'signing_secret' holds fewer than 24 bytes; make a longer one")
    return key


def _header(delivery: Delivery, name: str) -> str:
    """Libraries of the standard's author name the same headers after the product."""
    return delivery.header(f"webhook-{name}") or delivery.header(f"svix-{name}")


def _identity(delivery: Delivery, body: Wild, chosen: Options, now: datetime) -> str:
    """What is signed with the rest; who only holds a key says its id in the body, else the words of the day count."""
    if chosen.mode == "signed":
        return Wild(_header(delivery, "id"), "webhook-id").identifier()
    given = body.get("id").optional_identifier()
    return f"id:{given}" if given else said_today(now, delivery.body.decode("utf-8"))


def _draft(body: Wild, chosen: Options, now: datetime) -> TouchDraft:
    data, kind = body.get("data"), _kind(body.get("type"), chosen)
    event = None if kind in _WITHOUT_EVENT else _event(body, data)
    if kind == "activity" and event not in CONTACT_EVENTS:
        raise data.get("event").refuse("not_an_activity")
    answers, test = collect(_answers(data)), data.get("test").flag()
    return TouchDraft(
        kind=kind,
        key="",
        event=event,
        words=Words(answers=answers, anonymous_id=data.get("anonymous_id").optional_text(128)),
        origin=_origin(data, chosen),
        occurred_at=believable(body.get("timestamp").optional_time(), now),
        problem=None if event or answers or test else "no_answers",
        test=test,
        talk=_SPEAKERS.get(data.get("talk").said(LINE)),
    )


def _kind(named: Wild, chosen: Options) -> Kind:
    known = {**_KINDS, **chosen.types}
    found = known.get(named.text())
    if found is None:
        raise named.refuse("unknown")
    return found


def _event(body: Wild, data: Wild) -> str:
    """Who sends types of their own means the type as the event."""
    own = code(body.get("type").text())
    event = code(data.get("event").optional_text()) or (None if own in _KINDS else own)
    if event is None:
        raise data.get("event").refuse("missing")
    return event


def _answers(data: Wild) -> Iterator[Answer]:
    """Fields inside `fields` and beside it bear their own names, an event's `properties.<name>`."""
    for name, value in [*data.entries(), *data.get("fields").entries()]:
        if name not in _ABOUT:
            yield from flatten(value, name)
    yield from flatten(data.get("properties"), "properties")


def _origin(data: Wild, chosen: Options) -> Origin:
    said = {name: data.get(name).said(LINE) for name in utm.CARRIED}
    return Origin(
        form=code(data.get("form").optional_identifier()) or code(chosen.form),
        form_name=code(data.get("form_name").optional_text()),
        **utm.origin_codes(said, data.get("page").optional_text(2048)),
    )
