"""Asking an account what its records show, in SOQL. Nothing here writes.

Records that were deleted are asked for too: they say what became of them. A question that Salesforce refuses names a
field or an object that is not there, or that the integration user may not see: a person has to mend that, and the work
waits for it.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache, partial
from typing import Any

from connectors.kit.crm_fields import FieldMap, FieldProblem
from connectors.kit.crm_pace import Pace
from connectors.kit.crm_trouble import Refusal, Refused, as_port_errors, heard
from connectors.kit.wild import Wild
from connectors.salesforce.answers import ask
from connectors.salesforce.door import TIMEOUT, Timeout
from connectors.salesforce.fields import Kind, description, moved_maps
from connectors.salesforce.login import Login
from connectors.salesforce.session import Org
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.ports.source import Malformed

LARGEST = 2000
"""Rows in one answer, at most."""
_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]{0,79}(?:\.[A-Za-z][A-Za-z0-9_]{0,79})?")
_NOT_UNDERSTOOD = 300.0
"""Seconds to wait where an answer has an unknown shape."""


@dataclass(frozen=True, slots=True)
class Page:
    """Rows of an answer; `whole` is False where Salesforce holds some back."""

    rows: Sequence[Wild]
    whole: bool


class Reading:
    """One account; safe under threads. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, org: Org, maps: Mapping[Kind, FieldMap]) -> None:
        self.maps = maps
        self._org = org

    def me(self) -> str:
        """The id of the user we act as, "" where Salesforce does not say."""
        with as_port_errors():
            return heard(self._org.me)

    def select(self, names: Sequence[str], kind: str, rest: str, **values: object) -> Page:
        """`SELECT names FROM kind rest`, with deleted records. `rest` has the values' names in braces: they are quoted
        by the client library, and nothing else from outside gets into a query."""
        from simple_salesforce.format import format_soql

        for name in (*names, kind):
            if not _NAME.fullmatch(name):
                raise ValueError("not a name of Salesforce's")
        asked = "SELECT {names:literal} FROM {kind:literal} {rest:literal}"
        query = format_soql(asked, names=", ".join(names), kind=kind, rest=format_soql(rest, **values))
        return _page(self._asked(query))

    def _asked(self, query: str) -> Any:
        try:
            return ask(partial(self._org.call, "GET", "/queryAll", None, {"q": query}), self.maps["Lead"])
        except Refused as refused:
            if isinstance(refused.trouble, Refusal):
                raise Misconfigured(
                    f"Salesforce refuses a question: {refused.trouble.message[:300]} Run `leadrelay crm setup`, and "
                    "check the permission set of the integration user."
                ) from refused
            raise refused.trouble.error() from refused


def reading(
    secret: Mapping[str, str],
    endpoint: str | None,
    fields: Mapping[str, str] | None = None,
    timeout: Timeout = TIMEOUT,
) -> Reading:
    """An account to read from; `secret` as for the CRM role, `endpoint` a sandbox on this machine, `fields` places some
    of our words in other fields, `timeout` is (connect, answer) in seconds. Raises Misconfigured."""
    try:
        maps = moved_maps(fields or {})
    except FieldProblem as problem:
        raise Misconfigured(f"fields of the Salesforce source: {problem}") from None
    return Reading(_org(frozenset(secret.items()), endpoint, timeout), maps)


@lru_cache(maxsize=8)
def _org(secret: frozenset[tuple[str, str]], endpoint: str | None, timeout: Timeout) -> Org:
    """Kept, because a reader is made for every touch, and Salesforce counts how often one user logs in."""
    said = dict(secret)
    version = said.get("api_version") or description()["api"]["version"]
    return Org(Login.of(said), endpoint, timeout, version, Pace())


def _page(body: object) -> Page:
    try:
        answer = Wild(body, "query")
        return Page(answer.get("records").each(LARGEST), answer.get("done").flag())
    except Malformed as error:
        raise not_understood(error) from None


def not_understood(error: Malformed) -> Retry:
    """An answer of another shape than documented: the touches wait for whoever mends it."""
    return Retry(_NOT_UNDERSTOOD, f"Salesforce's answer was not understood ({error})", "outage")
