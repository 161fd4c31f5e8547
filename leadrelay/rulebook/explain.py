"""Explaining a decision: the lead's story told again through the very functions that decide in production.

Nothing is decided here. Each touch goes through the domain's decisions; what they saw, asked and answered is written
down beside them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from leadrelay.domain.clocks.keeping import TABLE
from leadrelay.domain.clocks.policy import LISTS
from leadrelay.domain.clocks.starting import asked_again
from leadrelay.domain.decide import hear, judge, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.handing.assign import assign
from leadrelay.domain.hearing import Heard, understood
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.facts import LeadCreated
from leadrelay.domain.person.looked_up import looked_up
from leadrelay.domain.person.permission import told
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.routing.choose import Choice, choose, needs
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.rep_state import RepState
from leadrelay.domain.routing.staffing import Staffing
from leadrelay.domain.routing.taking_up import taken_up
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.grade import band, grade
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.touch import Touch
from leadrelay.rulebook.asking import asked, channels_asked, routing_asked
from leadrelay.rulebook.case import Case, CaseTouch, Outcome
from leadrelay.rulebook.deadlines import deadline_of
from leadrelay.rulebook.explanation import Asked, Chapter, Explanation, Given
from leadrelay.rulebook.sites import FOUND_IN, Step
from leadrelay.rulebook.worth import needed, next_stage, points


@dataclass
class _Team:
    """Who is there, as far as the story has come."""

    staffing: Staffing


def explain(case: Case, rules: Rules) -> Explanation:
    """The case decided by these rules. Fair turns start fresh: the first lead of a team that is as the case says."""
    decision = Decision(Lead(lead_id="case"), Profile(), rules, case.touches[0].at)
    team = _Team(Staffing(reps={rep: said.state(case.touches[0].at) for rep, said in case.reps.items()}))
    chapters = []
    for number, said in enumerate(case.touches):
        decision.at, decision.facts = said.at, []
        heard = _heard(said, number, rules)
        known = _company(case, heard.touch, rules) if heard.touch.kind == "submission" else {}
        chapters.append(_chapter(said, heard.with_(looked_up=known), decision, team))
    if case.until is not None:
        chapters.append(_later(case.touches[-1].source, case.until, decision, team))
    outcome = outcome_of(decision.lead)
    return Explanation(
        about=case.about,
        rules_version=rules.version,
        chapters=tuple(chapters),
        outcome=outcome,
        expected=tuple(sorted(case.expect.model_fields_set)),
        differs=case.expect.differs(outcome),
    )


def _heard(said: CaseTouch, number: int, rules: Rules) -> Heard:
    source = rules.sources.sources.get(said.source) or SourcePolicy(vendor="unknown")
    return understood(said.touch(number, source.vendor), said.words(), rules, said.at)


def _company(case: Case, touch: Touch, rules: Rules) -> dict[str, Value]:
    """What is known of the company beforehand, as if it had been looked up."""
    said = {
        f"account.{name}": str(value) if isinstance(value, float) else value for name, value in case.company.items()
    }
    return dict(looked_up(said, rules.fields, "case", touch.touch_id, touch.occurred_at))


def _chapter(said: CaseTouch, heard: Heard, decision: Decision, team: _Team) -> Chapter:
    before = decision.lead
    if not before.touches:
        decision.say(LeadCreated(touch_id=heard.touch.touch_id, captured_at=said.at))
    owner = decision.lead.ownership.rep
    hear(heard, decision, owner=RepState() if owner is None else team.staffing.rep(owner).presence(said.at))
    seen = decision.seen()
    return _written(said, heard, decision, before, seen, _assigned(decision, team))


def _later(source: str, until: datetime, decision: Decision, team: _Team) -> Chapter:
    """What time alone does: clocks run out, who waits is taken up, and in the night the lead is judged again."""
    before, decision.at, decision.facts = decision.lead, until, []
    tick(decision)
    judge(decision)
    if taken_up(decision.lead, decision.profile, team.staffing, decision.rules, until) is not None:
        decision.say(*asked_again(decision.lead, decision.rules, until))
    seen, nothing = decision.seen(), CaseTouch(source=source, at=until, event="time passes")
    return _written(nothing, _heard(nothing, -1, decision.rules), decision, before, seen, _assigned(decision, team))


def _assigned(decision: Decision, team: _Team) -> Given | None:
    """What `route` does when an owner is needed."""
    if decision.lead.wanted is None:
        return None
    before, staffing, rules, at = decision.lead, team.staffing, decision.rules, decision.at
    choice = choose(before, decision.profile, staffing.only(needs(before, decision.profile, rules, at)), rules, at)
    record = DecisionRecord.of(choice, before, staffing, rules, at)
    assign(choice, decision)
    freed = {} if before.ownership.rep is None else {before.ownership.rep: -1}
    gained = {} if choice.rep is None else {choice.rep: 1}
    team.staffing = staffing.after(choice.turns, choice.reps).shifted(freed).shifted(gained)
    return _given(choice, record, decision.lead, rules)


def _written(
    said: CaseTouch,
    heard: Heard,
    decision: Decision,
    before: Lead,
    seen: Mapping[str, object],
    given: Given | None,
) -> Chapter:
    lead, rules, at, came = decision.lead, decision.rules, decision.at, heard.came
    early = {name: value for name, value in seen.items() if FOUND_IN.get(name) is not Step.SEGMENT}
    return Chapter(
        at=at,
        source=said.source,
        what=_what(said),
        understood=dict(heard.values),
        not_understood=_not_understood(said, heard, rules),
        signals=heard.signals,
        channel=None if came is None else came.channel,
        channel_class=None if came is None else came.channel_class,
        channels=() if came is None else channels_asked(came, rules, at),
        partner=None if came is None else came.origin.partner,
        segment=lead.segment,
        segments=asked([(rule.id, rule.if_) for rule in rules.segments.segments], early, rules, at),
        persona=lead.persona,
        personas=asked([(rule.id, rule.if_) for rule in rules.segments.personas], early, rules, at),
        relation=lead.relation,
        relations=asked([(rule.id, rule.if_) for rule in rules.segments.relations], early, rules, at),
        permission=told(decision.profile.consents, lead.permission.refused_there, rules.fields.consents),
        callback_at=heard.callback.at if heard.callback is not None else None,
        score=lead.score.total,
        fit=lead.score.fit,
        engagement=lead.score.engagement,
        lost=lead.score.lost,
        points=points(lead, rules),
        criteria=needed(lead, rules),
        grade=grade(lead.score, rules.caps(lead.segment, lead.persona), rules.scoring.grades),
        band=band(lead, rules),
        stage_before=before.stage,
        stage=lead.stage,
        stages=_stages(lead.stage, {**seen, "lead.stage": before.stage}, rules, at),
        next_stage=next(iter(asked(filter(None, (next_stage(lead, rules),)), decision.seen(), rules, at)), None),
        temperature=lead.temperature,
        routing=routing_asked(seen, rules, at),
        given=given,
        lacks=lead.lacks,
        policies={
            kind: asked([(rule.id, rule.if_) for rule in rules.sla.of(kind)], decision.seen(), rules, at)
            for kind in LISTS
        },
        deadlines=tuple(deadline_of(lead, clock, rules) for clock in lead.clocks),
        facts=tuple(fact.name() for fact in decision.facts),
    )


def _what(said: CaseTouch) -> str:
    if said.crm is not None:
        return ", ".join(f"{name} {value}" for name, value in said.crm if value is not None) or "edited"
    return said.event or said.activity or said.form or "submission"


def _not_understood(said: CaseTouch, heard: Heard, rules: Rules) -> tuple[str, ...]:
    """Names of answers that change nothing when they are left out: nobody maps them, or they cannot be read."""
    source = rules.sources.sources.get(said.source) or SourcePolicy(vendor="unknown")
    touch = said.touch(0, source.vendor)
    alone = {name: said.with_(fields={name: value}).words() for name, value in said.fields.items()}
    at = heard.touch.received_at
    each = {name: understood(touch, words, rules, at) for name, words in alone.items()}
    return tuple(name for name, found in each.items() if not (found.values or found.consents))


def _stages(reached: str, seen: Mapping[str, object], rules: Rules, at: datetime) -> tuple[Asked, ...]:
    """Of the stages the highest that holds decides, not the first."""
    found = asked([(rule.id, rule.if_) for rule in rules.stages.lifecycle if rule.if_ is not None], seen, rules, at)
    return tuple(one.with_(decides=one.holds and one.rule == reached) for one in found)


def _given(choice: Choice, record: DecisionRecord, lead: Lead, rules: Rules) -> Given:
    return Given(
        rule=choice.rule,
        says=rules.routing.says(choice.rule) or "no rule holds",
        to=choice.pool or choice.queue or choice.rep,
        rep=choice.rep,
        queue=choice.queue,
        next_step=choice.next_step if lead.next_step is None else lead.next_step.what,
        decision=record,
    )


def outcome_of(lead: Lead) -> Outcome:
    """What became of a lead, in the words of a case."""
    owner, contact = lead.ownership, lead.clock("first_contact")
    return Outcome(
        segment=lead.segment,
        persona=lead.persona,
        relation=lead.relation,
        icp=lead.icp,
        score=lead.score.total,
        fit=lead.score.fit,
        engagement=lead.score.engagement,
        lost=lead.score.lost,
        stage=lead.stage,
        status=lead.status,
        qualifications=tuple(sorted(lead.qualifications)),
        sequence=None if lead.enrolment is None else lead.enrolment.sequence,
        next_step=None if lead.next_step is None else lead.next_step.what,
        temperature=lead.temperature,
        channel=lead.last.channel if lead.last is not None else None,
        channel_class=lead.last.channel_class if lead.last is not None else None,
        partner=lead.last_partner.partner if lead.last_partner is not None else None,
        route=owner.rule,
        to=owner.pool or owner.queue or owner.rep,
        rep=owner.rep,
        sdr=owner.teams.get("sdr"),
        ae=owner.teams.get("ae"),
        policy=None if contact is None else contact.policy,
        due_at=None if contact is None else contact.due_at,
        lacks=lead.lacks,
        promises={clock.kind: clock.due_at for clock in lead.clocks if clock.kind in TABLE},
        may_call=lead.permission.may_call,
        may_contact=lead.permission.may_contact,
    )
