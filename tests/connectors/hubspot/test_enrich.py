"""Looking a company up by its domain, through the real client."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from connectors.hubspot.enrich import enricher
from leadrelay.ports.enrich import AccountFound, Enricher
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from tests.connectors.hubspot.hubspot_now import TOKEN, Room, room

KNOWN = {
    "name": "Example Ltd", "domain": "example.com", "industry": "COMPUTER_SOFTWARE", "numberofemployees": "120.0",
    "country": "pl", "hubspot_owner_id": "7", "lifecyclestage": "lead",
}  # fmt: skip
FOUND = AccountFound("Example Ltd", "example.com", "COMPUTER_SOFTWARE", 120, "PL", "7", customer=False, open_deal=False)


@pytest.fixture(params=["v3", "2026-09"])
def before(request: pytest.FixtureRequest) -> Iterator[tuple[Room, Enricher]]:
    with room() as now:
        yield now, enricher({"token": TOKEN}, now.sandbox.url, {"version": request.param})


def test_a_company_is_found_by_its_domain(before: tuple[Room, Enricher]) -> None:
    now, role = before
    now.enter("companies", name="Other", domain="other.example")
    company = now.enter("companies", **KNOWN)
    assert role.account("Example.com ") == replace(FOUND, crm_id=company.id)
    assert role.account("nobody.example") is None


def test_a_company_that_says_little_is_told_as_little(before: tuple[Room, Enricher]) -> None:
    now, role = before
    odd = {"numberofemployees": "about 5", "country": "Poland", "hubspot_owner_id": "somebody"}
    company = now.enter("companies", domain="example.com", **odd)
    expected = AccountFound(domain="example.com", country="Poland", customer=False, open_deal=False, crm_id=company.id)
    assert role.account("example.com") == expected


@pytest.mark.parametrize(("stage", "customer"), [("customer", True), ("evangelist", True), ("opportunity", False)])
def test_who_bought_is_a_customer(stage: str, customer: bool) -> None:
    with room() as now:
        now.enter("companies", **{**KNOWN, "lifecyclestage": stage})
        found = enricher({"token": TOKEN}, now.sandbox.url, {}).account("example.com")
        assert found is not None
        assert found.customer is customer


@pytest.mark.parametrize(
    ("stages", "open_deal"),
    [
        ([], False),
        (["closedlost"], False),
        (["closedwon", "closedlost"], False),
        (["closedlost", "contractsent"], True),
    ],
)
def test_an_open_deal_is_one_that_is_neither_won_nor_lost(stages: list[str], open_deal: bool) -> None:
    with room() as now:
        company = now.enter("companies", **KNOWN)
        for stage in stages:
            now.enter("deals", ("companies", company.id), pipeline="default", dealstage=stage)
        now.enter("deals", pipeline="default", dealstage="contractsent")
        found = enricher({"token": TOKEN}, now.sandbox.url, {}).account("example.com")
        assert found is not None
        assert found.open_deal is open_deal


def test_the_newest_open_deal_says_whose_it_is() -> None:
    with room() as now:
        company = now.enter("companies", **KNOWN)
        for stage, owner in (("contractsent", "7"), ("contractsent", "8"), ("contractsent", ""), ("closedwon", "9")):
            now.enter("deals", ("companies", company.id), pipeline="default", dealstage=stage, hubspot_owner_id=owner)
        found = enricher({"token": TOKEN}, now.sandbox.url, {}).account("example.com")
        assert found is not None
        assert (found.open_deal, found.deal_owner) == (True, "8")


def test_of_doubles_a_customer_is_meant_then_one_with_an_owner_then_the_oldest(before: tuple[Room, Enricher]) -> None:
    now, role = before
    wanted: list[str] = []
    for values in ({}, {"hubspot_owner_id": "7"}, {"lifecyclestage": "customer"}):
        wanted.append(now.enter("companies", domain="example.com", **values).id)
        now.enter("companies", domain="example.com")
        found = role.account("example.com")
        assert found is not None
        assert found.crm_id == wanted[-1]


@pytest.mark.parametrize(
    "bad", ["", "example", "a@example.com", "exa mple.com", "https://example.com", "x." * 200 + "com"]
)
def test_what_is_no_domain_is_not_asked_for(bad: str) -> None:
    with room() as now:
        with pytest.raises(Reject):
            enricher({"token": TOKEN}, now.sandbox.url, {}).account(bad)
        assert now.world.journal() == []


@pytest.mark.parametrize(("kind", "error"), [("429_second", Retry), ("503", Retry), ("403", Misconfigured)])
def test_trouble_has_the_names_of_the_ports(kind: str, error: type[Exception]) -> None:
    with room() as now:
        now.enter("companies", **KNOWN)
        for part in ("search", "associations"):
            now.world.fail(kind, match=part)
            with pytest.raises(error):
                enricher({"token": TOKEN}, now.sandbox.url, {}).account("example.com")


def test_a_missing_token_is_said() -> None:
    with pytest.raises(Misconfigured, match="token"):
        enricher({}, None, {})
