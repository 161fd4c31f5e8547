"""Somebody with an owner asks again: what is read of the owner, who answers instead, what the old links do."""

from __future__ import annotations

from datetime import timedelta

from leadrelay.domain.lead import Lead
from leadrelay.ports.records import LogRecord, RepRecord, rep_key
from leadrelay.workflows.reps import Reps
from leadrelay.workflows.work_in import OWNER
from tests.system import System
from tests.workflows import lives, promises
from tests.workflows.test_act import token
from tests.workflows.test_backlog import SDR, ask, away, back, lead, pooled


def called() -> tuple[System, str]:
    """Anna has a lead and has called it; everybody is back at work."""
    system = System(pooled(caps=1))
    away(system, "marek", "ivana")
    lead_id = ask(system)
    assert lead(system, lead_id).ownership.rep == "anna"
    system.later(seconds=30)
    system.tell(lives.draft("call-1", event="call", kind="activity", email="person1@example.com"))
    system.settle()
    assert lead(system, lead_id).clock("first_contact") is None
    back(system, "marek")
    back(system, "ivana")
    system.later(minutes=10)
    return system, lead_id


def asks_again(system: System, settled: bool = True) -> None:
    body = lives.demo(submission="submission-0900", email="person1@example.com", company="")
    assert system.post(body).status == 200
    if settled:
        system.settle()


def loads(system: System) -> dict[str, int]:
    known = (system.store.load(rep_key(rep)) for rep in SDR)
    return {record.rep_id: record.state.open for record in known if isinstance(record, RepRecord)}


def log(system: System, lead_id: str) -> list[LogRecord]:
    return [each for each in system.records() if isinstance(each, LogRecord) and each.pk == f"LEAD#{lead_id}"]


def test_the_owner_at_work_answers_though_they_can_take_no_more() -> None:
    system, lead_id = called()
    asks_again(system)
    theirs = lead(system, lead_id)
    assert (theirs.ownership.rep, theirs.ownership.hop) == ("anna", 1)
    assert theirs.clock("first_contact") is not None
    assert not any(OWNER in row.decision for row in log(system, lead_id))
    promises.kept(system)


def test_nobody_waits_for_an_owner_on_leave_and_the_reason_for_it_stays_theirs() -> None:
    system, lead_id = called()
    Reps(system.store, system.rules, system.clock).away("anna", None, why="a broken leg")
    asks_again(system)
    assert "broken leg" not in "".join(row.model_dump_json() for row in log(system, lead_id))
    theirs = lead(system, lead_id)
    assert theirs.ownership.rep in ("marek", "ivana")
    assert (theirs.ownership.why, theirs.ownership.previous) == ("again", ("anna",))
    clock = theirs.clock("first_contact")
    assert clock is not None
    assert clock.due_at == system.clock.now() + timedelta(minutes=5)
    assert loads(system) == {rep: int(rep == theirs.ownership.rep) for rep in loads(system)}
    [kept] = [row.decision[OWNER] for row in log(system, lead_id) if OWNER in row.decision]
    assert isinstance(kept, dict)
    assert [set(each) for each in kept["absences"]] == [{"start"}]  # type: ignore[union-attr,arg-type]
    note = list(system.crm.notes.values())[-1].body
    assert "they asked again while the previous owner was not there" in note
    promises.kept(system)


def test_the_old_links_are_the_former_owners_and_do_nothing_any_more() -> None:
    system, lead_id = called()
    first = system.notifier.sent[0]
    away(system, "anna")
    asks_again(system)
    assert system.act(token(first, "nurture"), {"reason": "no_budget"}).state == "moved"
    assert lead(system, lead_id).disposition is None
    newest = [each for each in system.notifier.sent if each.links and each.title.startswith("New lead")][-1]
    assert system.act(token(newest, "accept"), {}).state == "said"


def test_a_question_that_comes_twice_is_answered_once() -> None:
    system, lead_id = called()
    away(system, "anna")
    asks_again(system, settled=False)
    while system.queue and system.queue[0].name != "OwnerNeeded":
        system.work(system.queue.popleft())
    [question] = [said for said in system.queue if said.name == "OwnerNeeded"]
    system.work(question)
    theirs = lead(system, lead_id)
    system.work(question)
    assert lead(system, lead_id) == theirs
    system.settle()
    promises.kept(system)


def test_at_the_weekend_the_owner_keeps_it_and_hears_of_it_once() -> None:
    system, lead_id = called()
    system.clock.set(system.clock.now() + timedelta(days=5))
    system.settle()
    before = lead(system, lead_id)
    turns = {record.key(): record.version for record in system.records() if record.kind == "pool"}
    asks_again(system)
    theirs = lead(system, lead_id)
    assert theirs.ownership == before.ownership
    assert theirs.wanted is None
    assert {record.key(): record.version for record in system.records() if record.kind == "pool"} == turns
    assert _due(theirs) == "Mon 30 09:05"
    asked = [fact.data for fact in system.said if fact.name == "NoticeNeeded" and fact.data["notice"] == "new_request"]
    assert len(asked) == 1
    assert [fact.name for fact in system.said].count("OwnerKept") == 1


def _due(lead: Lead) -> str:
    clock = lead.clock("first_contact")
    return "" if clock is None else f"{clock.due_at + timedelta(hours=1):%a %d %H:%M}"
