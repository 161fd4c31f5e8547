"""Erasing: nothing of the person is left, nothing of before brings them back, and who comes back is somebody new."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.card.card import digest
from leadrelay.domain.notices.policy import NoticeRule
from leadrelay.domain.person.erasure_facts import LeadErased
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import CrmRecord, TouchDraft
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LeadRecord, SyncRecord, TouchRecord, lead_key, people_key, rep_key, sync_key
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.unmerge import Unmerge
from tests.system import System, noisy_rules
from tests.workflows import lives, promises
from tests.workflows.erasing import (
    CANARIES,
    ask,
    by_hand,
    deleted,
    forget_in_crm,
    form,
    hear,
    left,
    one,
    tell,
    touch,
)

DEMO = form("1", "demo", **CANARIES)
MORE = form("2", email=CANARIES["email"], city="Canary Islands")


def told(*drafts: TouchDraft) -> System:
    system = System(noisy_rules())
    hear(system, *drafts)
    return system


def settled(system: System) -> None:
    """Everything is done, nothing waits, and every log gives its lead."""
    assert not system.failed
    assert {each.state for each in system.touches()} <= {"done", "refused", "parked"}
    assert [each for each in system.touches() if each.due_at is not None] == []
    for record in system.records():
        if isinstance(record, LeadRecord):
            promises.folded(system, record)
        if isinstance(record, SyncRecord):
            assert (record.due_at, record.lease_until) == (None, None)


def test_nothing_of_the_person_is_left_but_codes() -> None:
    system = told(DEMO, MORE)
    record = one(system)
    assert left(system)
    ask(system, record.lead.lead_id)
    assert left(system) == []
    settled(system)
    after = system.store.load(lead_key(record.lead.lead_id))
    assert after is not None
    assert after.profile.values == {}
    assert after.profile.consents == {}
    assert (after.lead.touches, after.lead.ownership) == (record.lead.touches, record.lead.ownership)
    assert after.lead.erased_at is not None


def test_clocks_stop_nobody_is_told_to_call_and_the_rep_has_one_open_lead_less() -> None:
    system = told(DEMO)
    record = one(system)
    rep = record.lead.ownership.rep
    assert record.lead.clock("first_contact") is not None
    carried = system.store.load(rep_key(rep or ""))
    assert carried is not None
    ask(system, record.lead.lead_id)
    before = len(system.notifier.sent)
    for _ in range(5):
        system.later(hours=5)
    after = one(system)
    assert (after.lead.clocks, after.lead.next_step, after.lead.wanted, after.lead.due_at()) == ((), None, None, None)
    assert after.listing() is None
    assert len(system.notifier.sent) == before
    freed = system.store.load(rep_key(rep or ""))
    assert freed is not None
    assert freed.state.open == carried.state.open - 1


def test_the_task_in_the_crm_is_done_and_its_record_left_for_people_to_delete() -> None:
    system = told(DEMO)
    [person] = system.crm.people.values()
    ask(system, one(system).lead.lead_id)
    [task] = system.crm.tasks.values()
    assert (task.done, task.subject, task.body) == (True, "Erased", "")
    assert person.fields["email"] == CANARIES["email"]
    sync = system.store.load(sync_key(one(system).lead.lead_id, system.rules_now.crm.vendor))
    assert sync is not None
    assert sync.crm_id == person.crm_id
    said = {*sync.values, *sync.shows, *(each.partition("=")[0] for each in sync.offered if "=" in each)}
    assert said == {"task", "lead_status", "lifecycle_stage"}


def test_who_was_merged_into_them_is_erased_as_well() -> None:
    system = told(
        form("1", email=CANARIES["email"], first_name="Canaria"),
        form("2", phone=CANARIES["phone"], last_name="Canarsky"),
        form("3", email=CANARIES["email"], phone=CANARIES["phone"]),
    )
    [alias] = [each for each in system.records() if isinstance(each, LeadRecord) and each.lead.merged_into]
    ask(system, alias.lead.lead_id)
    assert left(system) == []
    settled(system)
    erased = [said for said in system.said if said.name == "LeadErased"]
    assert {said.metadata.lead_id for said in erased} == {alias.lead.lead_id, one(system).lead.lead_id}
    with pytest.raises(Reject, match="erased"):
        Unmerge(system.store, system.rules, Pseudonyms(system.secrets), system.clock)(alias.lead.lead_id)


def test_touches_that_a_person_gave_back_to_an_unmerged_lead_are_erased_with_it() -> None:
    system = told(
        form("1", email="ada@third.example", anonymous_id="one"), form("2", phone=CANARIES["phone"], anonymous_id="two")
    )
    hear(system, form("3", anonymous_id="one", phone=CANARIES["phone"]))
    [alias] = [each for each in system.records() if isinstance(each, LeadRecord) and each.lead.merged_into]
    hear(system, form("4", anonymous_id="two", job_title="Canary Director"))
    assert Unmerge(system.store, system.rules, Pseudonyms(system.secrets), system.clock)(alias.lead.lead_id).moved == 2
    system.settle()
    ask(system, alias.lead.lead_id)
    assert left(system, "canary director") == []
    assert [each.lead.lead_id for each in system.leads() if each.lead.erased_at] == [alias.lead.lead_id]


def test_the_same_delivery_again_brings_nobody_back_and_nothing_of_it_is_kept() -> None:
    system = told(DEMO)
    ask(system, one(system).lead.lead_id)
    assert tell(system, DEMO).status == 200
    assert tell(system, DEMO, body=b"canary in other bytes").status == 200
    assert tell(system, DEMO, form("9", email="eva@third.example"), body=b"canary among others").status == 200
    system.settle()
    assert left(system) == []
    assert {each.profile.text("lead.email") for each in system.leads()} == {None, "eva@third.example"}


def test_a_repeat_in_other_bytes_before_the_erasure_is_emptied_as_well() -> None:
    system = told(DEMO)
    tell(system, DEMO, form("9", email="eva@third.example"), body=b"canary among others")
    tell(system, DEMO, body=b"canary in other bytes")
    system.settle()
    assert len(left(system, "canary in", "canary among")) == 2
    ask(system, next(each for each in system.leads() if each.profile.text("lead.phone")).lead.lead_id)
    assert left(system) == []


@pytest.mark.parametrize("identity", ["email", "phone"])
def test_what_they_did_before_comes_late_and_is_refused(identity: str) -> None:
    system = told(DEMO)
    earlier = system.clock.now() - timedelta(minutes=3)
    ask(system, one(system).lead.lead_id)
    late = form("late", **{identity: CANARIES[identity], "job_title": "Canary of old"}).with_(occurred_at=earlier)
    hear(system, late)
    assert left(system) == []
    assert (touch(system, "late").state, touch(system, "late").reason) == ("refused", "erased")
    settled(system)
    assert one(system).lead.erased_at is not None


def test_who_asks_again_is_somebody_new_and_what_is_older_still_stays_away() -> None:
    system = told(DEMO)
    first, earlier = one(system).lead.lead_id, system.clock.now() - timedelta(minutes=2)
    ask(system, first)
    hear(system, form("again", "demo", email=CANARIES["email"], first_name="Ada"))
    [new] = [each for each in system.leads() if each.lead.erased_at is None]
    assert new.lead.lead_id != first
    assert new.profile.text("lead.first_name") == "Ada"
    assert new.profile.text("lead.job_title") is None
    promises.owned(new)
    hear(system, form("late", email=CANARIES["email"], job_title="Canary of old").with_(occurred_at=earlier))
    [still] = [each for each in system.leads() if each.lead.erased_at is None]
    assert still.profile.text("lead.job_title") is None
    assert left(system, "canary of old") == []
    hear(system, form("third", phone=CANARIES["phone"]))
    assert len([each for each in system.leads() if each.lead.erased_at is None]) == 2


def test_what_the_crm_still_shows_of_them_brings_nobody_back() -> None:
    system = told(DEMO)
    [person] = system.crm.people
    ask(system, one(system).lead.lead_id)
    record = CrmRecord(crm="hubspot", kind="person", person=person, record_id=person)
    shown = lives.draft("edit", kind="crm_change", event="edited", **{"lead.email": CANARIES["email"]})
    other = shown.with_(key="other", record=record.with_(person="77", record_id="77"), event="imported")
    hear(system, shown.with_(record=record), other)
    assert left(system) == []
    assert one(system).lead.erased_at is not None
    hear(system, other.with_(key="new", event="created"))
    assert len([each for each in system.leads() if each.lead.erased_at is None]) == 1


def test_who_comes_back_is_shown_in_the_record_that_nobody_deleted() -> None:
    system = told(DEMO)
    [person] = system.crm.people
    ask(system, one(system).lead.lead_id)
    hear(system, form("again", "demo", email=CANARIES["email"]))
    [new] = [each for each in system.leads() if each.lead.erased_at is None]
    assert list(system.crm.people) == [person]
    assert system.crm.people[person].lead_key == new.lead.lead_id
    assert [task.done for task in system.crm.tasks.values()] == [True, False]
    record = CrmRecord(crm="hubspot", kind="person", person=person, record_id=person, status="attempting")
    hear(system, lives.draft("edit", kind="crm_change", event="edited").with_(record=record))
    [heard] = [each for each in system.leads() if each.lead.erased_at is None]
    assert heard.lead.status == "attempting"


def test_the_record_that_nobody_deleted_gets_the_owner_of_who_comes_back() -> None:
    """Whom it showed was our own choice for somebody who was erased, and no word of a person's."""
    system = told(DEMO)
    [person] = system.crm.people
    former = one(system).lead.ownership.rep
    ask(system, one(system).lead.lead_id)
    hear(system, form("again", "demo", email=CANARIES["email"]))
    [new] = [each for each in system.leads() if each.lead.erased_at is None]
    rep = new.lead.ownership.rep
    assert rep not in (None, former)
    assert system.crm.people[person].owner_id == system.rules.current().team.rep(rep or "").crm["hubspot"]


def test_a_colleague_stays_and_the_account_counts_one_person_less() -> None:
    system = told(DEMO, form("2", email="eva@firma.example"))
    people = system.store.load(people_key("firma.example"))
    assert people is not None
    assert len(people.crowd.people) == 2
    ask(system, next(each for each in system.leads() if each.profile.text("lead.phone")).lead.lead_id)
    people = system.store.load(people_key("firma.example"))
    assert people is not None
    [colleague] = [each for each in system.leads() if each.lead.erased_at is None]
    assert [each.lead_id for each in people.crowd.people] == [colleague.lead.lead_id]


def test_what_the_crm_echoed_is_not_kept() -> None:
    system = told(DEMO)
    [person] = system.crm.people
    record = CrmRecord(crm="hubspot", kind="person", person=person, record_id=person)
    echo = lives.draft("echo", kind="crm_change", event="edited", **{"lead.email": CANARIES["email"]})
    hear(system, echo.with_(record=record))
    ask(system, one(system).lead.lead_id)
    assert [place for place in left(system) if place.startswith("TOUCH")] == []


# -- a sender takes one thing back


def test_the_only_thing_they_said_is_taken_back_and_the_person_goes() -> None:
    system = told(DEMO)
    hear(system, deleted("1"))
    for _ in range(3):
        system.later(minutes=2)
    assert left(system) == []
    assert one(system).lead.erased_at is not None
    [said] = [read(said) for said in system.said if said.name == "LeadErased"]
    assert isinstance(said, LeadErased)
    assert said.reason == "website"


def test_of_several_things_one_is_taken_back_and_the_rest_stays_as_if_it_had_never_been() -> None:
    kept = (
        form("0", "demo", email="ada@firma.example", first_name="Ada", company="Firma"),
        form("3", email="ada@firma.example", city="Gdynia"),
    )
    taken = form(
        "1",
        "demo",
        email="ada@firma.example",
        phone=CANARIES["phone"],
        job_title="Canary Director",
        first_name="Canaria",
    )
    system = told(kept[0], taken, kept[1])
    hear(system, deleted("1"))
    for _ in range(3):
        system.later(minutes=2)
    record, [reference] = one(system), told(*kept).leads()
    assert left(system) == []
    assert record.profile.plain() == reference.profile.plain()
    assert (record.lead.touches, record.lead.signals.keys()) == (2, reference.lead.signals.keys())
    assert {name: each.count for name, each in record.lead.signals.items()} == {
        name: each.count for name, each in reference.lead.signals.items()
    }
    settled(system)
    promises.owned(record)
    [person] = system.crm.people.values()
    assert "Canary" not in str(person.fields)


def test_two_things_are_taken_back_one_after_another() -> None:
    system = told(*(form(str(number), "demo", email="ada@firma.example") for number in range(4)))
    hear(system, deleted("1"), deleted("3"))
    [reference] = told(*(form(str(number), "demo", email="ada@firma.example") for number in (0, 2))).leads()
    record = one(system)
    assert record.lead.touches == 2
    assert {name: each.touch_ids for name, each in record.lead.signals.items()} == {
        name: each.touch_ids for name, each in reference.lead.signals.items()
    }
    settled(system)


def test_a_number_that_only_it_gave_leads_to_nobody_any_more() -> None:
    system = told(form("0", email="ada@firma.example"), form("1", email="ada@firma.example", phone=CANARIES["phone"]))
    hear(system, deleted("1"), form("2", phone=CANARIES["phone"], first_name="Eva"))
    assert len(system.leads()) == 2


def test_what_came_with_a_lead_that_was_merged_since_is_taken_out_of_both() -> None:
    drafts = (
        form("1", "demo", email="ada@firma.example", first_name="Ada"),
        form("2", phone="+48601111222", city="Gdynia"),
        form("3", "demo", phone="+48601111222", job_title="Canary Director"),
        form("4", email="ada@firma.example", phone="+48601111222"),
    )
    system = told(*drafts)
    hear(system, deleted("3"))
    for _ in range(3):
        system.later(minutes=2)
    [reference] = told(drafts[0], drafts[1], drafts[3]).leads()
    record = one(system)
    assert record.profile.plain() == reference.profile.plain()
    assert record.lead.touches == 3
    assert left(system) == []
    settled(system)


def test_it_is_taken_back_before_it_was_complete() -> None:
    system = System(noisy_rules())
    assert tell(system, DEMO.with_(fetch_id="1")).status == 200
    assert tell(system, deleted("1")).status == 200
    while system.queue:  # the erasure is faster
        system.queue.rotate(-1)
        system.settle()
    system.later(minutes=2)
    assert left(system) == []
    assert system.leads() == []
    settled(system)


def test_it_is_taken_back_before_it_ever_came() -> None:
    system = System(noisy_rules())
    hear(system, deleted("1"), DEMO)
    assert left(system) == []
    assert system.leads() == []
    assert touch(system, "1").state == "refused"


def test_nobody_takes_anything_back_without_proof() -> None:
    system = told(DEMO)
    hear(system, deleted("1"), trust="unverified")
    assert one(system).lead.erased_at is None
    assert touch(system, "deleted:1").reason == "unproven_erasure"


# -- the CRM


def test_who_is_erased_in_the_crm_is_erased_here() -> None:
    system = told(DEMO, MORE)
    [person] = system.crm.people
    hear(system, forget_in_crm(person))
    for _ in range(3):
        system.later(minutes=2)
    assert left(system) == []
    settled(system)


def test_of_somebody_erased_there_whom_we_have_never_heard_of_nothing_is_taken_in() -> None:
    system = System(noisy_rules())
    record = CrmRecord(crm="hubspot", kind="person", person="77", record_id="77")
    shown = lives.draft("late", kind="crm_change", event="created", **{"lead.email": CANARIES["email"]})
    hear(system, forget_in_crm("77"), shown.with_(record=record))
    assert system.leads() == []
    assert left(system) == []


def test_whoever_writes_to_the_crm_just_now_brings_nothing_back() -> None:
    system = told(DEMO)
    lead_id = one(system).lead.lead_id
    sync = system.store.load(sync_key(lead_id, system.rules_now.crm.vendor))
    assert sync is not None
    busy = sync.with_(version=sync.version + 1, lease_until=system.clock.now() + timedelta(seconds=80))
    system.store.commit(Change(cause="claim", puts=(Put(busy),)))
    assert not by_hand(system, system.store)(lead_id)
    latest = system.store.load(sync.key())
    assert latest is not None
    shown = {"email": digest(CANARIES["email"])}
    done = latest.with_(version=latest.version + 1, lease_until=None, values=shown, shows=shown)
    system.store.commit(Change(cause="record", puts=(Put(done),)))
    for _ in range(3):
        system.later(minutes=2)
    after = system.store.load(sync.key())
    assert after is not None
    assert digest(CANARIES["email"]) not in after.model_dump_json()
    assert left(system) == []


def test_it_is_done_once_however_often_it_is_asked_for() -> None:
    system = told(DEMO, MORE)
    [person] = system.crm.people
    ask(system, one(system).lead.lead_id)
    hear(system, deleted("1"), deleted("2"))
    hear(system, forget_in_crm(person))
    assert len([said for said in system.said if said.name == "LeadErased"]) == 1
    settled(system)


def test_who_is_told_reads_no_name() -> None:
    rules, others = noisy_rules().notices, noisy_rules()
    told_too = rules.with_(rules=(*rules.rules, NoticeRule(notice="erased", to=("owner", "revops"), channel="sales")))
    system = System(Rules.of(others.with_(notices=told_too)))
    hear(system, DEMO)
    record = one(system)
    ask(system, record.lead.lead_id)
    [said] = [each for each in system.notifier.sent if "erased" in each.title]
    assert record.lead.lead_id in said.body
    assert "canar" not in f"{said.title} {said.body}".casefold()
    assert said.links == ()


def test_a_touch_is_erased_only_once_its_words_are() -> None:
    system = told(DEMO)
    ask(system, one(system).lead.lead_id)
    for each in (record for record in system.records() if isinstance(record, TouchRecord)):
        assert each.erased_at is not None
        assert (each.touch.fetch_id, each.touch.record, each.touch.origin.click_id) == (None, None, None)
