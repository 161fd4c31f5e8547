"""Providers of companies as the fetch function makes them: from the rules, with their own secrets, kept while warm."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.kit.in_time import InTime
from functions import vendors
from leadrelay.domain.enrichment.policy import EnrichmentPolicy, ProviderPolicy
from leadrelay.domain.rules import Rules
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Misconfigured
from tests.system import default_rules

LISTED = ProviderPolicy(
    vendor="company_list", file="companies.csv", rows={"firma.example": {"account.key_account": True}}
)
LOOK_UP = ProviderPolicy(
    vendor="http_lookup",
    options={"host": "api.example.com", "path": "/{domain}", "fields": {"account.industry": "industry"}},
)


@pytest.fixture(autouse=True)
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Which secrets were read."""
    paths: list[str] = []

    def firsts(path: str) -> dict[str, str]:
        paths.append(path)
        return {"token": "t"}

    monkeypatch.setattr(vendors, "firsts", firsts)
    vendors.inquiries.cache_clear()
    yield paths
    vendors.inquiries.cache_clear()


def rules_with(*providers: ProviderPolicy) -> Rules:
    return Rules.of(default_rules().with_(enrichment=EnrichmentPolicy(providers=providers)))


def test_our_own_list_needs_no_secret_and_answers(asked: list[str]) -> None:
    rules = rules_with(LISTED)
    inquiry = vendors.inquiry(rules, rules.providers[0])
    assert isinstance(inquiry, InTime)
    assert inquiry.account("firma.example", 5) == AccountFound(
        domain="firma.example", more={"account.key_account": True}
    )
    assert asked == []


def test_the_crm_is_asked_with_the_secret_of_fetch(asked: list[str]) -> None:
    rules = rules_with(ProviderPolicy(vendor="crm"))
    assert isinstance(vendors.inquiry(rules, rules.providers[0]), InTime)
    assert asked == ["fetch/hubspot"]


def test_a_host_that_the_secret_does_not_allow_is_a_set_up_to_mend() -> None:
    rules = rules_with(LOOK_UP)
    with pytest.raises(Misconfigured, match=r"does not allow api\.example\.com"):
        vendors.inquiry(rules, rules.providers[0])


def test_a_vendor_who_knows_no_companies_is_nobody(asked: list[str]) -> None:
    rules = rules_with(ProviderPolicy(vendor="webform"))
    assert vendors.inquiry(rules, rules.providers[0]) is None
    assert asked == []


def test_a_provider_is_kept_as_long_as_its_rules() -> None:
    rules = rules_with(LISTED)
    first = vendors.inquiry(rules, rules.providers[0])
    assert vendors.inquiry(rules, rules.providers[0]) is first
    changed = rules_with(LISTED.with_(rows={}))
    other = vendors.inquiry(changed, changed.providers[0])
    assert other is not None
    assert other.account("firma.example", 5) is None
