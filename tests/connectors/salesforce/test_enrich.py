"""What the CRM knows about a domain: the right account, and never one that only looks like it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.salesforce.enrich import SalesforceAccounts, enricher
from leadrelay.local.crm_world import Fault
from leadrelay.ports.enrich import AccountFound
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.salesforce.reading_world import OTHER, REP, SECRET, Org, org

DOMAIN = "example.com"


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


def account(here: Org, domain: str = DOMAIN) -> AccountFound | None:
    return SalesforceAccounts(here.reading).account(domain)


def found_id(here: Org, domain: str = DOMAIN) -> str | None:
    found = account(here, domain)
    return found.crm_id if found else None


def test_everything_that_is_known(here: Org) -> None:
    values = {"Industry": "Banking", "NumberOfEmployees": "120.0", "BillingCountry": "DE", "Type": "Customer - Direct"}
    own = here.account(Website="https://www.example.com/en?x=1", OwnerId=OTHER, **values)
    deal = {"Name": "Deal", "StageName": "Prospecting", "AccountId": own, "OwnerId": REP}
    here.store.create("Opportunity", deal, REP)
    assert account(here) == AccountFound(
        name="Example Ltd",
        domain=DOMAIN,
        industry="Banking",
        employees=120,
        country="DE",
        owner=OTHER,
        customer=True,
        open_deal=True,
        deal_owner=REP,
        crm_id=own,
    )


def test_little_is_known(here: Org) -> None:
    own = here.account(Website=DOMAIN, Name="Acme")
    assert account(here) == AccountFound(name="Acme", domain=DOMAIN, owner=REP, open_deal=False, crm_id=own)


def test_nobody_is_known(here: Org) -> None:
    here.account()
    assert account(here) is None


@pytest.mark.parametrize(
    "website",
    [
        *(
            "example.com",
            "www.example.com",
            "http://example.com",
            "https://www.example.com/",
            "HTTPS://WWW.EXAMPLE.COM",
        ),
        *("https://shop.example.com/de/index.html", "example.com/about", "https://example.com:8443/", " example.com "),
        *("//example.com", "https://user@example.com/"),
    ],
)
def test_a_website_as_people_type_it(here: Org, website: str) -> None:
    assert found_id(here) is None
    assert here.account(Website=website) == found_id(here)


@pytest.mark.parametrize(
    "website",
    [
        *("https://notexample.com", "https://example.com.evil.test", "https://example.community", "example-com.test"),
        *("https://evil.test/example.com", "https://evil.test/?x=example.com", "https://example.com@evil.test/"),
        *("https://[example.com", "mail@example.com.test", "exampleXcom.test", "https://my-example.com"),
    ],
)
def test_what_only_looks_like_it(here: Org, website: str) -> None:
    here.account(Website=website)
    assert found_id(here) is None


def test_which_of_several(here: Org) -> None:
    shop = here.account(Website="shop.example.com")
    assert found_id(here) == shop
    here.clock.ahead(1)
    first = here.account(Website="www.example.com")
    here.clock.ahead(1)
    here.account(Website="example.com")
    assert found_id(here) == first, "the domain itself, the oldest"
    customer = here.account(Website="shop.example.com", Type="Customer - Channel")
    assert found_id(here) == customer
    here.hands.delete(customer)
    assert found_id(here) == first


@pytest.mark.parametrize(
    ("kind", "customer"),
    [("Customer", True), ("customer - direct", True), ("Prospect", False), ("Partner", False), ("", None)],
)
def test_who_is_a_customer(here: Org, kind: str, customer: bool | None) -> None:
    here.account(Website=DOMAIN, Type=kind)
    found = account(here)
    assert found is not None
    assert found.customer is customer


@pytest.mark.parametrize(
    ("stage", "is_open"), [("Prospecting", True), ("Closed Won", False), ("Closed Lost", False), ("gone", False)]
)
def test_an_open_deal(here: Org, stage: str, is_open: bool) -> None:
    own, other = here.account(Website=DOMAIN), here.account()
    said = {"Name": "Deal", "StageName": "Prospecting" if stage == "gone" else stage}
    deal = here.store.create("Opportunity", {**said, "AccountId": own}, REP)
    here.store.create("Opportunity", {**said, "StageName": "Prospecting", "AccountId": other}, REP)
    if stage == "gone":
        here.hands.delete(deal)
    found = account(here)
    assert found is not None
    assert found.open_deal is is_open


def test_the_newest_open_deal_says_whose_it_is(here: Org) -> None:
    own = here.account(Website=DOMAIN, OwnerId=OTHER)
    for owner, stage in ((OTHER, "Prospecting"), (REP, "Prospecting"), (OTHER, "Closed Won")):
        values = {"Name": "Deal", "StageName": stage, "AccountId": own, "OwnerId": owner}
        here.store.create("Opportunity", values, owner)
    found = account(here)
    assert found is not None
    assert (found.owner, found.deal_owner) == (OTHER, REP)


@pytest.mark.parametrize(
    "domain",
    ["", "example", "ada@example.com", "example.com' OR Name != '", "%.com", "exa_mple.com", "a" * 300 + ".com"],
)
def test_only_domains_are_asked_about(here: Org, domain: str) -> None:
    with pytest.raises(Reject, match="VALIDATION"):
        account(here, domain)
    assert here.world.journal() == []


def test_a_domain_is_one_in_capitals_too(here: Org) -> None:
    assert here.account(Website=DOMAIN) == found_id(here, " EXAMPLE.COM ")


def test_trouble(here: Org) -> None:
    here.world.faults.add(Fault("503", "queryAll"))
    with pytest.raises(Retry) as caught:
        account(here)
    assert DOMAIN not in str(caught.value)


def test_how_it_is_made(here: Org) -> None:
    own = here.account(Website=DOMAIN)
    made = enricher(SECRET, here.sandbox.url if here.sandbox else None, {})
    found = made.account(DOMAIN)
    assert found is not None
    assert found.crm_id == own
    with pytest.raises(Misconfigured, match="colour"):
        enricher(SECRET, None, {"colour": "blue"})
    with pytest.raises(Misconfigured, match="Salesforce secret"):
        enricher({}, None, {})
