"""The word of a link reaches the CRM, and never over what a person put there since."""

from __future__ import annotations

from leadrelay.domain.lead import Lead
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import SyncRecord, sync_key
from tests.system import System, noisy_rules
from tests.workflows import lives
from tests.workflows.test_act import WHY, token
from tests.workflows.test_from_crm import from_crm, heard


def shown() -> tuple[System, str]:
    """The CRM shows a lead whose owner was told with links."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    [crm_id] = system.crm.people
    assert status(system) == "new"
    return system, crm_id


def status(system: System) -> str | None:
    [person] = system.crm.people.values()
    return person.fields.get("lead_status")


def lead(system: System) -> Lead:
    [record] = system.leads()
    return record.lead


def row(system: System) -> SyncRecord:
    found = system.store.load(sync_key(lead(system).lead_id, "hubspot"))
    assert found is not None
    return found


def rejects(system: System, *, settled: bool = True) -> None:
    assert system.act(token(system.notifier.sent[0], "reject"), WHY).state == "said"
    if settled:
        system.settle()
        for _ in range(3):
            system.later(minutes=1)


def test_what_a_link_said_is_in_the_crm() -> None:
    system, _ = shown()
    rejects(system)
    assert status(system) == "unqualified"
    assert (row(system).status, row(system).status_was) == ("unqualified", "new")


def test_over_what_the_rep_had_set_there_before() -> None:
    system, crm_id = shown()
    system.crm.edit(crm_id, lead_status="no_decision")
    heard(system, from_crm(crm_id, status="no_decision"))
    rejects(system)
    assert status(system) == "unqualified"


def test_not_over_what_a_person_set_there_meanwhile_and_that_is_heard() -> None:
    system, crm_id = shown()
    rejects(system, settled=False)
    system.crm.edit(crm_id, lead_status="meeting_booked")
    system.settle()
    for _ in range(3):
        system.later(minutes=1)
    assert status(system) == "meeting_booked"
    heard(system, from_crm(crm_id, status="meeting_booked"))
    assert (lead(system).status, lead(system).disposition) == ("meeting_booked", "accepted")
    assert status(system) == "meeting_booked"


def test_our_own_write_coming_back_changes_nothing() -> None:
    system, crm_id = shown()
    rejects(system)
    before = lead(system)
    heard(system, from_crm(crm_id, status="unqualified"))
    assert lead(system) == before.with_(touches=lead(system).touches, last_touch=lead(system).last_touch)


def test_an_answer_that_was_under_way_while_we_wrote_is_no_persons_word() -> None:
    """Read before the write, heard after it: the record still showed what we replaced."""
    system, crm_id = shown()
    early = system.clock.now()
    rejects(system)
    system.clock.set(early)
    system.tell(from_crm(crm_id, status="new"), source="website")
    system.clock.set(row(system).status_at)
    system.settle()
    assert (lead(system).status, lead(system).disposition) == ("unqualified", "rejected")


def test_a_person_who_sets_it_back_afterwards_is_followed() -> None:
    system, crm_id = shown()
    rejects(system)
    system.crm.edit(crm_id, lead_status="new")
    heard(system, from_crm(crm_id, status="new"))
    assert (lead(system).status, lead(system).disposition) == ("new", "accepted")


def test_a_row_of_a_former_release_knows_the_status_by_its_digest() -> None:
    system, _ = shown()
    system.store.put(row(system).with_(status=None, status_at=None))
    rejects(system)
    assert status(system) == "unqualified"


def test_what_the_rules_of_the_account_say_of_the_field_comes_first() -> None:
    rules = noisy_rules()
    system = System(type(rules).of(rules.with_(crm=rules.crm.with_(fields={"lead_status": "fill_if_empty"}))))
    lives.send(system, lives.demo())
    rejects(system)
    assert status(system) == "new"


def test_what_time_changes_is_still_only_filled() -> None:
    """A call moves our status; what stands in the CRM is the rep's."""
    system, _ = shown()
    lives.call(system, "call-1")
    for _ in range(3):
        system.later(minutes=1)
    assert lead(system).status == "attempting"
    assert status(system) == "new"


def test_what_the_record_tells_of_an_earlier_time_does_not_replace_what_the_link_said() -> None:
    """Our own status comes back, beside fields that a rep filled when they gave the lead back last year."""
    system, crm_id = shown()
    form = {"reason": "too_early", "timing": "next_month"}
    assert system.act(token(system.notifier.sent[0], "nurture"), form).state == "said"
    system.settle()
    for _ in range(3):
        system.later(minutes=1)
    before = lead(system)
    heard(system, from_crm(crm_id, status="nurturing", reason="no budget", timing="next_year"))
    after = lead(system)
    assert (after.reason, after.timing, after.wakes_at) == ("too_early", "next_month", before.wakes_at)


def test_why_is_a_note_in_the_crm_once_and_not_where_the_crm_itself_says_it() -> None:
    system, _ = shown()
    rejects(system)
    name = system.rules_now.team.rep(lead(system).ownership.rep or "").name
    said = f"{name} gave this lead back for good, by the link in a notice: no budget."
    assert [note.body for note in system.crm.notes.values()].count(said) == 1
    other, their = shown()
    other.crm.edit(their, lead_status="unqualified")
    heard(other, from_crm(their, status="unqualified", reason="no budget"))
    for _ in range(3):
        other.later(minutes=1)
    assert lead(other).disposition == "rejected"
    assert not [note for note in other.crm.notes.values() if "by the link" in note.body]


def test_the_reason_is_in_the_log_with_how_it_was_said() -> None:
    system, _ = shown()
    rejects(system)
    [rejected] = [read(said) for said in system.said if said.name == "LeadRejected"]
    assert rejected.model_dump() == {"rep": lead(system).ownership.rep, "reason": "no_budget", "by": "link"}
