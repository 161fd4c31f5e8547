"""A stand-in for Typeform's Responses API: forms, their finished responses newest first, and pages before a token.

POST `{id, title, fields}` to `/__world/forms` and `{form_id, token, submitted_at, answers, …}` to `/__world/responses`;
see `kit.sandbox` for faults.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.kit.sandbox import Json, Reply, Sandbox

_PATH = re.compile(r"/forms/([A-Za-z0-9_-]+)(/responses|/webhooks)?")


class World:
    """The forms and responses that exist. `lag` hides so many of the newest: the list may be behind."""

    def __init__(self, access_token: str) -> None:
        self._token = access_token
        self.forms: dict[str, Json] = {}
        self.responses: dict[str, Json] = {}
        self.webhooks: list[Json] = []
        self.lag = 0

    def add(self, what: str, things: list[Json]) -> None:
        """Forms by their id, responses by their token, or webhooks."""
        if what == "webhooks":
            self.webhooks += things
        elif what == "forms":
            self.forms |= {str(each["id"]): each for each in things}
        else:
            self.responses |= {str(each["token"]): each for each in things}

    def answer(self, path: str, query: Mapping[str, str], headers: Mapping[str, str]) -> Reply:
        """As Typeform's API answers."""
        if headers.get("authorization") != f"Bearer {self._token}":
            return 401, {"code": "AUTHENTICATION_FAILED"}, {}
        match = _PATH.fullmatch(path)
        if not match or match[1] not in self.forms:
            return 404, {"code": "FORM_NOT_FOUND"}, {}
        if match[2] is None:
            return 200, self.forms[match[1]], {}
        if match[2] == "/webhooks":
            return 200, {"items": [each for each in self.webhooks if each["form_id"] == match[1]]}, {}
        return 200, self._list(match[1], query), {}

    def _list(self, form: str, query: Mapping[str, str]) -> Json:
        mine = [each for each in self.responses.values() if each["form_id"] == form]
        mine = [each for each in mine if query["since"] <= each["submitted_at"] <= query["until"]]
        mine.sort(key=lambda each: (each["submitted_at"], each["token"]), reverse=True)
        mine = mine[self.lag :]
        before = [each["token"] for each in mine].index(query["before"]) + 1 if "before" in query else 0
        page = mine[before : before + int(query.get("page_size", "25"))]
        items = [{name: value for name, value in each.items() if name != "form_id"} for each in page]
        return {"total_items": len(mine), "page_count": 1, "items": items}


def serve(port: int = 0, *, access_token: str) -> Sandbox[World]:
    """Start on 127.0.0.1; port 0 takes a free one."""
    return Sandbox(World(access_token), port)
