"""Looking a company up: what the sales team's own CRM knows about a domain.

An account has no domain, only a website that people typed: what looks like it is asked for, and then its host must be
the domain or one below it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from urllib.parse import urlsplit

from connectors.kit.domains import asked_domain
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE, Wild
from connectors.salesforce.ids import long_id
from connectors.salesforce.reading import Reading, not_understood, reading
from connectors.salesforce.values import at_path, record_id
from leadrelay.domain.model import code
from leadrelay.ports.enrich import QUICK, AccountFound, Enricher
from leadrelay.ports.errors import Misconfigured
from leadrelay.ports.source import Malformed

CUSTOMER = "customer"
"""How the types of customers begin, in any case: `Customer`, `Customer - Direct`."""
NAMES = ("Id", "Name", "Website", "Industry", "NumberOfEmployees", "BillingCountry", "Type", "OwnerId", "IsDeleted")
SIMILAR = 200
"""Accounts with a similar website that are looked at."""


class SalesforceAccounts:
    """The companies of one account."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading

    def account(self, domain: str) -> AccountFound | None:
        """See the port. Of several accounts with the domain a customer is meant, else the one whose website is the
        domain itself, else the oldest. Raises Reject for what is no domain."""
        wanted = asked_domain(domain)
        try:
            found = sorted(self._similar(wanted), key=lambda row: _rank(row, wanted))
            return self._told(found[0], wanted) if found else None
        except Malformed as error:
            raise not_understood(error) from None

    def _similar(self, domain: str) -> list[Wild]:
        """The oldest first."""
        rest = "WHERE Website LIKE '%{domain:like}%' ORDER BY CreatedDate, Id LIMIT {limit:literal}"
        rows = self._reading.select(NAMES, "Account", rest, domain=domain, limit=str(SIMILAR)).rows
        return [row for row in rows if _belongs(_host(row), domain) and not row.get("IsDeleted").flag()]

    def _told(self, row: Wild, domain: str) -> AccountFound:
        own, kind = record_id(row, "Account"), at_path(row, "Type")
        employees, deals = row.get("NumberOfEmployees"), self._open_deals(own)
        return AccountFound(
            name=clean_line(at_path(row, "Name"), LINE) or None,
            domain=domain,
            industry=code(at_path(row, "Industry")),
            employees=None if employees.missing else int(employees.number()),
            country=clean_line(at_path(row, "BillingCountry"), LINE) or None,
            owner=long_id(at_path(row, "OwnerId"), "User"),
            customer=_is_customer(row) if kind else None,
            open_deal=bool(deals),
            deal_owner=next((long_id(at_path(deal, "OwnerId"), "User") for deal in deals), None),
            crm_id=own,
        )

    def _open_deals(self, account: str) -> Sequence[Wild]:
        """The newest, where there is one."""
        rest = "WHERE AccountId IN {ids} AND IsClosed = false AND IsDeleted = false ORDER BY CreatedDate DESC, Id DESC"
        return self._reading.select(("Id", "OwnerId"), "Opportunity", f"{rest} LIMIT 1", ids=[account]).rows


def enricher(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Enricher:
    """One account; `secret` as for the CRM role, `endpoint` a sandbox on this machine. There are no options. Raises
    Misconfigured."""
    if options:
        raise Misconfigured(f"the Salesforce enricher has no options: {', '.join(sorted(options))}")
    return SalesforceAccounts(reading(secret, endpoint, timeout=QUICK))


def _host(row: Wild) -> str:
    said = at_path(row, "Website").strip().lower()
    try:
        return urlsplit(said if "//" in said else f"//{said}").hostname or ""
    except ValueError:
        return ""


def _belongs(host: str, domain: str) -> bool:
    return host == domain or host.endswith(f".{domain}")


def _is_customer(row: Wild) -> bool:
    return at_path(row, "Type").casefold().startswith(CUSTOMER)


def _rank(row: Wild, domain: str) -> tuple[bool, bool]:
    return not _is_customer(row), _host(row).removeprefix("www.") != domain
