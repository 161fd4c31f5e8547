"""Lines: who waits in a pool is heard of in time, and by those who can do something about it."""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.notices.policy import NoticesPolicy
from leadrelay.domain.routing.team import TeamPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem


def stale_first(draft: Draft) -> Iterator[Problem]:
    """The manager hears of who waits before they have them."""
    for number, pool in enumerate(draft.of(TeamPolicy).pools):
        line = pool.backlog
        if line.stale_minutes >= line.manager_minutes:
            message = (
                f"'{pool.manager}' has who waits after {line.manager_minutes} minutes and would hear of them only "
                f"after {line.stale_minutes}; `stale_minutes` comes first"
            )
            yield draft.fault("team", ("pools", number, "backlog"), message)


def offered(draft: Draft) -> Iterator[Problem]:
    """Who may claim a lead is told of it."""
    told = draft.of(NoticesPolicy).named("offered")
    for number, pool in enumerate(draft.of(TeamPolicy).pools):
        if pool.strategy == "claim" and not told:
            message = f"no rule of notices.yaml names 'offered': nobody hears what there is to claim in '{pool.id}'"
            yield draft.fault("team", ("pools", number, "strategy"), message, severity="warning")


CHECKS = (stale_first, offered)
