"""Looking a company up: what the sales team's own CRM knows about a domain.

This is the one reading that may use the search index: a company that is missing or a minute old does no harm here.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from connectors.hubspot.fields import OWNER_PROPERTY
from connectors.hubspot.reading import LARGEST, Reading, Row, reading
from connectors.hubspot.shown import Deals
from connectors.hubspot.transport import is_id
from connectors.kit.domains import asked_domain
from connectors.kit.text import clean_line
from connectors.kit.wild import LINE
from leadrelay.domain.model import Model, code
from leadrelay.ports.enrich import QUICK, AccountFound, Enricher

COMPANIES, DEALS = "companies", "deals"
COUNTRY = re.compile(r"[A-Za-z]{2}")
PROPERTIES = ("name", "domain", "industry", "numberofemployees", "country", OWNER_PROPERTY, "lifecyclestage")
STAGE, BOUGHT = "lifecyclestage", frozenset({"customer", "evangelist"})
SAME_DOMAIN = 20
"""Companies with one domain that are looked at: people make doubles."""


class Options(Model):
    """`version` of the API: "v3", or a date such as "2026-09"."""

    version: str | None = None


class HubSpotCompanies:
    """The companies of one account."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._deals = Deals(reading)

    def account(self, domain: str) -> AccountFound | None:
        """See the port. Of several companies with the domain a customer is meant, else one that somebody owns, else
        the oldest. Raises Reject for what is no domain."""
        wanted = asked_domain(domain)
        found = sorted(self._reading.search(COMPANIES, _question(wanted)), key=_rank)
        return self._told(found[0]) if found else None

    def _told(self, row: Row) -> AccountFound:
        company_id, shown = row
        deals = self._open_deals(company_id)
        owner, country = shown.get(OWNER_PROPERTY), clean_line(shown.get("country") or "", LINE)
        return AccountFound(
            name=clean_line(shown.get("name") or "", LINE) or None,
            domain=code(shown.get("domain")),
            industry=code(shown.get("industry")),
            employees=_whole(shown.get("numberofemployees")),
            country=(country.upper() if COUNTRY.fullmatch(country) else country) or None,
            owner=owner if is_id(owner) else None,
            customer=shown.get(STAGE) in BOUGHT,
            open_deal=bool(deals),
            deal_owner=next(filter(is_id, (deal.get(OWNER_PROPERTY) for deal in reversed(deals))), None),
            crm_id=company_id,
        )

    def _open_deals(self, company_id: str) -> list[Mapping[str, str]]:
        """Those of the company's newest hundred deals that are neither won nor lost, the newest last."""
        ids = self._reading.associated(COMPANIES, DEALS, [company_id]).get(company_id, [])[-LARGEST:]
        found = self._reading.records(DEALS, ids, PLACED)
        return [shown for shown in found if self._deals.state(shown) == "open"]


PLACED = ("pipeline", "dealstage", OWNER_PROPERTY)


def enricher(secret: Mapping[str, str], endpoint: str | None, options: Mapping[str, object]) -> Enricher:
    """One account. `secret` has the `token`, `endpoint` replaces HubSpot's public address; `options` may name the
    `version` of the API. Raises Misconfigured."""
    version = options.get("version")
    return HubSpotCompanies(reading(secret, endpoint, str(version) if version else None, timeout=QUICK))


def _question(domain: str) -> dict[str, object]:
    return {
        "filterGroups": [{"filters": [{"propertyName": "domain", "operator": "EQ", "value": domain}]}],
        "sorts": [{"propertyName": "hs_object_id", "direction": "ASCENDING"}],
        "properties": list(PROPERTIES),
        "limit": SAME_DOMAIN,
    }


def _rank(row: Row) -> tuple[bool, bool, int]:
    company_id, shown = row
    return shown.get(STAGE) not in BOUGHT, not shown.get(OWNER_PROPERTY), int(company_id)


def _whole(text: str | None) -> int | None:
    """HubSpot may write 120 as 120.0."""
    found = re.fullmatch(r"([0-9]{1,9})(?:\.0+)?", text or "")
    return int(found[1]) if found else None
