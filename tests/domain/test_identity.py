"""Normal forms of what names a person, and who may be taken for whom."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.model import code
from leadrelay.domain.person import normal
from leadrelay.domain.person.identity import (
    Identity,
    IdentityKind,
    identities,
    is_role_address,
    is_switchboard,
    may_join,
    may_name,
)
from leadrelay.domain.touch import Words
from tests.domain.people import heard, profile, touch, words
from tests.system import default_rules

FIELDS = default_rules().fields


@pytest.mark.parametrize(
    ("said", "address"),
    [
        (" Ada@Example.COM ", "ada@example.com"),
        ("ａｄａ＠ｅｘａｍｐｌｅ．ｃｏｍ", "ada@example.com"),
        ("ada@żółw.example", "ada@xn--w-uga1v8h.example"),
        ("ada@xn--w-uga1v8h.example", "ada@xn--w-uga1v8h.example"),
        ("ada+news@example.com", "ada+news@example.com"),
        ("no address", None),
        ("ada@", None),
        ("ada@example.com, bob@example.com", None),
        ("", None),
    ],
)
def test_an_address_has_one_form(said: str, address: str | None) -> None:
    assert normal.email(said) == address


def test_look_alikes_of_another_alphabet_are_other_people() -> None:
    cyrillic = normal.email("аda@example.com")
    assert cyrillic != normal.email("ada@example.com")
    assert normal.email("ada@exаmple.com") == "ada@xn--exmple-4nf.com"


@pytest.mark.parametrize(
    ("said", "country", "number"),
    [
        ("22 123 45 67", "PL", "+48221234567"),
        ("+48 22 123-45-67", "RS", "+48221234567"),
        ("0048221234567", "PL", "+48221234567"),
        ("０６０ １２３４５６７", "RS", "+381601234567"),
        ("0301234567", "DE", "+49301234567"),
        ("call me", "PL", None),
        ("12", "PL", None),
        ("22 123 45 67", "", None),
    ],
)
def test_a_number_is_e164_in_the_country_of_its_source(said: str, country: str, number: str | None) -> None:
    assert normal.phone(said, country) == number


@pytest.mark.parametrize(
    ("said", "number"),
    [("51-200", 51), ("200+", 200), ("1 500", 1500), ("1,500 people", 1500), ("many", None), ("9" * 13, None)],
)
def test_of_a_range_the_lower_end_counts(said: str, number: int | None) -> None:
    assert normal.whole_number(said) == number


@pytest.mark.parametrize(
    ("address", "domain"),
    [
        ("a@sales.example.co.uk", "example.co.uk"),
        ("a@gmail.com", None),
        ("a@poczta.onet.pl", None),
        ("a@example.com", "example.com"),
        ("a@host.test", "host.test"),
    ],
)
def test_a_company_is_its_registrable_domain_and_never_free_mail(address: str, domain: str | None) -> None:
    assert normal.company_domain(address, FIELDS.free_mail) == domain


@given(st.text(max_size=200))
def test_a_code_is_short_and_never_an_address(text: str) -> None:
    found = code(text)
    assert found is None or (0 < len(found) <= 96 and "@" not in found and found.isascii() and found.isprintable())
    assert code(found) == (found.strip()[:96] or None if found else None)


@given(st.text(max_size=60))
def test_normal_forms_are_stable(text: str) -> None:
    for form in (normal.email, normal.plain_text, normal.country):
        found = form(text)
        assert found is None or form(found) == found
    number = normal.phone(text, "PL")
    assert number is None or normal.phone(number, "DE") == number


def test_a_touch_names_a_person_by_address_number_and_browser_strongest_first() -> None:
    found = heard(words("cookie-1", email="Ada@example.com", phone="22 123 45 67")).identities
    assert [(each.kind, each.value) for each in found] == [
        ("email", "ada@example.com"),
        ("phone", "+48221234567"),
        ("anonymous", "cookie-1"),
    ]


def test_a_mailbox_of_many_people_names_one_only_together_with_their_name() -> None:
    one, two = (
        identities({"lead.email": "info@example.com", "lead.first_name": name}, touch(), Words(), FIELDS)
        for name in ("Ada", "Bob")
    )
    assert one != two
    assert [each.value for each in one] == ["info@example.com ada"]


def test_a_chat_names_a_person_only_at_its_own_door() -> None:
    at_telegram = touch().with_(vendor="telegram")
    said = words("telegram:77", phone="22 123 45 67")
    assert [
        (each.kind, each.value) for each in identities({"lead.phone": "+48221234567"}, at_telegram, said, FIELDS)
    ] == [
        ("chat", "telegram:77"),
        ("phone", "+48221234567"),
    ]
    assert [each.kind for each in identities({}, touch(), said, FIELDS)] == ["anonymous"]


def test_a_chat_is_one_persons_whatever_addresses_they_give() -> None:
    assert may_join("chat", {"lead.email": "bob@example.com"}, profile(lead__email="ada@example.com"), FIELDS)


@pytest.mark.parametrize(
    ("number", "shared"),
    [
        ("+48800123456", True),  # toll-free
        ("+48801123456", True),  # shared cost
        ("+48221230000", True),  # listed
        ("+48224445566", True),  # in a listed range
        ("+48221230001", False),
        ("+48601123456", False),
    ],
)
def test_a_switchboard_is_known_by_its_kind_or_by_the_rules(number: str, shared: bool) -> None:
    assert is_switchboard(number, FIELDS.with_(shared_phones=("+48221230000", "+4822444*"))) is shared


def test_a_switchboard_names_somebody_only_together_with_their_name() -> None:
    policy = FIELDS.with_(shared_phones=("+48221230000",))
    names: list[dict[str, str]] = [{"lead.first_name": "Ada"}, {"lead.first_name": "Bob"}, {}]
    found = [identities({"lead.phone": "+48221230000", **name}, touch(), Words(), policy)[0].value for name in names]
    assert found == ["+48221230000 ada", "+48221230000 bob", "+48221230000 "]


@pytest.mark.parametrize(
    ("address", "shared"),
    [("biuro@firma.example", True), ("info+web@firma.example", True), ("ada@firma.example", False)],
)
def test_a_mailbox_of_many_is_known_whatever_tag_it_bears(address: str, shared: bool) -> None:
    assert is_role_address(address, FIELDS) is shared


KINDS: tuple[IdentityKind, ...] = ("phone", "anonymous")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    ("theirs", "ours", "joins"),
    [
        ({"lead__email": "ada@example.com"}, {"lead.email": "bob@example.com"}, False),
        ({"lead__email": "ada@example.com"}, {"lead.email": "ada@example.com"}, True),
        ({"lead__email": "ada@example.com"}, {}, True),
        ({}, {"lead.email": "ada@example.com"}, True),
        (
            {"lead__email": "info@example.com", "lead__first_name": "Ada"},
            {"lead.email": "info@example.com", "lead.first_name": "Bob"},
            False,
        ),
        (
            {"lead__email": "info@example.com", "lead__first_name": "Ada"},
            {"lead.email": "info@example.com", "lead.first_name": "ADA"},
            True,
        ),
    ],
)
def test_a_switchboard_or_a_shared_browser_never_joins_two_people(
    kind: IdentityKind, theirs: dict[str, str], ours: dict[str, str], joins: bool
) -> None:
    assert may_join(kind, ours, profile(**theirs), FIELDS) is joins


def test_nobody_unproven_adds_a_name_to_a_proven_one() -> None:
    known = profile(lead__email="ada@example.com")
    other, phone, cookie = (
        Identity(kind="email", value="x@example.com"),
        Identity(kind="phone", value="+48221234567"),
        Identity(kind="anonymous", value="c"),
    )
    assert [may_name(each, "unverified", known) for each in (other, phone, cookie)] == [False, True, True]
    assert all(may_name(each, "verified", known) for each in (other, phone, cookie))


def test_a_phone_without_a_country_code_is_read_in_the_country_of_the_touch_then_of_the_source() -> None:
    assert heard(words(phone="060 1234567"), touch(country="rs")).values["lead.phone"] == "+381601234567"
    assert heard(words(phone="22 123 45 67")).values["lead.phone"] == "+48221234567"
