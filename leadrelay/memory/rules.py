"""Rule sets in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

from leadrelay.ports.errors import Misconfigured

if TYPE_CHECKING:
    from leadrelay.domain.rules import Rules as RuleSet


class MemoryRules:
    """Implements `ports.rules.Rules`. Versions once deployed stay readable."""

    def __init__(self, current: RuleSet) -> None:
        self._versions: dict[str, RuleSet] = {}
        self._current = current
        self.deploy(current)

    def deploy(self, rules: RuleSet) -> None:
        """Make these the current rules."""
        self._versions[rules.version] = rules
        self._current = rules

    def current(self) -> RuleSet:
        """The set deployed last."""
        return self._current

    def version(self, rules_version: str) -> RuleSet:
        """Exactly this version. Raises Misconfigured when it was never deployed."""
        if rules_version not in self._versions:
            raise Misconfigured(f"rules version {rules_version!r} was never deployed here")
        return self._versions[rules_version]
