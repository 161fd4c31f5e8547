"""Changes: what a partner's event bus brings is taken in like any other delivery.

A CRM that does not call us but publishes its changes does so on an event bus of our own account. Which source an event
belongs to is told by where it comes from, which only AWS can write there; from then on it goes the way of a webhook:
its raw body is kept, each touch is stored once.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.rules import Rules
from leadrelay.ports.source import Delivery
from leadrelay.workflows.ingest import Ingest

_OK, _AWAY = 200, 500


@dataclass(frozen=True, slots=True)
class Changes:
    """The workflow with its ports."""

    ingest: Ingest
    rules: Rules

    def __call__(self, event: str) -> None:
        """Take one event in. Raises Misconfigured for one that no source of the rules expects, Reject for one that
        cannot be read, Retry when it could not be stored: the queue brings each of them again, and then sets it
        aside."""
        name = self._source(_sender(event))
        reply = self.ingest(name, Delivery("POST", {}, (), event.encode(), door="bus"))
        if reply.status >= _AWAY:
            raise Retry(1, "the event could not be stored", "second")
        if reply.status != _OK:
            raise Reject("event_refused", f"source {name!r} answered {reply.status}")

    def _source(self, sender: str) -> str:
        for name, policy in self.rules.current().sources.sources.items():
            if policy.enabled and sender and policy.event_source == sender:
                return name
        raise Misconfigured("an event whose bus no source names: set its event_source in sources.yaml")


def _sender(event: str) -> str:
    try:
        said = json.loads(event)
    except ValueError:
        raise Reject("event_refused", "no JSON") from None
    sender = said.get("source") if isinstance(said, dict) else None
    return sender if isinstance(sender, str) else ""
