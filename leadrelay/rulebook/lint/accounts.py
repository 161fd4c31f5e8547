"""Who is who: domains and numbers that are written so that they can ever match, and aliases that end."""

from __future__ import annotations

import re
from collections.abc import Iterator

from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.scoring.policy import ScoringPolicy
from leadrelay.rulebook.draft import Draft
from leadrelay.rulebook.problems import Problem, closest
from leadrelay.rulebook.vocabulary import signals

_DOMAIN = re.compile(r"([a-z0-9]([a-z0-9-]*[a-z0-9])?\.)+[a-z][a-z0-9-]*[a-z0-9]")
_NUMBER = re.compile(r"\+[1-9]\d{3,14}\*?")
_LISTS = ("free_mail", "disposable_mail", "lasting_mail", "shared_sites")


def domains(draft: Draft) -> Iterator[Problem]:
    """A domain is written as addresses have it, in small letters and without what stands before the @."""
    policy = draft.of(FieldsPolicy)
    for name in _LISTS:
        for number, domain in enumerate(getattr(policy, name)):
            if not _DOMAIN.fullmatch(domain):
                yield draft.fault("fields", (name, number), f"'{domain}' is no domain", _as_domain(domain))


def numbers(draft: Draft) -> Iterator[Problem]:
    """A switchboard's number carries its country code: that is how we keep numbers."""
    for place, number in enumerate(draft.of(FieldsPolicy).shared_phones):
        if not _NUMBER.fullmatch(number):
            message = f"'{number}' is no number we can compare; write +, the country code and digits"
            yield draft.fault("fields", ("shared_phones", place), message, _as_number(number))


def aliases(draft: Draft) -> Iterator[Problem]:
    """An alias leads to the account itself, in one step, and no free mail is an account."""
    policy = draft.of(FieldsPolicy)
    for alias, account in policy.account_aliases.items():
        place = ("account_aliases", alias)
        if not _DOMAIN.fullmatch(alias):
            yield draft.fault_at_key("fields", place, f"'{alias}' is no domain", _as_domain(alias))
        if not _DOMAIN.fullmatch(account):
            yield draft.fault("fields", place, f"'{account}' is no domain", _as_domain(account))
        if account in policy.account_aliases:
            message = f"'{account}' is itself an alias; name the account it belongs to"
            yield draft.fault("fields", place, message, policy.account_aliases[account])
        if account in (*policy.free_mail, *policy.disposable_mail):
            yield draft.fault("fields", place, f"'{account}' is nobody's company: everybody may have an address there")


def key_signals(draft: Draft) -> Iterator[Problem]:
    """Signals that show an active person are signals that somebody gives."""
    policy = draft.of(ScoringPolicy).account
    known = signals(draft)
    for number, name in enumerate(policy.signals):
        if name not in known:
            message = f"unknown signal '{name}'"
            yield draft.fault("scoring", ("account", "signals", number), message, closest(name, known))
    if policy.within_days < 1:
        yield draft.fault("scoring", ("account", "within_days"), "within_days is at least 1")


CHECKS = (domains, numbers, aliases, key_signals)


def _as_domain(written: str) -> str | None:
    """What was probably meant: "https://Acme.example/pl" and "@acme.example" are acme.example."""
    host = written.strip().lower().partition("://")[2] or written.strip().lower()
    word = host.rpartition("@")[2].removeprefix("www.").partition("/")[0]
    return word if _DOMAIN.fullmatch(word) and word != written else None


def _as_number(written: str) -> str | None:
    found = re.sub(r"[^\d*]", "", re.sub(r"^00", "+", written.strip()))
    number = f"+{found}"
    return number if written.strip().startswith(("+", "00")) and _NUMBER.fullmatch(number) else None
