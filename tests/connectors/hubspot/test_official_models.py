"""The official client's own models, with their checks on, read what the sandbox says: an oracle that is not ours."""

from __future__ import annotations

from typing import Any

import pytest
from hubspot import Client

from tests.connectors.hubspot.conftest import TOKEN, Account
from tests.connectors.hubspot.samples import note, ok, person, task


@pytest.fixture
def official(account: Account) -> Any:
    contact = ok(account.crm.write([person(1)])[0]).crm_id
    account.crm.write([task(contact), note(contact)])
    return Client.create(access_token=TOKEN, host=account.sandbox.url, client_side_validation=True)


def test_contacts(official: Any) -> None:
    body = {
        "inputs": [{"id": "person1@example.com"}],
        "idProperty": "email",
        "properties": [],
        "propertiesWithHistory": [],
    }
    read = official.crm.contacts.batch_api.read(body)
    contact = official.crm.contacts.basic_api.get_by_id(read.results[0].id, properties=["email"])
    assert contact.properties["email"] == "person1@example.com"
    assert contact.created_at.tzinfo is not None
    assert official.crm.contacts.basic_api.get_page(limit=1).results[0].id == contact.id


def test_a_batch_that_fails_in_part(official: Any) -> None:
    made = [
        {"properties": {"email": "a@example.com"}, "objectWriteTraceId": "0", "associations": []},
        {"properties": {"email": "person1@example.com"}, "objectWriteTraceId": "1", "associations": []},
    ]
    answer = official.crm.contacts.batch_api.create({"inputs": made})
    assert (answer.status, answer.num_errors, len(answer.results)) == ("COMPLETE", 1, 1)
    assert answer.errors[0].context == {"objectWriteTraceId": ["1"]}


def test_tasks_notes_and_what_is_associated(official: Any) -> None:
    contact = official.crm.contacts.basic_api.get_page(limit=1).results[0].id
    for kind, part in (("tasks", official.crm.objects.tasks), ("notes", official.crm.objects.notes)):
        [linked] = official.crm.associations.v4.basic_api.get_page("contacts", contact, kind).results
        assert linked.association_types[0].category == "HUBSPOT_DEFINED"
        assert part.basic_api.get_by_id(linked.to_object_id).id == str(linked.to_object_id)


def test_owners_properties_and_groups(official: Any) -> None:
    assert official.crm.owners.owners_api.get_page(limit=1).results[0].email == "rep.one@example.test"
    names = {prop.name for prop in official.crm.properties.core_api.get_all("contacts").results}
    assert {"email", "lifecyclestage", "leadrelay_key"} <= names
    assert "leadrelay" in {group.name for group in official.crm.properties.groups_api.get_all("contacts").results}
