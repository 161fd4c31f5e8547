"""Records as they are now: whatever became of them, whoever they are about, and whatever goes wrong while asking."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from connectors.salesforce import fetch as fetching
from connectors.salesforce.sandbox.ids import shown
from leadrelay.domain.touch import Deal
from leadrelay.local.crm_world import Fault
from leadrelay.ports.errors import Misconfigured, PortError, Reject, Retry
from leadrelay.ports.fetch import Completed
from tests.connectors.salesforce.reading_world import KEY, OTHER, QUEUE, REP, SECRET, Org, org, touch


@pytest.fixture
def here() -> Iterator[Org]:
    with org() as found:
        yield found


def said(found: Completed) -> dict[str, str]:
    return {answer.key: answer.values[0] for answer in found.words.answers}


# -- people


def test_a_lead_says_what_a_rep_may_have_changed(here: Org) -> None:
    values = {"Title": "CTO", "Country": "DE", "Industry": "Banking", "NumberOfEmployees": "120.0", "Phone": "+4930123"}
    lead = here.lead(Status="Working - Contacted", LR_Stage__c="Sales accepted", LR_Key__c=KEY, **values)
    found = here.complete(f"Lead:{lead}")
    assert said(found) == {
        "lead.email": "ada@example.com",
        "lead.phone": "+4930123",
        "lead.first_name": "Ada",
        "lead.last_name": "Example",
        "lead.job_title": "CTO",
        "account.name": "Example Ltd",
        "account.country": "DE",
        "account.industry": "Banking",
        "account.employees": "120",
    }
    assert found.record is not None
    assert (found.event, found.record.kind, found.record.person, found.record.record_id) == (
        "edited",
        "person",
        lead,
        lead,
    )
    assert (found.record.owner, found.record.status, found.record.stage) == (REP, "Working - Contacted", "sal")
    assert (found.record.reason, found.record.was, found.record.deal) == (None, (), None)


def test_status_and_stage_are_in_our_words_where_we_have_them(here: Org) -> None:
    lead = here.lead(Status="Meeting Booked", LR_Stage__c="Marketing qualified")
    record = here.complete(f"Lead:{lead}").record
    assert record is not None
    assert (record.status, record.stage) == ("meeting_booked", "mql")


def test_a_contact_speaks_of_its_company(here: Org) -> None:
    account = here.account(Industry="Banking", NumberOfEmployees="120.0", BillingCountry="DE")
    contact = here.contact(AccountId=account, MobilePhone="+49170123")
    words = said(here.complete(f"Contact:{contact}"))
    assert words["account.name"] == "Example Ltd"
    assert words["account.industry"] == "Banking"
    assert words["account.employees"] == "120"
    assert words["account.country"] == "DE"
    assert words["lead.phone"] == "+49170123"
    own = here.contact(AccountId=account, MailingCountry="AT", Phone="+431234", MobilePhone="+49170123")
    words = said(here.complete(f"Contact:{own}"))
    assert (words["account.country"], words["lead.phone"]) == ("AT", "+431234")


def test_a_contact_without_account_says_less(here: Org) -> None:
    assert set(said(here.complete(f"Contact:{here.contact()}"))) == {"lead.email", "lead.first_name", "lead.last_name"}


def test_what_stands_in_for_something_unknown_is_nobodys_word(here: Org) -> None:
    lead = here.lead(LastName="(unknown)", Company="(unknown)", Industry="Banking (private)")
    words = said(here.complete(f"Lead:{lead}"))
    assert "lead.last_name" not in words
    assert "account.name" not in words
    assert words["account.industry"] == "Banking (private)"


def test_words_in_other_fields_and_a_reason(here: Org) -> None:
    lead = here.lead(Rating="Hot", Description="Too expensive for them", OwnerId=QUEUE)
    options = {"fields": {"job_title": "Rating"}, "reason_fields": {"Lead": "Description"}}
    records = fetching.fetch(SECRET, here.sandbox.url if here.sandbox else None, options)
    found = records.complete(touch(f"Lead:{lead}"))
    assert said(found)["lead.job_title"] == "Hot"
    assert found.record is not None
    assert (found.record.reason, found.record.owner) == ("Too expensive for them", QUEUE)


@pytest.mark.parametrize(
    ("ticked", "refuses"),
    [
        ({}, ()),
        ({"DoNotCall": "true"}, ("calls",)),
        ({"HasOptedOutOfEmail": "true", "LR_Do_Not_Contact__c": "true", "DoNotCall": "false"}, ("contact", "mail")),
    ],
)
def test_what_people_tick_there_is_told_and_so_is_that_nothing_is_ticked(
    here: Org, ticked: dict[str, str], refuses: tuple[str, ...]
) -> None:
    record = here.complete(f"Lead:{here.lead(**ticked)}").record
    assert record is not None
    assert record.refuses == refuses


def test_what_a_rep_knows_of_a_lead_that_is_too_early(here: Org) -> None:
    lead = here.lead(LR_Timing__c="Next quarter", LR_Decision_Maker__c="Not reached", LR_Reason__c="too early")
    record = here.complete(f"Lead:{lead}").record
    assert record is not None
    assert (record.timing, record.decision_maker, record.reason) == ("next_quarter", "not_reached", "too early")


def test_nothing_personal_gets_into_the_codes(here: Org) -> None:
    lead = here.lead(Description="ask ada@example.com")
    record = here.complete(f"Lead:{lead}", reason_fields={"Lead": "Description"}).record
    assert record is not None
    assert record.reason is None
    assert "@" not in record.model_dump_json()


# -- what became of them


def test_a_converted_lead_is_its_contact(here: Org) -> None:
    lead = here.lead()
    made = here.hands.convert(lead)
    found = here.complete(f"Lead:{lead}")
    assert found.record is not None
    assert (found.event, found.record.person, found.record.was) == ("edited", made["Contact"], (lead,))
    assert (found.record.owner, found.record.status) == (None, None), "the lead's own are of the past"
    assert not found.words.answers


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_merged_record_is_the_one_that_won(here: Org, kind: str) -> None:
    make = here.lead if kind == "Lead" else here.contact
    winner, loser = make(), make(Email="ada@example.org")
    here.hands.merge(winner, loser)
    found = here.complete(f"{kind}:{loser}")
    assert found.record is not None
    assert (found.event, found.record.person, found.record.was) == ("edited", winner, (loser,))
    won = here.complete(f"{kind}:{winner}").record
    assert won is not None
    assert (won.person, won.was) == (winner, ())


@pytest.mark.parametrize("kind", ["Lead", "Contact"])
def test_a_deleted_record_is_told(here: Org, kind: str) -> None:
    gone = here.lead() if kind == "Lead" else here.contact()
    here.hands.delete(gone)
    found = here.complete(f"{kind}:{gone}")
    assert found.record is not None
    assert (found.event, found.record.person, found.words.answers) == ("deleted", gone, ())


def test_what_is_not_there_is_not_taken_for_deleted(here: Org) -> None:
    """A record that is not shared with us looks the same: nobody must forget a lead for that."""
    with pytest.raises(Reject, match="sharing"):
        here.complete(f"Lead:{shown('Lead', '987654')}")


def test_who_is_new(here: Org) -> None:
    assert here.complete(f"Lead:{here.lead()}").event == "created"
    assert here.complete(f"Lead:{here.lead(LR_Key__c=KEY)}").event == "edited"
    assert here.complete(f"Contact:{here.contact()}").event == "created"
    lead, old = here.lead(), here.lead()
    contact = here.hands.convert(lead)["Contact"]
    assert here.complete(f"Contact:{contact}").event == "edited", "the lead was known"
    here.clock.ahead(2 * 86_400)
    here.hands.change(old, {"Title": "CTO"})
    assert here.complete(f"Lead:{old}").event == "edited", "two days old"


@pytest.mark.parametrize(("size", "event"), [(10, "created"), (5, "imported"), (0, "created")])
def test_who_came_with_a_file_waits_for_nobody(here: Org, size: int, event: str) -> None:
    loaded = [here.lead() for _ in range(5)]
    here.clock.ahead(1)
    single = here.lead()
    here.clock.ahead(60)
    here.hands.change(loaded[0], {"Title": "CTO"})
    assert {here.complete(f"Lead:{lead}", import_size=size).event for lead in loaded} == {event}
    assert here.complete(f"Lead:{single}", import_size=size).event == "created"


# -- deals


@pytest.mark.parametrize(
    ("stage", "amount", "currency", "expected"),
    [
        ("Prospecting", "1234.5", "EUR", Deal(state="open", amount=123_450, currency="EUR")),
        ("Closed Won", "0.1", "EUR", Deal(state="won", amount=10, currency="EUR")),
        ("Closed Won", "2.675", "EUR", Deal(state="won", amount=268, currency="EUR")),
        ("Closed Lost", "1234.0", "JPY", Deal(state="lost", amount=1234, currency="JPY")),
        ("Prospecting", "1.5", "KWD", Deal(state="open", amount=1500, currency="KWD")),
        ("Prospecting", "", "EUR", Deal(state="open", currency="EUR")),
        ("Prospecting", "12345678901.23", "EUR", Deal(state="open", amount=1_234_567_890_123, currency="EUR")),
        ("Prospecting", "1e30", "EUR", Deal(state="open", currency="EUR")),
    ],
)
def test_a_deal(here: Org, stage: str, amount: str, currency: str, expected: Deal) -> None:
    deal = here.deal(here.contact(), StageName=stage, Amount=amount, CurrencyIsoCode=currency)
    for options in ({"default_currency": currency}, {"multi_currency": True, "default_currency": "USD"}):
        here.configure(multi_currency="multi_currency" in options)
        found = here.complete(f"Opportunity:{deal}", **options)
        assert found.record is not None
        assert (found.event, found.record.deal) == ("deal", expected)


def test_a_currency_of_its_own_in_an_account_without(here: Org) -> None:
    deal = here.deal(here.contact())
    with pytest.raises(Misconfigured, match="CurrencyIsoCode"):
        here.complete(f"Opportunity:{deal}", multi_currency=True)


def test_an_amount_without_a_currency_is_no_amount(here: Org) -> None:
    record = here.complete(f"Opportunity:{here.deal(here.contact(), Amount='5.0')}").record
    assert record is not None
    assert record.deal == Deal(state="open")


def test_a_deal_belongs_to_its_primary_contact(here: Org) -> None:
    first, second, third = here.contact(), here.contact(), here.contact()
    deal = here.deal()
    assert _whose(here, deal) == ""
    here.role(deal, first)
    here.clock.ahead(1)
    here.role(deal, second)
    assert _whose(here, deal) == first, "the first, where none is primary"
    role = here.role(deal, third, primary=True)
    assert _whose(here, deal) == third
    here.hands.delete(role)
    assert _whose(here, deal) == first


def test_a_lost_deal_says_why(here: Org) -> None:
    deal = here.deal(here.contact(), StageName="Closed Lost", Name="Chose another")
    record = here.complete(f"Opportunity:{deal}", reason_fields={"Opportunity": "Name"}).record
    assert record is not None
    assert record.reason == "Chose another"


def test_a_deleted_deal_forgets_nobody(here: Org) -> None:
    deal = here.deal(here.contact())
    here.hands.delete(deal)
    found = here.complete(f"Opportunity:{deal}")
    assert found.record is not None
    assert (found.event, found.record.person, found.record.deal) == ("deleted", "", None)


def _whose(here: Org, deal: str) -> str:
    record = here.complete(f"Opportunity:{deal}").record
    return record.person if record else "nobody"


# -- ids


@pytest.mark.parametrize(
    "fetch_id",
    [
        *(
            None,
            "",
            "Lead",
            "Lead:",
            "lead:{id}",
            "Contact:{id}",
            "Account:0015e00000000AaAAI",
            "User:{id}",
            "Lead:{id}x",
        ),
        *(
            "Lead:{id}' OR Id != '",
            "Lead:../../query",
            "Lead:{id}\n",
            "Lead: {id}",
            "Notification:{id}",
            "Lead:{id}:{id}",
        ),
        *("OpportunityContactRole", "Lead:{lower}", "Lead:00Q"),
    ],
)
def test_only_ids_are_asked_about(here: Org, fetch_id: str | None) -> None:
    lead = here.lead()
    with pytest.raises(Reject, match="unresolvable"):
        here.complete(fetch_id and fetch_id.format(id=lead, lower=lead.lower()))
    assert here.world.journal() == []


def test_an_id_of_fifteen_characters_is_the_same_record(here: Org) -> None:
    lead = here.lead()
    record = here.complete(f"Lead:{lead[:15]}").record
    assert record is not None
    assert record.person == lead


# -- trouble

TROUBLE: list[tuple[str, type[PortError], str]] = [
    ("429", Retry, "day"),
    ("429_second", Retry, "10s"),
    ("423", Retry, "record"),
    ("500", Retry, "outage"),
    ("502", Retry, "outage"),
    ("503", Retry, "outage"),
    ("504", Retry, "outage"),
    ("reset", Retry, "outage"),
    ("403", Misconfigured, ""),
]


@pytest.mark.parametrize(("kind", "error", "scope"), TROUBLE)
def test_trouble_is_told_in_the_words_of_the_port(here: Org, kind: str, error: type[PortError], scope: str) -> None:
    lead = here.lead()
    here.world.faults.add(Fault(kind, "queryAll"))
    with pytest.raises(error) as caught:
        here.complete(f"Lead:{lead}")
    assert getattr(caught.value, "scope", "") == scope
    assert "ada" not in str(caught.value)
    assert here.complete(f"Lead:{lead}").event == "created", "and then it works again"


def test_one_login_is_enough_for_many_touches(here: Org) -> None:
    lead = here.lead()
    for _ in range(3):
        found = fetching.fetch(SECRET, here.sandbox.url if here.sandbox else None, {})
        assert found.complete(touch(f"Lead:{lead}")).event == "created"
    assert [asked.path for asked in here.world.journal()].count("/services/oauth2/token") == 1


def test_a_token_that_ended_is_renewed(here: Org) -> None:
    lead = here.lead()
    here.complete(f"Lead:{lead}")
    here.world.faults.add(Fault("401", "queryAll"))
    assert here.complete(f"Lead:{lead}").event == "created"
    here.world.faults.add(Fault("401", "queryAll"), 2)
    with pytest.raises(Misconfigured):
        here.complete(f"Lead:{lead}")


def test_a_field_that_we_may_not_see_is_for_a_person_to_mend(here: Org) -> None:
    """The touch waits: it is not refused for something that is about all of them."""
    lead = here.lead()
    here.world.faults.clear()
    with pytest.raises(Misconfigured, match=r"Missing__c.*leadrelay crm setup") as caught:
        here.complete(f"Lead:{lead}", reason_fields={"Lead": "Missing__c"})
    assert lead not in str(caught.value)


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"reason_fields": {"Lead": "Why FROM User"}}, "reason_fields"),
        ({"reason_fields": {"Task": "Why__c"}}, "reason_fields"),
        ({"task_types": {"Demo": "dance"}}, "task_types"),
        ({"fields": {"email": "Email, (SELECT Id FROM Contacts)"}}, "fields"),
        ({"fields": {"shoe_size": "Size__c"}}, "shoe_size"),
        ({"unknown": 1}, "unknown"),
        ({"default_currency": "€"}, "default_currency"),
    ],
)
def test_wrong_options_are_named(options: dict[str, object], named: str) -> None:
    with pytest.raises(Misconfigured, match=named):
        fetching.fetch(SECRET, "http://127.0.0.1:9", options)


@pytest.mark.parametrize("secret", [{}, {"domain": "example.my"}, {**SECRET, "consumer_secret": ""}])
def test_a_secret_that_lacks_something(secret: dict[str, str]) -> None:
    with pytest.raises(Misconfigured, match="Salesforce secret"):
        fetching.fetch(secret, None, {})


def test_the_organisation_is_for_messages_only() -> None:
    """One set of options serves both roles; another owner's id is no organisation's."""
    fetching.fetch(SECRET, "http://127.0.0.1:9", {"organization_id": "00D5e00000000AaEAI"})
    with pytest.raises(Misconfigured, match="organization_id"):
        fetching.fetch(SECRET, "http://127.0.0.1:9", {"organization_id": OTHER})
