"""Rules by AppConfig: rolled out gradually, rolled back by alarms, and never lost.

The deployed content is read raw and judged here. Whatever is wrong with it (no answer, no pointer, a damaged or
unreadable bundle), the last good rules stay in force, and every poll counts `RulesRejected`, or `RulesAway` while
nobody answers; a cold start with nothing good to fall back on uses the copy packaged with the code.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from leadrelay.aws.bundles import Bundles, checked_version, content_hash, pointed
from leadrelay.aws.configuration import Configuration
from leadrelay.ports.errors import Misconfigured, PortError, Retry
from leadrelay.ports.telemetry import Telemetry

if TYPE_CHECKING:
    from leadrelay.domain.rules import Rules as RuleSet

_KEPT_VERSIONS = 8

Parse = Callable[[str], "RuleSet"]
"""From a bundle's text to rules; raises ValueError when it is not for this program."""


class AppConfigRules:
    """Implements `ports.rules.Rules`. `packaged` is the bundle shipped with the code, if any."""

    def __init__(
        self,
        configuration: Configuration,
        bundles: Bundles,
        parse: Parse,
        telemetry: Telemetry,
        packaged: Path | None = None,
    ) -> None:
        self._configuration = configuration
        self._bundles = bundles
        self._parse = parse
        self._telemetry = telemetry
        self._packaged = packaged
        self._deployed: str | None = None
        self._good: RuleSet | None = None
        self._versions: OrderedDict[str, RuleSet] = OrderedDict()

    def current(self) -> RuleSet:
        """The version deployed now; the last good one when the newest cannot be used."""
        if self._good is None or self._configuration.may_poll():
            self._good = self._renewed()
        return self._good

    def version(self, rules_version: str) -> RuleSet:
        """Exactly this version. Raises Retry when it cannot be read now, Misconfigured when there is none."""
        wanted = checked_version(rules_version)
        if wanted not in self._versions:
            self._keep(self._read(wanted))
        self._versions.move_to_end(wanted)
        return self._versions[wanted]

    def _renewed(self) -> RuleSet:
        """What is deployed; when that cannot be used, the last good rules, or the packaged copy."""
        try:
            return self.version(self._pointed_now())
        except PortError as problem:
            away = isinstance(problem, Retry)
            self._telemetry.count("RulesAway" if away else "RulesRejected")
            self._telemetry.line("rules_away" if away else "rules_rejected", reason=str(problem))
            return self._good or self._fallback(problem)

    def _pointed_now(self) -> str:
        """The deployed version. What was read is kept: AppConfig tells unchanged content only once."""
        self._deployed = self._configuration.poll() or self._deployed
        if self._deployed is None:
            raise Misconfigured("no rules are deployed; run `leadrelay rules deploy`")
        return pointed(self._deployed)

    def _fallback(self, problem: PortError) -> RuleSet:
        text = self._packaged_text()
        if text is None:
            raise problem
        self._telemetry.count("RulesFallback")
        return self._keep(self._parsed(text, content_hash(text)))

    def _read(self, version: str) -> RuleSet:
        """From the packaged copy when it is this version, which spares a call; else from the bucket."""
        packaged = self._packaged_text()
        if packaged is not None and content_hash(packaged) == version:
            return self._parsed(packaged, version)
        return self._parsed(self._bundles.read(version), version)

    def _parsed(self, text: str, version: str) -> RuleSet:
        try:
            rules = self._parse(text)
        except ValueError as error:
            raise Misconfigured(f"rules {version[:12]} do not fit this program; deploy them again with it") from error
        if rules.version != version:
            raise Misconfigured(f"rules {version[:12]} call themselves {rules.version[:12]}; compile them again")
        return rules

    def _packaged_text(self) -> str | None:
        path = self._packaged
        return path.read_text(encoding="utf-8") if path is not None and path.is_file() else None

    def _keep(self, rules: RuleSet) -> RuleSet:
        self._versions[rules.version] = rules
        while len(self._versions) > _KEPT_VERSIONS:
            self._versions.popitem(last=False)
        return rules
