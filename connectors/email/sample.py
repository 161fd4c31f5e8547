"""A mail as Amazon SES would put it into the bucket: a person writes to the source's address."""

from __future__ import annotations

from datetime import datetime
from email.headerregistry import Address
from email.message import EmailMessage
from email.utils import format_datetime

from leadrelay.ports.sample import Sent, Visit
from leadrelay.ports.source import SecretValues, SourceSettings

_DOMAIN = "in.example.org"


def build(visit: Visit, settings: SourceSettings, secrets: SecretValues, now: datetime) -> Sent:
    """The person's mail, proven by DMARC. The domain of our address does not matter: the part before the @ does. One
    that is not `mapped` writes from nowhere: an address that no field of ours can hold."""
    author = visit.person.email if visit.mapped else "nobody"
    domain = author.rpartition("@")[2]
    to = f"{settings.name}+{visit.form}@{_DOMAIN}".lower()
    mail = EmailMessage()
    mail["From"] = Address(visit.person.name, addr_spec=author) if visit.mapped else author
    mail["To"] = to
    mail["Subject"] = "A question"
    mail["Message-ID"] = f"<{visit.key}@{domain}>"
    mail["Date"] = format_datetime(now)
    mail.set_content(_text(visit))
    return Sent({}, _stamped(to, author, domain, visit.key, now).encode() + mail.as_bytes(), door="mail")


def _text(visit: Visit) -> str:
    person = visit.person
    said = visit.message or "Please call me."
    return f"{said}\n\n-- \n{person.name}\n{person.job_title}, {person.company}\n{person.phone}\n"


def _stamped(to: str, author: str, domain: str, key: str, now: datetime) -> str:
    """The block that the mail service puts on top."""
    at = format_datetime(now)
    return (
        f"Return-Path: <{author}>\n"
        f"Received: from mail.{domain} (mail.{domain} [192.0.2.10])\n"
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {key}\n for {to};\n {at}\n"
        "X-SES-Spam-Verdict: PASS\nX-SES-Virus-Verdict: PASS\n"
        f"Authentication-Results: amazonses.com;\n spf=pass client-ip=192.0.2.10; envelope-from={author};"
        f" helo=mail.{domain};\n dkim=pass header.i=@{domain};\n dmarc=pass header.from={domain};\n"
        "X-SES-RECEIPT: sample\n"
    )
