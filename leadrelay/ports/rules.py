"""Where the rules come from."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from leadrelay.domain.rules import Rules as RuleSet


class Rules(Protocol):
    """Compiled, hashed, immutable rule sets.

    The current one is used only where a chain of decisions begins; every later step uses the version named in the fact
    that it answers, so one lead's chain is decided by one version. Raises Retry when a version cannot be read now,
    Misconfigured when it does not exist.
    """

    def current(self) -> RuleSet:
        """The version deployed now; the last good one when the newest cannot be used."""
        ...

    def version(self, rules_version: str) -> RuleSet:
        """Exactly this version."""
        ...
