"""The mail that the mail service has taken for us, before anybody looked at it."""

from __future__ import annotations

from typing import Protocol


class Mailbox(Protocol):
    """Mails by the name that the mail service gave them. Raises Retry and Misconfigured."""

    def read(self, name: str, most: int) -> bytes | None:
        """The first `most` bytes of a mail; None when there is none of that name."""
        ...

    def set_aside(self, name: str) -> None:
        """Keep a mail where a person can find it and bring it in again. Harmless when it was done before."""
        ...
