"""What is around the content of every page: who looks, from where, in which language, and how old the numbers are."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from urllib.parse import quote, urlencode

from leadrelay.reports.pages.words import Words

OLD = timedelta(hours=1)
"""Rows are made every few minutes: older ones are told to be old."""

PAGES = {"today": "", "quality": "/quality", "reports": "/reports", "me": "/me"}
"""The pages of the menu, with their addresses under the base."""


@dataclass(frozen=True)
class Frame:
    """`base` is the address under which all pages lie, `path` that of this one, `query` its parameters without the
    language. `pages` are those of the menu that this viewer has; `language` is set where it was asked for by the
    address, and goes on into every link. `made_at` (UTC) is when the rows were made from `facts` facts; None: never, or
    the page has none. `sign_out` is where that is posted to. `alone`: one file, to be looked at without us."""

    words: Words
    now: datetime
    base: str = "/dashboard"
    path: str = "/dashboard"
    query: tuple[tuple[str, str], ...] = ()
    page: str = ""
    pages: tuple[str, ...] = ()
    who: str | None = None
    language: str | None = None
    made_at: datetime | None = None
    facts: int | None = None
    sign_out: str | None = None
    alone: bool = False

    def link(self, path: str, *pairs: tuple[str, str]) -> str:
        """The address of something under the base, in the language of this page."""
        kept = (("lang", self.language),) if self.language else ()
        query = urlencode([*pairs, *kept])
        return self.base + path + (f"?{query}" if query else "")

    def here(self, language: str) -> str:
        """This page in another language."""
        return f"{self.path}?{urlencode([*self.query, ('lang', language)])}"

    def report(self, name: str, *pairs: tuple[str, str], form: str = "") -> str:
        """A report's page; with `form` its `csv` or `json`."""
        return self.link(f"/reports/{quote(name, safe='')}{form and '.' + form}", *pairs)

    def lead(self, lead_id: str) -> str:
        """The story of a lead."""
        return self.link(f"/leads/{quote(lead_id, safe='')}")

    @property
    def old(self) -> bool:
        """Whether somebody should look why the rows are not made any more."""
        return self.made_at is not None and self.now - self.made_at > OLD
