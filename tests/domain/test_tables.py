"""Decision tables: the first row that holds decides; postcodes are texts; what covers and what overlaps."""

from __future__ import annotations

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from pydantic import ValidationError

from leadrelay.domain.routing.destination import destination
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.record import passed
from leadrelay.domain.routing.tables import Row, Table, asked_of
from leadrelay.domain.rules import Rules
from tests.system import MONDAY_NOON, default_rules

_DIGITS = st.text("0123456789", min_size=5, max_size=5)


def row(**cells: object) -> Row:
    return Row.model_validate({"pool": "sdr", **cells})


def holds(one: Row, **known: object) -> bool:
    return one.holds(asked_of({name.replace("__", "."): value for name, value in known.items()}))


@pytest.mark.parametrize(
    ("written", "postcode", "fits"),
    [
        ("00-001..05-999", "00-001", True),
        ("00-001..05-999", "05-999", True),
        ("00-001..05-999", "05 999", True),
        ("00-001..05-999", "06-000", False),
        ("00-001..05-999", "0", False),
        ("11", "11000", True),
        ("11", "1100", True),
        ("11", "1", False),
        ("11", "21000", False),
        (11, "11000", True),
        ([11, "21..26"], "23000", True),
        ("11 | 21..26", "27000", False),
        ("sw1a", "SW1A 1AA", True),
        ("0..4", "01067", True),
        ("0..4", "50667", False),
        ("05..17", "1", False),
    ],
)
def test_postcodes_are_texts_and_compared_over_as_many_signs_as_the_range_has(
    written: object, postcode: str, fits: bool
) -> None:
    assert holds(row(country="PL", postcode=written), account__country="PL", lead__postcode=postcode) is fits


@pytest.mark.parametrize("written", ["80-87", "05..00", "00..005", "..", "1..2..3", "-"])
def test_what_may_be_read_in_two_ways_is_refused(written: str) -> None:
    with pytest.raises(ValidationError):
        row(country="PL", postcode=written)


def test_a_postcode_needs_its_one_country() -> None:
    for country in ("", "PL|RS"):
        with pytest.raises(ValidationError, match="in one country only"):
            row(country=country, postcode="11")


def test_a_row_leads_to_exactly_one_place() -> None:
    for places in ({}, {"pool": "sdr", "rep": "anna"}):
        with pytest.raises(ValidationError, match="exactly one"):
            Row.model_validate(places)


def test_an_empty_cell_holds_for_everybody_and_an_unknown_value_for_no_other() -> None:
    assert holds(row())
    assert not holds(row(country="PL"))
    assert holds(row(country="PL|RS", language=["sr"]), lead__country="RS", lead__language="sr")
    assert not holds(row(country="PL|RS", language=["sr"]), lead__country="RS", lead__language="en")


def test_what_they_said_goes_before_what_we_guess_and_every_domain_counts() -> None:
    assert not holds(row(country="DE"), account__country="PL", lead__country="DE")
    assert holds(row(product="analytics"), lead__product="analytics")
    assert not holds(row(product="analytics"), touch__product="api", lead__product="analytics")
    assert holds(row(domain="pl.acme.example"), account__domain="acme.example", lead__email_domain="pl.acme.example")
    assert holds(row(domain="acme.example"), account__domain="acme.example", lead__email_domain="pl.acme.example")


def test_the_first_row_that_holds_decides_and_is_named() -> None:
    table = Table(
        rows=(row(country="PL", id="poland"), row(country="PL|RS", pool="ae"), row(queue="nurture", pool=None))
    )
    found = {country: table.row({"account.country": country}) for country in ("PL", "RS", "DE")}
    assert [None if one is None else (one[0], one[1].pool or one[1].queue) for one in found.values()] == [
        ("poland", "sdr"),
        ("2", "ae"),
        ("3", "nurture"),
    ]


# -- in the rules

TERRITORY = RouteRule.model_validate(
    {"id": "territory", "if": "True", "table": "sales", "hand_off": True, "next_step": "Answer", "says": "Territory"}
)


def ruled(table: Table, *others: RouteRule) -> Rules:
    routing = default_rules().routing.with_(rules=(TERRITORY, *others), tables={"sales": table})
    return default_rules().with_(routing=routing)


LAST = RouteRule.model_validate({"id": "last", "if": "True", "queue": "nurture", "says": "The rest"})


def test_a_rule_with_a_table_leads_where_the_row_does_and_says_which() -> None:
    rules = ruled(Table(rows=(row(country="PL", rep="anna", pool=None, says="Poland"), row())), LAST)
    found = destination({"account.country": "PL"}, rules, MONDAY_NOON)
    assert found is not None
    assert (found.id, found.rep, found.pool, found.says) == ("territory/1", "anna", None, "Territory: Poland")
    assert (found.hand_off, found.next_step, found.table) == (True, "Answer", None)
    assert rules.routing.says("territory/1") == "Territory: Poland"
    assert rules.routing.says("territory/2") == rules.routing.says("territory/77") == "Territory"
    assert rules.routing.says("gone/1") is None
    assert rules.routing.says("do_not_contact") == rules.routing.refused.says


def test_a_lead_that_no_row_holds_for_goes_on_to_the_next_rule() -> None:
    rules = ruled(Table(otherwise="next_rule", rows=(row(country="PL"),)), LAST)
    found = destination({"account.country": "DE"}, rules, MONDAY_NOON)
    assert found is not None
    assert found.id == "last"
    assert passed("last", rules.routing) == ("territory",)
    assert passed("territory/1", rules.routing) == ()


# -- properties

_CELL = st.lists(st.sampled_from(["PL", "RS", "DE"]), max_size=2, unique=True)
_PREFIX = st.text("012", min_size=1, max_size=3)


@st.composite
def rows(draw: st.DrawFn) -> Row:
    language = draw(st.lists(st.sampled_from(["pl", "sr"]), max_size=2, unique=True))
    country = draw(_CELL)
    postcode = draw(st.lists(st.one_of(_PREFIX, _ranges()), max_size=2)) if len(country) == 1 else []
    return row(country=country, language=language, postcode=postcode)


@st.composite
def _ranges(draw: st.DrawFn) -> str:
    one, other = sorted(draw(st.tuples(*[st.text("012", min_size=2, max_size=2)] * 2)))
    return f"{one}..{other}"


_LEADS = st.fixed_dictionaries(
    {},
    optional={
        "account.country": st.sampled_from(["PL", "RS", "DE"]),
        "lead.language": st.sampled_from(["pl", "sr", "de"]),
        "lead.postcode": st.text("012", min_size=0, max_size=4),
    },
)


@given(rows(), rows(), _LEADS)
def test_a_row_that_covers_another_holds_wherever_it_does_and_rows_that_do_not_meet_never_both(
    one: Row, other: Row, lead: dict[str, object]
) -> None:
    known = asked_of(lead)
    if one.covers(other) and other.holds(known):
        assert one.holds(known)
    if one.holds(known) and other.holds(known):
        assert one.meets(other)
        assert other.meets(one)
    if one.covers(other):
        assert one.meets(other)
    assert one.covers(one)


@pytest.mark.parametrize(
    ("one", "other", "meets", "covers"),
    [
        ("1", "10", True, True),
        ("1", "10..17", True, True),
        ("10..17", "1", True, False),
        ("05..17", "1", True, False),
        ("05..17", "170..199", True, False),
        ("05..17", "180..199", False, False),
        ("05..17", "05..09", True, True),
    ],
)
def test_postcodes_of_other_length_are_compared_as_far_as_both_go(
    one: str, other: str, meets: bool, covers: bool
) -> None:
    first, second = row(country="DE", postcode=one), row(country="DE", postcode=other)
    assert (first.meets(second), second.meets(first), first.covers(second)) == (meets, meets, covers)


@given(_DIGITS, _DIGITS, _DIGITS)
def test_a_range_is_as_numbers_of_equal_length_are(first: str, last: str, postcode: str) -> None:
    assume(first <= last)
    inside = holds(row(country="DE", postcode=f"{first}..{last}"), account__country="DE", lead__postcode=postcode)
    assert inside is (int(first) <= int(postcode) <= int(last))


@given(rows())
def test_a_row_survives_being_stored(one: Row) -> None:
    assert Row.model_validate(one.model_dump(mode="json")) == one
