"""Telling people through Apprise: the address decides whether it is Slack, Teams, mail or a webhook."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from functools import lru_cache
from typing import TYPE_CHECKING
from urllib.parse import quote

from connectors.apprise.markup import body
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.notifier import Message, Notifier

if TYPE_CHECKING:
    from apprise import Apprise

_TRY_AGAIN_SECONDS = 60.0
_PERSON = "{email}"
"""Stands in the address of a channel on which each person reads alone."""

_PEOPLE = 256
"""So many people's channels are kept ready."""


def notifier(secret: Mapping[str, str]) -> Notifier:
    """A channel for the address in the secret's `url`. Raises Misconfigured when Apprise cannot read it."""
    logging.getLogger("apprise").setLevel(logging.CRITICAL + 1)  # its warnings repeat addresses, tokens included
    if "url" not in secret:
        raise Misconfigured("the notify secret needs a `url`; see connectors/apprise/connector.toml")
    _services(secret["url"].replace(_PERSON, "somebody%40example.com"))
    return AppriseNotifier(secret["url"])


class AppriseNotifier:
    """Implements `ports.notifier.Notifier`."""

    def __init__(self, url: str) -> None:
        self._url = url
        self._services = lru_cache(maxsize=_PEOPLE)(_services)

    def send(self, message: Message) -> None:
        """Deliver to every service of the address, each in the format it takes. Raises Retry: Apprise does not tell why
        not; Misconfigured when the address is for one person and the message is not."""
        told = [
            service.notify(title=message.title, body=body(message, kind), body_format=kind)
            for service, kind in self._services(self._address(message))
        ]
        if not all(told):
            raise Retry(_TRY_AGAIN_SECONDS, "the notification service did not take the message", "outage")

    def _address(self, message: Message) -> str:
        if _PERSON not in self._url:
            return self._url
        if not message.to:
            raise Misconfigured("the address has `{email}`: give the channel `personal: true`, and the rep an `email`")
        return self._url.replace(_PERSON, quote(message.to, safe=""))


def _services(url: str) -> tuple[tuple[Apprise, str], ...]:
    """Each service of the address by itself, with the format it takes; as plain text where it can be."""
    from apprise import Apprise, AppriseAsset, NotifyFormat

    asset = AppriseAsset(app_id="LeadRelay", app_desc="LeadRelay", image_url_mask="", image_url_logo="")
    channel = Apprise(asset=asset)
    if not channel.add(url):
        raise Misconfigured("Apprise cannot read the `url` of the notify secret; try it with the `apprise` command")
    found = []
    for service in channel:
        one = Apprise(asset=asset)
        one.add(service)
        found.append((one, service.resolve_format(NotifyFormat.TEXT).value))
    return tuple(found)
