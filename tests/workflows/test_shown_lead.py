"""One lead, as different people see it."""

from __future__ import annotations

import json

import pytest

from leadrelay.domain.reporting.access import Viewer
from leadrelay.domain.reporting.policy import ReportsPolicy
from leadrelay.domain.rules import Rules
from leadrelay.ports.errors import Reject
from leadrelay.ports.records import LeadRecord
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.shown_lead import Names, ShownLead
from leadrelay.workflows.story import Story
from tests.system import System, default_rules
from tests.workflows import lives

PERSONAL = ("ada", "example", "Head of Operations", "software", "poland")


@pytest.fixture
def system() -> System:
    """Somebody asked for a demo and is a rep's."""
    system = System(Rules.of(default_rules().with_(reports=ReportsPolicy(reps_see="own"))))
    lives.send(system, lives.demo())
    return system


def only(system: System) -> LeadRecord:
    [record] = system.leads()
    return record


def owner(system: System) -> str:
    rep = only(system).lead.ownership.rep
    assert rep is not None
    return rep


def other_than(rep: str | None) -> str:
    return next(each.id for each in default_rules().team.reps if each.id != rep)


def shown(system: System, viewer: Viewer) -> str:
    return json.dumps(ShownLead(system.store, system.rules)(only(system).lead.lead_id, viewer).story)


@pytest.mark.parametrize("role", ["manager", "revops", "rep"])
def test_who_may_see_the_lead_sees_its_whole_story(system: System, role: str) -> None:
    viewer = Viewer.model_validate({"role": role, "rep": owner(system) if role == "rep" else None})
    assert shown(system, viewer) == json.dumps(Story(system.store)(only(system).lead.lead_id))
    assert "ada@example.com" in shown(system, viewer)


def test_another_rep_sees_where_it_came_from_and_how_far_it_is_and_nobody(system: System) -> None:
    text = shown(system, Viewer(role="rep", rep=other_than(owner(system))))
    lead = only(system).lead
    assert not [word for word in PERSONAL if word.lower() in text.lower()]
    assert lead.first is not None
    assert all(f'"{said}"' in text for said in (lead.lead_id, lead.stage, lead.first.source, owner(system)))


def test_what_became_part_of_somebody_elses_lead_is_theirs(system: System) -> None:
    lives.send(system, lives.demo(submission="submission-0002", email="bob@other.example", first_name="Bob"))
    loser, winner = system.leads()
    given = winner.lead.ownership.with_(rep=other_than(loser.lead.ownership.rep))
    changed = [
        Put(loser.with_(lead=loser.lead.with_(merged_into=winner.lead.lead_id), version=loser.version + 1)),
        Put(winner.with_(lead=winner.lead.with_(ownership=given), version=winner.version + 1)),
    ]
    system.store.commit(Change(cause="test", puts=tuple(changed)))
    show = ShownLead(system.store, system.rules)
    assert not show(loser.lead.lead_id, Viewer(role="rep", rep=loser.lead.ownership.rep)).by_name
    assert show(loser.lead.lead_id, Viewer(role="rep", rep=given.rep)).by_name


def test_a_list_names_those_whom_the_viewer_may_know(system: System) -> None:
    names, lead_id = Names(system.store, system.rules), only(system).lead.lead_id
    named = {lead_id: "Ada Example, Example Ltd"}
    assert names([lead_id, "0" * 32], Viewer(role="rep", rep=owner(system))) == named
    assert names([lead_id], Viewer(role="manager")) == named
    assert names([lead_id], Viewer(role="rep", rep=other_than(owner(system)))) == {}
    assert names([], Viewer(role="manager")) == {}


def test_nobody_sees_a_lead_that_is_not_there(system: System) -> None:
    with pytest.raises(Reject, match="unknown_lead"):
        ShownLead(system.store, system.rules)("0" * 32, Viewer(role="revops"))
