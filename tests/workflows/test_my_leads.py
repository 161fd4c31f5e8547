"""A rep's page: their leads and nobody else's, what is overdue first."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.rules import Rules
from leadrelay.workflows.my_leads import MyLead, MyLeads
from tests.system import System, default_rules
from tests.workflows import lives


@pytest.fixture
def system() -> System:
    """Three people asked: one of them hot."""
    crm = default_rules().crm.with_(record_url="https://crm.example/person/{id}/show")
    system = System(Rules.of(default_rules().with_(crm=crm)))
    for number, form in enumerate(("newsletter", "demo", "contact")):
        lives.send(system, lives.demo(form, f"submission-{number:04}", email=f"person{number}@example.com"))
    return system


def of(system: System, rep: str | None) -> tuple[MyLead, ...]:
    return MyLeads(system.store, system.rules)(rep or "nobody", system.clock.now())


def owners(system: System) -> set[str]:
    return {owner for record in system.leads() if (owner := record.lead.ownership.rep)}


def test_everybody_has_their_own_leads_with_names_and_a_way_to_the_record(system: System) -> None:
    shown = [line for rep in owners(system) for line in of(system, rep)]
    owned = {record.lead.lead_id for record in system.leads() if record.lead.ownership.rep}
    assert sorted(line.lead_id for line in shown) == sorted(owned)
    assert owned
    for line in shown:
        assert (line.who, line.company) == ("Ada Example", "Example Ltd")
        assert line.crm_url is not None
        assert line.crm_url.startswith("https://crm.example/person/")
        assert line.crm_url.endswith("/show")
        assert line.due_at is not None
    assert of(system, "nobody") == ()


def test_what_is_overdue_comes_first_and_is_said_to_be_late(system: System) -> None:
    rep = next(iter(owners(system)))
    assert not [line for line in of(system, rep) if line.late]
    system.clock.advance(timedelta(days=30))
    late = of(system, rep)
    assert [line.late for line in late] == sorted((line.late for line in late), reverse=True)
    assert late[0].late
    dues = [line.due_at for line in late if line.late and line.due_at is not None]
    assert dues == sorted(dues)


def test_without_an_address_in_the_rules_there_is_no_link(system: System) -> None:
    system.rules.deploy(default_rules())
    assert [line.crm_url for rep in owners(system) for line in of(system, rep)] == [None] * len(
        [line for rep in owners(system) for line in of(system, rep)]
    )


def test_the_number_is_not_offered_of_who_refuses_calls() -> None:
    system = System()
    for number, refusal in enumerate(("", "yes")):
        fields = {"email": f"person{number}@example.com", "phone": f"+4822123456{number}", "do_not_call": refusal}
        lives.send(system, lives.demo("demo", f"submission-{number:04}", **fields))
    shown = [line for rep in owners(system) for line in of(system, rep)]
    assert sorted(line.phone for line in shown) == ["", "+48221234560"]
