"""What follows from what is known: the weakest values of a profile, made anew each time, and the same in any order."""

from __future__ import annotations

from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.decide import hear, judge
from leadrelay.domain.decision import Decision
from leadrelay.domain.enrichment import languages, places
from leadrelay.domain.enrichment.derive import derived
from leadrelay.domain.enrichment.reachable import EMAIL_KINDS, PHONE_KINDS, email_kind, phone_facts
from leadrelay.domain.lead import Lead
from leadrelay.domain.person.profile import DERIVED, Plain, Profile, Value
from leadrelay.domain.person.translate import translate
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from tests.domain.people import NOW, heard, profile, told, touch, words
from tests.system import default_rules

RULES = default_rules()


def follows(**values: Plain) -> dict[str, Plain]:
    """What is derived from these, and nothing else."""
    known = derived(profile(**values), None, RULES).values
    return {name: value.value for name, value in known.items() if value.derived}


# -- addresses and numbers


@pytest.mark.parametrize(
    ("address", "kind"),
    [
        ("ada@firma.example", "company"),
        ("info@firma.example", "role"),
        ("ada@gmail.com", "free"),
        ("biuro@wp.pl", "role"),
        ("ada@poczta.onet.pl", "free"),
        ("ada@mailinator.com", "disposable"),
        ("info@mailinator.com", "disposable"),
        ("ada@any.mailinator.com", "disposable"),
        ("ada@mailinator.com.example", "company"),
        ("ада@фирма.рс", "company"),
    ],
)
def test_the_kind_of_an_address(address: str, kind: str) -> None:
    assert email_kind(address, RULES.fields) == kind


@pytest.mark.parametrize(
    ("number", "kind", "country"),
    [
        ("+48512345678", "mobile", "PL"),
        ("+48222345678", "fixed", "PL"),
        ("+48800123456", "toll_free", "PL"),
        ("+381631234567", "mobile", "RS"),
        ("+381112345678", "fixed", "RS"),
        ("+4915123456789", "mobile", "DE"),
        ("+12025550123", "fixed_or_mobile", "US"),
        ("+80012345678", "toll_free", None),
        ("+48000000000", "invalid", "PL"),
    ],
)
def test_the_kind_and_the_country_of_a_number(number: str, kind: str, country: str | None) -> None:
    assert phone_facts(number) == (kind, country)


@given(st.text(max_size=40))
def test_any_text_as_a_number_has_a_defined_result(text: str) -> None:
    facts = phone_facts(text)
    assert facts is None or facts[0] in PHONE_KINDS.values()


@given(st.text(max_size=60))
def test_any_text_as_an_address_has_a_defined_result(text: str) -> None:
    assert email_kind(text, RULES.fields) in EMAIL_KINDS


# -- languages and places


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Dzień dobry, proszę o ofertę dla naszej firmy.", "pl"),
        ("Dzien dobry, prosze o oferte, ile to jest dla 5 osob i jak to jest?", "pl"),
        ("Dobar dan, zanima me cena i da li imate integraciju.", "sr"),
        ("Добар дан, занима ме цена. Хвала, Ђорђе", "sr"),
        ("Guten Tag, wir haben Interesse und bitte um ein Angebot.", "de"),
        ("Hello, we are interested in your product. What is the price?", "en"),
        ("Добрый день, пришлите цены", None),
        ("OK", None),
        ("", None),
        ("demo", None),
        ("12345 !!!", None),
        ("Bonjour, je voudrais une offre", None),
        ("i na i na firma firmu cena", None),  # Polish or Serbian: one word more is no evidence
    ],
)
def test_the_language_of_a_message(text: str, language: str | None) -> None:
    assert languages.written_in(text) == language


@given(st.text(max_size=500))
def test_any_text_has_one_of_our_languages_or_none(text: str) -> None:
    assert languages.written_in(text) in {None, "en", "pl", "sr", "de"}


@pytest.mark.parametrize(
    ("code", "language"),
    [("pl", "pl"), ("pl-PL", "pl"), ("sr_Latn_RS", "sr"), ("EN", "en"), ("", None), ("polish", None)],
)
def test_the_language_of_a_code(code: str, language: str | None) -> None:
    assert languages.of_code(code) == language


def test_every_time_zone_exists() -> None:
    from zoneinfo import ZoneInfo

    assert len(places.TIME_ZONES) > 70
    for country, zone in places.TIME_ZONES.items():
        assert len(country) == 2
        assert ZoneInfo(zone).key == zone
    assert not {"US", "RU", "CA", "AU", "BR", "ES", "PT"} & set(places.TIME_ZONES), "several times, so none"


@pytest.mark.parametrize(
    ("domain", "country"),
    [
        ("firma.pl", "PL"),
        ("acme.co.uk", "GB"),
        ("startup.io", None),
        ("firma.me", None),
        ("firma.com", None),
        ("x", None),
    ],
)
def test_the_country_of_a_domain(domain: str, country: str | None) -> None:
    assert places.country_of_domain(domain) == country


# -- together


def test_everything_that_follows() -> None:
    assert follows(
        lead__email="ada@firma.pl",
        account__domain="firma.pl",
        lead__phone="+48512345678",
        lead__job_title="Dyrektorka sprzedaży",
        lead__postcode="80-255",
        lead__message="Dzień dobry, proszę o ofertę dla naszej firmy",
    ) == {
        "lead.email_kind": "company",
        "lead.phone_kind": "mobile",
        "lead.country": "PL",
        "lead.language": "pl",
        "lead.time_zone": "Europe/Warsaw",
        "account.region": "pl_north",
        "lead.seniority": "director",
        "lead.department": "sales",
    }


@pytest.mark.parametrize(
    ("values", "country"),
    [
        ({"account__country": "DE", "lead__phone": "+48512345678"}, "DE"),
        ({"lead__phone": "+48512345678", "account__domain": "firma.rs"}, "PL"),
        ({"account__domain": "firma.rs"}, "RS"),
        ({"account__domain": "firma.com"}, None),
        ({}, None),
    ],
)
def test_a_country_is_the_surest_there_is(values: dict[str, Plain], country: str | None) -> None:
    assert follows(**values).get("lead.country") == country


def test_where_they_were_is_surer_than_their_number() -> None:
    decision = told(words(email="ada@firma.example", phone="+48512345678"), touch(country="rs", language="de-AT"))
    assert decision.profile.text("lead.country") == "RS"
    assert decision.profile.text("lead.language") == "de"
    assert "account.country" not in decision.profile.values, "a guess at a country earns no points"


def test_what_somebody_says_is_never_replaced() -> None:
    said = words(
        email="ada@firma.example", job_title="CEO", seniority="Student", language="Serbian", department="Sales"
    )
    found = told(said, touch(language="pl")).profile.values
    assert (found["lead.seniority"].value, found["lead.seniority"].basis) == ("trainee", "verified")
    assert (found["lead.language"].value, found["lead.department"].value) == ("sr", "sales")


def test_a_derived_value_has_the_touch_it_came_from() -> None:
    value = told(words(email="ada@firma.example", job_title="CEO")).profile.values["lead.seniority"]
    assert value == Value(value="executive", basis="enriched", source=DERIVED, touch_id=touch().touch_id, at=NOW)


def test_whoever_looks_it_up_outranks_what_only_follows() -> None:
    old = Value(value="PL", basis="enriched", source="hubspot", touch_id="a", at=NOW - timedelta(days=300))
    new = Value(value="RS", basis="enriched", source=DERIVED, touch_id="z", at=NOW)
    assert old.outranks(new)
    assert not new.outranks(old)
    assert Profile().learn([("f", new), ("f", old)]).text("f") == "PL"


def test_what_no_longer_follows_is_gone() -> None:
    known = derived(profile(lead__job_title="CEO"), None, RULES)
    new = known.learn(
        [("lead.job_title", known.values["lead.job_title"].with_(value="Gärtner", at=NOW + timedelta(1)))]
    )
    assert derived(known, None, RULES) is known
    assert "lead.seniority" not in derived(new, None, RULES).values


def test_fields_that_the_rules_do_not_keep_are_left_out() -> None:
    few = {name: field for name, field in RULES.fields.fields.items() if name != "lead.seniority"}
    rules = Rules.of(RULES.with_(fields=RULES.fields.with_(fields=few)))
    assert "lead.seniority" not in derived(profile(lead__job_title="CEO"), None, rules).values


def test_a_lead_of_before_is_understood_when_it_is_judged_again() -> None:
    decision = told(words(email="ada@firma.example", job_title="CEO"))
    bare = {name: value for name, value in decision.profile.values.items() if not value.derived}
    again = Decision(decision.lead.with_(persona=None), Profile(values=bare), RULES, NOW)
    judge(again)
    assert (again.lead.persona, again.profile) == ("executive", decision.profile)


SAID = [
    (words(email="ada@firma.example", job_title="CEO"), touch(1)),
    (
        words(email="ada@firma.example", job_title="Kierowniczka IT", phone="+48512345678"),
        touch(2, at=NOW + timedelta(1)),
    ),
    (words(email="ada@firma.example", title="Vertriebsleiterin"), touch(3, trust="unverified", language="de")),
    (
        words(email="ada@firma.example", message="Dzień dobry, proszę o cenę"),
        touch(4, at=NOW - timedelta(1), country="RS"),
    ),
]


def test_the_order_of_touches_changes_nothing() -> None:
    found = set()
    for order in permutations(range(len(SAID))):
        decision = Decision(Lead(lead_id="1"), Profile(), RULES, NOW)
        for number in (*order, order[0]):
            hear(heard(*SAID[number]), decision)
        found.add(decision.profile.model_dump_json(exclude={"none"}) and str(sorted(decision.profile.plain().items())))
    assert len(found) == 1


def test_a_profile_of_400_kb_and_hostile_texts_have_defined_results() -> None:
    huge = {f"lead__x{number}": "ж" * 5000 for number in range(40)}
    found = follows(**huge, lead__job_title="CEO " * 2000, lead__message="а" * 5000, lead__postcode="9" * 5000)
    assert found["lead.seniority"] == "executive"
    assert "lead.language" not in found


@pytest.mark.parametrize(
    ("full", "first", "last"),
    [
        ("Јелена Петровић", "Јелена", "Петровић"),
        ("Јелена Марија Петровић", "Јелена", "Марија Петровић"),
        ("dr inż. Anna Nowak-Kowalska", "Anna", "Nowak-Kowalska"),
        ("Müller, Hans", "Hans", "Müller"),
        ("Cher", "Cher", None),
        ("Ђорђе", "Ђорђе", None),
    ],
)
def test_a_full_name_is_split_in_any_alphabet(full: str, first: str, last: str | None) -> None:
    said = translate(touch(), words(full_name=full), SourcePolicy(vendor="webform"), RULES.fields)
    assert (said.get("lead.first_name"), said.get("lead.last_name")) == (first, last)
