"""Titles as people write them, in four languages and two scripts: rank and department, or nothing at all."""

from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.person.title_words import ASSISTANTS, DEPARTMENT, NO_DEPARTMENT, SENIORITY
from leadrelay.domain.person.titles import department, seniority, words_of

TITLES = [
    # English
    ("CEO", "executive", None),
    ("C.E.O.", "executive", None),
    ("Chief Technology Officer", "executive", "it"),
    ("CEO & Founder", "executive", None),
    ("Co-Founder", "executive", None),
    ("Managing Director", "executive", None),
    ("Assistant to the CEO", "specialist", None),
    ("Secretary to the Managing Director", "specialist", None),
    ("Executive Assistant", "specialist", None),
    ("Personal Assistant", "specialist", None),
    ("Product Owner", "specialist", "product"),
    ("Owner", "executive", None),
    ("Partner", "executive", None),
    ("Channel Partner Manager", "manager", None),
    ("HR Business Partner", "specialist", "hr"),
    ("V.P.", "director", None),
    ("VP of Sales", "director", "sales"),
    ("Senior Vice President, Marketing", "director", "marketing"),
    ("Head of IT", "director", "it"),
    ("Deputy Head of Legal", "director", "legal"),
    ("Director of Operations", "director", "operations"),
    ("Sales & Marketing Director", "director", "sales"),
    ("Assistant Director", "manager", None),
    ("Office Manager", "manager", "operations"),
    ("Account Executive", "specialist", "sales"),
    ("Chief Accountant", "manager", "finance"),
    ("Software Engineer", "specialist", "it"),
    ("Procurement Specialist", "specialist", "procurement"),
    ("Marketing Intern", "trainee", "marketing"),
    # Polish
    ("Prezes Zarządu", "executive", None),
    ("Wiceprezes", "executive", None),
    ("Właścicielka", "executive", None),
    ("wlasciciel", "executive", None),
    ("Członkini zarządu", "executive", None),
    ("Dyrektorka sprzedaży", "director", "sales"),
    ("Zastępca dyrektora ds. finansowych", "director", "finance"),
    ("Asystentka zarządu", "specialist", None),
    ("Asystent dyrektora", "specialist", None),
    ("Doradca prezesa", "specialist", None),
    ("Kierowniczka działu zakupów", "manager", "procurement"),
    ("Kierownik ds. IT", "manager", "it"),
    ("Główna księgowa", "manager", "finance"),
    ("Specjalista ds. kadr i płac", "specialist", "hr"),
    ("Radca prawny", "specialist", "legal"),
    ("Stażystka", "trainee", None),
    # Serbian, in both alphabets
    ("Generalni direktor", "executive", None),
    ("Генерални директор", "executive", None),
    ("Vlasnica", "executive", None),
    ("Власник", "executive", None),
    ("direktorka", "director", None),
    ("Директорка продаје", "director", "sales"),
    ("Zamenik direktora", "director", None),
    ("Asistentkinja direktora", "specialist", None),
    ("Секретарица директора", "specialist", None),
    ("Rukovodilac nabavke", "manager", "procurement"),
    ("Руководилац набавке", "manager", "procurement"),
    ("Шеф рачуноводства", "manager", "finance"),
    ("Menadžerka marketinga", "manager", "marketing"),
    ("Менаџер маркетинга", "manager", "marketing"),
    ("Stručnjak za ljudske resurse", "specialist", None),
    ("ДИРЕКТОР ПРАВНЕ СЛУЖБЕ", "director", "legal"),
    # German
    ("Geschäftsführerin", "executive", None),
    ("Geschaeftsfuehrer", "executive", None),
    ("Geschäftsführer*in", "executive", None),
    ("Mitglied der Geschäftsleitung", "executive", None),
    ("Vorstandsassistentin", "specialist", None),
    ("IT-Leiterin", "director", "it"),
    ("Leiter (m/w/d) Einkauf", "director", "procurement"),
    ("Vertriebsleiter", "director", "sales"),
    ("Bereichsleiterin Personal", "director", "hr"),
    ("Teamleiter", "manager", None),
    ("Abteilungsleiterin Buchhaltung", "manager", "finance"),
    ("Sachbearbeiterin", "specialist", None),
    ("Werkstudent Marketing", "trainee", "marketing"),
    # what nobody can know
    ("", None, None),
    ("Director's cut", "director", None),
    ("Cytologist", None, None),
    ("Directory", None, None),
    ("Владелец", None, None),
    ("社長", None, None),
    ("💼", None, None),
    ("x" * 400_000, None, None),
    ("a " * 200_000 + "CEO", None, None),
]


@pytest.mark.parametrize(("title", "rank", "where"), TITLES, ids=[title[:40] for title, _, _ in TITLES])
def test_a_title(title: str, rank: str | None, where: str | None) -> None:
    assert (seniority(title), department(title)) == (rank, where)


@given(st.text(max_size=300))
def test_any_text_has_a_defined_result(title: str) -> None:
    assert seniority(title) in {None, *SENIORITY}
    assert department(title) in {None, *DEPARTMENT}


@given(st.text(alphabet=string.ascii_letters + " .-/" + "śćžđąęłöüßдиректор", max_size=40))
def test_capitals_change_nothing(title: str) -> None:
    assert seniority(title.lower()) == seniority(title.upper().lower()) == seniority(title)


@given(st.sampled_from(["CEO", "Direktor", "Kierowniczka", "Геschäftsführer", "Prezes", "Head of Sales"]))
def test_who_assists_somebody_has_not_their_rank(title: str) -> None:
    assert seniority(f"Assistant to the {title}") == "specialist"
    assert seniority(f"{title} Assistent") == "specialist"


def test_every_phrase_of_the_table_is_written_as_titles_are_read() -> None:
    """A word with a mark, a capital or a hyphen in it would never be found."""
    tables = [*SENIORITY.values(), *DEPARTMENT.values(), ASSISTANTS, NO_DEPARTMENT]
    for phrase in (phrase for table in tables for phrase in table):
        bare = phrase.removeprefix("=").replace("*", "")
        assert words_of(bare) == tuple(bare.split()), phrase


def test_a_phrase_means_one_rank_and_one_department() -> None:
    for table in (SENIORITY, DEPARTMENT):
        phrases = [phrase for words in table.values() for phrase in words]
        assert sorted({one for one in phrases if phrases.count(one) > 1}) == []


@pytest.mark.parametrize("rank", list(SENIORITY))
def test_each_phrase_alone_has_its_rank(rank: str) -> None:
    plain = [phrase.removeprefix("=") for phrase in SENIORITY[rank] if "*" not in phrase]
    wrong = {phrase: seniority(phrase) for phrase in plain if seniority(phrase) != rank}
    assert wrong == {}
