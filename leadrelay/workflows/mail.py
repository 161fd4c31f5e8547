"""Mail: what the mail service has taken becomes a delivery at the source that it was written to.

The address is the source: `contact@…` is the source `contact`, `contact+demo@…` its form `demo`. A mail for nobody we
know, and one that cannot be read, is set aside where a person can bring it in again; none is lost, and none holds up
others.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from leadrelay.ports.errors import Retry
from leadrelay.ports.mailbox import Mailbox
from leadrelay.ports.rules import Rules
from leadrelay.ports.source import Delivery, Malformed, doors_of
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.ingest import Ingest

READ_BYTES = 4 * 1024 * 1024
"""So much of a mail is read. What comes later is attached, and nobody opens that here."""

_RETRY_SECONDS = 30.0
_TAKEN = 200
_UNAVAILABLE = 503


@dataclass(frozen=True, slots=True)
class TakeMail:
    """The workflow with its ports; `recipients` reads what stands before the @ in our addresses that a mail was
    written to, in order (Malformed for what is no mail)."""

    mailbox: Mailbox
    rules: Rules
    ingest: Ingest
    recipients: Callable[[bytes], Sequence[str]]
    telemetry: Telemetry

    def __call__(self, name: str) -> None:
        """Take one mail. Raises Retry when it must come again."""
        mail = self.mailbox.read(name, READ_BYTES)
        if mail is None:
            self.telemetry.count("MailGone")
            return
        try:
            source = self._source(self.recipients(mail))
        except Malformed:
            self._set_aside(name, "malformed")
            return
        if source is None:
            self._set_aside(name, "unknown_recipient")
            return
        self._bring(name, source, mail)

    def _bring(self, name: str, source: str, mail: bytes) -> None:
        reply = self.ingest(source, Delivery("POST", {}, (), mail, door="mail"))
        if reply.status == _UNAVAILABLE:
            raise Retry(_RETRY_SECONDS, "the mail could not be stored")
        if reply.status != _TAKEN:
            self._set_aside(name, f"answered_{reply.status}")

    def _source(self, recipients: Sequence[str]) -> str | None:
        """The first address of ours that is a source for mail. Several are one mail: it asks once."""
        names = (local.partition("+")[0] for local in recipients)
        return next((name for name in names if self._takes_mail(name)), None)

    def _takes_mail(self, name: str) -> bool:
        policy = self.rules.current().sources.sources.get(name)
        source = self.ingest.sources(policy.vendor) if policy is not None and policy.enabled else None
        return source is not None and "mail" in doors_of(source)

    def _set_aside(self, name: str, reason: str) -> None:
        self.mailbox.set_aside(name)
        self.telemetry.count("MailSetAside", reason=reason)
        self.telemetry.line("mail_set_aside", reason=reason)
