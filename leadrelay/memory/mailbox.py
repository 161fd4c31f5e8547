"""The mailbox in memory."""

from __future__ import annotations


class MemoryMailbox:
    """Implements `ports.mailbox.Mailbox`."""

    def __init__(self) -> None:
        self.mails: dict[str, bytes] = {}
        self.aside: dict[str, bytes] = {}

    def read(self, name: str, most: int) -> bytes | None:
        """See the port."""
        found = self.mails.get(name)
        return None if found is None else found[:most]

    def set_aside(self, name: str) -> None:
        """See the port."""
        self.aside[name] = self.mails[name]
