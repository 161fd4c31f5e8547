"""What an import says of a person: who it is, whose and how far; nothing else."""

from __future__ import annotations

from leadrelay.cli.crm.drafts import drafts
from leadrelay.ports.crm import Snapshot
from leadrelay.ports.crm_setup import OpenDeal, PeoplePage

MIA = {
    "email": "mia@example.com",
    "first_name": "Mia",
    "company": "Example GmbH",
    "lead_status": "attempting",
    "lifecycle_stage": "sql",
    "score": "80",
    "lead_key": "a" * 32,
}
PAGE = PeoplePage(
    (Snapshot("31", None, "7001", MIA), Snapshot("32", None, None, {"first_name": "Nobody"})),
    (OpenDeal("d9", "31", 120_000, "EUR"), OpenDeal("d8", "32")),
    None,
)


def test_who_it_is_whose_and_how_far() -> None:
    mia, _ = drafts(PAGE, "hubspot")
    assert (mia.kind, mia.event, mia.test) == ("crm_change", "imported", False)
    record = mia.record
    assert record is not None
    assert (record.crm, record.kind, record.person, record.record_id) == ("hubspot", "person", "31", "31")
    assert (record.owner, record.status, record.stage) == ("7001", "attempting", "sql")
    assert {answer.key: answer.values for answer in mia.words.answers} == {
        "lead.email": ("mia@example.com",),
        "lead.first_name": ("Mia",),
        "account.name": ("Example GmbH",),
    }


def test_an_open_deal_says_whose_it_is_by_itself() -> None:
    mia, deal = drafts(PAGE, "hubspot")
    record = deal.record
    assert record is not None
    assert (deal.event, record.kind, record.person, record.record_id) == ("deal", "deal", "31", "d9")
    assert record.deal is not None
    assert (record.deal.state, record.deal.amount, record.deal.currency) == ("open", 120_000, "EUR")
    assert deal.words == mia.words, "worked first, it must find the same lead"


def test_what_travels_is_codes() -> None:
    strange = Snapshot("31", None, None, {"phone": "+48600000001", "lead_status": "ask mia@example.com"})
    (draft,) = drafts(PeoplePage((strange,), (), None), "hubspot")
    assert draft.record is not None
    assert draft.record.status is None


def test_a_deal_of_two_people_is_told_of_both() -> None:
    people = tuple(Snapshot(n, None, None, {"email": f"p{n}@example.com"}) for n in ("1", "2"))
    found = list(drafts(PeoplePage(people, (OpenDeal("d", "1"), OpenDeal("d", "2")), None), "hubspot"))
    assert [draft.event for draft in found] == ["imported", "deal", "imported", "deal"]
    assert len({draft.key for draft in found}) == 4
