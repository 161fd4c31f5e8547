"""Mail that no person wrote to us: answers of machines, reports of failed delivery, lists.

What marks it are the headers of RFC 3834, RFC 2919 and RFC 3464, and the words that mail programs put in front of the
subject of an absence. Such a mail is kept and shown, and never taken for a request.
"""

from __future__ import annotations

from connectors.email.address import author
from connectors.email.charsets import words_of
from connectors.email.mime import Mail
from connectors.email.trust import Forwarder, within

_MACHINES = frozenset({"mailer-daemon", "postmaster", "mail-daemon"})
_ABSENT = (
    "automatic reply:",
    "auto reply:",
    "autoreply:",
    "out of office:",
    "out of the office:",
    "odpowiedź automatyczna:",
    "automatyczna odpowiedź:",
    "autoodpowiedź:",
    "automatski odgovor:",
    "аутоматски одговор:",
    "automatische antwort:",
    "abwesenheitsnotiz:",
    "réponse automatique",
    "respuesta automática:",
    "risposta automatica:",
)
_BULK = frozenset({"bulk", "junk", "list"})


def automatic(mail: Mail, forwarders: tuple[Forwarder, ...]) -> str | None:
    """What kind of machine wrote it: `bounce`, `auto_reply`, `mailing_list`; None for a person."""
    if _is_bounce(mail):
        return "bounce"
    if _answers_by_itself(mail):
        return "auto_reply"
    return "mailing_list" if _is_list(mail, forwarders) else None


def _is_bounce(mail: Mail) -> bool:
    writer = author(mail)
    return mail.report or (writer is not None and writer.local in _MACHINES)


def _answers_by_itself(mail: Mail) -> bool:
    """Nothing answers to `<>`: only machines write with it."""
    said = mail.first("auto-submitted").partition(";")[0].strip().lower()
    subject = words_of(mail.first("subject")).strip().casefold()
    return (
        said not in {"", "no"}
        or bool(mail.first("x-autoreply") or mail.first("x-autorespond"))
        or mail.first("precedence").strip().lower() == "auto_reply"
        or (mail.stamped("return-path") or mail.first("return-path")).replace(" ", "") == "<>"
        or subject.startswith(_ABSENT)
    )


def _is_list(mail: Mail, forwarders: tuple[Forwarder, ...]) -> bool:
    """A company's own sales@ is often a list of its mailbox provider: what comes through one that passes mail on to us
    is no list of strangers."""
    list_id = mail.first("list-id").rpartition("<")[2].rstrip("> ").lower()
    if any(within(list_id, one.domain) for one in forwarders):
        return False
    return bool(list_id) or mail.first("precedence").strip().lower() in _BULK
