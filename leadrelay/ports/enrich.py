"""Looking a company up: what a CRM, or anybody who keeps data on companies, knows about a domain."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Protocol

from leadrelay.domain.person.profile import Plain

QUICK = (0.5, 1.0)
"""Seconds to connect and to answer: somebody waits for the lead, and a company can be looked up with the next touch."""


@dataclass(frozen=True, slots=True)
class AccountFound:
    """A company. `country` is ISO 3166 alpha-2 where known, `owner` the CRM's owner id, `deal_owner` that of its newest
    open deal; `customer` and `open_deal` are None where nobody can tell. `crm_id` is the company's record in the CRM.
    `more` are further fields under our names (`account.revenue`), as the provider writes them; what the rules do not
    declare is left out later."""

    name: str | None = None
    domain: str | None = None
    industry: str | None = None
    employees: int | None = None
    country: str | None = None
    owner: str | None = None
    customer: bool | None = None
    open_deal: bool | None = None
    deal_owner: str | None = None
    crm_id: str | None = None
    more: Mapping[str, Plain] = field(default_factory=dict)


class Enricher(Protocol):
    """Raises Retry (throttled, away), Reject (the question is refused) or Misconfigured (credentials, rights)."""

    def account(self, domain: str) -> AccountFound | None:
        """The company with this domain, or None where there is none."""
        ...


class Inquiry(Protocol):
    """An enricher that is waited for no longer than somebody has time. Raises as an enricher does."""

    def account(self, domain: str, seconds: float) -> AccountFound | None:
        """As the enricher says. Raises Retry when it has not answered in this time."""
        ...
