"""The contract that a HubSpot account must keep, held against the sandbox; with an account also against HubSpot.

    LEADRELAY_LIVE_HUBSPOT_TOKEN=… pytest tests/connectors/hubspot --live-hubspot

Use a test account: the property group is created if it is missing; every record made here is archived at the end.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.hubspot.crm import connect, crm
from connectors.hubspot.setup import setup
from connectors.hubspot.transport import TIMEOUT, Wire
from leadrelay.local.crm_world import Sandbox
from leadrelay.ports.crm import OWNER, Crm, FieldWrite, Marked, PutNote, PutTask, RecordKey, Skipped, UpsertPerson
from leadrelay.ports.crm_setup import CrmSetup
from tests.connectors.hubspot.conftest import TOKEN
from tests.connectors.hubspot.samples import ok

VARIABLE = "LEADRELAY_LIVE_HUBSPOT_TOKEN"
OBJECTS = "crm.objects.basic_api"
PLACES = ("sandbox v3", "sandbox 2026-09", "live hubspot v3", "live hubspot 2026-09")


@dataclass
class Place:
    """An account, the person this run is about, and what is to be tidied up."""

    crm: Crm
    setup: CrmSetup
    wire: Wire
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: list[tuple[str, str]] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"leadrelay-{self.key[:12]}@example.com"

    def by_hand(self, **properties: str) -> str:
        """A contact that somebody typed in."""
        answer = self.wire.call(OBJECTS, "create", "contacts", {"properties": properties, "associations": []})
        assert answer.ok, answer
        return self.tidied("contacts", str(answer.body["id"]))

    def tidied(self, kind: str, record_id: str) -> str:
        self.made.append((kind, record_id))
        return record_id

    def person(self, *fields: FieldWrite, crm_id: str | None = None, fresh: bool = False) -> UpsertPerson:
        key = RecordKey(self.key, crm_id, None if crm_id else self.email, fresh)
        return UpsertPerson(f"p-{uuid.uuid4().hex}", key, fields)

    def shown(self, crm_id: str, prop: str) -> str:
        """What HubSpot shows, asked past the connector."""
        answer = self.wire.call(OBJECTS, "get_by_id", "contacts", crm_id, properties=[prop])
        return str(answer.body["properties"].get(prop) or "")


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    where, _, version = str(request.param).rpartition(" ")
    url, token = None, os.environ.get(VARIABLE, "")
    if where == "sandbox":
        sandbox: Sandbox = request.getfixturevalue("sandbox")
        url, token = sandbox.url, TOKEN
    secret = {"token": token}
    assert token, f"{VARIABLE} holds no token"
    role = setup(secret, url, version=version)
    role.apply(role.plan())
    there = Place(crm(secret, url, version=version), role, connect(secret, url, TIMEOUT, version))
    yield there
    for kind, record_id in reversed(there.made):
        assert there.wire.call(OBJECTS, "archive", kind, record_id).status in (204, 404)


def test_the_account_is_ready(place: Place) -> None:
    assert place.setup.plan() == []
    bad = [check for check in place.setup.check() if not check.ok]
    assert {check.name for check in bad} <= {"workflows", "list values", "stage order"}, bad


def test_a_person_is_claimed_kept_and_followed_up(place: Place) -> None:
    typed = place.by_hand(email=place.email, firstname="Typed")
    filled = (FieldWrite("first_name", "Form", "fill_if_empty"), FieldWrite("last_name", "Form", "fill_if_empty"))
    stage = FieldWrite("lifecycle_stage", "mql", "forward_only")
    done = ok(place.crm.write([place.person(*filled, stage, FieldWrite("score", 85), fresh=True)])[0])
    assert (done.crm_id, done.created, done.refused) == (typed, False, ())
    assert done.applied == {"first_name": "Typed", "last_name": "Form", "lifecycle_stage": "mql", "score": "85"}
    assert place.shown(typed, "leadrelay_key") == place.key
    [again] = place.crm.read([RecordKey(place.key)])
    assert again is not None
    assert (again.crm_id, again.lead_key, again.fields["score"]) == (typed, place.key, "85")
    back = ok(place.crm.write([place.person(stage, FieldWrite("score", 90), crm_id=typed)])[0])
    assert back.applied == {"lifecycle_stage": "mql", "score": "90"}
    assert place.shown(typed, "leadrelay_score") == "90"


def test_a_new_person_is_made_once(place: Place) -> None:
    email = FieldWrite("email", place.email, "fill_if_empty")
    first = ok(place.crm.write([place.person(email, FieldWrite("score", 1), fresh=True)])[0])
    place.tidied("contacts", first.crm_id)
    second = ok(place.crm.write([place.person(email, FieldWrite("score", 2))])[0])
    assert (first.created, second.created, second.crm_id) == (True, False, first.crm_id)


def test_a_stage_goes_back_when_we_own_it(place: Place) -> None:
    typed = place.by_hand(email=place.email, lifecyclestage="salesqualifiedlead")
    done = ok(place.crm.write([place.person(FieldWrite("lifecycle_stage", "lead"), crm_id=typed)])[0])
    assert (done.applied, done.refused) == ({"lifecycle_stage": "lead"}, ())
    assert place.shown(typed, "lifecyclestage") == "lead"


def test_an_owner_is_guarded_and_one_who_is_not_there_refused(place: Place) -> None:
    owner = next(owner.owner_id for owner in place.setup.owners() if owner.active)
    typed = place.by_hand(email=place.email)
    given = ok(place.crm.write([place.person(FieldWrite(OWNER, owner, "guarded"), crm_id=typed)])[0])
    assert given.applied == {OWNER: owner}
    stays = ok(place.crm.write([place.person(FieldWrite(OWNER, "1", "guarded", "2"), crm_id=typed)])[0])
    assert stays.applied == {OWNER: owner}
    fields = (FieldWrite(OWNER, "1", "guarded", owner), FieldWrite("score", 3))
    refused = ok(place.crm.write([place.person(*fields, crm_id=typed)])[0])
    assert [why.field for why in refused.refused] == [OWNER]
    assert refused.applied == {OWNER: owner, "score": "3"}


def test_a_task_and_a_note_are_found_by_their_marks(place: Place) -> None:
    typed = place.by_hand(email=place.email)
    due = datetime.now(UTC) + timedelta(hours=1)
    put = PutTask(f"t-{place.key}", typed, "Call", "Asked for a demo.", due, None, priority="HIGH")
    note = PutNote(f"n-{place.key}", typed, "Assigned: <first> & free", due)
    made, noted = (ok(result) for result in place.crm.write([put, note]))
    place.tidied("tasks", made.crm_id)
    place.tidied("notes", noted.crm_id)
    assert made.created
    assert noted.created
    found = place.crm.find_marked(typed, [put.op_id, note.op_id, "another"])
    assert found == [Marked(put.op_id, made.crm_id, "task"), Marked(note.op_id, noted.crm_id, "note")]
    done, kept = place.crm.write([replace(put, task_id=made.crm_id, done=True), replace(note, note_id=noted.crm_id)])
    assert (ok(done).crm_id, ok(done).created) == (made.crm_id, False)
    assert isinstance(kept, Skipped)
