"""Asking an account about itself: answers or the port's errors, and lists page by page."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from connectors.hubspot.answers import ask
from connectors.hubspot.batches import items
from connectors.hubspot.transport import Answer, Wire
from connectors.kit.crm_fields import FieldMap
from connectors.kit.crm_trouble import Refusal, Refused, as_port_errors


class Asking:
    """Questions to one account. Everything raises Retry, Reject or Misconfigured."""

    def __init__(self, wire: Wire, fields: FieldMap) -> None:
        self._wire = wire
        self._fields = fields

    def call(self, api: str, method: str, *args: object, **options: object) -> Answer:
        """Call a method of the client; an answer that is ok."""
        return self._asked(partial(self._wire.call, api, method, *args, **options))

    def get(self, path: str, **query: object) -> Answer:
        """GET a path that the client has no method for."""
        return self._asked(partial(self._wire.get, path, **query))

    def post(self, path: str, body: Mapping[str, object]) -> Answer:
        """POST to a path that the client has no method for."""
        return self._asked(partial(self._wire.post, path, body))

    def pages(self, question: Callable[..., Answer]) -> Iterator[dict[str, Any]]:
        """Every item of a list whose pages are asked for with `after`."""
        after: dict[str, str] = {}
        while True:
            answer = question(**after)
            yield from items(answer, "results")
            following = following_of(answer)
            if following is None:
                return
            after = {"after": following}

    def tried(self, api: str, method: str, *args: object) -> Answer | Refusal:
        """A write that can be repeated: its answer, or why the work itself is refused."""
        with as_port_errors():
            try:
                return ask(partial(self._wire.call, api, method, *args), self._fields)
            except Refused as refused:
                if isinstance(refused.trouble, Refusal):
                    return refused.trouble
                raise

    def _asked(self, call: Callable[[], Answer]) -> Answer:
        with as_port_errors():
            return ask(call, self._fields)


def following_of(answer: Answer) -> str | None:
    """The cursor of the next page, None on the last."""
    paging = answer.body.get("paging")
    after = paging.get("next", {}).get("after") if isinstance(paging, dict) else None
    return str(after) if after else None
