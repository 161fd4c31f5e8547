"""Who is taken for whom, through the real identification: what is proven joins, what is shared never does."""

from __future__ import annotations

from leadrelay.domain.touch import TouchDraft, Trust
from leadrelay.ports.records import LeadRecord
from tests.system import System, noisy_rules
from tests.workflows import lives, promises

ADA, BOB, BOARD = "ada@example.com", "bob@example.org", "+48221234500"


def heard(*said: TouchDraft | tuple[TouchDraft, Trust]) -> System:
    """These touches, one after another, a minute apart, with every promise kept."""
    system = identified(*said)
    promises.kept(system)
    return system


def identified(*said: TouchDraft | tuple[TouchDraft, Trust]) -> System:
    """These touches, one after another, a minute apart."""
    system = System(noisy_rules())
    for one in said:
        draft, trust = one if isinstance(one, tuple) else (one, "verified")
        assert system.tell(draft, trust=trust).status == 200
        system.settle()
        system.later(minutes=1)
    return system


def people(system: System) -> list[tuple[str | None, str | None, int]]:
    """Address, number and touches of every lead, oldest first."""
    leads = sorted(system.leads(), key=lambda record: record.lead.captured_at)
    return [
        (record.profile.text("lead.email"), record.profile.text("lead.phone"), record.lead.touches) for record in leads
    ]


def one(system: System) -> LeadRecord:
    [record] = system.leads()
    return record


def form(key: str, intent: str = "newsletter", **fields: str) -> TouchDraft:
    return lives.draft(key, form=intent, **fields)


def test_a_switchboard_never_makes_two_people_one() -> None:
    system = heard(form("1", email=ADA, phone=BOARD), form("2", email=BOB, phone=BOARD), form("3", phone=BOARD))
    assert people(system) == [(ADA, BOARD, 2), (BOB, BOARD, 1)]


def test_a_touch_that_names_nobody_cannot_join_two_who_gave_different_addresses() -> None:
    system = heard(
        form("1", email=ADA, phone=BOARD),
        form("2", email=BOB, anonymous_id="kiosk"),
        form("3", phone=BOARD, anonymous_id="kiosk"),
    )
    assert people(system) == [(ADA, BOARD, 2), (BOB, None, 1)]


def test_a_role_address_with_a_switchboard_never_makes_two_people_one() -> None:
    system = identified(
        form("1", email="info@example.com", first_name="Ada", phone=BOARD),
        form("2", email="info@example.com", first_name="Bob", phone=BOARD),
    )
    assert len(system.leads()) == 2


def test_a_proven_touch_joins_what_it_names() -> None:
    system = heard(form("1", phone=BOARD, country="PL"), form("2", email=ADA), form("3", email=ADA, phone=BOARD))
    record = one(system)
    assert people(system) == [(ADA, BOARD, 3)]
    assert record.profile.text("account.domain") == "example.com"
    assert record.profile.text("account.country") == "PL"
    [alias] = [other for other in system.records() if isinstance(other, LeadRecord) and other.lead.merged_into]
    assert alias.lead.merged_into == record.lead.lead_id
    assert (alias.lead.clocks, alias.lead.wanted, alias.due(), alias.listing()) == ((), None, None, None)


def test_what_an_alias_knew_of_its_company_is_not_lost() -> None:
    """The touch that joins them says nothing of a company itself."""
    system = identified(
        form("1", phone=BOARD),
        form("2", email=ADA, anonymous_id="cookie"),
        form("3", phone=BOARD, anonymous_id="cookie"),
    )
    assert (one(system).profile.text("account.domain"), people(system)) == ("example.com", [(ADA, BOARD, 3)])


def test_the_alias_is_followed_for_ever() -> None:
    system = heard(
        form("1", phone=BOARD),
        form("2", email=ADA),
        form("3", email=ADA, phone=BOARD),
        form("4", phone=BOARD),
        form("5", email=ADA),
    )
    assert people(system) == [(ADA, BOARD, 5)]


def test_an_unproven_touch_joins_nobody_and_overwrites_nothing() -> None:
    claim = form("3", email=ADA, phone=BOARD, first_name="Mallory")
    system = heard(form("1", phone=BOARD), form("2", email=ADA, first_name="Ada"), (claim, "unverified"))
    assert people(system) == [(None, BOARD, 1), (ADA, BOARD, 2)]
    claimed = next(record for record in system.leads() if record.profile.text("lead.email"))
    assert claimed.profile.text("lead.first_name") == "Ada"


def test_an_unproven_touch_gives_a_known_person_no_second_number_to_be_found_by() -> None:
    claim = form("2", email=ADA, phone="+48221234999")
    system = heard(form("1", email=ADA, phone=BOARD), (claim, "unverified"), form("3", phone="+48221234999"))
    assert people(system) == [(ADA, BOARD, 2), (None, "+48221234999", 1)]


def test_a_site_without_secrets_still_knows_its_visitors_again() -> None:
    page = lives.draft("1", event="pricing_page_viewed", kind="behaviour", anonymous_id="cookie")
    asked = form("2", "demo", email=ADA, anonymous_id="cookie")
    other_device = form("3", "contact", email=ADA, anonymous_id="phone")
    system = heard((page, "unverified"), (asked, "unverified"), (other_device, "unverified"))
    record = one(system)
    assert record.lead.touches == 3
    assert {"pricing_page_viewed", "demo_request", "contact_request"} <= set(record.lead.signals)


def test_a_lead_that_is_worked_on_stays_when_an_older_visitor_turns_out_to_be_the_same_person() -> None:
    page = lives.draft("1", event="pricing_page_viewed", kind="behaviour", anonymous_id="cookie")
    system = System(noisy_rules())
    system.tell(page, trust="unverified")
    system.settle()
    system.later(minutes=1)
    system.tell(form("2", "demo", email=ADA))
    system.settle()
    owned = next(record for record in system.leads() if record.lead.ownership.rep)
    system.tell(form("3", "contact", email=ADA, anonymous_id="cookie"))
    system.settle()
    record = one(system)
    assert record.lead.lead_id == owned.lead.lead_id
    assert (record.lead.ownership.rep, record.lead.ownership.hop) == (owned.lead.ownership.rep, 1)
    assert record.lead.captured_at < owned.lead.captured_at
    assert len(system.crm.people) == 1
    promises.kept(system)


def test_of_two_leads_that_are_worked_alike_the_older_stays() -> None:
    system = heard(form("1", phone=BOARD), form("2", email=ADA))
    older = min(system.leads(), key=lambda record: record.lead.captured_at).lead.lead_id
    system.tell(form("3", email=ADA, phone=BOARD))
    system.settle()
    assert one(system).lead.lead_id == older


def test_a_call_to_one_counts_for_both_when_they_are_one() -> None:
    call = lives.draft("call", event="call", kind="activity", phone=BOARD)
    system = heard(form("1", "demo", email=ADA), form("2", "demo", phone=BOARD), call)
    called_at = next(record.lead.contacted_at for record in system.leads() if record.lead.contacted_at)
    system.tell(form("3", email=ADA, phone=BOARD))
    system.settle()
    record = one(system)
    assert (record.lead.contacted_at, record.lead.attempts, record.lead.touches) == (called_at, 1, 4)
