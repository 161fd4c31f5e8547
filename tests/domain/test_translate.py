"""From the words of many forms in four languages to our fields: the most specific map wins."""

from __future__ import annotations

import pytest

from leadrelay.domain.person import normal
from leadrelay.domain.person.translate import translate
from leadrelay.domain.sources.policy import FormPolicy, SourcePolicy
from leadrelay.domain.touch import Answer, Origin, Words
from leadrelay.ports.records import LeadRecord
from leadrelay.ports.store import RECORD_BYTES
from tests.domain.people import heard, told, touch, words
from tests.system import default_rules

FIELDS = default_rules().fields


def said_by(words: Words) -> dict[str, object]:
    """What the sender's words become, without what we conclude from them."""
    return {name: value for name, value in heard(words).values.items() if name != "account.domain"}


def test_a_forms_map_wins_over_its_sources_over_the_vendors_over_everybodys() -> None:
    said = words(email="common@example.com", q1="vendor@example.com", q2="source@example.com", q3="form@example.com")
    maps = {"defaults": {"lead.email": ("q1",)}, "map": {"lead.email": ("q2",)}}

    def first(answers: Words, **changes: object) -> object:
        source = SourcePolicy.model_validate({"vendor": "webform", **changes})
        return translate(touch(), answers, source, FIELDS).get("lead.email")

    def named(key: str) -> Words:
        return Words(answers=(Answer(key=key, values=("Ada",)),))

    assert first(said) == "common@example.com"
    only = Words(answers=said.answers[1:])
    assert first(only) is None
    assert first(only, **maps) == "vendor@example.com"
    # The same name in two maps: the more specific one says what it means.
    source = SourcePolicy(
        vendor="webform",
        defaults={"lead.first_name": ("q",)},
        map={"lead.last_name": ("q",)},
        forms={"demo": FormPolicy(map={"lead.city": ("q",)})},
    )
    answer = named("q")
    assert translate(touch(form="demo"), answer, source, FIELDS) == {"lead.city": "Ada"}
    assert translate(touch(form="other"), answer, source, FIELDS) == {"lead.last_name": "Ada"}
    assert translate(touch(), answer, source.with_(map={}, forms={}), FIELDS) == {"lead.first_name": "Ada"}
    email = SourcePolicy(vendor="webform", map={"lead.job_title": ("email",)})
    assert translate(touch(), named("E-Mail"), email, FIELDS) == {}  # "E-Mail" folds to another name than "email"
    assert translate(touch(), named("EMAIL"), email, FIELDS) == {"lead.job_title": "Ada"}


@pytest.mark.parametrize(
    ("key", "value", "field", "code"),
    [
        ("Branża", "Oprogramowanie", "account.industry", "software"),
        ("Delatnost", "Bankarstvo", "account.industry", "finance"),
        ("Branche", "Maschinenbau", "account.industry", "manufacturing"),
        ("Industry", "E-commerce", "account.industry", "ecommerce"),
        ("Kraj", "Niemcy", "account.country", "DE"),
        ("Zemlja", "Srbija", "account.country", "RS"),
        ("Land", "Österreich", "account.country", "AT"),
        ("country", "pl", "account.country", "PL"),
        ("Liczba pracowników", "ponad 500", "account.employees", 501),
        ("Broj zaposlenih", "51-200", "account.employees", 51),
        ("Mitarbeiterzahl", "über 1000", "account.employees", 1001),
        ("Decydent", "tak", "lead.budget_authority", True),
        ("Da li odlučujete o budžetu", "donosim odluke", "lead.budget_authority", True),
        ("Entscheider", "ich empfehle", "lead.budget_authority", False),
        ("IMIĘ", "Zażółć", "lead.first_name", "Zażółć"),
        ("Nachricht", "Bitte rufen Sie an", "lead.message", "Bitte rufen Sie an"),
        ("adres_e-mail *", "ADA@example.com", "lead.email", "ada@example.com"),
        ("Język", "Po polsku", "lead.language", "pl"),
        ("industry", "Beekeeping", "account.industry", "Beekeeping"),
    ],
)
def test_names_and_values_of_our_languages(key: str, value: str, field: str, code: object) -> None:
    assert said_by(Words(answers=(Answer(key=key, values=(value,)),))) == {field: code}


def test_the_label_people_saw_helps_when_the_key_says_nothing() -> None:
    answer = Answer(key="field_17", label="Adres e-mail", values=("ada@example.com",))
    assert said_by(Words(answers=(answer,))) == {"lead.email": "ada@example.com"}


def test_the_first_readable_answer_wins_and_the_unreadable_is_left_out() -> None:
    said = Words(
        answers=(
            Answer(key="email", values=("not an address",)),
            Answer(key="work email", values=("ada@example.com",)),
            Answer(key="mail", values=("late@example.com",)),
            Answer(key="phone", values=("", " ")),
        )
    )
    assert said_by(said) == {"lead.email": "ada@example.com"}


def test_one_name_becomes_two_where_two_were_not_given() -> None:
    assert heard(words(name="Ada Maria Example")).values == {
        "lead.full_name": "Ada Maria Example",
        "lead.first_name": "Ada",
        "lead.last_name": "Maria Example",
    }
    both = heard(words(name="Somebody Else", last_name="Example")).values
    assert both["lead.last_name"] == "Example"


def test_only_declared_products_travel_as_codes() -> None:
    asked = heard(words(email="a@example.com", product="Analityka"), touch(form="offer"))
    assert asked.attribution is not None
    assert asked.attribution.product == "analytics"
    typed = heard(words(email="a@example.com", product="call me at ada@example.com"), touch(form="offer"))
    assert typed.attribution is not None
    assert typed.attribution.product is None


def test_only_names_that_the_rules_know_become_signals() -> None:
    made_up = touch(origin_source="x" * 60)
    assert heard(words(email="a@example.com"), made_up).signals == ("demo_request",)
    event = touch().with_(kind="behaviour", event="invented")
    assert heard(words(email="a@example.com"), event).signals == ()
    assert heard(words(), event.with_(event="pricing_page_viewed")).signals == ("pricing_page_viewed",)


def test_the_channel_is_the_first_class_that_holds() -> None:
    def channel(**origin: str) -> str:
        found = heard(words(email="a@example.com"), touch().with_(origin=Origin(form="demo", **origin))).attribution
        assert found is not None
        return found.channel

    assert channel() == "website"
    assert channel(origin_source="linkedin", medium="cpc") == "paid_social"
    assert channel(origin_source="linkedin") == "social"
    assert channel(medium="newsletter") == "email"


def test_whoever_fills_every_field_to_the_brim_still_fits_a_record() -> None:
    """400 KB of the longest letters, and of those that JSON writes twice, in every field that there is."""
    for letter in ("ж", "𝔘", '"'):
        said = dict.fromkeys(FIELDS.fields, letter * 400_000)
        decision = told(words(**{**said, "lead.email": "ada@firma.example"}))
        record = LeadRecord(version=1, lead=decision.lead, profile=decision.profile)
        assert len(record.model_dump_json().encode()) < RECORD_BYTES
        assert (decision.profile.text("lead.city") or "").strip(letter) == ""
        assert (decision.profile.text("lead.message") or "").startswith(letter * 2000)


def test_a_text_is_cut_between_its_letters() -> None:
    assert normal.cut("żżż", 5) == "żż"
    assert normal.cut("  ", 5) is None
    assert normal.cut("abc", 5) == "abc"
