"""A lead as the report of scores sees it."""

from __future__ import annotations

from typing import NamedTuple

from leadrelay.reports.asked import Asked


class Row(NamedTuple):
    """`score` is the one by which it became MQL; of others the highest. It was judged by it at `judged_ms`: then, or
    when it came. Amounts are minor units of `currency`."""

    lead_id: str
    captured_ms: int
    judged_ms: int
    score: int | None
    sql_ms: int | None
    opportunity_ms: int | None
    won_ms: int | None
    won_amount: int | None
    currency: str | None
    first_source: str | None
    last_source: str | None
    first_campaign: str | None
    last_campaign: str | None
    first_form: str | None
    last_form: str | None

    def of(self, what: str, asked: Asked) -> str | None:
        """Its source, campaign or form, of the touch that counts for the reader."""
        found: str | None = getattr(self, f"{asked.attribution}_{what}")
        return found
