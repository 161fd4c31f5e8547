"""The contract that a Salesforce org must keep, held against the sandbox; with an org also against Salesforce.

    LEADRELAY_LIVE_SALESFORCE_DOMAIN=acme--dev.sandbox.my \\
    LEADRELAY_LIVE_SALESFORCE_CONSUMER_KEY=… LEADRELAY_LIVE_SALESFORCE_CONSUMER_SECRET=… \\
    pytest tests/connectors/salesforce --live-salesforce

(…_USERNAME and …_PRIVATE_KEY instead of the secret for a key pair.) Use a scratch org or a sandbox: the set-up is
deployed if it is missing; every record made here is deleted at the end.
"""

from __future__ import annotations

import os
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

import pytest

from connectors.salesforce.crm import connect, crm
from connectors.salesforce.door import TIMEOUT
from connectors.salesforce.session import Org
from connectors.salesforce.setup import setup
from leadrelay.local.crm_world import Sandbox
from leadrelay.ports.crm import (
    OWNER,
    Crm,
    FieldWrite,
    Marked,
    PutNote,
    PutTask,
    RecordKey,
    Rejected,
    SetMembership,
    Skipped,
    UpsertPerson,
)
from leadrelay.ports.crm_setup import CrmSetup
from tests.connectors.salesforce.conftest import SECRET
from tests.connectors.salesforce.samples import ok

PREFIX = "LEADRELAY_LIVE_SALESFORCE_"
NAMES = ("domain", "consumer_key", "consumer_secret", "username", "private_key", "api_version")
PLACES = ("sandbox", "live salesforce")


@dataclass
class Place:
    """An org, the person this run is about, and what is to be tidied up."""

    crm: Crm
    setup: CrmSetup
    org: Org
    key: str = field(default_factory=lambda: uuid.uuid4().hex)
    made: list[tuple[str, str]] = field(default_factory=list)

    @property
    def email(self) -> str:
        return f"leadrelay-{self.key[:12]}@example.com"

    def by_hand(self, kind: str = "Lead", **fields: str) -> str:
        """A record that somebody typed in."""
        needed = {"Lead": {"LastName": "Doe", "Company": "Example"}, "Contact": {"LastName": "Doe"}}.get(kind, {})
        answer = self.org.call("POST", f"/sobjects/{kind}", {**needed, **fields})
        assert answer.ok, answer
        return self.tidied(kind, str(answer.body["id"]))

    def tidied(self, kind: str, record_id: str) -> str:
        self.made.append((kind, record_id))
        return record_id

    def person(self, *fields: FieldWrite, crm_id: str | None = None, fresh: bool = False) -> UpsertPerson:
        key = RecordKey(self.key, crm_id, None if crm_id else self.email, fresh)
        return UpsertPerson(f"p-{uuid.uuid4().hex}", key, fields)

    def shown(self, kind: str, crm_id: str, name: str) -> object:
        """What Salesforce shows, asked past the connector."""
        return self.org.call("GET", f"/sobjects/{kind}/{crm_id}", None, {"fields": name}).body.get(name)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest) -> Iterator[Place]:
    url, secret = None, {name: os.environ.get(PREFIX + name.upper(), "") for name in NAMES}
    if request.param == "sandbox":
        sandbox: Sandbox = request.getfixturevalue("sandbox")
        url, secret = sandbox.url, SECRET
    role = setup(secret, url)
    role.apply(role.plan())
    there = Place(crm(secret, url), role, connect(secret, url, TIMEOUT, None))
    yield there
    for kind, record_id in reversed(there.made):
        assert there.org.call("DELETE", f"/sobjects/{kind}/{record_id}").status in (204, 404)


def test_the_org_is_ready(place: Place) -> None:
    assert place.setup.plan() == []


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_person_is_claimed_kept_and_followed_up(place: Place, kind: str) -> None:
    typed = place.by_hand(kind, Email=place.email, FirstName="Typed")
    filled = (FieldWrite("first_name", "Form", "fill_if_empty"), FieldWrite("phone", "+15550100", "fill_if_empty"))
    stage = FieldWrite("lifecycle_stage", "mql", "forward_only")
    done = ok(place.crm.write([place.person(*filled, stage, FieldWrite("score", 85), fresh=True)])[0])
    assert (done.crm_id, done.created, done.refused) == (typed, False, ())
    assert done.applied == {"first_name": "Typed", "phone": "+15550100", "lifecycle_stage": "mql", "score": "85"}
    assert place.shown(kind, typed, "LR_Key__c") == place.key
    [again] = place.crm.read([RecordKey(place.key)])
    assert again is not None
    assert (again.crm_id, again.lead_key, again.fields["score"]) == (typed, place.key, "85")
    back = ok(place.crm.write([place.person(FieldWrite("score", 90), crm_id=typed)])[0])
    assert back.applied == {"score": "90"}
    assert place.shown(kind, typed, "LR_Score__c") == 90


def test_a_new_person_is_made_once(place: Place) -> None:
    at = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
    fields = FieldWrite("email", place.email, "fill_if_empty"), FieldWrite("captured_at", at)
    first = ok(place.crm.write([place.person(*fields, fresh=True)])[0])
    place.tidied("Lead", first.crm_id)
    second = ok(place.crm.write([place.person(*fields)])[0])
    assert (first.created, second.created, second.crm_id) == (True, False, first.crm_id)
    assert second.applied["captured_at"] == "2026-03-02T09:30:00.000Z"
    assert place.shown("Lead", first.crm_id, "Company") == "(unknown company)"


def test_a_field_that_is_not_taken_is_told_and_the_rest_written(place: Place) -> None:
    lead = place.by_hand(Email=place.email)
    fields = FieldWrite("job_title", "x" * 200), FieldWrite("score", 3)
    for others in (0, 1):
        done = ok(place.crm.write([place.person(*fields, crm_id=lead), *[_other(place)] * others])[0])
        assert ([why.field for why in done.refused], done.applied) == (["job_title"], {"score": "3"})
    assert place.shown("Lead", lead, "LR_Score__c") == 3


def _other(place: Place) -> UpsertPerson:
    lead = place.by_hand(Email=f"other-{place.email}")
    return UpsertPerson("other", RecordKey(uuid.uuid4().hex, lead), (FieldWrite("score", 1),))


def test_an_owner_is_guarded_and_one_who_is_not_there_refused(place: Place) -> None:
    mine = place.org.me()
    users = [one.owner_id for one in place.setup.owners() if one.active and one.kind == "user"]
    owner = next(one for one in users if one != mine)
    lead = place.by_hand(Email=place.email)
    assert place.shown("Lead", lead, "OwnerId") == mine
    given = ok(place.crm.write([place.person(FieldWrite(OWNER, owner, "guarded"), crm_id=lead)])[0])
    assert given.applied == {OWNER: owner}
    stays = ok(place.crm.write([place.person(FieldWrite(OWNER, mine, "guarded", mine), crm_id=lead)])[0])
    assert stays.applied == {OWNER: owner}
    fields = FieldWrite(OWNER, "0055e0000000001", "guarded", owner), FieldWrite("score", 3)
    if place.org.call("GET", "/sobjects/User/0055e0000000001").status == 404:
        refused = ok(place.crm.write([place.person(*fields, crm_id=lead)])[0])
        assert [why.field for why in refused.refused] == [OWNER]
    assert place.shown("Lead", lead, "OwnerId") == owner


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_task_and_a_note_are_found_by_their_marks(place: Place, kind: str) -> None:
    typed = place.by_hand(kind, Email=place.email)
    due = datetime.now(UTC) + timedelta(hours=1)
    put = PutTask(f"t-{place.key}", typed, "Call", "Asked for a demo.", due, None, priority="HIGH")
    note = PutNote(f"n-{place.key}", typed, "Assigned: <first> & free", due)
    made, noted = (ok(result) for result in place.crm.write([put, note]))
    for one in (made, noted):
        assert one.created
        place.tidied("Task", one.crm_id)
    found = place.crm.find_marked(typed, [put.op_id, note.op_id, "another"])
    assert sorted(found, key=lambda mark: mark.kind, reverse=True) == [
        Marked(put.op_id, made.crm_id, "task"),
        Marked(note.op_id, noted.crm_id, "note"),
    ]
    done, kept = place.crm.write([replace(put, task_id=made.crm_id, done=True), replace(note, note_id=noted.crm_id)])
    assert (ok(done).crm_id, ok(done).created) == (made.crm_id, False)
    assert isinstance(kept, Skipped)


def test_a_campaign_is_joined_once_and_left(place: Place) -> None:
    campaign, lead = place.by_hand("Campaign", Name=f"LeadRelay {place.key[:8]}"), place.by_hand(Email=place.email)
    joining, leaving = (SetMembership("m", lead, campaign, member=member) for member in (True, False))
    assert [ok(place.crm.write([joining])[0]).created for _ in range(2)] == [True, False]
    for _ in range(2):
        ok(place.crm.write([leaving])[0])


def test_a_deleted_lead_is_not_found(place: Place) -> None:
    lead = place.by_hand(Email=place.email)
    assert place.org.call("DELETE", f"/sobjects/Lead/{lead}").status == 204
    [result] = place.crm.write([place.person(FieldWrite("score", 1), crm_id=lead)])
    assert isinstance(result, Rejected)
    assert result.code == "NOT_FOUND"
    assert place.crm.read([RecordKey(place.key, lead)]) == [None]
