"""LinkedIn lead gen forms.

A notification names a response; the response itself is read from the API (`fetch.py`). The handshake signs what the
caller gives with the key that signs notifications, so it takes nothing but a UUID: anything else could be the text of a
forged notification. A response that was deleted at LinkedIn must be erased here as well.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

from pydantic import Field

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import believable, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Origin, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_PREFIX = b"hmacsha256="
"""Part of what is signed, not of the header."""
_UUID4 = re.compile(r"[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}")
_RESPONSE = re.compile(r"urn:li:leadGenFormResponse:([A-Za-z0-9_-]{1,64})")
_FORM = re.compile(r"urn:li:leadGenForm:([0-9]{1,20})")
_LAST_PART = re.compile(r"urn:li:[A-Za-z]{1,40}:([A-Za-z0-9_-]{1,64})")
_SECONDS_BELOW = 10**11
"""LinkedIn's times are in milliseconds; this one was also seen in seconds."""
_LAST = 253_402_300_799_999
"""The last millisecond of the year 9999 (Unix time)."""
MEDIUM: Mapping[str, str] = {"SPONSORED": "paid_social"}
"""By type of lead; all others are found without an advertisement."""


class Options(Model):
    """What RevOps sets for `fetch`: `version` of the API (YYYYMM; LinkedIn retires each after about a year), the
    `owners` whose history is read (`sponsoredAccount:123` or `organization:456`), the `lead_types` of it, and how many
    days back the first reading goes (LinkedIn keeps a year)."""

    version: str = Field(default="202610", pattern=r"^20[0-9]{4}$")
    owners: tuple[str, ...] = ()
    lead_types: tuple[str, ...] = ("SPONSORED",)
    history_days: int = Field(default=90, ge=0, le=365)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """Answers `challengeCode` with its HMAC-SHA256 under the first client secret. Raises Unauthentic, Misconfigured."""
    if delivery.method != "GET":
        return None
    asked = delivery.parameter("challengeCode")
    if not _UUID4.fullmatch(asked):
        raise Unauthentic("challenge_form")
    answer = signing.sign(signing.usable(secrets, "client_secret")[0], asked.encode()).decode()
    body = json.dumps({"challengeCode": asked, "challengeResponse": answer}, separators=(",", ":"))
    return Reply(200, body, "application/json")


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-LI-Signature: <hex of HMAC-SHA256(client_secret, "hmacsha256=" + body)>`. The signature of the bare body,
    which public examples check, proves nothing. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "client_secret")
    header = delivery.header("x-li-signature")
    if not header:
        raise Unauthentic("signature_missing")
    signing.check_body(values, _PREFIX + delivery.body, header, "", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A submission to be fetched, or an erasure; nothing for other notifications. Raises Malformed when the body is no
    JSON object."""
    body = json_body.read(delivery.body)
    try:
        drafts = [_draft(body, now)] if body.get("type").text() == "LEAD_ACTION" else []
    except Malformed as error:
        return [unreadable(delivery.body, error)]
    return [draft for draft in drafts if draft]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """Any 2xx, within three seconds."""
    return replies.plain(outcome)


def origin(form: Wild, lead_type: Wild, creative: Wild) -> Origin:
    """What a notification and a response both say."""
    found = _FORM.search(form.said(LINE))
    return Origin(
        form=code(found[1]) if found else None,
        ad=last_part(creative),
        medium=MEDIUM.get(lead_type.said(64), "social"),
        origin_source="linkedin",
    )


def last_part(urn: Wild) -> str | None:
    """The id at the end of a URN."""
    found = _LAST_PART.fullmatch(urn.said(LINE))
    return code(found[1]) if found else None


def moment(at: Wild, now: datetime) -> datetime | None:
    """A time in milliseconds, or in seconds where it is too small for that; None when absent or in the future."""
    if at.missing:
        return None
    written = at.whole(0, _LAST)
    return believable(datetime.fromtimestamp(written if written < _SECONDS_BELOW else written / 1000, UTC), now)


def _draft(body: Wild, now: datetime) -> TouchDraft | None:
    """An erasure names the response whose touch it erases: by webhook and by history its key is the response's id."""
    response = _response_id(body.get("leadGenFormResponse"))
    at, action = moment(body.get("occurredAt"), now), body.get("leadAction").text()
    if action == "DELETED":
        return TouchDraft(kind="erasure", key=f"deleted:{response}", fetch_id=response, occurred_at=at)
    if action != "CREATED":
        return None
    creative = body.get("associatedEntity").optional("associatedCreative")
    about = origin(body.get("leadGenForm"), body.get("leadType"), creative)
    return TouchDraft(kind="submission", key=response, fetch_id=response, occurred_at=at, origin=about)


def _response_id(urn: Wild) -> str:
    """The id ends up in a path."""
    found = _RESPONSE.fullmatch(urn.text())
    if not found:
        raise urn.refuse("not_a_response")
    return found[1]
