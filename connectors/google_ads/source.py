"""Google Ads lead forms.

There is no handshake and no signature: the key typed into the form asset comes back inside the body as `google_key`,
in clear. Google's samples spell it `Google_key` in places and leave out nearly every other field somewhere, so all are
optional here; an empty key is never authentic.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import VALUE_BYTES, answer, collect, digest, sent_at, unreadable
from connectors.kit.wild import Wild
from leadrelay.domain.model import code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

_KEY = "google_key"


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """Compares the key in the body. Raises Malformed, Unauthentic, Misconfigured."""
    keys = [value for name, value in json_body.read(delivery.body).entries() if name.lower() == _KEY]
    if len(keys) > 1:
        raise Unauthentic("token_twice")
    signing.check_token(signing.usable(secrets, _KEY), keys[0].said(1024) if keys else "")
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission. Raises Malformed when the body is no JSON object."""
    body = json_body.read(delivery.body)
    try:
        return [_draft(body, now)]
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without the key that travels in the body."""
    return json_body.without(delivery.body, _KEY)


def acknowledge(outcome: Outcome) -> Reply:
    """`{}` for success; the text of a refusal is shown to the advertiser."""
    body = "{}" if outcome == "stored" else f'{{"message": "{replies.message(outcome)}"}}'
    return Reply(replies.STATUS[outcome], body, "application/json", replies.headers(outcome))


def _draft(body: Wild, now: datetime) -> TouchDraft:
    answers = collect(_answers(body))
    test = body.get("is_test").flag()
    return TouchDraft(
        kind="submission",
        key=_lead_key(body, answers, now),
        words=Words(answers=answers),
        origin=_origin(body),
        occurred_at=sent_at(now, body.get("lead_submit_time")),
        problem=None if answers or test else "no_answers",
        test=test,
    )


def _lead_key(body: Wild, answers: Sequence[Answer], now: datetime) -> str:
    """Google's own lead id; the console's test may lack even that, then what was said on this UTC day."""
    given = body.get("lead_id").optional_identifier() or body.get("gcl_id").optional_identifier()
    said = (one.model_dump_json() for one in answers)
    return given or f"{digest(_origin(body).form, *said)}:{now.date().isoformat()}"


def _answers(body: Wild) -> Iterator[Answer]:
    for column in body.get("user_column_data").each(200):
        label = column.get("column_name").optional_text()
        found = answer(column.get("column_id").said(256) or label or "", [_value(column)], label)
        if found:
            yield found


def _value(column: Wild) -> str:
    return column.get("string_value").said(VALUE_BYTES)


def _origin(body: Wild) -> Origin:
    click = body.get("gcl_id").optional_identifier()
    return Origin(
        form=_id(body, "form_id"),
        campaign_id=_id(body, "campaign_id"),
        ad_group=_id(body, "adgroup_id") or _id(body, "asset_group_id"),
        ad=_id(body, "creative_id"),
        medium="paid_search",
        origin_source="google",
        click_id=code(f"gclid:{click}") if click else None,
    )


def _id(body: Wild, name: str) -> str | None:
    """An int64 as text; 0 is how the sender writes "none"."""
    given = code(body.get(name).optional_identifier())
    return None if given == "0" else given
