"""Telegram bots, and the business accounts of reps that a bot is connected to.

Each message of a person in a private chat is a touch, so the whole conversation is kept; the person is known by their
number at Telegram until they share their phone. A shared contact may be anybody's: only the sender's own is believed,
and of others nothing becomes an answer. In a rep's own account the rep's messages come too: those are contact with the
lead, unless a machine wrote them. Groups, channels and other bots are noise.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime

from pydantic import Field

from connectors.kit import json_body, replies, signing
from connectors.kit.drafts import VALUE_BYTES, answer, believable, flatten, options, unreadable
from connectors.kit.wild import LINE, Wild
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, TouchKind, Trust, Words
from leadrelay.ports.source import Delivery, Malformed, Outcome, Reply, SecretValues, SourceSettings

_START = re.compile(r"/start(?:@[A-Za-z0-9_]+)?(?: ([A-Za-z0-9_-]{1,64}))?")
_NUMBER = re.compile(r"\+?([0-9]{5,15})")
_PERSON = ("first_name", "last_name", "username", "language_code")
_ATTACHED = (
    *("photo", "document", "voice", "audio", "video", "video_note", "animation", "sticker"),
    *("location", "venue", "poll", "contact", "story"),
)
"""What a message can hold beside words."""
_FORMS = {"contact": "contact", "web_app": "web_app_data"}
_NOTED = frozenset(
    {
        *("pinned_message", "message_auto_delete_timer_changed", "write_access_allowed", "connected_website"),
        *("chat_background_set", "new_chat_members", "left_chat_member", "users_shared", "chat_shared", "boost_added"),
    }
)
"""Members of messages that Telegram writes itself."""
_LEFT = frozenset({"kicked", "left"})
_PRIVATE = "private"
NOT_NAMED = "account_not_named"
"""The problem of what is said in a business account that `reps` does not name."""


class Options(Model):
    """What RevOps sets. `reps`: the business connection of each rep's own account to the rep's code in team.yaml, told
    as the answer `rep`."""

    reps: dict[str, str] = Field(default_factory=dict)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """`X-Telegram-Bot-Api-Secret-Token: <secret_token>`. Raises Unauthentic, Misconfigured."""
    given = delivery.header("x-telegram-bot-api-secret-token")
    signing.check_token(signing.usable(secrets, "secret_token"), given)
    return "verified"


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """At most one touch for an update. Raises Malformed when the body is no JSON object."""
    chosen = options(Options, settings)
    update = json_body.read(delivery.body)
    try:
        return list(_drafts(update, chosen, now))
    except Malformed as error:
        return [unreadable(delivery.body, error)]


def keep(delivery: Delivery) -> bytes:
    """As it came: no secret travels in the body."""
    return delivery.body


def acknowledge(outcome: Outcome) -> Reply:
    """200 with nothing in it: Telegram carries out what a JSON answer says."""
    return replies.plain(outcome) if outcome != "stored" else Reply(replies.STATUS[outcome])


def _drafts(update: Wild, chosen: Options, now: datetime) -> Iterator[TouchDraft]:
    """`update_id` may start anew after a quiet week, so it is an identity only together with what it is about."""
    name = next((name for name in _READERS if not update.get(name).missing), None)
    if name is None:
        return
    told = update.get(name)
    draft = _READERS[name](told, chosen)
    if draft is not None:
        at = told.get("edit_date") if name.startswith("edited") else told.get("date")
        yield draft.with_(
            key=draft.key if draft.problem == NOT_NAMED else f"{update.get('update_id').identifier()}:{draft.key}",
            occurred_at=None if at.missing else believable(at.unix_time(), now),
        )


def _message(message: Wild, chosen: Options) -> TouchDraft | None:
    """What a person said to the bot."""
    sender = message.get("from")
    if not _is_private(message) or _is_machine(sender):
        return None
    return _said(message, sender, chosen)


def _business(message: Wild, chosen: Options) -> TouchDraft | None:
    """What was said in a rep's own account: by the other side, whose number is the chat's, or by the rep. Anybody may
    connect the bot to an account of theirs: what is said there is nobody's business before RevOps name the rep."""
    sender = message.get("from")
    if not _is_private(message) or _is_machine(sender):
        return None
    if message.get("business_connection_id").said(LINE) not in chosen.reps:
        return _not_named(message)
    if sender.get("id").identifier() == message.get("chat").get("id").identifier():
        return _said(message, sender, chosen)
    if not message.get("sender_business_bot").missing or message.get("is_from_offline").flag():
        return None
    answers = [*_person(message.get("chat")), *_words(message, "said"), *_of_rep(message, chosen)]
    return _draft("activity", message, message.get("chat"), answers, event="social").with_(talk="ours")


def _not_named(message: Wild) -> TouchDraft:
    """The account's number alone, to be copied into `reps`."""
    number = message.get("business_connection_id").said(LINE)
    answers = tuple(_one("business_connection_id", message.get("business_connection_id")))
    return TouchDraft(kind="submission", key=f"account:{number}", words=Words(answers=answers), problem=NOT_NAMED)


def _edited(message: Wild, chosen: Options) -> TouchDraft | None:
    """Somebody improves on what they said; not a new request."""
    sender = message.get("from")
    if (
        not message.get("business_connection_id").missing
        and message.get("business_connection_id").said(LINE) not in chosen.reps
    ):
        return None
    mine = _is_private(message) and not _is_machine(sender)
    if not mine or sender.get("id").identifier() != message.get("chat").get("id").identifier():
        return None
    edited = Answer(key="edited", values=("true",))
    answers = [*_person(sender), edited, *_content(message, sender), *_of_rep(message, chosen)]
    return _draft("behaviour", message, sender, answers, event="message_edited").with_(talk="theirs")


def _pressed(query: Wild, chosen: Options) -> TouchDraft | None:
    """A button under a message of the bot."""
    message, sender = query.get("message"), query.get("from")
    if message.missing or not _is_private(message) or _is_machine(sender):
        return None
    answers = [*_person(sender), *_one("button", query.get("data"))]
    draft = _draft("behaviour", message, sender, answers, event="button_pressed")
    return draft.with_(talk="theirs", key=f"{draft.key}:{query.get('id').identifier()}")


def _membership(change: Wild, chosen: Options) -> TouchDraft | None:
    """Somebody blocks the bot: nobody can answer them there any more."""
    sender = change.get("from")
    if not _is_private(change) or change.get("new_chat_member").optional("status").said(LINE) not in _LEFT:
        return None
    return _draft("behaviour", change, sender, list(_names(sender)), event="bot_blocked")


_READERS: Mapping[str, Callable[[Wild, Options], TouchDraft | None]] = {
    "message": _message,
    "business_message": _business,
    "edited_message": _edited,
    "edited_business_message": _edited,
    "callback_query": _pressed,
    "my_chat_member": _membership,
}


def _said(message: Wild, sender: Wild, chosen: Options) -> TouchDraft | None:
    """The form says what it was: `start` (the link's payload is the campaign), `contact`, `web_app` (a form of the
    bot's own) or `message`. What Telegram itself notes in a chat, nobody said."""
    if any(not message.get(name).missing for name in _NOTED):
        return None
    start = _START.fullmatch(message.get("text").said(VALUE_BYTES))
    campaign = start[1] if start else None
    form = "start" if start else next((name for name in _FORMS if not message.get(_FORMS[name]).missing), "message")
    content = _payload(campaign) if start else list(_content(message, sender))
    answers = [*_person(sender), *content, *_of_rep(message, chosen)]
    draft = _draft("submission", message, sender, answers, form=form, campaign=campaign)
    return draft if start else draft.with_(talk="theirs")


def _draft(
    kind: TouchKind,
    about: Wild,
    person: Wild,
    answers: Sequence[Answer],
    event: str | None = None,
    form: str | None = None,
    campaign: str | None = None,
) -> TouchDraft:
    number = person.get("id").identifier()
    language = code(person.get("language_code").optional_text())
    return TouchDraft(
        kind=kind,
        key=f"{number}:{about.get('message_id').optional_identifier() or '-'}",
        event=event,
        words=Words(answers=tuple(answers), anonymous_id=f"telegram:{number}"),
        origin=Origin(form=form, campaign=code(campaign), language=language, origin_source="telegram"),
        problem=None if event or answers else "no_answers",
    )


def _is_private(told: Wild) -> bool:
    return told.get("chat").optional("type").said(LINE) == _PRIVATE


def _is_machine(sender: Wild) -> bool:
    return sender.missing or sender.get("is_bot").flag()


def _person(person: Wild) -> Iterator[Answer]:
    """Who it is and where to answer them."""
    yield from _names(person)
    user = person.get("username").said(LINE)
    yield Answer(key="chat", values=(f"t.me/{user}" if user else f"Telegram {person.get('id').identifier()}",))


def _names(person: Wild) -> Iterator[Answer]:
    for name in _PERSON:
        yield from _one(name, person.get(name))


def _content(message: Wild, sender: Wild) -> Iterator[Answer]:
    yield from _words(message, "text")
    yield from _filled_in(message.get("web_app_data").optional("data"))
    yield from _contact(message.get("contact"), sender)


def _words(message: Wild, key: str) -> Iterator[Answer]:
    """The words, or those under a picture; what else can be sent is named only."""
    yield from _one(key, message.get("text"))
    yield from _one(key, message.get("caption"))
    for name in _ATTACHED:
        if not message.get(name).missing:
            yield Answer(key="attached", values=(name,))


def _filled_in(data: Wild) -> Iterator[Answer]:
    """What a form of the bot's own sends is JSON as a rule. Its names bear `web_app.`, so that nobody's answer passes
    for what Telegram says."""
    if data.missing:
        return
    try:
        yield from flatten(json_body.read(data.encoded()), "web_app")
    except Malformed:
        yield from _one("text", data)


def _contact(contact: Wild, sender: Wild) -> Iterator[Answer]:
    """A number comes with its country's code, but not always with the plus sign."""
    if contact.missing:
        return
    owner, number = contact.get("user_id"), _NUMBER.fullmatch(contact.get("phone_number").said(LINE).replace(" ", ""))
    if owner.missing or owner.identifier() != sender.get("id").identifier() or number is None:
        yield Answer(key="shared_contact", values=("somebody else's",))
        return
    yield Answer(key="contact.phone_number", values=(f"+{number[1]}",))
    yield from _one("contact.first_name", contact.get("first_name"))
    yield from _one("contact.last_name", contact.get("last_name"))


def _of_rep(message: Wild, chosen: Options) -> Iterator[Answer]:
    """Whose account it is; the number of an account that nobody is named for yet, to be copied from."""
    connection = message.get("business_connection_id").said(LINE)
    if connection:
        rep = chosen.reps.get(connection)
        yield Answer(key="rep" if rep else "business_connection", values=(rep or connection,))


def _payload(campaign: str | None) -> list[Answer]:
    return [Answer(key="start", values=(campaign,))] if campaign else []


def _one(key: str, value: Wild) -> Iterator[Answer]:
    found = answer(key, [value.said(VALUE_BYTES)])
    if found:
        yield found
