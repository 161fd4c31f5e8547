"""Mails as Amazon SES puts them into the bucket: its block on top, then what was sent."""

from __future__ import annotations

from datetime import UTC, datetime

from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.source import Delivery, SourceSettings

NOW = datetime(2026, 11, 23, 9, 15, tzinfo=UTC)
WHO = "Ana Kovac <ana.kovac@example.com>"
TO = "contact@in.example.org"


def block(
    results: str = "dmarc=pass header.from=example.com;", to: str = TO, smtp_id: str = "s1", more: str = ""
) -> str:
    """The headers that the mail service writes; `results` is what it found."""
    return (
        "Return-Path: <ana.kovac@example.com>\n"
        "Received: from mail.example.com (mail.example.com [192.0.2.10])\n"
        f" by inbound-smtp.eu-west-1.amazonaws.com with SMTP id {smtp_id}\n"
        f" for {to};\n Mon, 23 Nov 2026 09:14:30 +0000 (UTC)\n"
        f"X-SES-Spam-Verdict: PASS\nX-SES-Virus-Verdict: PASS\n{more}"
        f"Authentication-Results: amazonses.com;\n spf=pass client-ip=192.0.2.10;"
        f" envelope-from=ana.kovac@example.com; helo=mail.example.com;\n {results}\n"
        "X-SES-RECEIPT: AEFB\n"
    )


def sent(text: str = "Hello", subject: str = "Question", who: str = WHO, to: str = TO, more: str = "") -> str:
    """What the sender wrote, as plain text in UTF-8."""
    return (
        f"From: {who}\nTo: {to}\nSubject: {subject}\nMessage-ID: <m1@example.com>\n{more}"
        f"Date: Mon, 23 Nov 2026 10:14:21 +0100\nContent-Type: text/plain; charset=utf-8\n\n{text}\n"
    )


def delivery(mail: str | bytes) -> Delivery:
    """The mail as its source gets it, with the line ends of the wire."""
    body = mail if isinstance(mail, bytes) else mail.replace("\n", "\r\n").encode("utf-8", "surrogateescape")
    return Delivery("POST", {}, (), body, door="mail")


def settings(**options: object) -> SourceSettings:
    """The address `contact`."""
    return SourceSettings("contact", "email", options)


def said(draft: TouchDraft) -> dict[str, str]:
    """The answers by name."""
    return {answer.key: "\n".join(answer.values) for answer in draft.words.answers}
