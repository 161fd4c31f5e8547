"""Asking an account for the set-up: answers as they are, troubles as the ports' errors."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Refusal, Refused, as_port_errors
from connectors.salesforce.answers import ask
from connectors.salesforce.fields import Kind
from connectors.salesforce.session import Answer, Org


@dataclass(frozen=True, slots=True)
class Asking:
    """One account. Everything raises Retry, Reject or Misconfigured."""

    org: Org
    maps: Mapping[Kind, FieldMap]

    def get(self, path: str, **query: str) -> Any:
        """What a path below the API's base shows."""
        return self._told(partial(self.org.call, "GET", path, None, query))

    def rows(self, query: str) -> Iterator[Mapping[str, Any]]:
        """Every row of a query, page by page."""
        page = self.get("/query", q=query)
        while True:
            yield from page.get("records") or ()
            following = page.get("nextRecordsUrl")
            if not following:
                return
            page = self._told(partial(self.org.more, str(following)))

    def columns(self, kind: str) -> dict[str, Mapping[str, Any]]:
        """The fields of an object that our user sees, by name."""
        return {str(one["name"]): one for one in self.get(f"/sobjects/{kind}/describe")["fields"]}

    def tried(self, call: Callable[[], Answer]) -> Any | Refusal:
        """A write that can be repeated: its answer, or why the work itself is refused."""
        with as_port_errors():
            try:
                return ask(call, self.maps["Lead"])
            except Refused as refused:
                if isinstance(refused.trouble, Refusal):
                    return refused.trouble
                raise

    def _told(self, call: Callable[[], Answer]) -> Any:
        with as_port_errors():
            return ask(call, self.maps["Lead"])


def select(names: Iterable[str], kind: str, *tests: str, then: str = "") -> str:
    """A query for these fields of the records that meet every test; `then` is what comes after WHERE."""
    where = ["WHERE", " AND ".join(tests)] if tests else []
    return " ".join(["SELECT", ", ".join(names), "FROM", kind, *where, *filter(None, [then])])


def quoted(text: str) -> str:
    """A text as a literal of a query."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def listed(texts: Sequence[str]) -> str:
    """Texts as the list of an IN."""
    return f"({', '.join(quoted(text) for text in texts)})"
