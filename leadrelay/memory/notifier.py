"""A notification channel in memory."""

from __future__ import annotations

from leadrelay.ports.errors import PortError
from leadrelay.ports.notifier import Message


class MemoryNotifier:
    """Implements `ports.notifier.Notifier`. While `refuse` is set, it is raised and nothing is delivered."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.refuse: PortError | None = None

    def send(self, message: Message) -> None:
        """Deliver to `sent`."""
        if self.refuse:
            raise self.refuse
        self.sent.append(message)
