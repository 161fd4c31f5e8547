"""Channels: how every touch came, in the channel that RevOps names and in one of eight classes; and who sent them."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.decide import hear
from leadrelay.domain.decision import Decision
from leadrelay.domain.facts import Context, say
from leadrelay.domain.hearing import understood
from leadrelay.domain.lead import Lead, fold
from leadrelay.domain.merging import absorbed, brings
from leadrelay.domain.parting import remainder
from leadrelay.domain.person.facts import TouchIdentified, gained
from leadrelay.domain.rules import Rules
from leadrelay.domain.signal import Attribution, Sent
from leadrelay.domain.sources.channel import CLASSES
from leadrelay.domain.sources.policy import FormPolicy, SourcePolicy
from leadrelay.domain.touch import MACHINE, Origin, Touch, TouchKind
from leadrelay.domain.view import of_touch
from leadrelay.workflows.lake import row
from tests.domain.people import NOW, heard, told, touch, words
from tests.system import default_rules

RULES = default_rules()


def came(form: str | None = "demo", rules: Rules = RULES, source: str = "website", **origin: str) -> Attribution:
    found = heard(words(email="ada@firma.example"), touch(form=form, source=source, **origin), rules).came
    assert found is not None
    return found


@pytest.mark.parametrize(
    ("origin", "channel", "channel_class"),
    [
        ({}, "website", "direct"),
        ({"origin_source": "google", "medium": "cpc"}, "paid_search", "paid"),
        ({"origin_source": "LinkedIn", "medium": "CPC"}, "paid_social", "paid"),
        ({"click_id": "gclid:Cj0K"}, "paid_search", "paid"),
        ({"click_id": "msclkid:1"}, "paid_search", "paid"),
        ({"click_id": "li_fat_id:1"}, "paid_social", "paid"),
        ({"click_id": "fbclid:1"}, "social", "referral"),
        ({"medium": "banner"}, "display", "paid"),
        ({"medium": "organic"}, "organic_search", "seo"),
        ({"referrer": "google.pl"}, "organic_search", "seo"),
        ({"referrer": "linkedin.com"}, "social", "referral"),
        ({"referrer": "blog.example"}, "referral", "referral"),
        ({"medium": "referral"}, "referral", "referral"),
        ({"medium": "email", "referrer": "google.com"}, "email", "outbound"),
        ({"partner": "acme", "click_id": "gclid:1"}, "partner", "partner"),
        ({"medium": "fair"}, "event", "event"),
    ],
)
def test_the_way_somebody_came_and_its_class(origin: dict[str, str], channel: str, channel_class: str) -> None:
    found = came(**origin)
    assert (found.channel, found.channel_class) == (channel, channel_class)
    seen = of_touch(found)
    assert (seen["touch.channel"], seen["touch.channel_class"]) == (channel, channel_class)


def test_a_form_may_tell_more_than_the_link() -> None:
    assert (came("webinar").channel, came("webinar").channel_class) == ("webinar", "webinar")
    assert came("webinar", origin_source="google", medium="cpc").channel == "paid_search"
    assert came(None, source="trade_fair").channel_class == "event"
    assert came(None, source="meta").channel_class == "paid"


def test_every_channel_of_the_rules_has_one_of_the_eight_classes() -> None:
    named = {one.channel for one in RULES.sources.sources.values()} | {one.channel for one in RULES.sources.channels}
    assert {RULES.sources.class_of(channel) for channel in named} <= set(CLASSES)
    assert all(RULES.sources.class_of(one) == one for one in CLASSES)
    assert len(CLASSES) == 8


def test_a_channel_without_a_class_has_none_and_breaks_nothing() -> None:
    bare = Rules.of(RULES.with_(sources=RULES.sources.with_(classes={})))
    found = came(rules=bare)
    assert (found.channel, found.channel_class) == ("website", None)
    assert "touch.channel_class" not in told(words(email="a@firma.example"), rules=bare).seen()


@pytest.mark.parametrize(
    ("kind", "event"),
    [("behaviour", "pricing_page_viewed"), ("activity", "call"), ("submission", None)],
)
def test_whatever_somebody_does_came_by_a_channel(kind: TouchKind, event: str | None) -> None:
    decision = told(words(email="ada@firma.example"))
    of = touch(2, at=NOW + timedelta(hours=1), medium="organic").with_(kind=kind, event=event)
    decision.at, decision.facts = of.received_at, []
    hear(understood(of, words(email="ada@firma.example"), RULES, decision.at), decision)
    said = next(fact for fact in decision.facts if isinstance(fact, TouchIdentified))
    assert (said.source_channel, said.channel_class) == ("organic_search", "seo")
    assert (said.attribution is None) == (kind != "submission")


@pytest.mark.parametrize("kind", ["crm_change", "enrichment"])
def test_what_is_done_to_a_record_or_found_out_came_by_none(kind: TouchKind) -> None:
    found = heard(words(email="ada@firma.example"), touch().with_(kind=kind, event="edited"))
    assert found.came is None


def test_what_people_do_shows_no_intent_of_a_form() -> None:
    """A webinar's form has an intent; looking at a page in between has none."""
    of = touch(form="webinar").with_(kind="behaviour", event="page_viewed")
    assert heard(words(email="ada@firma.example"), of).came == came("webinar").with_(
        channel="website", channel_class="direct", intent=None
    )


# -- partners


def with_partner(source: str | None = None, form: str | None = None) -> Rules:
    website = RULES.sources.sources["website"]
    forms = {**website.forms, "demo": website.forms["demo"].with_(partner=form)}
    sources = {**RULES.sources.sources, "website": website.with_(partner=source, forms=forms)}
    return Rules.of(RULES.with_(sources=RULES.sources.with_(sources=sources)))


def partner(rules: Rules = RULES, said: str | None = None, of: Touch | None = None) -> str | None:
    answers = words(email="ada@firma.example", **({} if said is None else {"partner": said}))
    found = heard(answers, of or touch(), rules).came
    return None if found is None else found.origin.partner


def test_a_partner_is_named_by_the_link_the_form_field_the_form_or_the_source() -> None:
    assert partner(of=touch(partner="link")) == "link"
    assert partner(said="field-1") == "field-1"
    assert partner(with_partner("portal")) == "portal"
    assert partner(with_partner("portal", "page")) == "page"
    assert partner(with_partner("portal", "page"), "field-1") == "field-1"
    assert partner(with_partner("portal"), "field-1", touch(partner="link")) == "link"
    assert partner() is None


@pytest.mark.parametrize("said", ["Anna Kowalska", "anna@firma.example", "x" * 65, "ąć", "", "a,b"])
def test_what_is_no_id_names_no_partner(said: str) -> None:
    assert partner(said=said) is None


@pytest.mark.parametrize("wrong", ["Anna Kowalska", "", "anna@firma.example", "x" * 65])
def test_the_rules_name_partners_by_ids_only(wrong: str) -> None:
    with pytest.raises(ValueError, match="partner"):
        FormPolicy(partner=wrong)
    with pytest.raises(ValueError, match="partner"):
        SourcePolicy(vendor="webform", partner=wrong)


def does(decision: Decision, number: int, hours: float, kind: TouchKind = "submission", **origin: Any) -> None:
    event = None if kind == "submission" else "page_viewed"
    of = touch(number, at=NOW + timedelta(hours=hours), **origin).with_(kind=kind, event=event)
    decision.at = max(decision.at, of.received_at)
    hear(understood(of, words(email="ada@firma.example"), RULES, decision.at), decision)


def partners(lead: Lead) -> tuple[str | None, str | None]:
    first, last = lead.first_partner, lead.last_partner
    return (None if first is None else first.partner), (None if last is None else last.partner)


def test_first_and_last_partner_are_kept_whatever_comes_after() -> None:
    decision = told(words(email="ada@firma.example"), touch(partner="acme"))
    does(decision, 2, 1, partner="bolt")
    does(decision, 3, 2)
    does(decision, 4, 3, "behaviour", medium=MACHINE, partner="robot")
    assert partners(decision.lead) == ("acme", "bolt")
    assert decision.lead.last is not None
    assert decision.lead.last.origin.partner is None
    seen = decision.seen()
    assert (seen["lead.first_partner"], seen["lead.last_partner"]) == ("acme", "bolt")
    does(decision, 5, -1, "behaviour", partner="early")
    assert partners(decision.lead) == ("early", "bolt")
    assert partners(fold(Lead(lead_id="0" * 32), [(fact, NOW) for fact in decision.facts])) == ("early", "bolt")


sent = st.builds(
    lambda partner, hours, number: Sent(partner=partner, at=NOW + timedelta(hours=hours), touch_id=str(number)),
    st.sampled_from("abc"),
    st.integers(0, 5),
    st.integers(0, 3),
)


@given(st.lists(sent, max_size=4, unique_by=lambda one: one.order()), st.integers(0, 4))
def test_in_any_order_and_merged_in_any_way_the_partners_are_the_same(told_of: list[Sent], cut: int) -> None:
    empty = Lead(lead_id="0" * 32)
    whole = empty.sent(*told_of)
    for order in permutations(told_of):
        one, other = empty.sent(*order[:cut]), empty.sent(*order[cut:]).with_(lead_id="1" * 32)
        merged = gained(one, brings(other))
        assert (merged.first_partner, merged.last_partner) == (whole.first_partner, whole.last_partner)


def test_a_merge_brings_the_partners_and_an_unmerge_knows_what_remains() -> None:
    one, other = told(words(email="ada@firma.example"), touch(partner="acme")), told(words(email="b@firma.example"))
    does(other, 2, 1, partner="bolt")
    both = absorbed(other.lead).apply(one.lead, NOW)
    assert partners(both) == ("acme", "bolt")
    assert remainder(one.lead).last_partner == one.lead.last_partner


def test_a_row_of_the_lake_counts_every_touch_by_its_channel() -> None:
    decision = told(words(email="ada@firma.example"), touch(partner="acme"))
    does(decision, 2, 1, "behaviour", medium="organic")
    context = Context(correlation_id="c", causation_id="c", rules_version="v", at=NOW)
    said = say(decision.facts, "x:1", "0" * 32, context)
    rows = [row(one) for one in said if one.name == "TouchIdentified"]
    assert [(one["source_channel"], one["channel_class"], one["partner"]) for one in rows] == [
        ("partner", "partner", "acme"),
        ("organic_search", "seo", None),
    ]


def test_an_origin_of_the_last_release_is_read() -> None:
    assert Origin.model_validate({"form": "demo"}).partner is None
    old = came().model_dump(mode="json", exclude={"channel_class"})
    assert Attribution.model_validate(old).channel_class is None
