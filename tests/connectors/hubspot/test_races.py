"""Many writers at once: one contact per person, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from connectors.hubspot.crm import crm
from leadrelay.ports.crm import Ok, WriteResult
from tests.connectors.hubspot.conftest import PATIENCE, TOKEN, Account
from tests.connectors.hubspot.samples import field, key, ok, person

WRITERS = 6


@pytest.mark.parametrize("clients", ["one client for all", "a client each"])
def test_the_same_lead_from_many_sides_is_one_contact(account: Account, clients: str) -> None:
    start = Barrier(WRITERS)

    def write(number: int) -> WriteResult:
        role = account.crm if clients.startswith("one") else crm({"token": TOKEN}, account.sandbox.url, PATIENCE)
        start.wait()
        return role.write([replace(person(1, field("score", number)), op_id=f"w{number}")])[0]

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    [contact] = account.contacts()
    assert {result.crm_id for result in results if isinstance(result, Ok)} == {contact.id}
    assert len({result.op_id for result in results if isinstance(result, Ok)}) == WRITERS


def test_an_address_that_many_leads_share_goes_to_one_of_them_and_all_have_a_contact(account: Account) -> None:
    start = Barrier(WRITERS)

    def write(number: int) -> WriteResult:
        start.wait()
        return account.crm.write([person(number, field("score", number), email="shared@example.com")])[0]

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    contacts = {contact.id: contact.values for contact in account.contacts()}
    ids = [ok(result).crm_id for result in results]
    assert set(ids) == set(contacts)
    assert [contacts[crm_id]["leadrelay_key"] for crm_id in ids] == [key(number) for number in range(WRITERS)]
    assert [contacts[crm_id]["leadrelay_score"] for crm_id in ids] == [str(number) for number in range(WRITERS)]
    assert [values.get("email") for values in contacts.values()].count("shared@example.com") == 1
