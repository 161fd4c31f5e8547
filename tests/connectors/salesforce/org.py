"""A prepared org for these tests: the sandbox, the real client before it, and ways to look inside."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
import requests
from requests.adapters import HTTPAdapter
from simple_salesforce.api import Salesforce
from simple_salesforce.exceptions import SalesforceError, SalesforceMalformedRequest

from connectors.salesforce.sandbox import serve
from connectors.salesforce.sandbox.hands import Hands
from connectors.salesforce.sandbox.ids import shown
from leadrelay.local.crm_world import Owner, Sandbox, World

KEY, SECRET = "test-key", "test-secret"
CREDENTIALS = {"domain": "acme.my", "consumer_key": KEY, "consumer_secret": SECRET}
HOST = "acme.my.salesforce.com"
REP, LEFT, QUEUE = (shown(kind, number) for kind, number in (("User", "77"), ("User", "78"), ("Group", "79")))
BASE = "/services/data/v59.0"


class ToSandbox(HTTPAdapter):
    """The client only knows https and Salesforce's hosts: this turns its requests around to the sandbox."""

    def __init__(self, url: str) -> None:
        self.url = url
        super().__init__()

    def send(self, request: Any, *args: Any, **options: Any) -> Any:
        here, meant = urlsplit(self.url), urlsplit(request.url)
        request.headers["X-Forwarded-Host"] = meant.netloc
        request.url = urlunsplit((here.scheme, here.netloc, meant.path, meant.query, ""))
        return super().send(request, *args, **options)


@dataclass(frozen=True, slots=True)
class Org:
    sandbox: Sandbox
    client: Any  # its own annotations say less than it does

    @property
    def world(self) -> World:
        return self.sandbox.world

    @property
    def hands(self) -> Hands:
        hands: Hands = self.sandbox.dialect.hands  # type: ignore[attr-defined]
        return hands

    def lead(self, **fields: object) -> str:
        made = self.client.Lead.create({"LastName": "Ames", "Company": "Elm", **fields})
        return str(made["id"])

    def one(self, query: str) -> Any:
        [row] = self.client.query(query)["records"]
        return row

    def asked(self, part: str) -> int:
        return sum(part in f"{asked.method} {asked.path}" for asked in self.world.journal())


def session(sandbox: Sandbox, *, assign: bool = False) -> requests.Session:
    made = requests.Session()
    made.mount("https://", ToSandbox(sandbox.url))
    if not assign:
        made.headers["Sforce-Auto-Assign"] = "FALSE"
    return made


def client(sandbox: Sandbox, *, assign: bool = False) -> Any:
    options: Any = {"consumer_key": KEY, "consumer_secret": SECRET, "domain": "acme.my"}
    return Salesforce(**options, session=session(sandbox, assign=assign))


@contextmanager
def standing(public_key: str = "", world: World | None = None) -> Iterator[Org]:
    with serve(key=KEY, secret=SECRET, public_key=public_key, world=world) as sandbox:
        sandbox.world.put_owner(Owner(REP, "rep@example.test", "Dana", "Reyes"))
        sandbox.world.put_owner(Owner(LEFT, "left@example.test", "Lee", "Left", active=False))
        sandbox.world.put_owner(Owner(QUEUE, "inbound@example.test", "Inbound", ""))
        yield Org(sandbox, client(sandbox))


def refused(call: Any, error: type[SalesforceError] = SalesforceMalformedRequest) -> dict[str, Any]:
    with pytest.raises(error) as caught:
        call()
    body = caught.value.content
    assert isinstance(body, list)
    assert set(body[0]) >= {"message", "errorCode"}
    return dict(body[0])
