"""WordPress: Contact Form 7 with the plug-in "CF7 to Webhook".

The plug-in signs nothing but sends headers that the site's owner chose: one of them is our key. It posts inside the
visitor's page load and never again, and any answer but a plain success shows the visitor an error. A submission has no
id of its own: it is known by a hidden `submission_id`, else by what was said that day.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import collect, flatten, options, unreadable
from connectors.kit.site_form import ENVELOPE, Options, about, submission
from connectors.kit.wild import Wild
from leadrelay.domain.touch import Answer, TouchDraft, Trust
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

_OWN = ("_wpcf7", "g-recaptcha")
"""Beginnings of names that are not the form author's."""
_FILE = b'"filename"'
_GENERATED = re.compile(r"(email|tel)-[0-9]+")
"""What the form editor calls a tag whose author gave it no name."""
_BY_TYPE = {"email": "type.email", "tel": "type.phone_number"}


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Api-Key: <api_key>`. Raises Unauthentic, Misconfigured."""
    signing.check_token(signing.usable(secrets, "api_key"), delivery.header("x-api-key"))
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One submission. Raises Malformed when the body is no JSON object: a body template of the site's own breaks at the
    first quotation mark, because the plug-in inserts answers unescaped."""
    chosen = options(Options, settings)
    body = json_body.read(delivery.body)
    try:
        return [submission(collect(_answers(body)), about(body, chosen), now)]
    except Malformed as error:
        return [unreadable(keep(delivery), error)]


def keep(delivery: Delivery) -> bytes:
    """Without the contents of uploads, which may be megabytes: nothing here looks into them."""
    if _FILE not in delivery.body:
        return delivery.body
    return json_body.rewritten(delivery.body, _named_only)


def acknowledge(outcome: Outcome) -> Reply:
    """Plain 200."""
    return replies.plain(outcome)


def _answers(body: Wild) -> Iterator[Answer]:
    by_type: dict[str, Answer] = {}
    for name, value in body.entries():
        if name not in ENVELOPE and not name.startswith(_OWN) and not _is_file(value):
            for found in flatten(value, name):
                yield found
                generated = _GENERATED.fullmatch(found.key)
                if generated:
                    by_type.setdefault(generated[1], found.with_(key=_BY_TYPE[generated[1]]))
    yield from by_type.values()


def _is_file(value: Wild) -> bool:
    """An upload that travels inside the body, alone or among others."""
    if value.is_list:
        return any(_is_file(item) for item in value.each())
    return value.is_object and not value.get("filename").missing and not value.get("content").missing


def _named_only(said: json_body.Members) -> json_body.Members:
    is_file = said.get("filename") is not None and said.get("content") is not None
    return {**said, "content": ""} if is_file else said
