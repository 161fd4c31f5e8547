"""How a lead's account is known: what a rep is told of it when the lead is theirs because of the company."""

from __future__ import annotations

from typing import Literal

from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Profile

BY_NAME = "account name"
"""The source of an account's domain that the name of the company told, by the accounts that were known then."""

AccountBy = Literal["name", "domain", "parent_domain", "alias", "website"]
"""By the company's name; by the domain of their address, the one above it, or another that stands for it; or by the
website that they gave."""


def account_by(profile: Profile, fields: FieldsPolicy) -> AccountBy | None:
    """What showed the account of this person, the strongest first; None for who has none."""
    known = profile.values.get("account.domain")
    if known is None:
        return None
    if known.source == BY_NAME:
        return "name"
    domain, host = str(known.value), (profile.text("lead.email") or "").rpartition("@")[2]
    if host == domain:
        return "domain"
    if host.endswith(f".{domain}"):
        return "parent_domain"
    others = [other for other, meant in fields.account_aliases.items() if meant == domain]
    return "alias" if any(host == other or host.endswith(f".{other}") for other in others) else "website"
