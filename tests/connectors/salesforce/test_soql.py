"""SOQL: what is understood is answered as Salesforce answers it, everything else is refused."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from simple_salesforce.exceptions import SalesforceMalformedRequest
from simple_salesforce.format import format_soql

from connectors.salesforce.sandbox.errors import Bad
from connectors.salesforce.sandbox.soql import parsed
from leadrelay.local.crm_world import World
from tests.connectors.salesforce.org import QUEUE, REP, Org, client, standing

NOW = datetime(2026, 3, 2, 12, 0, tzinfo=UTC)


class Clock:
    at = NOW

    def __call__(self) -> datetime:
        return self.at


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def org(clock: Clock) -> Iterator[Org]:
    with standing(world=World(clock)) as org:
        for number, (name, company, size) in enumerate(
            [("Ames", "Elm", 10), ("Berg", "Fir", 200), ("O'Neil", "Elm", None), ("Dahl", "100% Oak_", 50)]
        ):
            clock.at = NOW - timedelta(days=3 - number)
            org.lead(LastName=name, Company=company, NumberOfEmployees=size, OwnerId=QUEUE if number == 3 else REP)
        clock.at = NOW
        yield org


def names(org: Org, rest: str) -> list[str]:
    return [row["LastName"] for row in org.client.query(f"SELECT LastName FROM Lead {rest}")["records"]]


@pytest.mark.parametrize(
    ("rest", "found"),
    [
        ("WHERE Company = 'elm'", ["Ames", "O'Neil"]),
        ("WHERE Company != 'Elm'", ["Berg", "Dahl"]),
        ("WHERE Company <> 'Elm' AND NumberOfEmployees > 100", ["Berg"]),
        ("WHERE NumberOfEmployees = null", ["O'Neil"]),
        ("WHERE NumberOfEmployees != null", ["Ames", "Berg", "Dahl"]),
        ("WHERE NumberOfEmployees >= 50 AND (Company = 'Fir' OR Company = 'Elm')", ["Berg"]),
        ("WHERE NumberOfEmployees < 50", ["Ames"]),
        ("WHERE NumberOfEmployees <= 50", ["Ames", "Dahl"]),
        ("WHERE NOT Company = 'Elm'", ["Berg", "Dahl"]),
        ("WHERE (NOT Company LIKE 'e%') AND IsConverted = false", ["Berg", "Dahl"]),
        ("WHERE Company LIKE '_lm'", ["Ames", "O'Neil"]),
        (r"WHERE Company LIKE '100\% Oak\_'", ["Dahl"]),
        (r"WHERE Company LIKE '1__\% %'", ["Dahl"]),
        (r"WHERE LastName = 'O\'Neil'", ["O'Neil"]),
        ("WHERE LastName IN ('ames', 'Dahl', 'x')", ["Ames", "Dahl"]),
        ("WHERE LastName NOT IN ('Ames', 'Dahl')", ["Berg", "O'Neil"]),
        ("WHERE NumberOfEmployees NOT IN (10, 200)", ["O'Neil", "Dahl"]),
        ("WHERE IsConverted = true", []),
        ("WHERE CreatedDate = TODAY", ["Dahl"]),
        ("WHERE CreatedDate < TODAY", ["Ames", "Berg", "O'Neil"]),
        ("WHERE CreatedDate >= YESTERDAY", ["O'Neil", "Dahl"]),
        ("WHERE CreatedDate = LAST_N_DAYS:2", ["Berg", "O'Neil", "Dahl"]),
        ("WHERE CreatedDate > 2026-02-28T12:00:00Z", ["O'Neil", "Dahl"]),
        ("WHERE CreatedDate >= 2026-02-28T13:00:00+01:00", ["Berg", "O'Neil", "Dahl"]),
        ("WHERE Owner.Type = 'Queue' OR Owner.Name = 'x'", ["Dahl"]),
        ("WHERE Owner.Name = 'inbound'", ["Dahl"]),
        ("WHERE Owner.Type = 'User' AND Company = 'Fir'", ["Berg"]),
        ("ORDER BY Company, LastName DESC", ["Dahl", "O'Neil", "Ames", "Berg"]),
        ("ORDER BY NumberOfEmployees", ["O'Neil", "Ames", "Dahl", "Berg"]),
        ("ORDER BY NumberOfEmployees DESC NULLS LAST", ["Berg", "Dahl", "Ames", "O'Neil"]),
        ("ORDER BY Id DESC LIMIT 2", ["Dahl", "O'Neil"]),
        ("ORDER BY Id LIMIT 2 OFFSET 1", ["Berg", "O'Neil"]),
        ("LIMIT 0", []),
    ],
)
def test_what_is_asked_is_found(org: Org, rest: str, found: list[str]) -> None:
    assert names(org, rest) == found


def test_ids_compare_in_both_lengths(org: Org) -> None:
    rows = org.client.query("SELECT Id FROM Lead ORDER BY Id")["records"]
    second = rows[1]["Id"]
    assert names(org, f"WHERE Id = '{second[:15]}'") == ["Berg"]
    assert names(org, f"WHERE Id > '{second}' ORDER BY Id") == ["O'Neil", "Dahl"]
    assert names(org, f"WHERE OwnerId IN ('{REP[:15]}')") == ["Ames", "Berg", "O'Neil"]


def test_parents_are_objects_inside_the_record(org: Org) -> None:
    task = {"WhoId": org.lead(OwnerId=QUEUE), "Subject": "Call", "OwnerId": REP}
    org.client.Task.create(task)
    org.client.Task.create({"Subject": "Nobody"})
    row, empty = org.client.query("SELECT Subject, Who.Name, Who.Type, Owner.Name FROM Task")["records"]
    assert (row["Who"]["Name"], row["Who"]["Type"], row["Owner"]["Name"]) == ("Ames", "Lead", "Dana Reyes")
    assert row["Who"]["attributes"]["type"] == "Lead"
    assert empty["Who"] is None


def test_groups_are_counted(org: Org) -> None:
    query = "SELECT OwnerId, COUNT(Id) n, MAX(NumberOfEmployees), SUM(NumberOfEmployees) FROM Lead GROUP BY OwnerId"
    first, second = org.client.query(query)["records"]
    assert first["attributes"] == {"type": "AggregateResult"}
    assert (first["OwnerId"], first["n"], first["expr0"], first["expr1"]) == (REP, 3, 200, 210)
    assert (second["OwnerId"], second["n"]) == (QUEUE, 1)
    by_name = org.client.query("SELECT Owner.Name, COUNT(Id) n FROM Lead GROUP BY Owner.Name")["records"]
    assert {row["Name"]: row["n"] for row in by_name} == {"Dana Reyes": 3, "Inbound": 1}
    total = org.client.query("SELECT COUNT() FROM Lead WHERE Company = 'Elm'")
    assert (total["totalSize"], total["records"]) == (2, [])
    [alone] = org.client.query("SELECT COUNT_DISTINCT(Company) FROM Lead")["records"]
    assert alone["expr0"] == 3


def test_a_subselect_chooses_ids(org: Org) -> None:
    contact = org.hands.convert(org.lead(LastName="Eck"), "Deal")["Contact"]
    org.client.Contact.create({"LastName": "Without"})
    inner = "SELECT ContactId FROM OpportunityContactRole WHERE Opportunity.IsClosed = false"
    query = f"SELECT Id FROM Contact WHERE Id IN ({inner})"
    assert [row["Id"] for row in org.client.query(query)["records"]] == [contact]


def test_long_answers_come_in_pages(org: Org) -> None:
    org.sandbox.dialect.configure({"page_size": 3})
    first = org.client.query("SELECT LastName FROM Lead ORDER BY Id")
    assert (first["totalSize"], first["done"], len(first["records"])) == (4, False, 3)
    rest = org.client.query_more(first["nextRecordsUrl"], identifier_is_url=True)
    assert (rest["done"], [row["LastName"] for row in rest["records"]]) == (True, ["Dahl"])
    assert "nextRecordsUrl" not in rest
    assert len(org.client.query_all("SELECT Id FROM Lead")["records"]) == 4
    wrong = first["nextRecordsUrl"].replace("-3", "-9")
    with pytest.raises(SalesforceMalformedRequest, match="INVALID_QUERY_LOCATOR"):
        org.client.query_more(wrong, identifier_is_url=True)


def test_answers_in_parts_stay_apart(org: Org) -> None:
    org.sandbox.dialect.configure({"page_size": 1})
    queries = [f"SELECT LastName FROM Lead WHERE LastName IN ('{name}', 'Dahl')" for name in ("Ames", "Berg")]
    firsts = [org.client.query(query) for query in queries]
    seconds = [org.client.query_more(first["nextRecordsUrl"], identifier_is_url=True) for first in firsts]
    assert [first["records"][0]["LastName"] for first in firsts] == ["Ames", "Berg"]
    assert [second["records"][0]["LastName"] for second in seconds] == ["Dahl", "Dahl"]
    assert len({first["nextRecordsUrl"] for first in firsts}) == 2


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("", "MALFORMED_QUERY"),
        ("SELECT", "MALFORMED_QUERY"),
        ("SELECT FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id Lead", "MALFORMED_QUERY"),
        ("SELECT * FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company = ", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company = 'a", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company = Elm", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company LIKE 'a' AND Id != null OR Id = null", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE (Company = 'a'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company IN 'a'", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE Company IN ()", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT 1.5", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead LIMIT -1", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead; DELETE FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id, COUNT(Id) FROM Lead GROUP BY OwnerId", "MALFORMED_QUERY"),
        ("SELECT (SELECT Id FROM Tasks) FROM Lead", "MALFORMED_QUERY"),
        ("SELECT Id FROM Lead WHERE CreatedDate > null", "MALFORMED_QUERY"),
        ("SELECT Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Nope = 1", "INVALID_FIELD"),
        ("SELECT Id FROM Lead ORDER BY Nope", "INVALID_FIELD"),
        ("SELECT Boss.Name FROM Lead", "INVALID_FIELD"),
        ("SELECT Owner.Nope FROM Lead", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE CreatedDate > '2026-01-01T00:00:00Z'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Company = 5", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE IsConverted = 'true'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE IsConverted > false", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE NumberOfEmployees = '5'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Description = 'x'", "INVALID_FIELD"),
        ("SELECT Id FROM Lead WHERE Id = 'x'", "INVALID_QUERY_FILTER_OPERATOR"),
        ("SELECT Id FROM Leads", "INVALID_TYPE"),
    ],
)
def test_what_is_not_understood_is_refused(org: Org, query: str, code: str) -> None:
    with pytest.raises(SalesforceMalformedRequest) as caught:
        org.client.query(query)
    body: Any = caught.value.content
    assert body[0]["errorCode"] == code


def test_a_query_may_not_be_endless() -> None:
    with pytest.raises(Bad, match="100000"):
        parsed("SELECT Id FROM Lead WHERE Company = '" + "a" * 100_000 + "'")


def verdict(text: str) -> str:
    try:
        parsed(text)
    except Bad as bad:
        return bad.code
    return "understood"


@given(st.text(max_size=80))
def test_no_text_breaks_the_parser(text: str) -> None:
    assert verdict(text) in {"MALFORMED_QUERY", "understood"}


WORDS = "SELECT Id FROM Lead WHERE ( ) AND OR NOT IN = 'a' , LIKE NULL 5 GROUP BY ORDER COUNT("


@given(st.lists(st.sampled_from(WORDS.split())))
def test_no_order_of_words_breaks_the_parser(words: list[str]) -> None:
    assert verdict(" ".join(["SELECT", "Id", *words])) in {"MALFORMED_QUERY", "understood"}


@given(st.text(max_size=40))
def test_a_text_means_itself_when_it_was_quoted(text: str) -> None:
    query = parsed(format_soql("SELECT Id FROM Lead WHERE Company = {}", text))
    assert query.where is not None
    assert query.where.values[0].value == text  # type: ignore[union-attr]


def test_two_clients_see_the_same(org: Org) -> None:
    assert client(org.sandbox).query("SELECT COUNT() FROM Lead")["totalSize"] == 4
