"""From SendGrid's events to touches."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from connectors.kit import utm
from connectors.kit.drafts import MAX_ANSWERS, VALUE_BYTES, answer, believable, collect, digest, flatten
from connectors.kit.wild import LINE, Wild
from connectors.sendgrid.scanners import Click, Haste, is_program
from leadrelay.domain.model import code
from leadrelay.domain.touch import MACHINE, Answer, Origin, TouchDraft, Words
from leadrelay.ports.source import Malformed

MAX_EVENTS = 5000
"""A delivery holds at most 768 KiB, and no event is shorter than 160 bytes."""

BOUNCED = "email_bounced"
"""The answer with the address that takes no mail."""

_BEHAVIOURS: Mapping[str, str] = {
    "open": "email_opened",
    "click": "email_clicked",
    "unsubscribe": "unsubscribed",
    "group_unsubscribe": "group_unsubscribed",
    "group_resubscribe": "group_resubscribed",
    "spamreport": "spam_reported",
}
"""What somebody did, in the words of our rules."""

_READ = ("open", "click")
"""What a program does in a person's stead."""

_DROPPED: Mapping[str, str] = {
    "unsubscribed address": "unsubscribed",
    "spam reporting address": "spam_reported",
    "bounced address": BOUNCED,
    "invalid": BOUNCED,
    "invalid address": BOUNCED,
}
"""A mail that was not even tried, by its reason in lower case: the person or their address was known to SendGrid from
before. Other reasons (a quota, a header, suspected spam) say nothing of them."""

_TECHNICAL = frozenset({
    "asm_group_id", "attempt", "bounce_classification", "category", "cert_err", "domain", "email", "event", "from",
    "ip", "marketing_campaign_id", "marketing_campaign_name", "marketing_campaign_split_id",
    "marketing_campaign_version", "mc_pod_id", "mc_stats", "newsletter", "phase_id", "pool", "post_type", "reason",
    "response", "send_at", "sg_content_type", "sg_event_id", "sg_machine_open", "sg_message_id", "sg_template_id",
    "sg_template_name", "sg_user_id", "singlesend_id", "singlesend_name", "smtp-id", "status", "template_hash",
    "template_id", "template_version_id", "timestamp", "tls", "type", "url", "url_offset", "useragent", *utm.UTM,
})  # fmt: skip
"""SendGrid's own members; all others are arguments of who sent the mail."""

_SAMPLE = "example@test.com"
"""Whose events the button "Test Your Integration" sends."""

_MILLISECONDS = 10**11
"""A greater number counts milliseconds; as seconds it would be the year 5138."""
_LAST_MILLISECOND = 253_402_300_799_999


def drafts(events: Sequence[Wild], haste: Haste, now: datetime) -> Sequence[TouchDraft]:
    """The touches of the events. One that cannot be read must not cost the others: it is kept with its reason."""
    machines = haste.machines(filter(None, map(_click, events)))
    found = [draft for event in events for draft in _event(event, machines, now)]
    return list({draft.key: draft for draft in found}.values())


def _click(event: Wild) -> Click | None:
    """The link that was followed; None for other events, and for what cannot be read."""
    try:
        if event.get("event").optional_text() != "click":
            return None
        mail = digest(event.get("sg_message_id").said(LINE), event.get("email").said(LINE))
        return Click(mail, event.get("url").said(2048), _time(event))
    except Malformed:
        return None


def _event(event: Wild, machines: Collection[Click], now: datetime) -> Iterator[TouchDraft]:
    try:
        name = _name(event)
        if name is not None:
            yield _draft(event, name, _is_machine(event, machines), now)
    except Malformed as error:
        said = digest(*(event.get(one).said(LINE) for one in ("sg_event_id", "event", "email", "timestamp")))
        yield TouchDraft(kind="submission", key=f"unreadable:{said}", problem=f"unreadable:{error}")


def _name(event: Wild) -> str | None:
    """What happened, in our words; None for what concerns the mail alone. A mail that a server only puts off
    (`blocked`) may come through tomorrow."""
    kind = event.get("event").text()
    if kind == "bounce":
        return None if event.get("type").said(LINE) == "blocked" else BOUNCED
    if kind == "dropped":
        return _DROPPED.get(event.get("reason").said(LINE).casefold())
    return _BEHAVIOURS.get(kind)


def _is_machine(event: Wild, machines: Collection[Click]) -> bool:
    """Whether a program opened the mail or followed the link. Whoever unsubscribes is believed to be a person."""
    kind = event.get("event").text()
    told = event.get("sg_machine_open").flag() if kind == "open" else _click(event) in machines
    return kind in _READ and (told or is_program(event.get("useragent").said(LINE)))


def _draft(event: Wild, name: str, by_machine: bool, now: datetime) -> TouchDraft:
    found_out = name == BOUNCED
    address = event.get("email").text()
    return TouchDraft(
        kind="enrichment" if found_out else "behaviour",
        key=_identity(event),
        event=None if found_out else name,
        words=Words(
            answers=collect(_answers(event, name, address)), user_agent=event.get("useragent").said(LINE) or None
        ),
        origin=_origin(event, by_machine),
        occurred_at=believable(_time(event), now),
        test=address == _SAMPLE,
    )


def _identity(event: Wild) -> str:
    """SendGrid's id of the event; the oldest kinds of campaign send none."""
    given = event.get("sg_event_id").optional_identifier()
    parts = (event.get(one).said(LINE) for one in ("event", "email", "timestamp", "sg_message_id"))
    return given or f"event:{digest(*parts)}"


def _time(event: Wild) -> datetime:
    """Unix seconds; campaigns have been seen to say milliseconds."""
    said = event.get("timestamp").whole(0, _LAST_MILLISECOND)
    return datetime.fromtimestamp(said // 1000 if said > _MILLISECONDS else said, UTC)


def _answers(event: Wild, name: str, address: str) -> Iterator[Answer]:
    """The address, what SendGrid says of it, the mail's categories, and the arguments of who sent the mail."""
    said: list[tuple[str, list[str]]] = [("email", [address])]
    if name == BOUNCED:
        said += [(BOUNCED, [address])]
        said += [(one, [event.get(one).said(VALUE_BYTES)]) for one in ("bounce_classification", "status", "reason")]
    if name in ("group_unsubscribed", "group_resubscribed"):
        group = event.get("asm_group_id").said(LINE)
        said += [(f"{event.get('event').text()}.{group}", ["yes"])] if group else []
    said += [("category", _categories(event))]
    yield from filter(None, (answer(key, values) for key, values in said))
    for key, value in event.entries(MAX_ANSWERS):
        if key not in _TECHNICAL:
            yield from flatten(value, key)


def _categories(event: Wild) -> list[str]:
    """One is sent as text or as a list, as it was given."""
    category = event.get("category")
    return [each.said(LINE) for each in category.each()] if category.is_list else [category.said(LINE)]


def _origin(event: Wild, by_machine: bool) -> Origin:
    """The link's own parameters say more than the campaign's name, and that more than a category."""
    said = {name: event.get(name).said(LINE) for name in utm.CARRIED}
    link = event.get("url").said(2048) if event.get("event").text() == "click" else ""
    codes = utm.origin_codes(said, link or None)
    named = [event.get(one).said(LINE) for one in ("singlesend_name", "marketing_campaign_name")]
    ids = [event.get(one).said(LINE) for one in ("singlesend_id", "marketing_campaign_id")]
    campaign = codes["campaign"] or next((found for one in (*named, *_categories(event)) if (found := code(one))), None)
    return Origin(
        **{
            **codes,
            "campaign": campaign,
            "campaign_id": codes["campaign_id"] or next((found for one in ids if (found := code(one))), None),
            "ad": codes["ad"] or code(event.get("marketing_campaign_version").said(LINE)),
            "medium": MACHINE if by_machine else codes["medium"] or "email",
        }
    )
