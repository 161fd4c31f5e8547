"""Screening: what shows, once the words are understood, that nobody in sales should see a touch.

Everything that a body or a counter shows was seen before the touch was stored. Here it is what needs our own fields: a
mail address that is thrown away, a value that only our own people type.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.person.throwaway import is_disposable
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.sources.spam import BLOCKED, DISPOSABLE, SpamPolicy
from leadrelay.domain.touch import Touch, TouchKind, Trust, Words

_TYPED: frozenset[TouchKind] = frozenset({"submission", "behaviour"})
"""What a visitor, and so a robot, can cause."""


def screened(touch: Touch, words: Words, values: Mapping[str, Plain], rules: Rules) -> Touch:
    """The touch with `test` or its `suspicion` set where its words show it; `values` are the words in our fields. What
    a person let through is not suspected again."""
    spam = rules.sources.spam
    if touch.kind not in _TYPED or touch.record is not None:
        return touch
    if any(is_test_value(value, spam) for answer in words.answers for value in answer.values):
        return touch.with_(test=True)
    if touch.suspicion or touch.cleared or not is_judged(rules.sources.sources.get(touch.source), touch.trust):
        return touch
    address = str(values.get("lead.email", ""))
    found = suspicious_mail(address.rpartition("@")[2], spam, rules.fields) if address else None
    return touch.with_(suspicion=found)


def is_judged(source: SourcePolicy | None, trust: Trust) -> bool:
    """Whether a source's touches may be spam: where `screen` says so, else wherever no sender proved itself."""
    said = None if source is None else source.screen
    return trust == "unverified" if said is None else said


def suspicious_mail(host: str, spam: SpamPolicy, fields: FieldsPolicy) -> str | None:
    """Why addresses of this host (lower case) are suspected, or None."""
    if is_within(host, spam.allow):
        return None
    if is_within(host, spam.block):
        return BLOCKED
    return DISPOSABLE if spam.disposable_mail and is_disposable(host, fields) else None


def is_within(host: str, domains: tuple[str, ...]) -> bool:
    """Whether the host is one of the domains or lies below one."""
    return any(host == domain or host.endswith(f".{domain}") for domain in domains)


def is_test_value(text: str, spam: SpamPolicy) -> bool:
    """Whether only a test says this."""
    said = text.strip().casefold()
    return any(_is(said, test.casefold()) for test in spam.test_values)


def _is(said: str, test: str) -> bool:
    if test.startswith("@"):
        return said.endswith(test)
    return said.startswith(test[:-1]) if test.endswith("*") else said == test
