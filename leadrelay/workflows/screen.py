"""Screen: is this more than people type? Asked before a touch is stored, so that its sender learns nothing.

Only what anybody could have sent is counted, and only what is not suspected already. Trouble with counting lets it
pass: no person's request is refused, or even doubted, because a counter was away.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.person.translate import names_of
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.limits import Counted, counted, window
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.sources.screening import is_judged
from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.counters import Counters
from leadrelay.ports.errors import PortError
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.pseudonyms import Pseudonyms

AT_ONCE = 10
"""Touches of one delivery. More were collected by a server: nobody typed them into a form just now, and counting each
would take longer than their sender waits."""


@dataclass(frozen=True, slots=True)
class Screen:
    """The step with its ports."""

    counters: Counters
    pseudonyms: Pseudonyms
    telemetry: Telemetry

    def __call__(
        self,
        drafts: Sequence[TouchDraft],
        source: SourcePolicy,
        trust: Trust,
        address: str,
        rules: Rules,
        now: datetime,
    ) -> list[TouchDraft]:
        """The drafts, those beyond a limit with their suspicion; `address` is the network's."""
        if not is_judged(source, trust) or len(drafts) > AT_ONCE:
            return list(drafts)
        return [self._judged(draft, source, trust, address, rules, now) for draft in drafts]

    def _judged(
        self, draft: TouchDraft, source: SourcePolicy, trust: Trust, address: str, rules: Rules, now: datetime
    ) -> TouchDraft:
        if draft.suspicion or draft.test or draft.problem:
            return draft
        names = names_of(source, draft.origin.form, rules.fields)
        for each in counted(draft, trust, address, names, rules.sources.spam):
            if self._is_beyond(each, now):
                return suspected(draft, each.suspicion, trust)
        return draft

    def _is_beyond(self, each: Counted, now: datetime) -> bool:
        begin, end = window(each.limit, now)
        try:
            name = f"{each.kind}#{self.pseudonyms.of(each.kind, each.value)}#{begin}"
            return self.counters.add(name, end) > each.limit.touches
        except PortError as trouble:
            self.telemetry.count("Uncounted", kind=each.kind, trouble=type(trouble).__name__)
            return False


def suspected(draft: TouchDraft, suspicion: str, trust: Trust) -> TouchDraft:
    """The draft with its suspicion. Where nobody proved who sends it is part of the key: a robot that says what a
    person will say must not be taken for the person's first time. A sender's own ids stay what they are, so that its
    list does not bring the same touch a second time, as if nothing spoke against it."""
    key = f"{draft.key}:{suspicion}" if trust == "unverified" else draft.key
    return draft.with_(suspicion=suspicion, key=key)
