"""What an issuer says of somebody, read as far as it is proven.

The same claims come in two forms: as JSON in an ID token, and as texts from the authoriser of the HTTP API, which
writes a list as `[a b]` and true as `true`.
"""

from __future__ import annotations

from collections.abc import Mapping

from leadrelay.domain.model import Model
from leadrelay.domain.reporting.access import Claim


class Wording(Model):
    """How this issuer says it: `groups` is the claim that lists them; with `trust_email` it vouches for every address
    without saying `email_verified`, as an organisation's own directory does."""

    groups: str = "groups"
    trust_email: bool = False


def claim_of(said: Mapping[str, object], wording: Wording) -> Claim:
    """What is proven. An address that the issuer has not verified is none: anybody may have typed it."""
    email, verified = said.get("email"), said.get("email_verified")
    proven = wording.trust_email or verified is True or verified == "true"
    subject = said.get("sub")
    return Claim(
        email=email if isinstance(email, str) and email and proven else None,
        groups=_listed(said.get(wording.groups)),
        subject=subject if isinstance(subject, str) and subject else None,
    )


def _listed(said: object) -> tuple[str, ...]:
    if isinstance(said, str):
        inner = said.removeprefix("[").removesuffix("]") if said.startswith("[") else said
        return tuple(inner.replace(",", " ").split())
    return tuple(each for each in said if isinstance(each, str)) if isinstance(said, list) else ()
