"""The second look: the CRM is asked before a lead is taken away, and whatever comes first wins, once."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.policy import SilentPolicy
from leadrelay.domain.facts import Context, Metadata, say
from leadrelay.domain.lead import Lead
from leadrelay.domain.notices.policy import NoticeRule
from leadrelay.domain.routing.facts import ContactDoubted, OwnerNeeded
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import TouchDraft
from leadrelay.memory.clock import MemoryClock
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.records import SyncRecord, sync_key
from leadrelay.ports.source import SourceSettings
from leadrelay.workflows.log import answering
from leadrelay.workflows.reps import Reps
from leadrelay.workflows.second_look import BUDGET_SECONDS, SecondLook
from leadrelay.workflows.take import Brought, Take
from tests.system import MONDAY_NOON, System, noisy_rules
from tests.workflows import lives

DUE = MONDAY_NOON + timedelta(minutes=5)
SOURCE = "hubspot"


def owned() -> System:
    """Ada asked for a demo, has an owner, and stands in the CRM."""
    system = System(noisy_rules())
    lives.send(system, lives.demo())
    assert record_of(system)
    return system


def lead_of(system: System) -> Lead:
    [record] = system.leads()
    return record.lead


def record_of(system: System) -> str:
    row = system.store.load(sync_key(lead_of(system).lead_id, "hubspot"))
    assert isinstance(row, SyncRecord)
    return row.crm_id or ""


def said(system: System, name: str, **data: object) -> list[dict[str, Any]]:
    facts = [fact.data for fact in system.said if fact.name == name]
    return [fact for fact in facts if all(fact.get(key) == value for key, value in data.items())]


def breach(system: System, **late: float) -> None:
    """A sweep finds the breach; whatever follows is done."""
    system.clock.set(DUE + timedelta(**(late or {"seconds": 20})))
    system.sweep()
    system.settle()


def bring(system: System, draft: TouchDraft) -> None:
    """A webhook, or a poll, brings it."""
    source = SourceSettings(name=SOURCE, vendor="hubspot")
    brought = Brought(source, "verified", f"poll:{draft.key}", system.rules.current().version, system.clock.now())
    Take(system.store, system.telemetry)(draft, brought)


def met(system: System) -> dict[str, Any]:
    [found] = said(system, "SlaMet", kind="first_contact")
    return found


def test_a_call_in_the_crm_that_nobody_told_us_of_keeps_the_lead_with_who_made_it() -> None:
    system = owned()
    owner = lead_of(system).ownership.rep
    call = system.contacts.log(record_of(system), "call", DUE - timedelta(seconds=30))
    breach(system)
    lead = lead_of(system)
    assert (lead.ownership.rep, lead.ownership.hop, lead.wanted, lead.attempts) == (owner, 1, None, 1)
    assert (met(system)["in_time"], met(system)["corrects"], met(system)["owner_seconds"]) == (True, True, 270)
    assert said(system, "QuestionWithdrawn") == [{"hop": 1, "why": "contact"}]
    assert not said(system, "OwnerNeeded", why="breach")
    assert not said(system, "NoticeNeeded", notice="breach")
    [(people, since, seconds)] = system.contacts.asked
    assert (people, since, seconds) == ((record_of(system),), MONDAY_NOON, BUDGET_SECONDS)
    bring(system, call)  # the poll brings it too, later
    system.settle()
    assert lead_of(system).attempts == 1, "it is the same touch"


def test_a_call_made_too_late_is_met_late_and_nobody_else_gets_the_lead() -> None:
    system = owned()
    system.contacts.log(record_of(system), "email", DUE + timedelta(seconds=10))
    breach(system)
    assert (met(system)["in_time"], met(system)["corrects"]) == (False, False)
    assert (lead_of(system).ownership.hop, lead_of(system).wanted) == (1, None)
    assert not said(system, "NoticeNeeded", notice="breach")


def test_where_there_is_nothing_the_manager_hears_and_somebody_else_has_it_at_once() -> None:
    system = owned()
    breach(system)
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": "nothing_there"}]
    assert len(said(system, "NoticeNeeded", notice="breach")) == 1
    lead = lead_of(system)
    assert (lead.ownership.hop, lead.ownership.why, lead.wanted) == (2, "breach", None)
    assert system.telemetry.total("SecondLooks") == system.telemetry.total("SecondLooks", outcome="nothing_there") == 1


def test_what_no_person_did_and_what_was_before_is_no_contact() -> None:
    system = owned()
    crm_id = record_of(system)
    system.contacts.log(crm_id, "call", MONDAY_NOON - timedelta(minutes=3))
    system.contacts.log(crm_id, "sequence_mail", DUE - timedelta(minutes=2))
    system.contacts.log("somebody else", "call", DUE - timedelta(minutes=2))
    breach(system)
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": "nothing_there"}]
    assert lead_of(system).attempts == 0


@pytest.mark.parametrize(
    ("trouble", "looked"),
    [
        (Retry(30, "no answer in 2.0 s", "outage"), "away"),
        (Reject("VALIDATION", "not this"), "refused"),
        (Misconfigured("the token has expired"), "misconfigured"),
    ],
)
def test_trouble_of_the_crm_holds_nobody_up(trouble: Exception, looked: str) -> None:
    system = owned()
    system.contacts.log(record_of(system), "call", DUE - timedelta(seconds=30))
    system.contacts.trouble = trouble
    breach(system)
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": looked}]
    assert lead_of(system).ownership.hop == 2


def test_a_lead_without_a_record_and_a_crm_that_nobody_can_ask() -> None:
    system = owned()
    row = system.store.load(sync_key(lead_of(system).lead_id, "hubspot"))
    assert isinstance(row, SyncRecord)
    system.store.put(row.with_(crm_id=None, version=row.version + 1))
    breach(system)
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": "no_record"}]
    silent = owned()
    look = SecondLook(silent.store, silent.rules, lambda _: None, silent.clock, silent.telemetry)
    silent.works["ContactDoubted"] = (ContactDoubted, look)
    breach(silent)
    assert said(silent, "BreachConfirmed") == [{"hop": 1, "looked": "no_crm"}]


def test_a_question_that_got_lost_is_asked_again_and_then_gone_without() -> None:
    system = owned()
    system.clock.set(DUE)
    system.sweep()
    assert [fact.name for fact in system.queue if fact.name == "ContactDoubted"]
    lost = [fact for fact in system.queue if fact.name == "ContactDoubted"]
    system.queue.clear()
    system.contacts.log(record_of(system), "call", DUE - timedelta(seconds=30))
    system.later(minutes=1)
    assert met(system)["corrects"] is True
    assert [asked["asked"] for asked in said(system, "ContactDoubted")] == [1, 2]
    for late in lost:  # it was only late
        system.work(late)
    assert len(said(system, "SlaMet", kind="first_contact")) == 1


def test_a_crm_that_nobody_asks_costs_three_minutes() -> None:
    system = owned()
    system.clock.set(DUE)
    system.sweep()
    for _ in range(3):
        system.queue.clear()
        assert lead_of(system).ownership.hop == 1
        system.clock.set(system.clock.now() + timedelta(minutes=1))
        system.sweep()
    system.settle()
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": "unanswered"}]
    assert lead_of(system).ownership.hop == 2
    assert not said(system, "SlaBreached", kind="assignment"), "that the CRM is silent is nobody's breach"


def test_a_contact_that_is_heard_already_and_did_not_count_does_not_count_now() -> None:
    """A call in the minute in which they asked, before it, and told of at once."""
    system = System(noisy_rules(), clock=MemoryClock(MONDAY_NOON + timedelta(seconds=40)))
    lives.send(system, lives.demo())
    crm_id = record_of(system)
    early = system.contacts.log(crm_id, "call", MONDAY_NOON + timedelta(seconds=5))
    before = early.with_(occurred_at=MONDAY_NOON - timedelta(minutes=1))
    bring(system, before)
    system.settle()
    assert lead_of(system).attempts == 1
    breach(system, minutes=2)
    assert said(system, "BreachConfirmed") == [{"hop": 1, "looked": "nothing_there"}]


def test_the_same_question_twice_is_settled_once() -> None:
    system = owned()
    system.clock.set(DUE)
    system.sweep()
    [asked] = [fact for fact in system.queue if fact.name == "ContactDoubted"]
    for _ in range(3):
        system.work(asked)
    system.settle()
    assert len(said(system, "BreachConfirmed")) == 1
    assert lead_of(system).ownership.hop == 2


def test_nobody_is_chosen_while_it_is_doubted() -> None:
    """An older question about the same assignment comes late."""
    system = owned()
    system.clock.set(DUE)
    system.sweep()
    lead, version = lead_of(system), system.rules.current().version
    metadata = Metadata(
        fact_id="late",
        lead_id=lead.lead_id,
        correlation_id="t",
        causation_id="c",
        rules_version=version,
        occurred_at=DUE,
    )
    [late] = say([OwnerNeeded(why="hand_off", hop=1)], "late:1", lead.lead_id, context_of(metadata))
    assert system.work(late)["batchItemFailures"] == []
    assert lead_of(system).ownership.hop == 1
    assert lead_of(system).wanted == lead.wanted


def context_of(metadata: Metadata) -> Context:
    return answering(metadata, metadata.occurred_at)


class Racing:
    """Messages are worked in an order that is drawn; each may come twice."""

    def __init__(self, data: st.DataObject, contact: bool) -> None:
        self.system, self.data = owned(), data
        made = DUE - timedelta(seconds=30)
        self.call: TouchDraft | None = self.system.contacts.log(record_of(self.system), "call", made)
        if not contact:
            self.system.contacts.trouble = Retry(30, "away", "outage")

    def run(self) -> System:
        system = self.system
        system.clock.set(DUE + timedelta(seconds=1))
        system.sweep()
        for _ in range(60):
            if not system.queue and self.call is None:
                break
            self._one_of([self._message, self._message, self._webhook, self._sweep])()
        self._webhook()
        system.settle()
        for _ in range(4):
            system.later(minutes=1)
        return system

    def _one_of(self, moves: list[Callable[[], None]]) -> Callable[[], None]:
        return self.data.draw(st.sampled_from(moves))

    def _message(self) -> None:
        queue = self.system.queue
        if queue:
            place = self.data.draw(st.integers(0, len(queue) - 1))
            fact = queue[place]
            if not self.data.draw(st.booleans()):  # else it comes once more
                del queue[place]
            if self.system.work(fact)["batchItemFailures"]:
                queue.append(fact)

    def _webhook(self) -> None:
        if self.call is not None:
            bring(self.system, self.call)
            self.call = None

    def _sweep(self) -> None:
        self.system.clock.set(self.system.clock.now() + timedelta(seconds=self.data.draw(st.integers(1, 4))))
        self.system.sweep()


@given(st.data(), st.booleans())
@settings(max_examples=40, deadline=None, phases=(Phase.explicit, Phase.reuse, Phase.generate))
def test_contact_and_breach_have_one_winner(data: st.DataObject, contact: bool) -> None:
    """The CRM's answer, the webhook, the choice of the next owner and the sweep in any order, doubled: the call counts
    once and meets the clock of who made it; either they keep the lead, or it was somebody else's before we knew."""
    system = Racing(data, contact).run()
    lead = lead_of(system)
    assert len(said(system, "SlaBreached", kind="first_contact", hop=1)) == 1
    [found] = said(system, "SlaMet", kind="first_contact", hop=1)
    assert (found["in_time"], found["corrects"]) == (True, True)
    assert lead.attempts == 1
    assert lead.wanted is None
    withdrawn, confirmed = said(system, "QuestionWithdrawn", hop=1), said(system, "BreachConfirmed", hop=1)
    assigned = said(system, "LeadAssigned", hop=2)
    assert len(withdrawn) + len(assigned) == 1, "one winner"
    assert len(confirmed) <= 1
    assert not assigned or confirmed
    assert lead.ownership.hop == 1 + len(assigned)
    assert lead.lapsed == ()
    assert lead.clock("first_contact") is None
    assert lead.next_step is not None


def strict(breaches: int) -> System:
    """A team where so many breaches within an hour set a rep away for half a day, and both are told."""
    rules = noisy_rules()
    silent = SilentPolicy(breaches=breaches, within_hours=1, away_minutes=720)
    told = (*rules.notices.rules, NoticeRule(notice="set_away", to=("owner", "manager"), channel="sales"))
    sla = rules.sla.with_(silent=silent)
    return System(Rules.of(rules.with_(sla=sla, notices=rules.notices.with_(rules=told))))


def test_who_lets_leads_lie_gets_none_for_a_while_and_is_back_with_the_first_contact() -> None:
    system = strict(breaches=1)
    lives.send(system, lives.demo())
    silent = lead_of(system).ownership.rep or ""
    breach(system)
    reps = Reps(system.store, system.rules, system.clock)
    away = reps.state(silent).away(system.clock.now())
    assert away is not None
    assert (away.by, away.until) == ("clock", away.start + timedelta(minutes=720))
    assert [fact["by"] for fact in said(system, "RepAway", rep=silent)] == ["clock"]
    [notice] = said(system, "NoticeNeeded", notice="set_away")
    assert notice["rep"] == silent
    assert any(message.key.endswith(notice["notice_id"]) for message in system.notifier.sent)
    for number in range(4):  # nobody gives them anything now
        lives.send(system, lives.demo("demo", f"another-{number}", email=f"person{number}@example.com"))
    others = [record.lead.ownership.rep for record in system.leads()]
    assert silent not in others
    reps.back(silent)
    assert reps.state(silent).away(system.clock.now()) is None


def test_a_contact_ends_what_the_clocks_said() -> None:
    system = strict(breaches=1)
    for number in range(4):  # quick and slow deadlines, so that somebody has one of each
        for form in ("demo", "contact"):
            mail = f"{form}{number}@{form}{number}.example"
            lives.send(system, lives.demo(form, f"{form}-{number}", email=mail, company=f"{form} {number}"))
    had = [(record.lead.ownership.rep, record.lead.temperature, record.lead.lead_id) for record in system.leads()]
    system.later(minutes=6)
    reps, now = Reps(system.store, system.rules, system.clock), system.clock.now()
    hot = {rep for rep, temperature, _ in had if temperature == "hot"}
    rep, lead_id = next((rep, lead) for rep, temperature, lead in had if temperature == "warm" and rep in hot)
    assert rep is not None
    away = reps.state(rep).away(now)
    assert away is not None
    assert away.by == "clock"
    row = system.store.load(sync_key(lead_id, "hubspot"))
    assert isinstance(row, SyncRecord)
    bring(system, system.contacts.log(row.crm_id or "", "call", now))
    system.settle()
    assert reps.state(rep).away(now) is None
    assert [fact["by"] for fact in said(system, "RepBack", rep=rep)] == ["clock"]


def test_nobody_is_set_away_where_the_rules_do_not_ask_for_it() -> None:
    system = owned()
    breach(system)
    assert not said(system, "RepAway")
