"""Two people who were wrongly made one become two again: leads, profiles, logs, accounts and what the CRM shows."""

from __future__ import annotations

import pytest

from leadrelay.domain.person.facts import LeadUnmerged
from leadrelay.domain.touch import CrmRecord, Deal, TouchDraft
from leadrelay.domain.vocabulary import read
from leadrelay.ports.errors import Reject, Retry
from leadrelay.ports.records import LeadRecord, LogRecord, SyncRecord, lead_key, map_key, people_key, sync_key
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.pseudonyms import Pseudonyms
from leadrelay.workflows.unmerge import Parting, Unmerge
from tests.domain.test_merging import form
from tests.system import System, noisy_rules
from tests.workflows import lives, promises
from tests.workflows.test_deliver_merged import forget

ADA, BOB, EVA, PHONE, CELL = (
    "ada@firma.example",
    "bob@other.example",
    "eva@third.example",
    "+48601111222",
    "+48602222333",
)


def told(*drafts: TouchDraft) -> System:
    """These touches, a minute apart, and all that follows."""
    system = System(noisy_rules())
    hear(system, *drafts)
    return system


def hear(system: System, *drafts: TouchDraft) -> None:
    for draft in drafts:
        assert system.tell(draft).status == 200
        system.settle()
        system.later(minutes=1)
    promises.kept(system)


def unmerger(system: System) -> Unmerge:
    return Unmerge(system.store, system.rules, Pseudonyms(system.secrets), system.clock)


def unmerge(system: System, lead_id: str) -> Parting:
    parting = unmerger(system)(lead_id)
    system.settle()
    for _ in range(3):
        system.later(minutes=1)
    promises.kept(system)
    for record in system.records():
        if isinstance(record, LeadRecord):
            promises.folded(system, record)
    return parting


def alias(system: System) -> str:
    """The lead that another absorbed."""
    [lost] = [record for record in system.records() if isinstance(record, LeadRecord) and record.lead.merged_into]
    return lost.lead.lead_id


def by(system: System, field: str, value: str) -> LeadRecord:
    [found] = [record for record in system.leads() if record.profile.text(field) == value]
    return found


def people(system: System) -> dict[str, LeadRecord]:
    """By address."""
    return {record.profile.text("lead.email") or "": record for record in system.leads()}


def state(record: LeadRecord) -> tuple[object, ...]:
    """What touches made of a lead."""
    lead = record.lead
    return (
        lead.touches, lead.signals, lead.pages, lead.first, lead.last, lead.temperature, lead.captured_at,
        record.profile.plain(),
    )  # fmt: skip


ALONE = (
    form("1", intent="demo", email=ADA, first_name="Ada", job_title="Director", company="Firma"),
    form("2", intent="demo", phone=PHONE, first_name="Bob", company="Other"),
)
JOINS = form("3", email=ADA, phone=PHONE)


def test_each_is_again_what_they_were_and_the_touch_that_joined_them_stays_with_its_address() -> None:
    system = told(*ALONE)
    bob = state(by(system, "lead.phone", PHONE))
    hear(system, JOINS)
    lost = alias(system)
    parting = unmerge(system, lost)
    ada, again = people(system)[ADA], system.store.load(lead_key(lost))
    assert again is not None
    assert state(again) == bob
    assert ada.lead.touches == 2
    [reference] = told(ALONE[0], JOINS).leads()
    assert ada.profile.plain() == reference.profile.plain()
    assert ada.lead.signals.keys() == reference.lead.signals.keys()
    assert (parting.by, parting.moved) == (("phone",), 0)
    assert "lead.first_name" in parting.lost


def test_a_plan_writes_nothing() -> None:
    system = told(*ALONE, JOINS)
    before = sorted(map(repr, system.records()))
    parting = unmerger(system).plan(alias(system))
    assert sorted(map(repr, system.records())) == before
    assert parting.other == people(system)[ADA].lead.lead_id


def test_both_have_owner_next_step_and_clock_and_the_one_who_asked_is_owed_an_answer() -> None:
    system = told(*ALONE, JOINS)
    lost = alias(system)
    unmerge(system, lost)
    again = system.store.load(lead_key(lost))
    assert again is not None
    promises.owned(again)
    assert again.lead.clock("first_contact") is not None


def test_touches_since_then_by_the_others_own_address_and_what_they_said_go_with_them() -> None:
    system = told(form("1", email=ADA, anonymous_id="one"), form("2", email="", phone=PHONE, anonymous_id="two"))
    hear(system, form("3", anonymous_id="one", phone=PHONE))
    lost = alias(system)
    hear(
        system,
        form("4", anonymous_id="two", job_title="Director", city="Gdynia"),
        form("5", email=ADA, city="Kraków"),
        form("6", anonymous_id="two", city="Sopot"),
        form("7", intent="demo", anonymous_id="two", phone=PHONE, email=""),
    )
    [one] = system.leads()
    assert one.lead.touches == 7
    parting = unmerge(system, lost)
    again, ada = system.store.load(lead_key(lost)), people(system)[ADA]
    assert again is not None
    assert parting.moved == again.lead.touches - 1
    assert ada.lead.touches + again.lead.touches == 7
    assert (ada.profile.text("lead.city"), again.profile.text("lead.city")) == ("Kraków", "Sopot")
    assert ada.profile.text("lead.job_title") is None
    assert again.lead.clock("first_contact") is not None
    mine = [touch.touch.touch_id for touch in system.touches() if touch.lead_id == lost]
    assert len(mine) == again.lead.touches


def test_the_same_evidence_does_not_join_them_again() -> None:
    system = told(*ALONE, JOINS)
    lost = alias(system)
    unmerge(system, lost)
    hear(system, form("4", email=ADA, phone=PHONE), form("5", phone=PHONE, city="Gdynia"))
    assert {record.lead.lead_id for record in system.leads()} >= {lost}
    again, ada = system.store.load(lead_key(lost)), people(system)[ADA]
    assert again is not None
    assert (again.lead.touches, ada.lead.touches) == (2, 3)
    assert again.profile.text("lead.city") == "Gdynia"


def test_an_identity_that_only_the_other_gave_since_then_is_theirs() -> None:
    system = told(*ALONE, JOINS)
    lost = alias(system)
    hear(system, form("4", phone=PHONE, anonymous_id="new browser"))
    unmerge(system, lost)
    hear(system, form("5", anonymous_id="new browser"))
    again = system.store.load(lead_key(lost))
    assert again is not None
    assert again.lead.touches == 3


def became(system: System, ids: dict[str, str]) -> dict[str, str]:
    """Of each lead, by its letter, the letters of those that became it."""
    letters = {lead_id: letter for letter, lead_id in ids.items()}
    leads = [record.lead for lead_id in ids.values() if (record := system.store.load(lead_key(lead_id))) is not None]
    return {letters[lead.lead_id]: "".join(letters[each] for each in lead.absorbed) for lead in leads}


class TestChains:
    """C became B, B became A."""

    @pytest.fixture
    def chained(self) -> tuple[System, dict[str, str]]:
        system = told(
            form("1", intent="demo", email=ADA, company="Firma"),
            form("2", phone=PHONE, first_name="Bob"),
            form("3", anonymous_id="browser", last_name="Cook"),
        )
        leads = sorted(system.leads(), key=lambda record: record.lead.captured_at)
        ids = dict(zip("ABC", (record.lead.lead_id for record in leads), strict=True))
        return system, ids

    def merge(self, system: System, ids: dict[str, str]) -> None:
        hear(system, form("4", phone=PHONE, anonymous_id="browser"))
        hear(system, form("5", email=ADA, phone=PHONE))
        into = {
            record.lead.lead_id: record.lead.merged_into
            for record in system.records()
            if isinstance(record, LeadRecord)
        }
        assert into == {ids["A"]: None, ids["B"]: ids["A"], ids["C"]: ids["B"]}
        assert became(system, ids) == {"A": "BC", "B": "C", "C": ""}

    def test_the_one_at_its_end_lives_again(self, chained: tuple[System, dict[str, str]]) -> None:
        system, ids = chained
        before = {record.lead.lead_id: state(record) for record in system.leads()}
        self.merge(system, ids)
        unmerge(system, ids["C"])
        a, b, c = (system.store.load(lead_key(ids[name])) for name in "ABC")
        assert a is not None and b is not None and c is not None  # noqa: PT018
        assert (a.lead.merged_into, b.lead.merged_into, c.lead.merged_into) == (None, ids["A"], None)
        assert state(c) == before[ids["C"]]
        assert (a.lead.touches, b.lead.touches, c.lead.touches) == (4, 2, 1)
        assert a.profile.text("lead.last_name") is None
        assert became(system, ids) == {"A": "B", "B": "", "C": ""}
        unmerge(system, ids["B"])
        assert became(system, ids) == {"A": "", "B": "", "C": ""}
        a, b = system.store.load(lead_key(ids["A"])), system.store.load(lead_key(ids["B"]))
        assert a is not None and b is not None  # noqa: PT018
        assert (a.lead.touches, b.lead.touches, b.lead.merged_into) == (2, 2, None)
        assert (a.profile.text("lead.first_name"), b.profile.text("lead.first_name")) == (None, "Bob")

    def test_the_one_in_the_middle_takes_its_own_with_it(self, chained: tuple[System, dict[str, str]]) -> None:
        system, ids = chained
        self.merge(system, ids)
        unmerge(system, ids["B"])
        a, b = system.store.load(lead_key(ids["A"])), system.store.load(lead_key(ids["B"]))
        assert a is not None and b is not None  # noqa: PT018
        assert (a.lead.touches, b.lead.touches) == (2, 3)
        assert b.profile.text("lead.last_name") == "Cook"
        assert became(system, ids) == {"A": "", "B": "C", "C": ""}
        unmerge(system, ids["C"])
        assert became(system, ids) == {"A": "", "B": "", "C": ""}
        b = system.store.load(lead_key(ids["B"]))
        assert b is not None
        assert (b.lead.touches, b.profile.text("lead.last_name")) == (2, None)

    def test_two_that_were_told_apart_stay_so_whatever_they_become(
        self, chained: tuple[System, dict[str, str]]
    ) -> None:
        system, ids = chained
        self.merge(system, ids)
        unmerge(system, ids["C"])
        hear(system, form("6", email=BOB, anonymous_id="browser"))  # C has an address now
        hear(system, form("7", phone=CELL), form("8", phone=CELL, anonymous_id="browser"))
        hear(system, form("9", phone=CELL, email=ADA), form("10", anonymous_id="browser", email=ADA))
        living = {record.profile.text("lead.email") for record in system.leads()}
        assert {ADA, BOB} <= living


def row(system: System, lead_id: str) -> SyncRecord:
    found = system.store.load(sync_key(lead_id, "hubspot"))
    assert found is not None
    return found


def test_two_that_were_absorbed_one_after_the_other_leave_one_after_the_other() -> None:
    system = told(form("1", email=ADA), form("2", phone=PHONE, first_name="Bob"), form("3", anonymous_id="browser"))
    ids = [record.lead.lead_id for record in sorted(system.leads(), key=lambda record: record.lead.captured_at)]
    hear(system, form("4", email=ADA, phone=PHONE), form("5", email=ADA, anonymous_id="browser"))
    for lost in ids[1:]:
        unmerge(system, lost)
    touches = [record.lead.touches for each in ids if (record := system.store.load(lead_key(each))) is not None]
    assert touches == [3, 1, 1]


class TestInTheCrm:
    def test_the_duplicate_is_none_any_more_and_its_task_is_open_again(self) -> None:
        system = told(*ALONE, JOINS)
        lost = alias(system)
        person = system.crm.people[row(system, lost).crm_id or ""]
        assert "duplicate_of" in person.fields
        unmerge(system, lost)
        assert "duplicate_of" not in person.fields
        assert system.store.listed("DUPLICATE#hubspot", 10) == []
        [task] = [task for task in system.crm.tasks.values() if task.crm_id == person.crm_id]
        assert not task.done

    def test_what_we_filled_in_of_the_other_is_taken_back(self) -> None:
        system = told(form("1", intent="demo", email=ADA), form("2", phone=PHONE, first_name="Bob"), JOINS)
        ada = people(system)[ADA].lead.lead_id
        shown = system.crm.people[row(system, ada).crm_id or ""]
        assert shown.fields["first_name"] == "Bob"
        unmerge(system, alias(system))
        assert "first_name" not in shown.fields
        assert row(system, ada).astray == ()

    def test_what_a_person_put_there_stays(self) -> None:
        system = told(form("1", intent="demo", email=ADA), form("2", phone=PHONE, first_name="Bob"))
        ada = people(system)[ADA].lead.lead_id
        shown = system.crm.people[row(system, ada).crm_id or ""]
        shown.fields["first_name"] = "Adelheid"
        hear(system, JOINS)
        unmerge(system, alias(system))
        assert shown.fields["first_name"] == "Adelheid"

    @pytest.mark.parametrize("addressed", [True, False])
    def test_a_record_that_was_taken_over_goes_back_to_whom_it_is_found_by(self, addressed: bool) -> None:
        system = told(form("1", intent="demo", phone=PHONE))
        said = {"email": BOB} if addressed else {"anonymous_id": "browser", "phone": CELL}
        hear(system, form("2", intent="demo", **said))
        first, second = sorted(system.leads(), key=lambda record: record.lead.captured_at)
        forget(system, first.lead.lead_id)
        record_id = row(system, second.lead.lead_id).crm_id
        joins = {"email": BOB} if addressed else {"anonymous_id": "browser"}
        system.tell(form("3", phone=PHONE, **joins))
        system.settle()
        for _ in range(4):
            system.later(minutes=1)
        [winner] = system.leads()
        lost = alias(system)
        assert row(system, winner.lead.lead_id).crm_id == record_id
        unmerge(system, lost)
        again = row(system, lost)
        assert (again.crm_id == record_id) is (addressed and lost == second.lead.lead_id)
        assert len({person.lead_key for person in system.crm.people.values()}) == 2
        mapped = system.store.load(map_key("hubspot", record_id or ""))
        assert mapped is not None
        assert (mapped.lead_id == lost) is (again.crm_id == record_id)

    def test_while_a_worker_writes_there_nothing_is_changed(self) -> None:
        system = told(*ALONE, JOINS)
        lost = alias(system)
        held = row(system, lost)
        lease = held.with_(version=held.version + 1, lease_until=system.clock.now().replace(year=2027))
        system.store.commit(Change("hold", (Put(lease),)))
        with pytest.raises(Retry):
            unmerger(system)(lost)
        assert system.store.load(lead_key(lost)).lead.merged_into is not None

    def test_a_stage_that_came_with_the_other_goes_with_them(self) -> None:
        system = told(*ALONE)
        bob = by(system, "lead.phone", PHONE).lead.lead_id
        crm_id = row(system, bob).crm_id or ""
        deal = CrmRecord(crm="hubspot", kind="deal", person=crm_id, record_id="d1", deal=Deal(state="won"))
        system.tell(TouchDraft(kind="crm_change", key="deal", event="deal", record=deal))
        system.settle()
        hear(system, JOINS)
        lost = alias(system)
        [one] = system.leads()
        assert one.lead.stage == "customer"
        unmerge(system, lost)
        stages = {record.lead.lead_id: record.lead.stage for record in system.leads()}
        assert stages.pop(bob) == "customer"
        assert list(stages.values()) != ["customer"]

    def test_a_deal_of_the_others_record_goes_with_them(self) -> None:
        system = told(*ALONE, JOINS)
        lost = alias(system)
        crm_id = row(system, lost).crm_id or ""
        deal = CrmRecord(crm="hubspot", kind="deal", person=crm_id, record_id="d1", deal=Deal(state="won"))
        system.tell(TouchDraft(kind="crm_change", key="deal", event="deal", record=deal))
        system.settle()
        assert people(system)[ADA].lead.deals == {"d1": "won"}
        unmerge(system, lost)
        again, ada = system.store.load(lead_key(lost)), people(system)[ADA]
        assert (ada.lead.deals, again.lead.deals) == ({}, {"d1": "won"})
        assert (again.lead.stage, ada.lead.stage == "customer") == ("customer", False)


def test_each_is_at_their_own_account_again() -> None:
    system = told(form("1", email=ADA), lives.draft("2", event="pricing_page_viewed", kind="behaviour", phone=PHONE,
                                                     website="https://other.pl"), JOINS)  # fmt: skip
    lost = alias(system)
    unmerge(system, lost)
    [ada] = system.store.load(people_key("firma.example")).crowd.people
    [other] = system.store.load(people_key("other.pl")).crowd.people
    assert (ada.lead_id, other.lead_id) == (people(system)[ADA].lead.lead_id, lost)
    assert (ada.key_at is None, other.key_at is None) == (True, False)


def test_both_logs_say_so_in_codes() -> None:
    system = told(*ALONE, JOINS)
    lost = alias(system)
    other = people(system)[ADA].lead.lead_id
    unmerge(system, lost)
    rows = [record for record in system.records() if isinstance(record, LogRecord)]
    said = {
        row.pk: fact for row in rows for each in row.facts if isinstance(fact := read(each), LeadUnmerged)
    }  # fmt: skip
    assert set(said) == {f"LEAD#{lost}", f"LEAD#{other}"}
    assert said[f"LEAD#{lost}"].gained is not None
    assert said[f"LEAD#{other}"].left is not None
    assert "@" not in str([row.facts for row in rows if "LeadUnmerged" in str(row.facts)])


@pytest.mark.parametrize("which", ["nobody", "living"])
def test_what_cannot_be_unmerged_is_refused_with_the_reason(which: str) -> None:
    system = told(ALONE[0])
    lead_id = system.leads()[0].lead.lead_id if which == "living" else "0" * 32
    with pytest.raises(Reject, match="unknown_lead" if which == "nobody" else "not_merged"):
        unmerger(system)(lead_id)
