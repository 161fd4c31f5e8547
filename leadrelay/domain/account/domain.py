"""Which company somebody belongs to: its registrable domain, read off the address, else off the website they gave."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import urlsplit

from leadrelay.domain.person import normal
from leadrelay.domain.person.policy import FieldsPolicy
from leadrelay.domain.person.profile import Plain
from leadrelay.domain.person.throwaway import is_disposable

_WEBSITE = "account.website"


def account_domain(values: Mapping[str, Plain], policy: FieldsPolicy) -> str | None:
    """The account of a person who said this (`lead.email`, `account.website`), with `account_aliases` applied.

    An address at a free or disposable mail provider is nobody's company; then the website that the person gave counts,
    unless it is a page at a site that everybody uses. None where neither names a company.
    """
    found = _of_address(values.get("lead.email"), policy) or _of_website(values.get(_WEBSITE), policy)
    return None if found is None else policy.account_aliases.get(found, found)


def _of_address(address: Plain | None, policy: FieldsPolicy) -> str | None:
    if not address or is_disposable(str(address).rpartition("@")[2], policy):
        return None
    return normal.company_domain(str(address), policy.free_mail)


def _of_website(website: Plain | None, policy: FieldsPolicy) -> str | None:
    host = _host(str(website)) if website else None
    found = None if host is None else normal.site_domain(host)
    if found is None or found in {*policy.shared_sites, *policy.free_mail} or is_disposable(found, policy):
        return None
    return found


def _host(website: str) -> str | None:
    """The host of "https://www.acme.example/pl" and of "acme.example/pl"; None for what is no address of a site."""
    text = website.strip().casefold()
    try:
        return urlsplit(text if "://" in text else f"//{text}").hostname
    except ValueError:
        return None
