"""Many writers at once: one record per person, whoever comes first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier

import pytest

from connectors.salesforce.crm import crm
from leadrelay.ports.crm import Ok, WriteResult
from tests.connectors.salesforce.conftest import SECRET, Account
from tests.connectors.salesforce.samples import field, key, ok, person

WRITERS = 6
PATIENCE = (5.0, 20.0)  # seconds: nothing is held back here


@pytest.mark.parametrize("clients", ["one client for all", "a client each"])
def test_the_same_lead_from_many_sides_is_one_lead(account: Account, clients: str) -> None:
    start, shared = Barrier(WRITERS), crm(SECRET, account.sandbox.url, PATIENCE)

    def write(number: int) -> WriteResult:
        role = shared if clients.startswith("one") else crm(SECRET, account.sandbox.url, PATIENCE)
        start.wait()
        return role.write([replace(person(1, field("score", number), fresh=True), op_id=f"w{number}")])[0]

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(WRITERS)))
    [lead] = account.rows("Lead")
    assert {result.crm_id for result in results if isinstance(result, Ok)} == {lead["Id"]}
    assert len({result.op_id for result in results if isinstance(result, Ok)}) == WRITERS


def test_an_address_that_many_leads_share_is_everybodys_and_each_has_a_lead(account: Account) -> None:
    account.sandbox.dialect.configure({"duplicate_rule": True})
    start, role = Barrier(WRITERS), crm(SECRET, account.sandbox.url, PATIENCE)
    first = ok(role.write([person(0, field("score", 0), email="shared@example.com")])[0]).crm_id

    def write(number: int) -> WriteResult:
        start.wait()
        return role.write([person(number, field("score", number), email="shared@example.com")])[0]

    with ThreadPoolExecutor(WRITERS) as pool:
        results = list(pool.map(write, range(1, WRITERS + 1)))
    ids = [first, *(ok(result).crm_id for result in results)]
    assert sorted(ids) == sorted(lead["Id"] for lead in account.rows("Lead"))
    assert [account.row(one)["LR_Key__c"] for one in ids] == [key(number) for number in range(WRITERS + 1)]
    assert [float(account.row(one)["LR_Score__c"]) for one in ids] == list(range(WRITERS + 1))
