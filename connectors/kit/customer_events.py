"""Events as customer data platforms send them (the Segment spec): track, page, screen, identify, group.

What somebody did is a behaviour named as in our rules (`Pricing Page Viewed` is `pricing_page_viewed`); who they are
(identify) and which company is theirs (group) comes as answers. The person is known by the browser's id, else by the
platform's own id of the user.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime

from pydantic import Field

from connectors.kit import json_body, utm
from connectors.kit.drafts import VALUE_BYTES, answer, believable, collect, digest, flatten
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Words
from leadrelay.ports.source import Malformed

MAX_EVENTS = 4000
_CALLS = {"page": "page_viewed", "screen": "screen_viewed", "identify": "profile_updated", "group": "account_updated"}
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")
_GAP = re.compile(r"[^a-z0-9]+")
_CAMPAIGN = {
    "name": "utm_campaign",
    "source": "utm_source",
    "medium": "utm_medium",
    "content": "utm_content",
    "term": "utm_term",
    "id": "utm_id",
}


class Options(Model):
    """What RevOps sets. `submissions`: events that are requests and not only behaviours, each with the code of the form
    it stands for, `{demo_requested: demo}`."""

    submissions: dict[str, str] = Field(default_factory=dict)


def read(body: bytes) -> Sequence[Wild]:
    """The events of a body: one, or a list of them. Raises Malformed when it is neither."""
    if not body.lstrip().startswith(b"["):
        return [json_body.read(body)]
    events = json_body.read(body, "list").each(MAX_EVENTS)
    if not events or not all(event.is_object for event in events):
        raise Malformed("body:not_events")
    return events


def drafts(events: Sequence[Wild], chosen: Options, now: datetime) -> Sequence[TouchDraft]:
    """The touches of the events. One that cannot be read must not cost the others: it is kept with its reason."""
    found = [draft for event in events for draft in _event(event, chosen, now)]
    return list({draft.key: draft for draft in found}.values())


def _event(event: Wild, chosen: Options, now: datetime) -> Iterator[TouchDraft]:
    try:
        kind = event.get("type").text()
        name = _name(event.get("event").text()) if kind == "track" else _CALLS.get(kind)
        if name:
            yield _draft(event, kind, name, chosen, now)
    except Malformed as error:
        said = digest(
            *(event.get(one).said(LINE) for one in ("messageId", "timestamp", "event", "userId", "anonymousId"))
        )
        yield TouchDraft(kind="submission", key=f"unreadable:{said}", problem=f"unreadable:{error}")


def _name(written: str) -> str:
    """`Demo Requested`, `demoRequested` and `demo-requested` are `demo_requested`."""
    found = code(_GAP.sub("_", _HUMP.sub("_", written).lower()).strip("_"))
    if found is None:
        raise Malformed("event:no_name")
    return found


def _draft(event: Wild, kind: str, name: str, chosen: Options, now: datetime) -> TouchDraft:
    form = chosen.submissions.get(name) if kind == "track" else None
    answers = collect(_answers(event, kind))
    return TouchDraft(
        kind="submission" if form else "behaviour",
        key=event.get("messageId").identifier(),
        event=None if form else name,
        words=Words(answers=answers, anonymous_id=_person(event)),
        origin=_origin(event, form),
        occurred_at=believable(_time(event), now),
        problem=None if answers or not form else "no_answers",
    )


def _person(event: Wild) -> str | None:
    """A server knows only the platform's id of its user; a browser that logged in says both."""
    anonymous, user = (event.get(name).optional_identifier() for name in ("anonymousId", "userId"))
    return (anonymous or (f"user:{user}" if user else None) or "")[:128] or None


def _time(event: Wild) -> datetime | None:
    """`timestamp` is corrected for the sender's clock, `originalTimestamp` is not."""
    return event.get("timestamp").optional_time() or event.get("originalTimestamp").optional_time()


def _answers(event: Wild, kind: str) -> Iterator[Answer]:
    """Traits bear their own names, a company's `group.<name>`, what an event is about `properties.<name>`. Some
    platforms say who somebody is in the context alone."""
    context = event.get("context")
    pairs = [("user_id", event.get("userId")), ("group_id", event.get("groupId"))]
    for name, value in pairs:
        found = answer(name, [value.said(VALUE_BYTES)])
        if found:
            yield found
    own = list(flatten(event.get("traits"), "group" if kind == "group" else ""))
    yield from own
    if kind != "identify" or not own:
        yield from flatten(context.optional("traits"))
    yield from flatten(event.get("properties"), "properties")


def _origin(event: Wild, form: str | None) -> Origin:
    context, properties = event.get("context"), event.get("properties")
    page = properties.optional("url").said(2048) or context.optional("page").optional("url").said(2048)
    campaign = context.optional("campaign")
    said = {ours: campaign.optional(theirs).said(LINE) for theirs, ours in _CAMPAIGN.items()}
    said["referrer"] = properties.optional("referrer").said(2048) or context.optional("page").optional("referrer").said(
        2048
    )
    return Origin(
        form=code(form),
        language=code(context.optional("locale").said(LINE)),
        **utm.origin_codes(said, page or None),
    )
