"""Who may not be called is never routed to a call, and who may not be contacted goes to nobody, under any rules."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.card.card import card_of
from leadrelay.domain.clocks.callback import CALLBACK
from leadrelay.domain.clocks.facts import ClockStopped
from leadrelay.domain.crm.adopt import Shown
from leadrelay.domain.decide import hear, tick
from leadrelay.domain.decision import Decision
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.merging import absorbed
from leadrelay.domain.person.permission import worded
from leadrelay.domain.person.permission_facts import ConsentChanged, ContactAllowed, ContactForbidden
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.routing.facts import LeadAssigned
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import CrmRecord, Touch
from tests.domain import people
from tests.domain.people import NOW, told, words
from tests.system import default_rules

RULES = default_rules()
FORMS = ("demo", "offer", "contact", "case-study", "webinar", "trial", "newsletter")
ROUTES = ("hot", "mql", "nurture", "everything_else", "callback", "direct_contact", "sql")


def says(number: int, at_minute: int = 0, form: str = "demo", trust: str = "verified", **answers: str) -> Touch:
    touch = people.touch(number, form, NOW + timedelta(minutes=at_minute))
    return touch.with_(trust=trust)


def told_again(decision: Decision, touch: Touch, shown: Shown | None = None, **answers: str) -> Decision:
    """The same person, later."""
    decision.at, decision.facts = max(touch.received_at, decision.at), []
    said = words(email="ada@example.com", **answers)
    hear(understood(touch, said, decision.rules, decision.at), decision, shown or Shown())
    return decision


def owned(**answers: str) -> Decision:
    """A hot lead of a rep."""
    decision = told(words(email="ada@example.com", **answers), people.touch())
    people.given(decision)
    return decision


def in_crm(number: int, refuses: tuple[str, ...] | None, at_minute: int = 5, person: str = "1") -> Touch:
    """A reading of their record."""
    at = NOW + timedelta(minutes=at_minute)
    record = CrmRecord(crm="hubspot", kind="person", person=person, record_id=person, refuses=refuses)
    touch = people.touch(number, None, at, source="hubspot")
    return touch.with_(kind="crm_change", event="edited", vendor="hubspot", record=record)


def any_rules(pools: dict[str, str], step: str) -> Rules:
    """The rules with other places and other words: each rule may send to a pool, with this step."""
    routes = tuple(
        rule.with_(pool="sdr", queue=None, rep=None, table=None, next_step=step, hand_off=pools[rule.id] == "take")
        if rule.id in pools
        else rule.with_(next_step=step)
        for rule in RULES.routing.rules
    )
    return Rules.of(RULES.with_(routing=RULES.routing.with_(rules=routes)))


REFUSALS = st.sampled_from(["do not call", "Nie dzwonić", "do not contact", "ne zvati", "none"])


@settings(max_examples=60)
@given(
    st.lists(st.tuples(st.sampled_from(FORMS), REFUSALS, st.booleans()), min_size=1, max_size=4),
    st.dictionaries(st.sampled_from(ROUTES), st.sampled_from(["take", "leave"]), max_size=4),
    st.sampled_from(["Call", "Call now", "Ring them up", "Zadzwoń"]),
)
def test_never_a_call_for_who_may_not_be_called(
    story: list[tuple[str, str, bool]], pools: dict[str, str], step: str
) -> None:
    rules = any_rules(pools, step)
    decision = Decision(Lead(lead_id="0" * 32), Profile(), rules, NOW)
    for number, (form, refusal, callback) in enumerate(story):
        answers = {} if refusal == "none" else {refusal: "yes"}
        answers |= {"callback time": "2026-11-27 10:00"} if callback else {}
        told_again(decision, says(number, number, form), **answers)
        if decision.lead.wanted is not None:
            people.given(decision)
        tick(decision)
        lead, held = decision.lead, decision.lead.permission
        what = "" if lead.next_step is None else lead.next_step.what
        clock = lead.clock("first_contact")
        if not held.may_call:
            assert what.startswith(("Write, do not call", "Do not contact"))
            assert step not in what or lead.ownership.queue is not None
            assert clock is None or clock.policy != CALLBACK
            assert lead.listed_on is None
        if not held.may_contact:
            assert (lead.ownership.rep, lead.ownership.queue) == (None, "do_not_contact")
            assert clock is None
            assert lead.enrolment is None


@given(st.permutations(range(4)), st.sets(st.integers(0, 3)))
def test_the_order_of_arrival_changes_nothing(order: list[int], again: set[int]) -> None:
    said: list[tuple[Touch, dict[str, str]]] = [
        (says(0, 0), {"may we call you": "yes"}),
        (says(1, 1), {"do not call": "yes"}),
        (says(2, 2, trust="unverified"), {"may we call you": "yes", "marketing consent": "yes"}),
        (says(3, 3), {"do not contact": "yes"}),
    ]
    one, other = (Decision(Lead(lead_id="0" * 32), Profile(), RULES, NOW + timedelta(hours=1)) for _ in range(2))
    for touch, answers in said:
        told_again(one, touch, **answers)
    for number in [*order, *sorted(again)]:
        told_again(other, said[number][0], **said[number][1])
    assert one.profile.consents == other.profile.consents
    assert one.lead.permission.allowed == other.lead.permission.allowed
    assert {*one.lead.permission.forbidden} == {*other.lead.permission.forbidden} == {"call", "any"}


@pytest.mark.parametrize("order", list(permutations(range(2))))
def test_a_merge_keeps_the_stricter(order: tuple[int, ...]) -> None:
    refuses = told(words(email="ada@example.com", **{"do not call": "yes"}), people.touch(1))
    agrees = told(words(email="bob@example.com"), people.touch(2))
    told_again(agrees, in_crm(3, ("mail",)))
    winner, loser = ((refuses, agrees)[place] for place in order)
    winner.profile = winner.profile.absorb(loser.profile)
    winner.say(absorbed(loser.lead))
    told_again(winner, says(4, 20))
    assert not winner.lead.permission.may_call
    assert not winner.lead.permission.may_mail
    assert winner.lead.permission.may_contact
    assert winner.lead.permission.refused_there == {"hubspot/1": ("mail",)}


def test_an_owner_hears_of_it_and_the_clock_goes_on_for_a_letter() -> None:
    decision = owned()
    before = decision.lead.clock("first_contact")
    told_again(decision, says(2, 1, "newsletter"), **{"do not call": "yes"})
    lead = decision.lead
    assert [fact.how for fact in decision.facts if isinstance(fact, ContactForbidden)] == ["call"]
    assert lead.clock("first_contact") == before
    assert lead.next_step is not None
    assert lead.next_step.what == "Write, do not call: refused (website)"
    card = card_of(lead, decision.profile, RULES)
    assert card.task is not None
    assert card.task.subject == lead.next_step.what
    assert "Do not call, write: it was refused on 23 Nov 2026 (website)" in card.task.body
    assert card.fields["consent"] == "calls: no, 23 Nov 2026, website; mail: yes, 23 Nov 2026, website"
    assert [note.name for note in card.notes if note.name.startswith("no-call")] == ["no-call-20261123T110100"]


def test_a_callback_becomes_a_letter() -> None:
    decision = owned(**{"callback time": "2026-11-24 14:30"})
    told_again(decision, says(2, 1, "newsletter"), **{"do not call": "yes"})
    clock = decision.lead.clock("first_contact")
    assert clock is not None
    assert clock.policy == "warm"
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what.startswith("Write, do not call")


def test_who_refuses_all_contact_leaves_the_owner_at_once() -> None:
    decision = owned()
    told_again(decision, says(2, 1, "contact"), **{"do not contact": "yes"})
    assert any(isinstance(fact, ClockStopped) and fact.why == "do_not_contact" for fact in decision.facts)
    assert decision.lead.wanted is not None
    people.given(decision)
    owner, card = decision.lead.ownership, card_of(decision.lead, decision.profile, RULES)
    assert (owner.rep, owner.queue, owner.rule) == (None, "do_not_contact", "do_not_contact")
    assert decision.lead.clock("first_contact") is None
    assert card.fields["queue"] == "Do not contact"
    assert "Nobody may contact them" in str(card.fields["owner_reason"])
    assert fold(Lead(lead_id="0" * 32), [(fact, decision.at) for fact in decision.facts])


def test_they_come_back_when_they_allow_it_and_prove_it() -> None:
    decision = owned()
    told_again(decision, says(2, 1, "contact"), **{"do not contact": "yes"})
    people.given(decision)
    told_again(decision, says(3, 2, "demo", "unverified"), **{"may we call you": "yes"})
    assert decision.lead.ownership.queue == "do_not_contact"
    told_again(decision, says(4, 3, "demo"), **{"may we call you": "yes"})
    assert {fact.how for fact in decision.facts if isinstance(fact, ContactAllowed)} == {"any", "call"}
    people.given(decision)
    assert (decision.lead.ownership.rule, decision.lead.status) == ("hot", "new")
    assert decision.lead.next_step is not None
    assert decision.lead.next_step.what == "Call now"


def test_what_is_ticked_in_the_crm_holds_until_it_is_unticked_there() -> None:
    decision = owned()
    told_again(decision, in_crm(2, ("calls", "mail")))
    assert not decision.lead.permission.may_call
    assert not decision.lead.permission.may_mail
    assert (
        card_of(decision.lead, decision.profile, RULES).fields["consent"]
        == "calls: no, in hubspot; mail: no, in hubspot"
    )
    told_again(decision, says(3, 6), **{"may we call you": "yes"})
    assert not decision.lead.permission.may_call
    told_again(decision, in_crm(4, (), 7))
    assert decision.lead.permission.may_call
    assert decision.lead.permission.allowed == {"calls": True}
    assert decision.lead.next_step is not None
    assert not decision.lead.next_step.what.startswith("Write")


def test_a_reading_that_comes_late_or_tells_nothing_changes_nothing() -> None:
    decision = owned()
    told_again(decision, in_crm(2, ("calls",)))
    late = Shown(crm_id="1", heard_at=NOW + timedelta(minutes=9))
    told_again(decision, in_crm(3, (), 8), late)
    told_again(decision, in_crm(4, None, 10))
    assert not decision.lead.permission.may_call


def test_a_persons_choice_of_owner_stands_unless_it_was_made_before() -> None:
    decision = owned()
    hop = decision.lead.ownership.hop
    owner = decision.lead.ownership.with_(why="override", since=NOW, rep="marek")
    decision.lead = decision.lead.with_(ownership=owner)
    told_again(decision, says(2, 1, "contact"), **{"do not contact": "yes"})
    assert decision.lead.wanted is not None
    people.given(decision)
    chosen = decision.lead.ownership.with_(why="override", since=NOW + timedelta(minutes=2), rep="marek", queue=None)
    decision.lead = decision.lead.with_(ownership=chosen)
    told_again(decision, says(3, 3, "demo"))
    assert (decision.lead.wanted, decision.lead.clock("first_contact")) == (None, None)
    assert decision.lead.ownership.hop == hop + 1


def test_facts_carry_no_words_of_anybody() -> None:
    decision = told(words(email="ada@example.com", **{"marketing consent": "Yes, write to ada@example.com"}))
    [changed] = [fact for fact in decision.facts if isinstance(fact, ConsentChanged)]
    assert changed.model_dump() == {"purpose": "mail", "given": True}


def test_folding_the_log_gives_what_was_decided() -> None:
    decision = owned(**{"do not call": "yes", "callback time": "2026-11-24 14:30"})
    assert fold(Lead(lead_id="0" * 32), [(fact, NOW) for fact in decision.facts]) == decision.lead


@given(
    st.sampled_from(["Call", "Follow up", "Say why: unqualified", "Send the newsletter", "Get in touch"]),
    st.booleans(),
    st.sampled_from([(), ("call",), ("any",), ("call", "any")]),
)
def test_a_step_is_worded_once_however_often(what: str, in_queue: bool, hows: tuple[str, ...]) -> None:
    lead = Lead(lead_id="0" * 32)
    for how in hows:
        lead = ContactForbidden.model_validate({"how": how, "who": "website"}).apply(lead, NOW)
    once = worded(what, lead.permission, in_queue=in_queue)
    assert worded(once, lead.permission, in_queue=in_queue) == once
    assert (once == what) == (not hows)
    free = worded(once, Lead(lead_id="0" * 32).permission, in_queue=in_queue)
    assert free in (what, "Get in touch")


def test_no_rule_can_bring_them_back_to_a_rep() -> None:
    decision = owned()
    told_again(decision, says(2, 1, "contact"), **{"do not contact": "yes"})
    people.given(decision)
    decision.rules = any_rules(dict.fromkeys(ROUTES, "take"), "Call")
    told_again(decision, says(3, 4, "demo"))
    assert not any(isinstance(fact, LeadAssigned) for fact in decision.facts)
    assert decision.lead.wanted is None


def test_who_refuses_calls_is_on_no_call_list_any_more() -> None:
    lead = Lead(lead_id="0" * 32, listed_on="2026-11-24", alerted=True)
    for how in ("call", "any"):
        assert ContactForbidden.model_validate({"how": how, "who": "website"}).apply(lead, NOW).listed_on is None
