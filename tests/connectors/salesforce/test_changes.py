"""Change events: which records to look at, each change once, and nothing believed from the wrong door."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import settings as examples
from hypothesis import strategies as st

from connectors.salesforce import changes, source
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.errors import Reject
from leadrelay.ports.source import Delivery, Malformed, SourceSettings, Unauthentic
from tests.connectors.invariants import check_draft
from tests.connectors.salesforce.reading_world import REP, Org, org, touch

NOW = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
ORG, ME = "00D5e00000000AaEAI", "0055e000000AUTAAA4"
SETTINGS = SourceSettings("salesforce", "salesforce", {"organization_id": ORG, "own_user": ME})
SECRETS = {"token": ("token-example-0123456789abcdef-one",)}
LEAD, SECOND, TASK = "00Q5e0000000001EAA", "00Q5e0000000002EAA", "00T5e0000000001EAA"
DEAL, ROLE = "0065e0000000001AAA", "00K5e0000000001EAA"


def event(what: str = "UPDATE", kind: str = "Lead", ids: Any = (LEAD,), fields: Any = None, **header: Any) -> bytes:
    head = {
        "commitUser": REP,
        "entityName": kind,
        "changeType": what,
        "recordIds": list(ids),
        "transactionKey": "000035af-b239",
        "sequenceNumber": 1,
        "commitTimestamp": 1772443790000,
        **header,
    }
    return json.dumps({"detail": {"ChangeEventHeader": head, **(fields or {})}}).encode()


def drafts(body: bytes) -> list[TouchDraft]:
    found = list(source.parse(Delivery("POST", {}, (), body, "bus"), SETTINGS, NOW))
    for draft in found:
        check_draft(draft, NOW, {})
    return found


def test_only_the_bus_proves_an_event() -> None:
    assert source.verify(Delivery("POST", {}, (), event(), "bus"), SETTINGS, {}, NOW) == "verified"
    right = (("token", SECRETS["token"][0]),)
    for query, refusal in ((right, Malformed), ((), Unauthentic)):
        with pytest.raises(refusal):
            source.verify(Delivery("POST", {}, query, event()), SETTINGS, SECRETS, NOW)


@pytest.mark.parametrize("what", ["CREATE", "UPDATE", "UNDELETE", "GAP_CREATE", "GAP_UPDATE", "GAP_UNDELETE"])
def test_a_person_is_read_anew_whatever_was_done(what: str) -> None:
    [draft] = drafts(event(what))
    assert (draft.kind, draft.event, draft.fetch_id) == ("crm_change", "edited", f"Lead:{LEAD}")
    assert draft.occurred_at == datetime(2026, 3, 2, 9, 29, 50, tzinfo=UTC)


@pytest.mark.parametrize("what", ["DELETE", "GAP_DELETE"])
def test_a_deleted_person_is_looked_for_because_it_may_be_merged(what: str) -> None:
    [draft] = drafts(event(what))
    assert (draft.event, draft.fetch_id) == ("deleted", f"Lead:{LEAD}")


def test_one_transaction_may_name_many_records() -> None:
    found = drafts(event(ids=[LEAD, SECOND, LEAD]))
    assert [draft.fetch_id for draft in found] == [f"Lead:{LEAD}", f"Lead:{SECOND}"]


def test_the_same_change_again_is_the_same_touch_and_another_is_not() -> None:
    first = drafts(event())[0].key
    assert drafts(event(fields={"Status": "New"}))[0].key == first
    others = [event(sequenceNumber=2), event(transactionKey="other"), event("DELETE"), event(ids=[SECOND])]
    assert len({first, *(drafts(one)[0].key for one in others)}) == 5


@pytest.mark.parametrize("ids", [["00Q*"], ["001*"], [], ["00Q5e0000000001AAA"], [TASK]])
def test_what_is_not_named_is_said_and_not_guessed(ids: list[str]) -> None:
    [draft] = drafts(event(ids=ids))
    assert (draft.problem, draft.fetch_id) == (changes.NOT_NAMED, None)


def test_one_strange_id_does_not_cost_the_others() -> None:
    found = drafts(event(ids=[LEAD, "00Q*"]))
    assert {(draft.fetch_id, draft.problem) for draft in found} == {(f"Lead:{LEAD}", None), (None, changes.NOT_NAMED)}


def test_an_overflow_is_said() -> None:
    assert [draft.problem for draft in drafts(event("GAP_OVERFLOW", ids=["00Q*"]))] == [changes.NOT_NAMED]
    assert changes.NOT_NAMED in {draft.problem for draft in drafts(event("GAP_OVERFLOW"))}


def test_our_own_writes_are_no_news() -> None:
    assert drafts(event(commitUser=ME)) == []
    assert drafts(event(commitUser=ME[:15])) == []
    assert len(drafts(event(commitUser=""))) == 1


@pytest.mark.parametrize("kind", ["Account", "User", "My__c", "Event"])
def test_other_objects_concern_nobody(kind: str) -> None:
    assert drafts(event(kind=kind)) == []


def test_a_deal_is_read_anew_unless_it_is_gone() -> None:
    [draft] = drafts(event(kind="Opportunity", ids=[DEAL]))
    assert (draft.event, draft.fetch_id) == ("deal", f"Opportunity:{DEAL}")
    assert drafts(event("DELETE", "Opportunity", [DEAL])) == []


def test_a_person_on_a_deal_is_the_deals_news() -> None:
    [draft] = drafts(event("CREATE", "OpportunityContactRole", [ROLE], {"OpportunityId": DEAL}))
    assert draft.fetch_id == f"Opportunity:{DEAL}"
    assert drafts(event("UPDATE", "OpportunityContactRole", [ROLE], {"Role": "Decider"})) == []


DONE = {"Status": "Completed", "TaskSubtype": "Call"}


@pytest.mark.parametrize(
    ("what", "fields", "changed", "key"),
    [
        ("CREATE", DONE, None, f"call:{TASK}"),
        ("CREATE", {"Status": "Completed", "Type": "Email"}, None, f"email:{TASK}"),
        ("CREATE", {"IsClosed": True, "Status": "Erledigt", "TaskSubtype": "Call"}, None, f"call:{TASK}"),
        ("UPDATE", DONE, ["Status"], f"call:{TASK}"),
        ("UPDATE", DONE, None, f"call:{TASK}"),
        ("UPDATE", DONE, ["Description"], None),
        ("UPDATE", {"Status": "Completed"}, ["Status"], None),
        ("CREATE", {"Status": "Not Started", "TaskSubtype": "Call"}, None, None),
        ("CREATE", {"Status": "Completed", "TaskSubtype": "Task"}, None, None),
        ("DELETE", {}, None, None),
        ("GAP_CREATE", DONE, None, None),
    ],
)
def test_a_task_counts_when_it_was_done_and_under_the_key_that_polling_gives_it(
    what: str, fields: dict[str, Any], changed: list[str] | None, key: str | None
) -> None:
    header = {"changedFields": changed} if changed else {}
    assert [draft.key for draft in drafts(event(what, "Task", [TASK], fields, **header))] == ([key] if key else [])


def test_an_unreadable_event_is_kept_with_its_reason() -> None:
    [draft] = drafts(json.dumps({"detail": {"ChangeEventHeader": {"entityName": 7}}}).encode())
    assert draft.problem
    assert draft.problem.startswith("unreadable:body.detail")
    for body in (b"{}", b'{"detail": null}', b'{"detail": 1', b"[]"):
        with pytest.raises(Malformed):
            source.parse(Delivery("POST", {}, (), body, "bus"), SETTINGS, NOW)


wild = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=8), inner, max_size=3),
    max_leaves=8,
)


@examples(max_examples=150, deadline=None)
@given(
    name=st.sampled_from(["recordIds", "entityName", "changeType", "commitTimestamp", "commitUser", "changedFields"]),
    value=wild,
    field=st.sampled_from(["Status", "IsClosed", "OpportunityId", "payload", "TaskSubtype"]),
    other=wild,
)
def test_whatever_stands_in_an_event_it_is_drafts_or_malformed(
    name: str, value: object, field: str, other: object
) -> None:
    body = event("CREATE", "Task", [TASK], {field: other}, **{name: value})
    with contextlib.suppress(Malformed):
        drafts(body)


# ------------------------------------------------------------------------------------------------------- what is read


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


def test_what_was_deleted_for_good_is_gone_as_its_event_said(here: Org) -> None:
    gone = touch(f"Lead:{LEAD}").with_(event="deleted")
    found = here.records().complete(gone)
    assert (found.record, found.event) == (None, None)
    with pytest.raises(Reject, match="NOT_FOUND"):
        here.records().complete(gone.with_(event="edited"))
