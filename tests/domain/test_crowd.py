"""The people of one account: each counts once, and only who looked at us lately is active."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import permutations

from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.account.crowd import KEPT, Colleague, Crowd, colleague
from leadrelay.domain.account.policy import AccountPolicy
from leadrelay.domain.touch import TouchDraft
from leadrelay.ports.records import LogRecord, PeopleRecord, people_key
from tests.domain.people import NOW, did
from tests.domain.test_merging import form, heard
from tests.system import System
from tests.workflows import lives

POLICY = AccountPolicy(signals=("pricing_page_viewed", "trial_signup"), within_days=14)
PHONE = "+48601111222"


def one(lead_id: str, days_ago: float = 0, key_days_ago: float | None = None) -> Colleague:
    key_at = None if key_days_ago is None else NOW - timedelta(days=key_days_ago)
    return Colleague(lead_id=lead_id, touch_at=NOW - timedelta(days=days_ago), key_at=key_at)


def counted(crowd: Crowd) -> tuple[int, int]:
    found = crowd.counted(POLICY, NOW)
    return found.people, found.active


def test_only_who_gave_a_key_signal_lately_is_active() -> None:
    crowd = Crowd(people=(one("a", key_days_ago=0), one("b", key_days_ago=14), one("c", key_days_ago=14.1), one("d")))
    assert counted(crowd) == (4, 2)


def test_somebody_who_is_seen_again_is_one_person_with_the_newest_times() -> None:
    crowd = Crowd().seen(one("a", 3, 5)).seen(one("a", 4, 1)).seen(one("a", 9))
    assert crowd.people == (one("a", 3, 1),)


colleagues = st.lists(
    st.builds(one, st.sampled_from("abcdef"), st.integers(0, 30), st.none() | st.integers(0, 30)), max_size=4
)


@given(colleagues)
def test_the_order_in_which_people_are_seen_does_not_matter(seen: list[Colleague]) -> None:
    def after(order: tuple[Colleague, ...]) -> Crowd:
        crowd = Crowd()
        for each in order:
            crowd = crowd.seen(each)
        return crowd

    assert len({after(order).model_dump_json() for order in permutations(seen)}) <= 1


def test_of_a_large_company_those_are_kept_who_were_here_last() -> None:
    crowd = Crowd()
    for number in range(KEPT + 20):
        crowd = crowd.seen(one(f"lead-{number:03d}", days_ago=number))
    assert [each.lead_id for each in crowd.people] == [f"lead-{number:03d}" for number in range(KEPT)]


def test_a_persons_times_are_kept_to_the_hour() -> None:
    at = datetime(2026, 11, 23, 11, 42, 17, 5, tzinfo=UTC)
    signals = {**did("trial_signup", ago_days=2), **did("page_viewed")}
    found = colleague("a", signals, at, POLICY)
    assert found.touch_at == at.replace(minute=0, second=0, microsecond=0)
    assert found.key_at == (NOW - timedelta(days=2)).replace(minute=0, second=0, microsecond=0)


def view(key: str, event: str = "pricing_page_viewed", **fields: str) -> TouchDraft:
    return lives.draft(key, event=event, kind="behaviour", **fields)


def crowd_of(system: System, domain: str) -> Crowd:
    record = system.store.load(people_key(domain))
    return Crowd() if record is None else record.crowd


def seen_by(system: System, email: str) -> tuple[int | None, int | None]:
    lead = next(record.lead for record in system.leads() if record.profile.text("lead.email") == email)
    return lead.account_people, lead.account_active


def test_colleagues_are_counted_and_a_lead_sees_them_at_its_next_touch() -> None:
    system = heard(
        form("1", email="ada@firma.example"),
        form("2", email="bob@firma.example"),
        view("3", email="bob@firma.example"),
        view("4", email="eva@other.example"),
        form("5", email="jan@gmail.com"),
    )
    assert seen_by(system, "ada@firma.example") == (1, 0)
    assert seen_by(system, "bob@firma.example") == (2, 1)
    assert seen_by(system, "eva@other.example") == (1, 1)
    assert seen_by(system, "jan@gmail.com") == (None, None)
    system.tell(view("6", email="ada@firma.example"))
    system.settle()
    assert seen_by(system, "ada@firma.example") == (2, 2)


def test_one_person_under_two_leads_counts_once_and_moves_with_them() -> None:
    system = heard(
        form("1", email="ada@firma.example"),
        view("2", phone=PHONE, website="www.other.example"),
        form("3", email="ada@firma.example", phone=PHONE),
    )
    [lead] = system.leads()
    assert [each.lead_id for each in crowd_of(system, "firma.example").people] == [lead.lead.lead_id]
    assert crowd_of(system, "other.example").people == ()
    assert (lead.lead.account_people, lead.lead.account_active) == (1, 1)


def test_a_colleague_who_merges_within_the_account_keeps_their_key_signal() -> None:
    system = heard(
        form("1", email="ada@firma.example"),
        view("2", phone=PHONE, website="www.firma.example"),
        form("3", email="ada@firma.example", phone=PHONE),
    )
    assert counted_of(system) == (1, 1)


def counted_of(system: System) -> tuple[int | None, int | None]:
    [record] = system.leads()
    return record.lead.account_people, record.lead.account_active


def test_an_account_is_not_written_at_every_click() -> None:
    system = heard(*(view(str(number), email="ada@firma.example") for number in range(9)))
    record = system.store.load(people_key("firma.example"))
    assert isinstance(record, PeopleRecord)
    assert record.version == 1
    assert sum(isinstance(each, LogRecord) and "AccountCounted" in str(each.facts) for each in system.records()) == 1
