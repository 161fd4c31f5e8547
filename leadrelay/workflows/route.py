"""Route: choose owners and start the clocks. Reads and writes the table only.

A pool's turns are one record, so its leads can only be given out one after the other. Those of one batch are, within
one transaction: with one write of the pool and of each rep. The same question asked twice is answered once, because a
lead remembers at which hop it was asked; a choice that was made on what has changed since then is made again.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime

from leadrelay.domain.account.counting import home
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Metadata
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.facts import OwnerNeeded
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.staffing import Needs
from leadrelay.domain.rules import Rules as RuleSet
from leadrelay.ports.clock import Clock
from leadrelay.ports.errors import Conflict, Reject, Retry
from leadrelay.ports.records import LeadRecord, lead_key
from leadrelay.ports.rules import Rules
from leadrelay.ports.store import Change, Store
from leadrelay.ports.telemetry import Telemetry
from leadrelay.workflows.colleagues import colleagues
from leadrelay.workflows.log import answering
from leadrelay.workflows.outcome import Outcome, written
from leadrelay.workflows.staff import Staff

TOGETHER = 10
"""Leads in one transaction, which has a hundred parts: up to six rows of each lead, two reps, and the pools."""

ROUNDS = 12
"""How often a choice is made again after a conflict, before it is left to the queue. Somebody wins in every round."""

Asked = tuple[OwnerNeeded, Metadata]


@dataclass(frozen=True, slots=True)
class Question:
    """Whose is this lead, at this hop? Asked by the facts at `places` of the batch; `metadata` is the first one's."""

    lead_id: str
    hop: int
    metadata: Metadata
    places: list[int] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class Case:
    """A question that is still open, with all that it is decided by but the staff."""

    question: Question
    record: LeadRecord
    rules: RuleSet
    needs: Needs

    @property
    def one_voice(self) -> bool:
        """Whether it matters who has other people of the company."""
        return any(self.rules.team.pool(pool).same_company for pool in self.needs.pools[:1])

    @property
    def company(self) -> str | None:
        """The company whose other people matter."""
        return home(self.record.profile) if self.one_voice else None

    @property
    def order(self) -> tuple[bool, datetime, str]:
        """Who is hot may take the last place; then who has waited longest."""
        lead = self.record.lead
        return lead.temperature != "hot", lead.captured_at, lead.lead_id


@dataclass(frozen=True, slots=True)
class Route:
    """The workflow with its ports."""

    store: Store
    rules: Rules
    clock: Clock
    telemetry: Telemetry

    def __call__(self, batch: Sequence[Asked]) -> Mapping[int, Exception]:
        """Answer every question that is still open. Returns what went wrong, by the position of the fact. Raises Retry
        when the leads cannot be read."""
        work = _Work(self, questions(batch))
        for _ in range(ROUNDS):
            if not work.open:
                break
            work.round()
        return work.result()

    def commit(self, cases: Sequence[Case], now: datetime) -> None:
        """Choose for each, in this order: the next one sees what the one before was given. Leads, pools and reps change
        together or not at all, so no turn is skipped, and no lead has two owners. Raises Conflict."""
        staff, outcomes, choices = Staff(self.store), list[Outcome](), list[Choice]()
        staff.read(
            Needs(
                tuple(pool for case in cases for pool in case.needs.pools),
                tuple(rep for case in cases for rep in case.needs.reps),
            )
        )
        beside = colleagues(self.store, [(each.record.lead, each.record.profile) for each in cases if each.one_voice])
        for case in cases:
            outcome, choice = _decided(case, staff, beside.get(case.question.lead_id, ()), now)
            outcomes.append(outcome)
            choices.append(choice)
        cause = outcomes[0].context.causation_id
        self.store.commit(Change(cause=cause, puts=tuple(written(outcomes, self.store, staff))))
        for outcome, choice in zip(outcomes, choices, strict=True):
            self._tell(outcome.decision.lead.lead_id, choice)

    def _tell(self, lead_id: str, choice: Choice) -> None:
        self.telemetry.count("Assignments", pool=choice.pool or choice.queue or "none")
        self.telemetry.line("lead_assigned", lead_id=lead_id, rep=choice.rep, pool=choice.pool, queue=choice.queue)


def questions(batch: Sequence[Asked]) -> list[Question]:
    """Each question once, whoever else asks it."""
    asked: dict[tuple[str, int], Question] = {}
    for place, (fact, metadata) in enumerate(batch):
        lead_id = metadata.lead_id or ""
        question = asked.setdefault((lead_id, fact.hop), Question(lead_id, fact.hop, metadata))
        question.places.append(place)
    return list(asked.values())


def _decided(case: Case, staff: Staff, beside: tuple[str, ...], now: datetime) -> tuple[Outcome, Choice]:
    """A lead in shadow takes nobody's turn. `beside` are the reps of its colleagues."""
    record, rules, staffing = case.record, case.rules, replace(staff.staffing.only(case.needs), colleagues=beside)
    choice = choose(record.lead, record.profile, staffing, rules, now)
    decision = Decision(record.lead, record.profile, rules, now)
    assign(choice, decision)
    if record.lead.live:
        staff.chosen(choice)
    staff.feel(record, decision)
    kept = DecisionRecord.of(choice, record.lead, staffing, rules, now).kept()
    return Outcome(decision, record, answering(case.question.metadata, now), kept), choice


class _Work:
    """A batch under way: questions that are `open`, and what went wrong. Who cannot go with the others goes alone."""

    def __init__(self, route: Route, asked: Sequence[Question]) -> None:
        self._route = route
        self.open = list(asked)
        self._alone: set[str] = set()
        self._failed: dict[int, Exception] = {}

    def result(self) -> Mapping[int, Exception]:
        """What went wrong, by position; what is still open is to come back."""
        for question in self.open:
            self._fail(question, Retry(1, "the pool is being changed by others"))
        return self._failed

    def round(self) -> None:
        """Read the leads, and answer who still asks."""
        now, asked, self.open = self._route.clock.now(), self.open, []
        cases = [case for question, record in self._read(asked) if (case := self._case(question, record, now))]
        for group in self._groups(cases):
            self._try(group, now)

    def _read(self, asked: Sequence[Question]) -> list[tuple[Question, LeadRecord | None]]:
        try:
            records = self._route.store.load_all([lead_key(question.lead_id) for question in asked])
        except Reject:  # one of them cannot be understood: it must not hide the others
            return [(question, record) for question in asked for record in self._read_alone(question)]
        return list(zip(asked, records, strict=True))

    def _read_alone(self, question: Question) -> Iterator[LeadRecord | None]:
        try:
            yield self._route.store.load(lead_key(question.lead_id))
        except Reject as refused:
            self._fail(question, refused)

    def _case(self, question: Question, record: LeadRecord | None, now: datetime) -> Case | None:
        """None when it was answered already: its hop has passed. Nor is anybody chosen while it is doubted that the
        present owner did not call."""
        wanted = None if record is None else record.lead.wanted
        if record is None or wanted is None or wanted.hop != question.hop or wanted.doubted:
            return None
        try:
            rules = self._route.rules.version(question.metadata.rules_version)
            return Case(question, record, rules, needs(record.lead, record.profile, rules, now))
        except Exception as error:  # noqa: BLE001 - whatever it is, it is this lead's
            self._fail(question, error)
            return None

    def _groups(self, cases: Sequence[Case]) -> Iterator[Sequence[Case]]:
        """By rules and pool. Colleagues come one after the other, where the next one goes to whom the first one got."""
        groups: dict[tuple[int, str | None, str, tuple[str, ...]], list[Case]] = {}
        met = Counter[str | None]()
        for case in sorted(cases, key=lambda case: case.order):
            alone = case.question.lead_id if case.question.lead_id in self._alone else None
            place = met[case.company] if case.company is not None else 0
            groups.setdefault((place, alone, case.rules.version, case.needs.pools), []).append(case)
            met[case.company] += 1
        for _, group in sorted(groups.items(), key=lambda item: item[0][0]):
            yield from (group[start : start + TOGETHER] for start in range(0, len(group), TOGETHER))

    def _try(self, group: Sequence[Case], now: datetime) -> None:
        asked = [case.question for case in group]
        try:
            self._route.commit(group, now)
        except Conflict as conflict:
            self._route.telemetry.count("Conflicts", workflow="route")
            self._alone |= {each.lead_id for each in asked if conflict.key.startswith(f"LEAD#{each.lead_id}/")}
            self.open += asked
        except Retry as away:
            self._fail_all(asked, away)
        except Exception as error:  # noqa: BLE001 - whosever it is, it is not everybody's
            if len(group) == 1:
                self._fail_all(asked, error)
            else:
                self._alone |= {question.lead_id for question in asked}
                self.open += asked

    def _fail_all(self, asked: Sequence[Question], error: Exception) -> None:
        for question in asked:
            self._fail(question, error)

    def _fail(self, question: Question, error: Exception) -> None:
        self._failed |= dict.fromkeys(question.places, error)
