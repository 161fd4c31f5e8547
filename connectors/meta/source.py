"""Meta (Facebook, Instagram) lead ads.

A webhook carries ids only, up to a thousand of them from several pages in one delivery; the lead itself is fetched
from the Graph API (`fetch.py`). One item we cannot read must not cost the other 999: it is kept with its reason.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import digest, sent_at, unreadable
from connectors.kit.wild import Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Origin, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

MAX_UPDATES = 1000
_CHALLENGE = re.compile(r"[0-9]{1,20}")
_GRAPH_ID = re.compile(r"[0-9]{1,32}")
_FAKE_ID = re.compile(r"4{8,}")
"""What the test button of the app's dashboard sends: the Graph API knows no such lead."""


class Options(Model):
    """What RevOps sets: `graph_version` of the API, the `forms` whose history `fetch.since` reads (their ids), how
    many days back the first reading goes (Meta shows 90), and the `pages` whose subscriptions are looked at (their ids;
    none: the page whose token it is)."""

    graph_version: str = "v24.0"
    forms: tuple[str, ...] = ()
    history_days: int = Field(default=90, ge=0, le=90)
    pages: tuple[str, ...] = ()


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """Echoes `hub.challenge` when `hub.verify_token` is ours. Raises Unauthentic, Misconfigured."""
    if delivery.method != "GET":
        return None
    signing.check_token(signing.usable(secrets, "verify_token"), delivery.parameter("hub.verify_token"))
    asked = delivery.parameter("hub.challenge")
    if delivery.parameter("hub.mode") != "subscribe" or not _CHALLENGE.fullmatch(asked):
        raise Unauthentic("challenge_form")
    return Reply(200, asked)


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Hub-Signature-256: sha256=<hex of HMAC-SHA256(app_secret, body)>`. Raises Unauthentic, Misconfigured."""
    values = signing.usable(secrets, "app_secret")
    header = delivery.header("x-hub-signature-256")
    signing.check_body(values, delivery.body, header, "sha256=", signing.hexadecimal)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """A submission to be fetched for every lead id. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return list({draft.key: draft for draft in _drafts(body, now)}.values())
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """200; anything else is sent again for 36 hours."""
    return replies.plain(outcome)


def _drafts(body: Wild, now: datetime) -> Iterator[TouchDraft]:
    if body.get("object").text() != "page":
        return
    for entry in body.get("entry").each(MAX_UPDATES):
        for position, change in enumerate(entry.get("changes").each(MAX_UPDATES)):
            if change.get("field").text() == "leadgen":
                yield _draft(entry, change, position, now)


def _draft(entry: Wild, change: Wild, position: int, now: datetime) -> TouchDraft:
    if change.get("value").missing:
        return _problem(entry, position, "values_not_included")
    try:
        return _lead(change.get("value"), now)
    except Malformed:
        return _problem(entry, position, "unreadable_lead")


def _lead(value: Wild, now: datetime) -> TouchDraft:
    lead_id = value.get("leadgen_id").identifier()
    if not _GRAPH_ID.fullmatch(lead_id):
        raise value.refuse("lead_id")
    return TouchDraft(
        kind="submission",
        key=lead_id,
        fetch_id=lead_id,
        occurred_at=sent_at(now, value.get("created_time")),
        origin=Origin(
            form=code(value.get("form_id").optional_identifier()),
            # `adgroup_id` is the older name of the ad, not of the ad set.
            ad=code(value.get("ad_id").optional_identifier() or value.get("adgroup_id").optional_identifier()),
            medium="paid_social",
            origin_source="facebook",
        ),
        test=_FAKE_ID.fullmatch(lead_id) is not None,
    )


def _problem(entry: Wild, position: int, why: str) -> TouchDraft:
    """`values_not_included`: the subscription was made without include_values; subscribe again with it."""
    where = digest(entry.get("id").said(64), entry.get("time").said(64), str(position))
    return TouchDraft(kind="submission", key=f"{why}:{where}", problem=why)
