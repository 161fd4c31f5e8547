"""Mailboxes that live for ten minutes: whoever uses one wants the download, not the call.

The list is a library's, renewed every week by the people who run such lists; RevOps adds to it and takes away from it
in `fields.yaml`.
"""

from __future__ import annotations

from collections.abc import Iterator

from leadrelay.domain.person.policy import FieldsPolicy


def is_disposable(host: str, policy: FieldsPolicy) -> bool:
    """Whether addresses of this host (lower case), or of a domain above it, are thrown away. The nearest domain that
    anybody says anything about decides."""
    for domain in _and_above(host):
        if domain in policy.lasting_mail:
            return False
        if domain in policy.disposable_mail or _is_listed(domain):
            return True
    return False


def _and_above(host: str) -> Iterator[str]:
    """`a.b.example`, `b.example`: a single word is nobody's domain."""
    parts = host.split(".")
    return (".".join(parts[start:]) for start in range(len(parts) - 1))


def _is_listed(domain: str) -> bool:
    from disposable_email_domains import blocklist

    return domain in blocklist
