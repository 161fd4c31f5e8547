"""A stand-in for Calendly's API: meetings by when they begin, their invitees, pages by token.

POST `{uri, start_time, updated_at, …}` to `/__world/meetings` and `{meeting, uri, email, created_at, …}` (the meeting's
address) to `/__world/invitees`; see `kit.sandbox` for faults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from connectors.kit.sandbox import Json, Reply, Sandbox

ORGANIZATION = "https://api.calendly.com/organizations/ORG1"
USER = "https://api.calendly.com/users/USER1"
_INVITEES = re.compile(r"/scheduled_events/([A-Za-z0-9-]+)/invitees")


class World:
    """The meetings and invitees that exist."""

    def __init__(self, access_token: str) -> None:
        self._token = access_token
        self.meetings: dict[str, Json] = {}
        self.invitees: dict[str, Json] = {}
        self.webhooks: list[Json] = []

    def add(self, what: str, things: list[Json]) -> None:
        """Meetings or invitees, by their address; or webhooks."""
        if what == "webhooks":
            self.webhooks += things
            return
        known = self.meetings if what == "meetings" else self.invitees
        known |= {str(each["uri"]): each for each in things}

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """As Calendly's API answers."""
        if headers.get("authorization") != f"Bearer {self._token}":
            return 401, {"title": "Unauthenticated"}, {}
        if path == "/users/me":
            return 200, {"resource": {"uri": USER, "current_organization": ORGANIZATION}}, {}
        if path == "/webhook_subscriptions":
            return 200, {"collection": self.webhooks, "pagination": {}}, {}
        if path == "/scheduled_events":
            if query.get("organization") != ORGANIZATION and query.get("user") != USER:
                return 403, {"title": "Permission Denied"}, {}
            found = [each for each in self.meetings.values() if each["start_time"] >= query["min_start_time"]]
            return 200, _page(sorted(found, key=lambda each: (each["start_time"], each["uri"])), query), {}
        if match := _INVITEES.fullmatch(path):
            mine = [each for each in self.invitees.values() if each["meeting"].endswith(f"/{match[1]}")]
            return 200, _page([_without_meeting(each) for each in mine], query), {}
        return 404, {"title": "Resource Not Found"}, {}


def _page(rows: Sequence[Json], query: Mapping[str, str]) -> Json:
    start, count = int(query.get("page_token", "0")), int(query.get("count", "20"))
    following = str(start + count) if start + count < len(rows) else None
    return {"collection": rows[start : start + count], "pagination": {"count": count, "next_page_token": following}}


def _without_meeting(invitee: Json) -> Json:
    return {name: value for name, value in invitee.items() if name != "meeting"}


def serve(port: int = 0, *, access_token: str) -> Sandbox[World]:
    """Start on 127.0.0.1; port 0 takes a free one."""
    return Sandbox(World(access_token), port)
