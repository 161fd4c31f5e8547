"""Consent: what was said last counts, whoever hears it first; a refusal gives way to proof alone."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.hearing import understood
from leadrelay.domain.person.consent import Consent, Statement, merged, together
from leadrelay.domain.person.permission import allowed, forbidding, standing, told
from leadrelay.domain.person.policy import ConsentPolicy
from leadrelay.domain.person.profile import Profile
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import FormPolicy
from leadrelay.domain.touch import Answer, Touch, Words
from tests.domain import people
from tests.domain.people import NOW, words
from tests.system import default_rules

POLICY = default_rules().fields.consents
PURPOSES = ("mail", "calls", "contact")


def said(given_: bool, day: int, proven: bool = True, touch: str = "t", text: str = "box") -> Statement:
    at = NOW + timedelta(days=day)
    return Statement(given=given_, at=at, proven=proven, source="website", touch_id=touch, text=text)


STATEMENTS = st.lists(
    st.tuples(
        st.sampled_from(PURPOSES),
        st.builds(said, st.booleans(), st.integers(0, 4), st.booleans(), st.sampled_from("ab"), st.sampled_from("xy")),
    ),
    max_size=12,
)


def heard(of: Touch | None = None, rules: Rules | None = None, **answers: str) -> dict[str, Statement]:
    """What a touch with these answers says, by purpose."""
    rules = rules or default_rules()
    spelled = {name.replace("__", " "): value for name, value in answers.items()}
    return dict(understood(of or people.touch(), words(email="a@example.com", **spelled), rules, NOW).consents)


def event(name: str) -> Touch:
    return people.touch(form=None).with_(kind="behaviour", event=name)


@given(STATEMENTS, st.data())
def test_any_order_any_number_of_times_and_any_merge_leave_the_same(
    news: list[tuple[str, Statement]], data: st.DataObject
) -> None:
    one = together({}, news)
    other = together({}, [*data.draw(st.permutations(news)), *news[:3]])
    cut = data.draw(st.integers(0, len(news)))
    parts = merged(together({}, news[cut:]), together({}, news[:cut]))
    for each in (other, parts):
        assert {name: each.get(name, Consent()) for name in PURPOSES} == {
            name: one.get(name, Consent()) for name in PURPOSES
        }


@given(STATEMENTS)
def test_nothing_unproven_takes_a_refusal_back(news: list[tuple[str, Statement]]) -> None:
    consents = together({}, news)
    for purpose, statement in news:
        if statement.given or any(
            each.given and each.proven and each.at > statement.at and (name == purpose or purpose == "contact")
            for name, each in news
        ):
            continue
        assert allowed(consents, {}, POLICY)[purpose] is False


@given(STATEMENTS, st.lists(st.sampled_from(PURPOSES)))
def test_what_a_record_of_the_crm_refuses_is_refused(news: list[tuple[str, Statement]], ticked: list[str]) -> None:
    there = {"hubspot/1": tuple(sorted(set(ticked)))}
    consents = together({}, news)
    assert all(allowed(consents, there, POLICY)[purpose] is False for purpose in ticked)
    found = forbidding(consents, there, POLICY)
    assert {how for how, purpose in (("call", "calls"), ("any", "contact")) if purpose in ticked} <= set(found)


def test_the_newest_proven_word_counts() -> None:
    stories = [
        ([said(True, 1)], True),
        ([said(True, 1), said(False, 2)], False),
        ([said(False, 1), said(True, 2)], True),
        ([said(False, 1), said(True, 2, proven=False)], False),
        ([said(True, 1), said(False, 2, proven=False)], False),
        ([said(False, 1), said(True, 1)], False),
        ([said(False, 1), said(True, 2), said(False, 3)], False),
    ]
    for statements, expected in stories:
        found = standing("mail", together({}, [("mail", each) for each in statements]), POLICY)
        assert found is not None
        assert found.given is expected


def test_who_refuses_all_contact_refuses_everything_until_they_allow_something_again() -> None:
    consents = together({}, [("mail", said(True, 1)), ("contact", said(False, 2))])
    assert allowed(consents, {}, POLICY) == {"mail": False, "calls": False, "contact": False}
    consents = together(consents, [("mail", said(True, 3))])
    assert allowed(consents, {}, POLICY) == {"mail": True, "calls": False}


def test_a_double_opt_in_waits_for_the_click() -> None:
    strict = {
        "mail": ConsentPolicy(says=("newsletter consent",), given_by=("subscription_confirmed",), double_opt_in=True)
    }
    rules = default_rules().with_(fields=default_rules().fields.with_(consents=strict))
    form = heard(rules=rules, newsletter__consent="yes")["mail"]
    click = heard(event("subscription_confirmed"), rules)["mail"]
    assert (form.given, form.proven, click.proven) == (True, False, True)
    assert standing("mail", together({}, [("mail", form)]), strict) is None
    assert standing("mail", together({}, [("mail", form), ("mail", click)]), strict) == click


def test_boxes_of_four_languages_are_read_with_their_words() -> None:
    for name, value in (
        ("Zgoda marketingowa", "tak"),
        ("saglasnost za newsletter", "Da, slažem se"),
        ("Einwilligung Newsletter", "Ja, ich willige ein"),
        ("marketing consent", "true"),
    ):
        statement = heard(**{name: value})["mail"]
        assert (statement.given, statement.text, statement.proven) == (True, name, True)
    for name in ("Nie dzwonić", "ne zvati", "Bitte nicht anrufen", "do not call"):
        assert heard(**{name: "yes"})["calls"].given is False


def test_what_people_saw_is_kept_and_a_box_may_be_ticked_with_its_own_text() -> None:
    label = "Wyrażam zgodę na kontakt telefoniczny w sprawie oferty"
    answers = (Answer(key="zgoda telefoniczna", values=(label,), label=label),)
    rules = default_rules()
    found = dict(understood(people.touch(), Words(answers=answers), rules, NOW).consents)
    assert (found["calls"].given, found["calls"].text) == (True, label)


def test_an_unticked_do_not_call_allows_nothing_and_a_puzzle_says_nothing() -> None:
    assert heard(do__not__call="no") == {}
    assert heard(marketing__consent="perhaps") == {}
    assert heard(marketing__consent="No, thank you")["mail"].given is False


def test_unsubscribing_refuses_mails_and_the_newsletter_allows_them() -> None:
    assert heard(event("unsubscribed"))["mail"].given is False
    assert heard(people.touch(form="newsletter"))["mail"].given is True
    assert heard(people.touch(form="demo")) == {}


def test_a_form_may_name_its_boxes_itself() -> None:
    rules = default_rules()
    form = FormPolicy(map={"consent.mail": ("checkbox_3",), "refuse.calls": ("checkbox_4",)})
    website = rules.sources.sources["website"].with_(forms={"demo": form})
    rules = rules.with_(sources=rules.sources.with_(sources={"website": website}))
    found = heard(rules=rules, checkbox_3="on", checkbox_4="on")
    assert (found["mail"].given, found["calls"].given) == (True, False)


def test_it_is_told_in_words() -> None:
    consents = together({}, [("mail", said(True, 1)), ("contact", said(True, 0, proven=False))])
    there = {"salesforce/00Q1": ("calls",)}
    assert told(consents, there, POLICY) == (
        "calls: no, in salesforce; contact: yes, 23 Nov 2026, website; mail: yes, 24 Nov 2026, website"
    )
    assert told({}, {}, POLICY) is None


def test_statements_are_kept_newest_by_kind_alone() -> None:
    days = [said(False, day) for day in range(5)]
    kept = Consent()
    for each in days:
        kept = kept.heard(each)
    assert list(kept.statements()) == [days[-1]]
    assert all(earlier.order() < later.order() for earlier, later in pairwise(days))


def test_a_profile_brings_its_consents_into_a_merge() -> None:
    one = Profile().agreed([("calls", said(False, 1))])
    other = Profile().agreed([("calls", said(True, 0)), ("mail", said(True, 0))])
    both = one.absorb(other)
    assert both == other.absorb(one)
    assert allowed(both.consents, {}, POLICY) == {"calls": False, "mail": True}
