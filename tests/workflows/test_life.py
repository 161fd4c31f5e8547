"""One lead's life, told once without trouble: what all the troubled tellings must come to."""

from __future__ import annotations

from tests.system import System, noisy_rules
from tests.workflows import lives, promises


def test_a_hot_lead_changes_hands_asks_again_and_is_called() -> None:
    system = System(noisy_rules())
    lives.whole_life(system)
    promises.kept(system)
    [record] = system.leads()
    names = [said.name for said in system.said]
    owners = (*record.lead.ownership.previous, record.lead.ownership.rep)
    assert (record.lead.ownership.hop, record.lead.ownership.pool) == (3, "ae_poland")
    assert len(set(owners)) == 3
    met = [said.data["kind"] for said in system.said if said.name == "SlaMet"]
    assert (names.count("SlaWarned"), names.count("SlaBreached"), sorted(met)) == (1, 1, ["first_contact", "lead"])
    assert (record.lead.status, record.lead.touches, record.lead.attempts) == ("attempting", 3, 1)
    assert len(system.crm.people) == len(system.crm.tasks) == 1
    names_of_notes = sorted(note.op_id.partition("-")[2] for note in system.crm.notes.values())
    assert names_of_notes == ["note-1", "note-2", "note-3", "note-stage-mql", "note-stage-sql"]
