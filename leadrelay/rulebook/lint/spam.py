"""Spam: lists that can ever match, and none that would take everybody for a robot or a test."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.sources.policy import SourcesPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_LISTS = ("block", "allow")
_SHORTEST = 4
"""Characters by which a test can be told from what people type."""


def domains(draft: Draft) -> Iterator[Problem]:
    """A mail domain is written as addresses have it, in small letters and without what stands before the @."""
    spam = draft.of(SourcesPolicy).spam
    for name in _LISTS:
        for number, domain in enumerate(getattr(spam, name)):
            if not _DOMAIN.fullmatch(domain):
                meant = domain.strip().casefold().rpartition("@")[2]
                hint = meant if _DOMAIN.fullmatch(meant) else None
                yield draft.fault("sources", ("spam", name, number), f"'{domain}' is no mail domain", hint)


def one_or_the_other(draft: Draft) -> Iterator[Problem]:
    """What is blocked and allowed is allowed: then the other line says nothing."""
    spam = draft.of(SourcesPolicy).spam
    for number, domain in enumerate(spam.block):
        if domain in spam.allow:
            message = f"'{domain}' is also under `allow`, which wins: take it off one list"
            yield draft.fault("sources", ("spam", "block", number), message)


def nobodys(draft: Draft) -> Iterator[Problem]:
    """A block on free mail is a block on everybody who writes from home."""
    free, spam = draft.of(FieldsPolicy).free_mail, draft.of(SourcesPolicy).spam
    for number, domain in enumerate(spam.block):
        if domain in free:
            message = f"'{domain}' is free mail: everybody who writes from there would be taken for a robot"
            yield draft.fault("sources", ("spam", "block", number), message, severity="warning")


def tests(draft: Draft) -> Iterator[Problem]:
    """A value that people type themselves would throw their leads away."""
    for number, value in enumerate(draft.of(SourcesPolicy).spam.test_values):
        if len(value.strip("*@ ")) < _SHORTEST:
            message = f"'{value}' would take leads for tests; give at least {_SHORTEST} characters"
            yield draft.fault("sources", ("spam", "test_values", number), message)


CHECKS = (domains, one_or_the_other, nobodys, tests)
