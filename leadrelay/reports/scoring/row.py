"""A lead as the report of scores sees it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple


class Won(NamedTuple):
    """A deal that was won; `amount` in minor units of `currency`."""

    won_ms: int | None
    amount: int | None
    currency: str | None
    opened_ms: int | None = None


class Row(NamedTuple):
    """`score` is the one by which it became MQL; of others the highest. It was judged by it at `judged_ms`: then, or
    when it came. `deals` are those that were won, each with the fields of `Won`."""

    lead_id: str
    captured_ms: int
    judged_ms: int
    score: int | None
    sql_ms: int | None
    opportunity_ms: int | None
    won_ms: int | None
    deals: Sequence[Mapping[str, Any]] | None
    first_source: str | None
    last_source: str | None
    first_campaign: str | None
    last_campaign: str | None
    first_form: str | None
    last_form: str | None

    def won(self) -> list[Won]:
        """Its deals."""
        return [Won(**deal) for deal in self.deals or ()]
