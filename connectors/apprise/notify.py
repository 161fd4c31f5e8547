"""Telling people through Apprise: the address decides whether it is Slack, Teams, mail or a webhook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import TYPE_CHECKING

from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.notifier import Message, Notifier

if TYPE_CHECKING:
    from apprise import Apprise

_TRY_AGAIN_SECONDS = 60.0


def notifier(secret: Mapping[str, str]) -> Notifier:
    """A channel for the address in the secret's `url`. Raises Misconfigured when Apprise cannot read it."""
    from apprise import Apprise

    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its warnings repeat addresses, tokens included
    if "url" not in secret:
        raise Misconfigured("the notify secret needs a `url`; see connectors/apprise/connector.toml")
    channel = Apprise()
    if not channel.add(secret["url"]):
        raise Misconfigured("Apprise cannot read the `url` of the notify secret; try it with the `apprise` command")
    return AppriseNotifier(channel)


class AppriseNotifier:
    """Implements `ports.notifier.Notifier`."""

    def __init__(self, channel: Apprise) -> None:
        self._channel = channel

    def send(self, message: Message) -> None:
        """Deliver as plain text, which Apprise escapes for each service. Raises Retry: it does not tell why not."""
        from apprise import NotifyFormat

        body = "\n".join([message.body, *(f"{label}: {address}" for label, address in message.links)])
        delivered = self._channel.notify(title=message.title, body=body, body_format=NotifyFormat.TEXT)
        if not delivered:
            raise Retry(_TRY_AGAIN_SECONDS, "the notification service did not take the message", "outage")
