"""HubSpot's webhooks: what it says about a change, and how it signs it (v3)."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from connectors.hubspot.sandbox.kinds import COMPANIES, CONTACTS, DEALS, KINDS
from connectors.hubspot.sandbox.schema import PORTAL
from leadrelay.local.crm_world import Change, World
from leadrelay.local.crm_world.hooks import Event, Manners, Post, checked

TOLD = (CONTACTS, COMPANIES, DEALS)
"""The kinds of record HubSpot tells of."""
FLAGS = {"created": ("creation", "CREATED"), "deleted": ("deletion", "DELETED"), "forgotten": ("privacyDeletion", "")}
A_PERSON = "userId:700001"


@dataclass(frozen=True, slots=True)
class Hooks:
    """The switch `hooks`. `url` is where messages go (this machine), `public_url` the address that is signed, where it
    is another; `secret` is the app's, `app_id` the app whose token writes. `generic` tells of objects by their type, as
    newer apps are told. The rest is `Manners`."""

    url: str
    secret: str
    app_id: str
    public_url: str = ""
    generic: bool = False
    manners: Manners = field(default_factory=Manners)


def hooks(given: Mapping[str, Any]) -> Hooks:
    """From the control endpoint. Raises ValueError or TypeError for what cannot be."""
    own = {name: value for name, value in given.items() if name in Hooks.__slots__ and name != "manners"}
    rest = {name: value for name, value in given.items() if name not in own}
    made = Hooks(**own, manners=Manners(**rest))
    checked(made.url)
    if not made.app_id.isdecimal():
        raise ValueError("app_id is a number")
    return made


class Telling:
    """Listens to a world and tells one app."""

    def __init__(self, world: World, chosen: Hooks) -> None:
        self._world = world
        self._hooks = chosen
        self._events = itertools.count(4_101_286_101)
        self.post = Post(chosen.url, self._dressed, chosen.manners)

    def hear(self, change: Change) -> None:
        """Note what a change means to the app."""
        if change.kind in TOLD:
            self.post.take([self._complete(change, told) for told in _told(change)])

    def _complete(self, change: Change, told: Mapping[str, Any]) -> Event:
        kind = KINDS[change.kind]
        action = str(told["subscriptionType"])
        names = f"{kind.one}.{action}.{told.get('propertyName', '')}"
        own = change.by == "api"
        event = {
            "eventId": next(self._events),
            "subscriptionId": 7_000_000 + zlib.crc32(names.encode()) % 1_000_000,
            "portalId": PORTAL,
            "appId": int(self._hooks.app_id),
            "occurredAt": round(change.at.timestamp() * 1000),
            "objectId": int(change.id),
            "changeSource": "INTEGRATION" if own else "CRM_UI",
            "sourceId": self._hooks.app_id if own else A_PERSON,
            **told,
            "subscriptionType": f"{'object' if self._hooks.generic else kind.one}.{action}",
        }
        return {**event, "objectTypeId": kind.type_id} if self._hooks.generic else event

    def _dressed(self, events: Sequence[Event]) -> tuple[bytes, Mapping[str, str]]:
        body = json.dumps(list(events), separators=(",", ":")).encode()
        stamp = str(round(self._world.now().timestamp() * 1000))
        message = f"POST{self._hooks.public_url or self._hooks.url}".encode() + body + stamp.encode()
        mark = base64.b64encode(hmac.digest(self._hooks.secret.encode(), message, hashlib.sha256)).decode()
        return body, {"X-HubSpot-Request-Timestamp": stamp, "X-HubSpot-Signature-v3": mark}


def _told(change: Change) -> Iterator[dict[str, Any]]:
    if change.action in FLAGS:
        action, flag = FLAGS[change.action]
        yield {"subscriptionType": action, **({"changeFlag": flag} if flag else {})}
    for name, value in change.values.items():
        yield {"subscriptionType": "propertyChange", "propertyName": name, "propertyValue": value}
    if change.other is None:
        return
    if change.action == "merged":
        ids = {"primaryObjectId": int(change.id), "mergedObjectIds": [int(change.other[1])]}
        yield {"subscriptionType": "merge", **ids, "newObjectId": int(change.id), "numberOfPropertiesMoved": 0}
    elif change.other[0] in TOLD:
        ends = f"{KINDS[change.kind].one}_TO_{KINDS[change.other[0]].one}".upper()
        ids = {"fromObjectId": int(change.id), "toObjectId": int(change.other[1])}
        gone = change.action == "unlinked"
        yield {"subscriptionType": "associationChange", "associationType": ends, **ids, "associationRemoved": gone}
