"""Telling programs from people by how they follow links.

Mail gateways open the links of a mail to see whether they are dangerous, often before its reader has seen it. Nothing
in an event says so, but nobody reads three pages in two seconds.
"""

from __future__ import annotations

import re
from collections import Counter, defaultdict, deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import chain, islice

_WORDS = re.compile(r"[a-z]+")
_PROGRAMS = frozenset({
    "bot", "crawler", "spider", "scanner", "curl", "wget", "python", "libwww", "okhttp", "headlesschrome", "phantomjs",
    "barracuda", "mimecast", "proofpoint", "googlebot", "bingbot", "bingpreview",
})  # fmt: skip
"""Words of a user agent that no mail program or browser of a person bears."""


@dataclass(frozen=True, slots=True)
class Click:
    """One link of one mail that somebody followed at some time (UTC). `mail` is one person's copy."""

    mail: str
    url: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Haste:
    """Who follows `links` different links of one mail within `within` is no person; nobody is suspected at 0."""

    links: int
    within: timedelta

    def machines(self, clicks: Iterable[Click]) -> frozenset[Click]:
        """Those of the clicks that a program made."""
        by_mail: dict[str, list[Click]] = defaultdict(list)
        for click in clicks:
            by_mail[click.mail].append(click)
        groups = by_mail.values() if self.links else ()
        return frozenset(chain.from_iterable(map(self._hasty, groups)))

    def _hasty(self, clicks: Iterable[Click]) -> Iterator[Click]:
        """Those that stand in a stretch of so many links. A window slides over the times: what leaves it on the left
        was told of if it ever was one of so many."""
        window: deque[Click] = deque()
        told = 0  # so many of the window's clicks, from the left, were yielded already
        urls: Counter[str] = Counter()
        for click in sorted(clicks, key=lambda one: one.at):
            window.append(click)
            urls[click.url] += 1
            while click.at - window[0].at > self.within:
                gone, told = window.popleft().url, max(0, told - 1)
                urls[gone] -= 1
                if not urls[gone]:
                    del urls[gone]
            if len(urls) >= self.links:
                yield from islice(window, told, None)
                told = len(window)


def is_program(user_agent: str) -> bool:
    """Whether the user agent names itself a program."""
    return not _PROGRAMS.isdisjoint(_WORDS.findall(user_agent.casefold()))
