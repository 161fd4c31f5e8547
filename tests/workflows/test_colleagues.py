"""One company hears one voice: who has somebody of it open is asked first for the next one."""

from __future__ import annotations

from datetime import timedelta

import pytest

from leadrelay.domain.account.counting import home
from leadrelay.domain.facts import Said
from leadrelay.domain.routing.choose import choose
from leadrelay.domain.routing.facts import LeadAssigned
from leadrelay.domain.routing.record import DecisionRecord, read_record
from leadrelay.domain.rules import Rules
from leadrelay.domain.vocabulary import read
from leadrelay.ports.records import LeadRecord, LogRecord, people_key
from leadrelay.workflows.colleagues import MOST, colleagues
from tests.system import System, default_rules


def one_voice() -> System:
    rules = default_rules()
    pools = tuple(pool.with_(same_company=True) for pool in rules.team.pools)
    return System(Rules.of(rules.with_(team=rules.team.with_(pools=pools))))


def asks(system: System, number: int, company: str = "example.com") -> LeadRecord:
    """Somebody of the company asks for a demo; the lead as it stands afterwards."""
    before = {record.lead.lead_id for record in system.leads()}
    fields = {"email": f"p{number}@{company}", "company": "Example"}
    reply = system.post({"submission_id": f"sample-{number:04d}", "fields": fields, "form": "demo"})
    assert reply.status == 200
    system.settle()
    (new,) = [record for record in system.leads() if record.lead.lead_id not in before]
    return new


def changed(system: System, record: LeadRecord, **changes: object) -> None:
    system.store.put(record.with_(version=record.version + 1, lead=record.lead.with_(**changes)))


def beside(system: System, record: LeadRecord) -> tuple[str, ...]:
    """The reps of the lead's colleagues, if somebody asked now."""
    alone = record.lead.with_(account_people=2)
    return colleagues(system.store, [(alone, record.profile)]).get(record.lead.lead_id, ())


def test_the_next_one_of_a_company_goes_to_who_has_the_first() -> None:
    system = one_voice()
    first = asks(system, 1)
    others = [asks(system, number) for number in (2, 3, 4)]
    rep = first.lead.ownership.rep
    assert rep is not None
    assert [each.lead.ownership.rep for each in others] == [rep] * 3
    assert first.lead.ownership.asked_first == {}
    assert [each.lead.ownership.asked_first for each in others] == [{rep: "colleague"}] * 3
    assert {each.lead.ownership.account_by for each in others} == {"domain"}
    assert asks(system, 5, "other.example").lead.ownership.asked_first == {}


def test_colleagues_who_ask_at_the_same_time_go_to_one_rep_too() -> None:
    system = one_voice()
    for number, company in enumerate(("example.com", "other.example", "example.com", "example.com")):
        fields = {"email": f"p{number}@{company}", "company": "Example"}
        system.post({"submission_id": f"sample-{number:04d}", "fields": fields, "form": "demo"})
        system.clock.set(system.clock.now() + timedelta(seconds=1))
    asked: list[Said] = []
    while system.queue:
        said = system.queue.popleft()
        if said.name == "OwnerNeeded":
            asked.append(said)
        else:
            system.work(said)
    assert len(asked) == 4
    assert system.work_all(asked) == {"batchItemFailures": []}
    owners = [record.lead.ownership.rep for record in system.leads() if home(record.profile) == "example.com"]
    assert len(owners) == 3
    assert len(set(owners)) == 1


def test_a_pool_that_does_not_ask_for_it_gives_everybody_a_turn() -> None:
    system = System()
    leads = [asks(system, number) for number in (1, 2, 3, 4)]
    assert len({each.lead.ownership.rep for each in leads}) > 1
    assert {len(each.lead.ownership.asked_first) for each in leads} == {0}


def test_what_was_read_stands_in_the_decision_and_gives_the_same_choice_again() -> None:
    system = one_voice()
    asks(system, 1)
    second = asks(system, 2)
    (log,) = [record for record in _logs(system, second) if _assigns(record)]
    kept = read_record(log.decision)
    assert kept is not None
    assert kept.colleagues == (second.lead.ownership.rep,)
    before = second.lead.with_(ownership=type(second.lead.ownership)(), clocks=())
    again = choose(before, second.profile, kept.staffing(), system.rules_now, log.at)
    without = choose(before, second.profile, DecisionRecord(rule="x").staffing(), system.rules_now, log.at)
    assert dict(again.asked_first) == {second.lead.ownership.rep: "colleague"}
    assert without.asked_first == {}


@pytest.mark.parametrize("change", [{"disposition": "rejected"}, {"merged_into": "other"}])
def test_a_colleague_whom_nobody_works_ties_nobody(change: dict[str, object]) -> None:
    system = one_voice()
    first, second = asks(system, 1), asks(system, 2)
    assert beside(system, second) == (first.lead.ownership.rep,)
    changed(system, first, **change)
    assert beside(system, second) == ()


def test_who_was_here_last_comes_first_and_nobody_is_their_own_colleague() -> None:
    system = one_voice()
    leads = [asks(system, number) for number in (1, 2, 3)]
    for rep, record in zip(("anna", "marek", "ivana"), leads, strict=True):
        changed(system, record, ownership=record.lead.ownership.with_(rep=rep))
    people = system.store.load(people_key("example.com"))
    assert people is not None
    by_lead = {leads[0].lead.lead_id: "anna", leads[1].lead.lead_id: "marek", leads[2].lead.lead_id: "ivana"}
    newest_first = [by_lead[each.lead_id] for each in people.crowd.people]
    for record, rep in zip(leads, ("anna", "marek", "ivana"), strict=True):
        assert beside(system, record) == tuple(each for each in newest_first if each != rep)
    assert MOST == 10


def test_for_who_is_alone_nothing_is_read() -> None:
    system = one_voice()
    only = asks(system, 1)
    assert only.lead.account_people == 1

    class Blind:
        def load_all(self, keys: object) -> object:
            raise AssertionError(keys)

    assert colleagues(Blind(), [(only.lead, only.profile)]) == {}  # type: ignore[arg-type]


def _logs(system: System, record: LeadRecord) -> list[LogRecord]:
    return [each for each in system.store.story(record.key().pk) if isinstance(each, LogRecord)]


def _assigns(log: LogRecord) -> bool:
    return any(isinstance(read(said), LeadAssigned) for said in log.facts)
