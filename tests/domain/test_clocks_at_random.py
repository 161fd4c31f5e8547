"""Whatever happens to a lead and whenever it is looked at: every checkpoint is said once, in its time, by a clock that
runs; none is missed by a look that comes after it; and no open lead is without something ahead.

What clocks say is held against books of its own, kept from the facts alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from leadrelay.domain.answering import Answer, answer, hindrance
from leadrelay.domain.card.facts import NoticeNeeded
from leadrelay.domain.clocks.clock import Clock
from leadrelay.domain.clocks.facts import ClockStarted, SlaBreached, SlaMet, SlaWarned
from leadrelay.domain.clocks.next_step import missing_step
from leadrelay.domain.clocks.policy import SlaPolicy
from leadrelay.domain.decide import hear, judge, settle, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Fact
from leadrelay.domain.handing.on import handed_on
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.link import Action, Link
from leadrelay.domain.merging import absorbed, owed
from leadrelay.domain.person.facts import LeadCreated
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.facts import StatusChanged
from leadrelay.domain.touch import MACHINE, Origin, touch_id
from tests.domain import people
from tests.domain.people import NOW
from tests.domain.test_adopt import HOT
from tests.system import default_rules

BREACH = "breach"

Name = tuple[str, int, datetime]
"""One clock: its kind, its hop, and when it started."""

MOMENTS = st.one_of(st.integers(0, 400), st.integers(0, 8 * 3_600), st.integers(0, 6 * 86_400))
"""Seconds until something happens: within the promise, the day, the week."""

_BOSS = {"id": "boss", "at": 2, "level": 2}
_HALF = {"id": "half", "at": 0.5, "level": 0, "notice": "warn"}


@cache
def rules() -> Rules:
    """Every kind of clock, with checkpoints before and after its deadline, and two statuses that pause."""
    given = default_rules()
    each = {"if": "True", "levels": [_HALF, _BOSS]}
    policies = {
        "lead_clock": [{"id": "all", "within": "4h", **each, "levels": [_HALF, {**_BOSS, "at_night": True}]}],
        "first_contact": [{"id": "hot", "minutes": 5, **each}],
        "acceptance": [{"id": "soon", "within": "2bh", **each}],
        "attempts": [{"id": "two", "within": "24h", "attempts": 2, "channels": 2, **each, "then": "reassign"}],
        "follow_up": [{"id": "next", "within": "1bd", **each}],
        "disposition": [{"id": "outcome", "within": "2bd", **each}],
        "stage": [{"id": "slow", "within": "3bd", **each}],
        "pause_statuses": ["no_decision", "connected"],
        "remind": {"times": 2, "notice": "escalation"},
    }
    return Rules.of(given.with_(sla=SlaPolicy.model_validate({**given.sla.model_dump(by_alias=True), **policies})))


def name(clock: Clock) -> Name:
    return clock.kind, clock.hop, clock.started_at


class Books:
    """What clocks have said, from the facts alone."""

    def __init__(self) -> None:
        self.said: set[tuple[Name, str, datetime]] = set()
        self.met: set[Name] = set()
        self.notices: set[str] = set()

    def hear(self, fact: Fact, lead: Lead, now: datetime) -> None:
        """A fact about a lead as it was before it."""
        match fact:
            case SlaWarned():
                self._says(fact.checkpoint, self._clock(fact, lead), now)
            case SlaBreached():
                self._says(BREACH, self._clock(fact, lead), now)
            case SlaMet():
                met = name(self._clock(fact, lead))
                assert met not in self.met or fact.kind != "first_contact", "the first contact is made twice"
                self.met.add(met)
            case ClockStarted(clock=clock):
                assert clock.due_at > now, f"{clock.kind} is over when it starts"
            case NoticeNeeded():
                assert fact.notice_id not in self.notices, f"{fact.notice_id} twice"
                self.notices.add(fact.notice_id)

    def _clock(self, fact: SlaWarned | SlaBreached | SlaMet, lead: Lead) -> Clock:
        """The one that the lead has; a contact that comes to light late meets one of a former owner's."""
        lapsed = (lapse.clock for lapse in lead.lapsed) if isinstance(fact, SlaMet) else ()
        known = [*lead.clocks, *lapsed]
        clock = next((each for each in known if (each.kind, each.hop) == (fact.kind, fact.hop)), None)
        assert clock is not None, f"{fact.name()} of no clock: {fact.kind}"
        return clock

    def _says(self, what: str, clock: Clock, now: datetime) -> None:
        assert clock.pause is None, f"{clock.kind} stands still and says {what}"
        assert name(clock) not in self.met, f"{clock.kind} was met and says {what}"
        at = {point.id: point.at for point in clock.checkpoints}.get(what, clock.over_at)
        assert at <= now, f"{clock.kind} says {what} too early"
        if what == "warn":
            assert clock.over_at > now, f"{clock.kind} warns of what is over"
        once = name(clock), what, clock.due_at if clock.kind == "next_step" else clock.started_at
        assert once not in self.said, f"{clock.kind} says {what} twice"
        self.said.add(once)


class Life(RuleBasedStateMachine):
    """A lead, what people do with it, and looks at its clocks at any time."""

    def __init__(self) -> None:
        super().__init__()
        self.now, self.number = NOW, 0
        self.books, self.log = Books(), list[tuple[Fact, datetime]]()
        self.decision = Decision(Lead(lead_id="0" * 32), Profile(), rules(), NOW)
        self.start = self.decision.lead
        self.decision.say(LeadCreated(touch_id="website.0", captured_at=NOW))
        self.asks("demo", 0)

    # ---- what happens

    @rule(form=st.sampled_from(["demo", "contact", "newsletter", "quote"]), later=MOMENTS)
    def asks(self, form: str, later: int) -> None:
        self._begin(later)
        self.number += 1
        touch = people.touch(self.number, form=form, at=self.now)
        hear(understood(touch, HOT, rules(), self.now), self.decision)
        self._end()

    @rule(event=st.sampled_from(["call", "email", "meeting_booked"]), ago=st.integers(0, 3_600), later=MOMENTS)
    def reaches_out(self, event: str, ago: int, later: int) -> None:
        self._touch(event, later, ago, Origin())

    @rule(later=MOMENTS)
    def a_machine_writes(self, later: int) -> None:
        self._touch("email", later, 0, Origin(medium=MACHINE))

    @precondition(lambda self: self.decision.lead.wanted is not None)
    @rule(later=st.integers(0, 50))
    def is_answered(self, later: int) -> None:
        """Whoever was asked says: the CRM, that nobody called, or else the choice of the owner."""
        self._begin(later)
        wanted = self.decision.lead.wanted
        if wanted is not None and wanted.doubted:
            settle("nothing_there", self.decision)
        else:
            people.given(self.decision)
        self._end()

    @rule(
        action=st.sampled_from(["accept", "pass_on", "reject", "nurture"]),
        reason=st.sampled_from([None, "no_budget"]),
        later=MOMENTS,
    )
    def answers(self, action: Action, reason: str | None, later: int) -> None:
        self._begin(later)
        lead = self.decision.lead
        until = self.now + timedelta(days=1)
        link = Link(
            lead_id=lead.lead_id, hop=lead.ownership.hop, rep=lead.ownership.rep or "", action=action, expires_at=until
        )
        if hindrance(link, lead, rules().team, self.now) is None:
            answer(link, Answer(reason=reason), self.decision)
        self._end()

    @rule(status=st.sampled_from(["new", "attempting", "connected", "no_decision"]), later=MOMENTS)
    def status_is_set(self, status: str, later: int) -> None:
        self._begin(later)
        if status != self.decision.lead.status and self.decision.lead.ownership.rep is not None:
            self.decision.say(StatusChanged(before=self.decision.lead.status, after=status, why="crm"))
            judge(self.decision)
        self._end()

    @rule(later=MOMENTS)
    def is_handed_over(self, later: int) -> None:
        self._begin(later)
        handed_on(self.decision, "handover")
        self._end()

    @rule(ago=st.integers(0, 7_200), later=MOMENTS)
    def another_lead_was_the_same_person(self, ago: int, later: int) -> None:
        self._begin(later)
        self.number += 1
        at = max(NOW, self.now - timedelta(seconds=ago))
        other = people.told(HOT, people.touch(self.number, at=at), rules(), at)
        people.given(other)
        self.decision.say(absorbed(other.lead.with_(lead_id=f"{self.number:032d}")))
        judge(self.decision, owed(other.lead))
        self._end()

    # ---- looks

    @rule(later=MOMENTS)
    def is_looked_at(self, later: int) -> None:
        """Late or not: whatever was due is said now, and a second look has nothing to add."""
        self._look(later)
        lead = self.decision.lead
        assert lead.due_at() is None or lead.due_at() > self.now  # type: ignore[operator]
        said = len(self.log)
        self._look(0)
        assert len(self.log) == said

    @rule(later=st.integers(1, 600))
    def is_looked_at_in_time(self, later: int) -> None:
        """Exactly when something falls due."""
        at = self.decision.lead.due_at()
        self._look(later if at is None or at <= self.now else int((at - self.now).total_seconds()))

    @invariant()
    def nobody_is_forgotten(self) -> None:
        lead = self.decision.lead
        at = lead.due_at()
        if lead.live and not lead.closed and (lead.wanted is not None or lead.ownership.placed):
            assert at is not None, "nothing is ahead"
            if at > self.now:
                assert not missing_step(lead, self.now), f"no next step: {lead.clocks}"

    @invariant()
    def the_log_is_the_lead(self) -> None:
        assert fold(self.start, self.log) == self.decision.lead

    # ---- how

    def _touch(self, event: str, later: int, ago: int, origin: Origin) -> None:
        self._begin(later)
        self.number += 1
        made_at = max(NOW, self.now - timedelta(seconds=ago))
        touch = people.touch(self.number, form=None, at=self.now).with_(
            kind="activity", event=event, occurred_at=made_at, origin=origin, touch_id=touch_id("crm", str(self.number))
        )
        hear(understood(touch, HOT, rules(), self.now), self.decision)
        self._end()

    def _look(self, later: int) -> None:
        self._begin(later)
        tick(self.decision)
        self._end()

    def _begin(self, later: int) -> None:
        self.now += timedelta(seconds=later)
        self.decision.at = self.now

    def _end(self) -> None:
        """Enter what was said into the books."""
        lead = fold(self.start, self.log)
        for fact in self.decision.facts:
            self.books.hear(fact, lead, self.now)
            lead = fact.apply(lead, self.now)
            self.log.append((fact, self.now))
        self.decision.facts = []


TestLife = Life.TestCase
TestLife.settings = settings(
    max_examples=40, stateful_step_count=30, deadline=None, suppress_health_check=list(HealthCheck)
)
