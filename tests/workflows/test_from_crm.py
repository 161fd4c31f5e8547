"""The way back: what people do in the CRM reaches the lead, our own writes do not, and nobody's chance is lost."""

from __future__ import annotations

from collections.abc import Sequence

from leadrelay.domain.touch import Answer, CrmRecord, Deal, TouchDraft, Words
from leadrelay.ports.fetch import Completed
from leadrelay.ports.records import CursorRecord, MapRecord, SyncRecord, cursor_key, sync_key
from tests.system import System

DEMO = {"form": "demo", "email": "ada@firma.example", "company": "Firma", "employees": 200, "industry": "software"}


def worked() -> tuple[System, str, str]:
    """A lead that the CRM shows: the system, the lead's id, the record's."""
    system = System()
    system.post(DEMO)
    system.settle()
    lead_id = system.leads()[0].lead.lead_id
    sync = system.store.load(sync_key(lead_id, "hubspot"))
    assert sync is not None
    assert sync.crm_id is not None
    return system, lead_id, sync.crm_id


def from_crm(
    person: str, event: str = "edited", key: str = "1", said: Words | None = None, **state: object
) -> TouchDraft:
    given = {"crm": "hubspot", "kind": "person", "person": person, "record_id": person, **state}
    return TouchDraft(
        kind="crm_change", key=f"{event}:{person}:{key}", event=event, record=CrmRecord.model_validate(given),
        words=said or Words(),
    )  # fmt: skip


def heard(system: System, *drafts: TouchDraft, after: float = 60) -> None:
    system.later(seconds=after)
    system.tell(*drafts, source="website")
    system.settle()


def person(address: str) -> Words:
    return Words(answers=(Answer(key="lead.email", values=(address,)),))


def another(system: System, lead_id: str) -> tuple[str, str]:
    """A rep who is not the owner."""
    lead = next(record.lead for record in system.leads() if record.lead.lead_id == lead_id)
    return next(
        (rep.id, rep.crm["hubspot"]) for rep in system.rules_now.team.reps if rep.id not in (lead.ownership.rep, "olek")
    )


def test_a_changed_owner_stays_and_is_not_written_back() -> None:
    system, lead_id, crm_id = worked()
    rep, crm_owner = another(system, lead_id)
    system.crm.people[crm_id].owner_id = crm_owner
    heard(system, from_crm(crm_id, owner=crm_owner))
    assert system.leads()[0].lead.ownership.rep == rep
    for _ in range(5):
        system.later(minutes=2)
    assert system.crm.people[crm_id].owner_id == crm_owner
    assert system.leads()[0].lead.ownership.rep == rep


def test_our_own_write_coming_back_changes_nothing() -> None:
    system, _lead_id, crm_id = worked()
    before = system.leads()[0].lead
    shown = system.crm.people[crm_id]
    heard(system, from_crm(crm_id, owner=shown.owner_id, status=before.status, stage=before.stage))
    after = system.leads()[0].lead
    assert after.ownership == before.ownership
    assert (after.status, after.stage) == (before.status, before.stage)


def test_a_logged_call_stops_the_clock() -> None:
    system, _lead_id, crm_id = worked()
    record = CrmRecord(crm="hubspot", kind="activity", person=crm_id, record_id="77")
    heard(system, TouchDraft(kind="activity", key="call:77", event="call", record=record))
    lead = system.leads()[0].lead
    assert lead.contacted_at is not None
    assert lead.clock("first_contact") is None


def test_a_call_that_came_before_we_knew_the_record_waits_for_it() -> None:
    system = System()
    system.post(DEMO)
    _, _, first = worked()  # the id that the first record of a CRM gets
    record = CrmRecord(crm="hubspot", kind="activity", person=first, record_id="77")
    system.tell(TouchDraft(kind="activity", key="call:77", event="call", record=record))
    system.work(next(said for said in system.queue if said.data.get("kind") == "activity"))
    system.work(next(said for said in reversed(system.queue) if said.name == "TouchReady"))  # the call overtakes
    system.settle()
    for _ in range(3):
        system.later(minutes=1)
    assert system.leads()[0].lead.contacted_at is not None


def test_what_happens_to_other_peoples_contacts_is_refused_and_not_parked() -> None:
    system, _, _ = worked()
    heard(system, TouchDraft(
        kind="activity", key="call:78", event="call",
        record=CrmRecord(crm="hubspot", kind="activity", person="999", record_id="78"),
    ))  # fmt: skip
    for _ in range(10):
        system.later(minutes=1)
    touch = next(record for record in system.touches() if record.touch.kind == "activity")
    assert (touch.state, touch.reason) == ("refused", "not_ours")
    assert not system.store.listed("PARKED#not_ours", 10)


def test_a_contact_made_by_hand_is_a_lead_like_any_other_and_keeps_its_record() -> None:
    system = System()
    crm_id = system.crm.enter(email="kai@berg.example")
    heard(system, from_crm(crm_id, "created", said=person("kai@berg.example")))
    lead = system.leads()[0].lead
    assert lead.standing == "live"
    assert lead.ownership.placed
    assert list(system.crm.people) == [crm_id]
    assert system.crm.people[crm_id].lead_key == lead.lead_id


def test_who_was_imported_is_left_in_peace_until_they_ask() -> None:
    system = System()
    crm_id = system.crm.enter(email="ada@firma.example")
    heard(system, from_crm(crm_id, "imported", owner="70000004", said=person("ada@firma.example")))
    lead = system.leads()[0].lead
    assert (lead.standing, lead.ownership.rep) == ("imported", "tomasz")
    assert not lead.clocks
    assert not system.crm.written
    system.post(DEMO)
    system.settle()
    lead = system.leads()[0].lead
    assert (lead.standing, lead.ownership.rep) == ("live", "tomasz")
    assert lead.clock("first_contact") is not None
    assert list(system.crm.people) == [crm_id]


def test_records_merged_in_the_crm_make_one_lead() -> None:
    system, first, crm_id = worked()
    system.post({**DEMO, "email": "ada.private@other.example"})
    system.settle()
    other = next(
        record.crm_id for record in system.records() if isinstance(record, SyncRecord) and record.crm_id != crm_id
    )
    assert other is not None
    system.crm.merge(other, into=crm_id)
    heard(system, from_crm(crm_id, was=(other,)))
    assert [record.lead.lead_id for record in system.leads()] == [first]
    for _ in range(4):
        system.later(minutes=2)
    assert list(system.crm.people) == [crm_id]


def test_a_deleted_record_is_not_made_again_until_the_person_returns() -> None:
    system, lead_id, crm_id = worked()
    del system.crm.people[crm_id]
    heard(system, from_crm(crm_id, "deleted"))
    for _ in range(5):
        system.later(minutes=10)
    assert not system.crm.people
    assert not system.leads()[0].lead.clocks
    system.post({**DEMO, "message": "me again"})
    system.settle()
    assert len(system.crm.people) == 1
    assert system.leads()[0].lead.lead_id == lead_id


def test_a_won_deal_makes_a_customer() -> None:
    system, _, crm_id = worked()
    deal = {"kind": "deal", "record_id": "901", "deal": Deal(state="won", amount=500000, currency="EUR")}
    heard(system, from_crm(crm_id, "deal", **deal))
    assert system.leads()[0].lead.stage == "customer"


class History:
    """A vendor's history: pages of drafts; an error where one is due."""

    def __init__(self, pages: Sequence[Sequence[TouchDraft] | Exception]) -> None:
        self.pages, self.asked = list(pages), 0

    def complete(self, touch: object) -> Completed:
        raise AssertionError("nothing to complete")

    def since(self, cursor: str | None) -> tuple[Sequence[TouchDraft], str]:
        self.asked += 1
        place = int(cursor or "0")
        page = self.pages[place] if place < len(self.pages) else ()
        if isinstance(page, Exception):
            self.pages[place] = ()
            raise page
        return page, str(min(place + 1, len(self.pages)))


def polled(*pages: Sequence[TouchDraft] | Exception) -> tuple[System, History]:
    rules = System().rules_now
    history = History(pages)
    source = rules.sources.sources["website"].with_(poll_seconds=300)
    sources = rules.sources.with_(sources={"website": source})
    return System(rules_now=type(rules).of(rules.with_(sources=sources)), histories=lambda *_: history), history


def submission(number: int) -> TouchDraft:
    said = Words(answers=(Answer(key="email", values=(f"p{number}@firma.example",)),))
    return TouchDraft(kind="submission", key=f"s{number}", words=said)


def test_a_polled_source_is_read_to_its_end_and_then_asked_every_so_often() -> None:
    system, history = polled([submission(1), submission(2)], [submission(3)])
    system.later(seconds=1)
    assert len(system.leads()) == 3
    asked = history.asked
    system.later(minutes=4)
    assert history.asked == asked
    system.later(minutes=2)
    assert history.asked == asked + 1


def test_a_page_read_twice_changes_nothing() -> None:
    system, _ = polled([submission(1)], [submission(1)])
    system.later(seconds=1)
    assert len(system.touches()) == 1


def test_an_outage_loses_no_page() -> None:
    from leadrelay.ports.errors import Misconfigured, Retry

    system, _ = polled(
        [submission(1)], Retry(30, "away", "outage"), [submission(2)], Misconfigured("no token"), [submission(3)]
    )
    for _ in range(8):
        system.later(minutes=3)
    assert len(system.leads()) == 3
    cursor = system.store.load(cursor_key("website"))
    assert isinstance(cursor, CursorRecord)
    assert cursor.cursor == "5"


def test_a_source_that_is_polled_no_more_is_left_alone() -> None:
    system, history = polled([submission(1)])
    system.later(seconds=1)
    rules = system.rules_now
    website = rules.sources.sources["website"].with_(poll_seconds=None)
    system.rules.deploy(type(rules).of(rules.with_(sources=rules.sources.with_(sources={"website": website}))))
    asked = history.asked
    for _ in range(4):
        system.later(minutes=10)
    assert history.asked == asked


def test_the_map_leads_from_the_record_to_the_lead() -> None:
    system, lead_id, crm_id = worked()
    maps = [record for record in system.records() if isinstance(record, MapRecord)]
    assert [(record.crm_id, record.lead_id) for record in maps] == [(crm_id, lead_id)]


def test_a_hand_edit_before_our_next_write_wins() -> None:
    """Deliver finds another owner than it wrote, and leaves them. It is one whom the rules would not choose: who is
    given to the very same rep by both cannot be told from us."""
    system, _, crm_id = worked()
    rep, crm_owner = "nina", system.rules_now.team.rep("nina").crm["hubspot"]
    system.crm.people[crm_id].owner_id = crm_owner
    lead = system.leads()[0].lead
    clock = lead.clock("first_contact")
    assert clock is not None
    system.clock.set(clock.due_at)
    system.sweep()  # breach: another owner is chosen, and the CRM shows somebody else by now
    system.settle()
    for _ in range(3):
        system.later(minutes=2)
    assert system.crm.people[crm_id].owner_id == crm_owner
    assert system.leads()[0].lead.ownership.rep == rep
