"""Judging is done when it is done: asked again at the same instant, with nothing new, it says nothing.

A fact that is said at every judgement would be written, delivered and told to people in every night.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache

from hypothesis import given as every
from hypothesis import settings
from hypothesis import strategies as st

from leadrelay.domain.clocks.next_step import missing_step
from leadrelay.domain.decide import hear, judge, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.rules import Rules
from leadrelay.domain.stages.policy import QualificationRule
from tests.domain import people
from tests.domain.people import NOW, given, told, words
from tests.domain.test_adopt import ANNA, seen
from tests.system import noisy_rules

Step = tuple[str, dict[str, str]]

SUBMITTED: tuple[Step, ...] = (
    ("demo", {"employees": "200", "industry": "software", "country": "Poland"}),
    ("contact", {"employees": "30", "job title": "CEO"}),
    ("newsletter", {}),
    ("unknown", {"message": "my cv is attached"}),
    ("contact", {"do not call": "yes"}),
    ("contact", {"do not contact": "yes"}),
    ("contact", {"consent calls": "yes"}),
)
SHOWN: tuple[dict[str, object], ...] = (
    {"status": "connected"},
    {"status": "unqualified", "reason": "budget"},
    {"status": "nurturing", "reason": "too early", "timing": "next_year"},
    {"status": "nurturing"},
    {"stage": "opportunity"},
    {"owner": ANNA},
    {"owner": "99999999"},
    {"refuses": ("contact",)},
    {"refuses": ()},
    {"kind": "deal", "record_id": "9", "deal": {"state": "won"}},
    {"kind": "deal", "record_id": "9", "deal": {"state": "lost"}},
)
STEPS = st.one_of(
    st.sampled_from([("submitted", said) for said in SUBMITTED]),
    st.sampled_from([("did", name) for name in ("pricing_page_viewed", "trial_user_added", "unsubscribed")]),
    st.sampled_from([("shown", record) for record in SHOWN]),
    st.sampled_from([("later", days) for days in (1, 20, 100, 366)]),
)


@cache
def variants() -> tuple[Rules, ...]:
    """As they ship; a persona whose second line of the alert is above the first, a qualification that asks for the
    stage; and leads that are let go soon, whatever their points."""
    rules = noisy_rules()
    stages, segments = rules.stages, rules.segments
    personas = tuple(each.with_(thresholds={"alert": 30}) for each in segments.personas)
    smb = tuple(each.with_(thresholds={"alert": 30, "alert_rearm": 60}) for each in segments.segments)
    asks = QualificationRule.model_validate({"type": "HOT", "if": 'lead.stage == "mql"', "team": "sales"})
    assert stages.nurture.retire is not None
    soon = stages.nurture.with_(retire=stages.nurture.retire.with_(after_days=20, if_="True", status="unqualified"))
    return (
        rules,
        Rules.of(
            rules.with_(
                segments=segments.with_(personas=personas, segments=smb),
                stages=stages.with_(qualifications=(*stages.qualifications, asks)),
            )
        ),
        Rules.of(rules.with_(stages=stages.with_(nurture=soon))),
    )


@dataclass
class Life:
    """A lead, with everything that was ever said of it."""

    decision: Decision
    said: list[tuple[object, object]] = field(default_factory=list)
    days: float = 0

    def then(self, what: str, how: object) -> None:
        """One thing happens, a little later."""
        self.days += float(str(how)) if what == "later" else 0.01
        decision, after = self.decision, timedelta(days=self.days)
        decision.at = NOW + after
        self._swept()
        decision.facts = []
        if what == "shown":
            seen(decision, after=after, **how)  # type: ignore[arg-type]
        elif what == "later":
            judge(decision)
        else:
            self._heard(what, how)
        self.settle()

    def _swept(self) -> None:
        """What fell due meanwhile is said, late."""
        due = self.decision.lead.due_at()
        while due is not None and due <= self.decision.at:
            self.decision.facts = []
            tick(self.decision)
            self._placed()
            due = self.decision.lead.due_at()

    def _heard(self, what: str, how: object) -> None:
        form, answers = how if isinstance(how, tuple) else ("", {})
        at = self.decision.at
        touch = people.touch(int(self.days * 1000), form=form or None, at=at)
        if what == "did":
            touch = touch.with_(kind="behaviour", event=str(how))
        hear(understood(touch, words(email="ada@firma.example", **answers), self.decision.rules, at), self.decision)

    def settle(self) -> None:
        """What must hold whenever a decision was made; then somebody gets the lead."""
        again = Decision(self.decision.lead, self.decision.profile, self.decision.rules, self.decision.at)
        judge(again)
        assert again.facts == []
        assert again.profile == self.decision.profile
        self._placed()
        lead = self.decision.lead
        assert not missing_step(lead, self.decision.at)
        assert lead.retired_at is None or lead.clocks == ()

    def _placed(self) -> None:
        if self.decision.lead.wanted is not None:
            given(self.decision)
        assert self.decision.lead.wanted is None
        self.said += [(fact, self.decision.at) for fact in self.decision.facts]


@settings(max_examples=150)
@every(st.integers(0, 2), st.lists(STEPS, min_size=1, max_size=8))
def test_what_was_judged_is_judged(variant: int, steps: list[tuple[str, object]]) -> None:
    life = Life(told(words(email="ada@firma.example"), people.touch(form="contact"), variants()[variant]))
    life.settle()
    for what, how in steps:
        life.then(what, how)
    assert fold(Lead(lead_id="0" * 32), life.said) == life.decision.lead  # type: ignore[arg-type]
