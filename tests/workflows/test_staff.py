"""What a change of a lead means for whoever works it, in the same transaction: open leads, response times, turns."""

from __future__ import annotations

from leadrelay.domain.decision import Decision
from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.ledger import MILLION, class_of
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.touch import CrmRecord, TouchDraft
from leadrelay.ports.records import LeadRecord, PoolRecord, RepRecord, pool_key, rep_key, rescore_key
from leadrelay.workflows.nights import _judged
from tests.system import System
from tests.workflows.lives import draft
from tests.workflows.test_from_crm import another, from_crm, heard, worked


def state(system: System, rep: str | None) -> RepState:
    record = system.store.load(rep_key(rep or ""))
    return record.state if isinstance(record, RepRecord) else RepState()


def lead_of(system: System) -> Lead:
    [record] = system.leads()
    return record.lead


def returned(system: System, lead: Lead) -> int:
    """Millionths of a lead that the pool took back from its owner's turns."""
    record = system.store.load(pool_key(lead.ownership.pool or ""))
    assert isinstance(record, PoolRecord)
    return record.turns.of(class_of(lead)).credits.get("returned", {}).get(lead.ownership.rep or "", 0)


def test_whom_a_person_makes_the_owner_has_the_lead_and_the_former_owner_has_not() -> None:
    system, lead_id, crm_id = worked()
    first = lead_of(system).ownership.rep
    assert state(system, first).open == 1
    rep, crm_owner = another(system, lead_id)
    heard(system, from_crm(crm_id, owner=crm_owner))
    assert (state(system, first).open, state(system, rep).open) == (0, 1)


def test_who_gives_a_lead_back_has_it_no_more_and_had_no_turn_until_it_is_worked_again() -> None:
    system, _, crm_id = worked()
    owned = lead_of(system)
    heard(system, from_crm(crm_id, status="unqualified"))
    assert (state(system, owned.ownership.rep).open, returned(system, owned)) == (0, -MILLION)
    heard(system, from_crm(crm_id, key="2", status="unqualified", reason="no_budget"))
    assert returned(system, owned) == -MILLION, "once, whatever is said of it later"
    heard(system, from_crm(crm_id, key="3", status="connected"))
    assert (state(system, owned.ownership.rep).open, returned(system, owned)) == (1, 0)


def test_a_deleted_record_is_nobodys_work() -> None:
    system, _, crm_id = worked()
    rep = lead_of(system).ownership.rep
    heard(system, from_crm(crm_id, event="deleted"))
    assert state(system, rep).open == 0


def test_the_first_contact_counts_for_who_made_it_and_only_the_first() -> None:
    system, _, crm_id = worked()
    rep = lead_of(system).ownership.rep
    for key in ("77", "78"):
        record = CrmRecord(crm="hubspot", kind="activity", person=crm_id, record_id=key)
        heard(system, TouchDraft(kind="activity", key=f"call:{key}", event="call", record=record), after=90)
    assert (state(system, rep).responses, state(system, rep).response_seconds) == (1, 90)


def test_two_leads_that_become_one_are_one_open_lead() -> None:
    system = System()
    for key, who in (("1", {"email": "ada@firma.example"}), ("2", {"phone": "+48 600 100 200"})):
        system.tell(draft(key, form="demo", company="Firma", **who))
        system.settle()
    owners = [record.lead.ownership.rep for record in system.leads()]
    assert len(owners) == sum(state(system, rep).open for rep in set(owners)) == 2
    system.tell(draft("3", form="demo", email="ada@firma.example", phone="+48 600 100 200"))
    system.settle()
    stays = lead_of(system).ownership.rep
    assert {rep: state(system, rep).open for rep in (*owners, stays)} == dict.fromkeys(owners, 0) | {stays: 1}


def test_a_lead_that_nobody_counted_is_counted_in_the_first_night_and_only_then() -> None:
    """A release that did not count them is followed by one that does: its leads are found by the night."""
    system, _, _ = worked()
    [record] = system.leads()
    row = system.store.load(rescore_key(record.lead.lead_id))
    assert row is not None

    def written(known: LeadRecord) -> list[str]:
        decision = Decision(known.lead, known.profile, system.rules_now, system.clock.now())
        return [put.record.kind for put in _judged(row, known, decision, system.store).puts]

    assert {"lead", "rep"} <= set(written(record.with_(carrier=None)))
    assert written(record) == ["rescore"]
