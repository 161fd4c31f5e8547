"""Mail to an address of ours.

Amazon SES takes the mail, checks who sent it, and puts it into the mail bucket; the delivery's body is that mail. So
the proof is in the mail itself, in the block that the mail service put on top of it, and there is no secret: the door
is what nobody else can knock at. A mail whose sender is not proven is taken all the same, as unverified.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime

from connectors.email import mime
from connectors.email.address import Address, addresses, author
from connectors.email.automatic import automatic
from connectors.email.charsets import words_of
from connectors.email.mime import Mail
from connectors.email.passed_on import PassedOn, passed_on
from connectors.email.portal import Portal
from connectors.email.quoting import own_words
from connectors.email.trust import Forwarder, trust, within
from connectors.kit import replies
from connectors.kit.drafts import VALUE_BYTES, answer, believable, digest, options
from connectors.kit.text import clean, clean_line
from connectors.kit.wild import LINE
from leadrelay.domain.model import Model, code
from leadrelay.domain.touch import Answer, Origin, TouchDraft, Trust, Words
from leadrelay.ports.source import Delivery, Door, Outcome, Reply, SecretValues, SourceSettings, Unauthentic

DOORS: tuple[Door, ...] = ("mail",)
_SMTP_ID = re.compile(r"\bid (\S+)")
_FOR = re.compile(r"\bfor <?([^\s<>;]+)>?\s*;")
_RECIPIENTS = ("to", "cc", "delivered-to", "x-original-to")
_LATE = timedelta(days=7)
"""A sender's date that lies further before the arrival than mail can travel is a wrong clock."""


class Options(Model):
    """What `sources.yaml` may say about an address: who may vouch for mail that they pass on, the portals whose lead
    mails come here, and the domains of our own people: what they pass on by hand is about whoever wrote the old mail,
    and they themselves are nobody's lead."""

    forwarders: tuple[Forwarder, ...] = ()
    portals: tuple[Portal, ...] = ()
    colleagues: tuple[str, ...] = ()

    def are_ours(self, writer: Address | None) -> bool:
        """Whether this is one of our own people."""
        return writer is not None and any(within(writer.domain, domain) for domain in self.colleagues)


def challenge(delivery: Delivery, settings: SourceSettings, secrets: SecretValues) -> Reply | None:
    """There is no handshake."""
    return None


def verify(delivery: Delivery, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Trust:
    """Proven when DMARC passed, as the mail service or a trusted forwarder found. Raises Unauthentic for what did not
    come through the mail service, Malformed, and Misconfigured for wrong options."""
    if delivery.door not in DOORS:
        raise Unauthentic("door")
    return trust(mime.read(delivery.body), options(Options, settings).forwarders)


def parse(delivery: Delivery, settings: SourceSettings, now: datetime) -> Sequence[TouchDraft]:
    """One touch for a mail. Raises Malformed for what is no mail."""
    mail = mime.read(delivery.body)
    chosen = options(Options, settings)
    subject = clean_line(words_of(mail.first("subject")), LINE)
    writer = author(mail)
    portal = _portal(chosen, writer, subject)
    told = _told(mail) if not portal and chosen.are_ours(writer) else None
    said = _lead(portal, mail, subject) if portal else _person(mail, writer, subject, told)
    answers = tuple(_answers(said))
    return [
        TouchDraft(
            kind="submission",
            key=_key(mail, writer, subject) + _pattern(portal, said),
            words=Words(answers=answers),
            origin=_origin(portal, mail, settings.name),
            occurred_at=_written_at(mail, now),
            suspicion=_suspicion(mail, chosen, portal, told),
            problem="no_sender" if not writer else None if answers else "no_answers",
        )
    ]


def keep(delivery: Delivery) -> bytes:
    """What was read of the mail. All of it, with what is attached, stays in the mail bucket."""
    return mime.written(mime.read(delivery.body))


def acknowledge(outcome: Outcome) -> Reply:
    """Nobody reads the answer but our own function: it says whether the mail must come again."""
    return replies.plain(outcome)


def _portal(chosen: Options, writer: Address | None, subject: str) -> Portal | None:
    return next((one for one in chosen.portals if writer and one.wrote(writer, subject)), None)


def _told(mail: Mail) -> PassedOn | None:
    """The old mail that a colleague passes on. Who is written to as well is answered, and asks for nothing new."""
    told = passed_on(mail.text)
    reached = {one.address.casefold() for one in addresses((*mail.all("to"), *mail.all("cc")))}
    return told if told is not None and told.author.address.casefold() not in reached else None


def _person(mail: Mail, writer: Address | None, subject: str, told: PassedOn | None) -> Mapping[str, str]:
    """What a person who writes to us says. The subject is part of it: often it is the only line that says what for."""
    if told is not None:
        message = "\n\n".join(filter(None, (subject, told.message)))
        said = {"email": told.author.address, "name": told.author.name, "subject": subject, "message": message}
        return {**said, "note": told.note, "passed_on_by": writer.address if writer else "", **_beside(mail)}
    own = own_words(mail.text, subject)
    reply_to = addresses(mail.all("reply-to"))
    return {
        "email": writer.address if writer else "",
        "name": writer.name if writer else "",
        "subject": subject,
        "message": "\n\n".join(filter(None, (subject, own.message))),
        "signature": own.signature,
        "reply_to": reply_to[0].address if reply_to and reply_to[:1] != (writer,) else "",
        **_beside(mail),
    }


def _lead(portal: Portal, mail: Mail, subject: str) -> Mapping[str, str]:
    """What a portal says about a person. Without anything to reach them by, the whole text is kept for a person to
    read, and for a mended pattern."""
    found = portal.answers(mail.text)
    reply_to = addresses(mail.all("reply-to")) if portal.reply_to else ()
    if reply_to:
        found = {"email": reply_to[0].address, "name": reply_to[0].name, **found}
    whole = {} if found.get("email") or found.get("phone") else {"text": mail.text}
    return {**found, **whole, "subject": subject, **_beside(mail)}


def _beside(mail: Mail) -> Mapping[str, str]:
    thread = f"{mail.first('references')} {mail.first('in-reply-to')}".split()
    return {"thread": thread[0] if thread else "", "attachments": "\n".join(mail.attachments)}


def _answers(said: Mapping[str, str]) -> Iterator[Answer]:
    for name, text in said.items():
        values = text.split("\n") if name == "attachments" else [clean(text, VALUE_BYTES)]
        found = answer(name, values)
        if found:
            yield found


def _origin(portal: Portal | None, mail: Mail, name: str) -> Origin:
    form = _form(portal, mail, name)
    return Origin(form=form, origin_source=portal.name, partner=portal.partner) if portal else Origin(form=form)


def _form(portal: Portal | None, mail: Mail, name: str) -> str | None:
    """A portal's own, or what stands behind the + of our address: `contact+demo@…` is the form `demo`."""
    if portal:
        return portal.form or portal.name
    locals_ = [one.local for one in addressed(mail)]
    tags = [tag for base, _, tag in (local.partition("+") for local in locals_) if base == name and tag]
    return code(tags[0]) if tags else None


def addressed(mail: Mail) -> tuple[Address, ...]:
    """Our addresses that it was written to, as the sender wrote it, and then the one that it was delivered to. Ours is
    what the mail service delivers to: its domain; any, where it does not say.

    A mail to two of our addresses comes twice; the first address in it is the same in both, so both are one touch.
    """
    envelope = _FOR.search(mail.stamped("received"))
    delivered = addresses((envelope[1],)) if envelope else ()
    named = addresses(tuple(value for name in _RECIPIENTS for value in mail.all(name)))
    return (*(one for one in named if not delivered or one.domain == delivered[0].domain), *delivered)


def recipients(body: bytes) -> tuple[str, ...]:
    """What stands before the @ in `addressed`, in lower case, of a mail's bytes. Raises Malformed."""
    return tuple(one.local for one in addressed(mime.read(body)))


def _suspicion(mail: Mail, chosen: Options, portal: Portal | None, told: PassedOn | None) -> str | None:
    """A portal is a machine, and says nothing about it being one. A colleague asks for nothing, unless it is for
    somebody else."""
    for header, why in (("x-ses-virus-verdict", "virus"), ("x-ses-spam-verdict", "spam")):
        if mail.stamped(header).upper() == "FAIL":
            return why
    if portal:
        return None
    inside = chosen.are_ours(author(mail)) and (told is None or chosen.are_ours(told.author))
    return automatic(mail, chosen.forwarders) or ("colleague" if inside else None)


def _key(mail: Mail, writer: Address | None, subject: str) -> str:
    """The sender's own id with what was said: some programs give every mail the same id, and an id that somebody
    guessed must not keep the real mail out. Without one, the mail service's id."""
    said = (writer.address if writer else None, subject, " ".join(mail.text.split()))
    message_id = mail.first("message-id")
    if message_id:
        return f"message:{digest(message_id, *said)}"
    found = _SMTP_ID.search(mail.stamped("received"))
    return f"ses:{found[1]}" if found else f"mail:{digest(mail.first('date'), *said)}"


def _pattern(portal: Portal | None, said: Mapping[str, str]) -> str:
    """By which pattern it was read is part of its identity: a mail that is brought in again after its pattern was
    written, or mended, says something that it did not say before."""
    if portal is None:
        return ""
    return f":{portal.name}" if said.get("email") or said.get("phone") else f":{portal.name}:unread"


def _written_at(mail: Mail, now: datetime) -> datetime | None:
    """The sender's time, if it is possible; else when the mail service took it."""
    taken = _time(mail.stamped("received").rpartition(";")[2])
    said = _time(mail.first("date"))
    if taken is not None:
        said = said if said is not None and taken - _LATE <= said <= taken else taken
    return believable(said, now)


def _time(text: str) -> datetime | None:
    """A date of RFC 5322 in UTC; `-0000` says that the zone is unknown, and is read as UTC."""
    try:
        at = parsedate_to_datetime(text.partition("(")[0].strip())
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError, TypeError):
        return None
