"""What a rep got, or did."""

from __future__ import annotations

from typing import NamedTuple

TRIES = ("call", "email", "other")
"""Ways to reach out."""


class Row(NamedTuple):
    """A lead that a rep got (`what` is lead), or something that they did with one: call, email, other, meeting. `score`
    is what the lead had then, `was_` what it was already, `made_` what it became in their hands; an opportunity is also
    made by whoever made the SQL that it comes from."""

    lead_id: str
    captured_ms: int
    happened_ms: int
    what: str
    rep: str
    pool: str | None
    score: int | None
    was_sql: bool
    was_opportunity: bool
    made_sql: bool
    made_opportunity: bool
