"""The backlog: who finds nobody waits in order, is taken up when somebody is free, and has the manager in the end."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from leadrelay.domain.lead import Lead
from leadrelay.domain.routing.rep_state import Absence
from leadrelay.domain.rules import Rules
from leadrelay.ports.records import LeadRecord, PoolRecord, RepRecord, lead_key, pool_key, rep_key
from leadrelay.workflows.backlog import Backlog, line_of, waiting
from leadrelay.workflows.reps import Reps
from tests.system import Crash, System, noisy_rules
from tests.workflows import lives, promises
from tests.workflows.test_from_crm import from_crm

SDR = ("anna", "marek", "ivana")


def pooled(pool: str = "sdr", caps: int | None = None, **changes: object) -> Rules:
    """The noisy rules with another pool, and a limit of open leads for everybody in it."""
    rules = noisy_rules()
    pools = tuple(each.with_(**changes) if each.id == pool else each for each in rules.team.pools)
    reps = tuple(rep.with_(cap=caps) if rep.id in SDR else rep for rep in rules.team.reps)
    told = tuple(rule.with_(notice=name) for name in ("waiting", "offered") for rule in rules.notices.rules[:1])
    notices = rules.notices.with_(rules=(*rules.notices.rules, *told))
    return Rules.of(rules.with_(team=rules.team.with_(pools=pools, reps=reps), notices=notices))


def away(system: System, *reps: str, until: Any = None) -> None:
    for rep in reps or SDR:
        Reps(system.store, system.rules, system.clock).away(rep, until)


def back(system: System, rep: str) -> None:
    Reps(system.store, system.rules, system.clock).back(rep)


def ask(system: System, number: int = 1) -> str:
    """Somebody new asks for a demo; their lead's id."""
    known = {record.lead.lead_id for record in system.leads()}
    body = lives.demo(submission=f"submission-{number:04}", email=f"person{number}@example.com", company="")
    lives.send(system, body)
    return next(record.lead.lead_id for record in system.leads() if record.lead.lead_id not in known)


def lead(system: System, lead_id: str) -> Lead:
    record = system.store.load(lead_key(lead_id))
    assert isinstance(record, LeadRecord)
    return record.lead


def said(system: System, name: str) -> list[dict[str, Any]]:
    return [each.data for each in system.said if each.name == name]


def test_who_waits_in_a_pool_that_was_closed_goes_where_the_rules_say_now() -> None:
    system = System(pooled())
    away(system)
    one, old = ask(system), system.rules.current()
    team, routing = old.team, old.routing
    pools = tuple(pool.with_(id="inside_sales") if pool.id == "sdr" else pool for pool in team.pools)
    rules = tuple(rule.with_(pool="inside_sales") if rule.pool == "sdr" else rule for rule in routing.rules)
    new = old.with_(team=team.with_(pools=pools), routing=routing.with_(rules=rules))
    system.rules.deploy(Rules.of(new))
    back(system, "marek")
    system.later(minutes=29)
    assert lead(system, one).ownership.waits == "backlog"
    system.later(minutes=1)
    owner = lead(system, one).ownership
    assert (owner.rep, owner.pool, owner.why) == ("marek", "inside_sales", "waiting")


def test_who_finds_everybody_away_waits_with_an_end_a_next_step_and_no_owner() -> None:
    system = System(pooled())
    away(system)
    one = lead(system, ask(system))
    clock = one.clock("backlog")
    assert (one.ownership.rep, one.ownership.waits, one.ownership.pool) == (None, "backlog", "sdr")
    assert {rep: skip.test for rep, skip in one.ownership.skipped.items()} == dict.fromkeys(SDR, "away")
    assert clock is not None
    assert {each.kind for each in one.clocks} == {"backlog", "lead"}
    assert (clock.due_at - clock.started_at, clock.warn_at) == (
        timedelta(minutes=480),
        clock.started_at + timedelta(minutes=30),
    )
    assert one.next_step is not None
    assert (one.next_step.what, one.next_step.who, one.next_step.due_at) == (
        "Waits for a free rep",
        "nina",
        clock.due_at,
    )
    [person] = system.crm.people.values()
    assert person.owner_id is None
    assert person.fields["queue"] == "Waits in Sales development"
    assert "Waits in Sales development: Anna (SDR), away" in person.fields["owner_reason"]
    assert not system.crm.tasks
    promises.kept(system)


def test_the_first_who_is_back_gets_the_one_who_waits_longest_with_a_contact_clock_from_then() -> None:
    system = System(pooled(caps=1))
    away(system)
    first = ask(system, 1)
    system.later(minutes=1)
    second = ask(system, 2)
    back(system, "marek")
    system.later(minutes=1)
    taken, waits = lead(system, first), lead(system, second)
    assert (taken.ownership.rep, taken.ownership.why, taken.ownership.hop) == ("marek", "waiting", 2)
    contact = taken.clock("first_contact")
    assert contact is not None
    assert contact.started_at == system.clock.now()
    assert (waits.ownership.waits, waits.ownership.hop) == ("backlog", 1)
    assert system.store.listed(line_of("sdr"), 10) == [lead_key(second)]
    promises.kept(system)


def test_a_place_that_is_freed_is_offered_once() -> None:
    """Two wait, one lead is given back: one of the two is taken up, the other is not even asked for."""
    system = System(pooled(caps=1))
    away(system, "marek", "ivana")
    held = ask(system, 1)
    assert lead(system, held).ownership.rep == "anna"
    first, second = ask(system, 2), ask(system, 3)
    system.later(seconds=10)
    assert {lead(system, each).ownership.hop for each in (first, second)} == {1}
    [person] = [each for each in system.crm.people.values() if each.lead_key == held]
    system.tell(from_crm(person.crm_id, status="unqualified"))
    system.settle()
    system.later(seconds=10)
    assert (lead(system, first).ownership.rep, lead(system, second).ownership.waits) == ("anna", "backlog")
    assert lead(system, second).ownership.hop == 1


def test_the_manager_hears_once_and_then_has_it() -> None:
    system = System(pooled())
    away(system)
    one = ask(system)
    for _ in range(17):
        system.later(minutes=30)
    assert [each["notice"] for each in said(system, "NoticeNeeded")].count("waiting") == 1
    assert (lead(system, one).ownership.rep, lead(system, one).ownership.why) == ("nina", "waiting")
    assert [each["why"] for each in said(system, "LeadUnassignable")] == ["waited_too_long"]
    assert not system.store.listed(line_of("sdr"), 10)
    promises.kept(system)


def test_whoever_is_no_hope_is_not_waited_for() -> None:
    rules = pooled()
    reps = tuple(rep.with_(active=rep.id not in SDR) for rep in rules.team.reps)
    system = System(Rules.of(rules.with_(team=rules.team.with_(reps=reps))))
    assert lead(system, ask(system)).ownership.rep == "nina"


def test_sweeps_that_are_doubled_or_race_ask_once() -> None:
    system = System(pooled())
    away(system)
    one = ask(system)
    back(system, "ivana")
    system.sweep()
    system.sweep()
    assert [each["why"] for each in said(system, "OwnerNeeded")] == ["new", "waiting"]
    system.settle()
    assert lead(system, one).ownership.rep == "ivana"
    pool = system.store.load(pool_key("sdr"))
    assert isinstance(pool, PoolRecord)
    assert pool.turns.total == 1


def test_who_was_called_while_they_waited_is_owed_no_first_contact() -> None:
    system = System(pooled())
    away(system)
    body = lives.demo()
    lives.send(system, body)
    system.later(minutes=1)
    lives.call(system, "call-1")
    back(system, "anna")
    system.later(minutes=1)
    [record] = system.leads()
    assert (record.lead.ownership.rep, record.lead.clock("first_contact")) == ("anna", None)
    assert record.lead.clock("next_step") is not None


def test_new_rules_take_a_lead_out_of_the_line_at_once_when_it_is_judged() -> None:
    rules = pooled()
    system = System(rules)
    away(system)
    one = ask(system)
    routes = tuple(rule.with_(pool="ae") if rule.id == "hot" else rule for rule in rules.routing.rules)
    system.rules.deploy(Rules.of(rules.with_(routing=rules.routing.with_(rules=routes))))
    system.later(minutes=1)
    assert lead(system, one).ownership.pool == "ae"
    assert lead(system, one).ownership.rep in ("tomasz", "milica")


def test_a_choice_in_the_crm_ends_the_waiting_and_its_clock() -> None:
    system = System(pooled())
    away(system)
    one = ask(system)
    [person] = system.crm.people.values()
    system.crm.give(person.crm_id, "70000002")
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, owner="70000002"))
    system.settle()
    theirs = lead(system, one)
    assert (theirs.ownership.rep, theirs.ownership.waits, theirs.clock("backlog")) == ("marek", None, None)
    assert theirs.clock("first_contact") is not None
    assert not system.store.listed(line_of("sdr"), 10)
    pool = system.store.load(pool_key("sdr"))
    assert pool is None or pool.turns.total == 0  # a manager gave it: nobody's turn


def test_who_was_given_back_while_they_waited_leaves_the_line_and_comes_back_into_it() -> None:
    system = System(pooled())
    away(system)
    one = ask(system)
    [person] = system.crm.people.values()
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, key="2", status="unqualified"))
    system.settle()
    closed = lead(system, one)
    assert (closed.closed, closed.clock("backlog")) == (True, None)
    assert not system.store.listed(line_of("sdr"), 10)
    back(system, "anna")
    system.later(minutes=1)
    assert lead(system, one).ownership.rep is None
    away(system, "anna")
    lives.send(system, lives.demo(submission="submission-9999", email="person1@example.com", company=""))
    again = lead(system, one)
    assert (again.ownership.waits, again.clock("backlog") is not None) == ("backlog", True)
    assert system.store.listed(line_of("sdr"), 10) == [lead_key(one)]


def test_whose_record_was_deleted_leaves_the_line_and_is_taken_up_by_nobody() -> None:
    system = System(pooled())
    away(system)
    one = ask(system)
    [person] = system.crm.people.values()
    system.crm.delete(person.crm_id)
    system.later(seconds=30)
    system.tell(from_crm(person.crm_id, event="deleted", key="3"))
    system.settle()
    assert lead(system, one).standing == "gone"
    assert not system.store.listed(line_of("sdr"), 10)
    back(system, "anna")
    system.later(minutes=1)
    assert lead(system, one).ownership.rep is None


def test_who_turns_out_to_be_another_leaves_the_line() -> None:
    system = System(pooled())
    away(system)
    ask(system, 1)
    system.later(minutes=1)
    ask(system, 2)
    lives.send(system, lives.demo(submission="3", email="person1@example.com", phone="+48 601 000 111", company=""))
    lives.send(system, lives.demo(submission="4", email="person2@example.com", phone="+48 601 000 111", company=""))
    living = [record.lead for record in system.leads()]
    assert len(system.store.listed(line_of("sdr"), 10)) == len(living)


def test_a_lead_that_cannot_be_read_hides_nobody() -> None:
    system = System(pooled())
    away(system)
    ask(system, 1)
    system.later(minutes=1)
    good = ask(system, 2)
    key = system.store.listed(line_of("sdr"), 1)[0]
    row = system.store._rows[key.pk, key.sk]
    system.store._rows[key.pk, key.sk] = type(row)(row.key, row.version, '{"lead": 1}', row.due, row.listing)
    back(system, "anna")
    system.sweep()
    system.settle()
    assert lead(system, good).ownership.rep == "anna"


def test_at_most_so_many_are_taken_up_at_once_and_the_rest_next_time() -> None:
    system = System(pooled())
    away(system)
    ids = [ask(system, number) for number in range(4)]
    back(system, "anna")
    few = Backlog(system.store, system.rules, system.clock, system.telemetry, taken=3)
    assert few() == 3
    assert few() == 1
    system.settle()
    assert {lead(system, each).ownership.rep for each in ids} == {"anna"}


def picky() -> Rules:
    """Who is in Poland waits for somebody with a skill that nobody but Ivana has."""
    rules = pooled()
    reps = tuple(rep.with_(skills=("polish",)) if rep.id == "ivana" else rep for rep in rules.team.reps)
    routes = []
    for rule in rules.routing.rules:
        if rule.id == "hot":
            choosy = rule.with_(id="polish", if_=f'({rule.if_}) and account.country == "PL"', needs=("polish",))
            routes.append(choosy)
        routes.append(rule)
    team, routing = rules.team.with_(reps=reps), rules.routing.with_(rules=tuple(routes))
    return Rules.of(rules.with_(team=team, routing=routing))


def asks_from(system: System, country: str, number: int) -> str:
    known = {record.lead.lead_id for record in system.leads()}
    form = lives.demo(submission=f"submission-{number:04}", email=f"person{number}@example.com", company="")
    lives.send(system, {**form, "fields": {**form["fields"], "country": country}})
    return next(record.lead.lead_id for record in system.leads() if record.lead.lead_id not in known)


@pytest.mark.parametrize("page", [1, 2, 100])
def test_many_who_wait_for_a_skill_hide_nobody_behind_them(page: int) -> None:
    system = System(picky())
    away(system)
    choosy = []
    for number in range(7):
        choosy.append(asks_from(system, "Poland", number))
        system.later(seconds=1)
    last = asks_from(system, "Germany", 7)
    back(system, "anna")
    look = Backlog(system.store, system.rules, system.clock, system.telemetry, page=page)
    assert look() == 1
    system.settle()
    assert lead(system, last).ownership.rep == "anna"
    assert {lead(system, each).ownership.waits for each in choosy} == {"backlog"}
    assert look() == 0


def test_page_after_page_the_longest_waiting_come_first_and_places_are_counted_over_all_of_them() -> None:
    system = System(pooled(caps=2))
    away(system)
    ids = []
    for number in range(5):
        ids.append(ask(system, number))
        system.later(seconds=1)
    back(system, "anna")
    look = Backlog(system.store, system.rules, system.clock, system.telemetry, page=1)
    assert look() == 2, "anna has two places"
    system.settle()
    assert [lead(system, each).ownership.rep for each in ids] == ["anna", "anna", None, None, None]


def test_the_lines_of_pools_take_turns_and_have_a_share_of_the_sweep() -> None:
    system = System(picky())
    away(system)
    for number in range(6):
        asks_from(system, "Poland", number)

    class Slow:
        at = system.clock.now()

        def now(self) -> Any:
            self.at += timedelta(seconds=1)
            return self.at

    read: list[int] = []
    real = system.store.load_all
    system.store.load_all = lambda keys: (read.append(len(keys)), real(keys))[1]
    Backlog(system.store, system.rules, Slow(), system.telemetry, page=1)()
    assert 1 <= read.count(1) < 6, "five seconds, and other pools had theirs"


def test_the_list_of_who_waits_marks_who_is_stale() -> None:
    system = System(pooled())
    away(system)
    first = ask(system, 1)
    system.later(minutes=31)
    second = ask(system, 2)
    lines = waiting(system.store, system.rules.current(), system.clock.now())
    assert [(line.lead_id, line.stale) for line in lines] == [(first, True), (second, False)]
    assert lines[0].until == lead(system, first).clock("backlog").due_at  # type: ignore[union-attr]


def test_an_absence_that_ends_by_itself_ends_the_waiting() -> None:
    system = System(pooled())
    for rep in SDR:
        known = system.store.load(rep_key(rep)) or RepRecord(rep_id=rep)
        assert isinstance(known, RepRecord)
        gone = Absence(start=system.clock.now(), until=system.clock.now() + timedelta(minutes=60))
        state = known.state.with_(absences=(gone,))
        system.store.put(known.with_(version=known.version + 1, state=state))
    one = ask(system)
    system.later(minutes=30)
    assert lead(system, one).ownership.waits == "backlog"
    system.later(minutes=30)
    assert lead(system, one).ownership.rep in SDR


def test_an_owner_who_may_have_been_written_is_known_again_while_the_lead_waits() -> None:
    """The worker that wrote the owner died before it could say so; then the owner lost the lead and nobody was free."""
    system = System(pooled())
    away(system, "marek", "ivana")
    write = system.crm.write

    def dying(ops: Any) -> Any:
        write(ops)
        system.crm.write = write  # type: ignore[method-assign]
        raise Crash

    system.crm.write = dying  # type: ignore[method-assign]
    assert system.post(lives.demo(email="person1@example.com", company="")).status == 200
    while "CardChanged" not in [said.name for said in system.queue]:
        system.work(system.queue.popleft())
    card = next(said for said in system.queue if said.name == "CardChanged")
    system.queue.remove(card)
    with pytest.raises(Crash):
        system.work(card)
    [person] = system.crm.people.values()
    assert person.owner_id == "70000001"
    system.queue.clear()
    one = system.leads()[0].lead
    system.later(minutes=20)
    system.later(minutes=2)
    assert lead(system, one.lead_id).ownership.waits == "backlog"
    system.tell(from_crm(person.crm_id, owner="70000001"))
    system.settle()
    assert lead(system, one.lead_id).ownership.waits == "backlog"
