"""Which account a company name means: never by the name alone, never one of two that fit equally."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.account.match import (
    KEPT,
    Known,
    Match,
    beginning,
    is_news,
    known_as,
    match,
    normal_name,
    with_known,
)
from leadrelay.domain.person.facts import TouchIdentified
from leadrelay.ports.records import LeadRecord, NamesRecord
from leadrelay.ports.store import Change, Put
from tests.domain.test_crowd import seen_by
from tests.domain.test_evidence import facts
from tests.domain.test_merging import form, heard

ACME = Known(domain="acme.example", name="acme polska", country="PL", postcode="00950", phone="+4822123")


@pytest.mark.parametrize(
    ("said", "name"),
    [
        ("ACME Polska Sp. z o.o.", "acme polska"),
        ("Polska Acme", "acme polska"),
        ("Acme Polska spółka z o.o.", "acme polska"),
        ("Žito d.o.o. Beograd", "beograd zito"),
        ("Łódź Software S.A.", "lodz software"),
        ("Müller & Söhne GmbH & Co. KG", "muller sohne"),
        ("Đorđević AD", "dordevic"),
        ("Co.", "co"),
        ("Группа Ромашка", "группа ромашка"),
        ("...", ""),
    ],
)
def test_a_name_has_one_form(said: str, name: str) -> None:
    assert normal_name(said) == name


@given(st.text(max_size=60))
def test_the_form_of_a_name_is_stable(said: str) -> None:
    name = normal_name(said)
    assert name == name.strip()
    assert normal_name(name) == name


@pytest.mark.parametrize(
    ("said", "by"),
    [
        ({"account.name": "Acme Polska", "account.country": "PL"}, ("name", "country", "domain")),
        ({"account.name": "Acme Polska"}, ("name", "domain")),
        ({"account.name": "Akme Polska"}, None),
        ({"account.name": "Akme Polska", "account.country": "PL"}, ("close_name", "country")),
        ({"account.name": "Akme Polska", "account.country": "RS"}, None),
        ({"account.name": "Akme Polska", "lead.postcode": "00-950"}, ("close_name", "postcode")),
        ({"account.name": "Akme Polska", "lead.phone": "+48221239999"}, ("close_name", "phone")),
        ({"account.name": "Alma Polska Group", "account.country": "PL"}, None),
        ({"account.country": "PL"}, None),
    ],
)
def test_a_name_counts_with_a_second_sign(said: dict[str, str], by: tuple[str, ...] | None) -> None:
    assert match(said, [ACME]) == (None if by is None else Match(domain="acme.example", by=by))


def test_of_two_that_fit_equally_none_is_taken_and_the_better_one_wins() -> None:
    twin = ACME.with_(domain="acme-twin.example")
    said = {"account.name": "Akme Polska", "account.country": "PL"}
    assert match(said, [ACME, twin]) is None
    assert match(said, [ACME, ACME.with_(country=None)]) is not None
    found = match({**said, "lead.postcode": "00-950"}, [ACME, twin.with_(postcode=None)])
    assert found is not None
    assert found.domain == "acme.example"


def test_an_account_is_kept_once_and_so_many_at_most() -> None:
    kept: tuple[Known, ...] = ()
    for number in range(KEPT + 5):
        kept = with_known(kept, ACME.with_(domain=f"d{number}.example"))
    assert len(with_known(kept, kept[0])) == len(kept) == KEPT
    assert with_known(kept, kept[0])[-1] == kept[0]
    assert known_as({}, "x.example") is None
    assert beginning("acme polska") == "pol"
    assert beginning("") == ""


def test_who_writes_from_free_mail_is_placed_by_the_companys_name_and_a_second_sign() -> None:
    system = heard(
        form("1", email="ada@firma.pl", company="Firma Sp. z o.o.", country="Poland"),
        form("2", email="jan@gmail.com", company="FIRMA", country="Polska"),
        form("3", email="eva@gmail.com", company="Firma Druga", country="Polska"),
    )
    assert seen_by(system, "jan@gmail.com") == (2, 0)
    assert seen_by(system, "eva@gmail.com") == (None, None)
    said = {fact.account_by for fact in facts(system) if isinstance(fact, TouchIdentified)}
    assert said == {(), ("name", "country", "domain")}


def test_nobody_unproven_names_an_account() -> None:
    system = heard(
        (form("1", email="ada@firma.pl", company="Firma", country="Poland"), "unverified"),
        form("2", email="jan@gmail.com", company="Firma", country="Poland"),
    )
    assert seen_by(system, "jan@gmail.com") == (None, None)


def test_who_is_placed_while_the_account_gets_its_name_is_decided_about_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """What a name means is part of the decision: it must not have moved when that is written."""
    system = heard(form("1", email="ada@firma.pl"))
    taught = NamesRecord(version=1, beginning="fir", accounts=(Known(domain="firma.pl", name="firma", country="PL"),))
    commit, late = system.store.commit, [Change("a colleague", (Put(taught),))]

    def overtaken(change: Change) -> None:
        if late and any(isinstance(put.record, LeadRecord) for put in change.puts):
            commit(late.pop())
        commit(change)

    monkeypatch.setattr(system.store, "commit", overtaken)
    assert system.tell(form("2", email="jan@gmail.com", company="Firma", country="Poland")).status == 200
    system.settle()
    assert not late
    assert seen_by(system, "jan@gmail.com") == (2, 0)
    assert system.telemetry.total("Conflicts", workflow="score") == 1


def test_not_everybody_who_works_there_is_a_new_way_to_know_an_account() -> None:
    """Each would rewrite a row of up to two hundred accounts."""
    accounts, written = tuple[Known, ...](), 0
    for number in range(50):
        new = Known(domain="acme.example", name="acme", phone=f"+48 {number}")
        if is_news(accounts, new):
            accounts, written = with_known(accounts, new), written + 1
    assert (written, len(accounts)) == (3, 3)
    assert not is_news(accounts, accounts[0])
    assert is_news(accounts, Known(domain="other.example", name="acme"))
