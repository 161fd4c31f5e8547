"""Providers of companies: asked in their order within one budget, each with its own answer, age and trouble."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta

import pytest

from leadrelay.domain.enrichment.policy import EnrichmentPolicy, Provider, ProviderPolicy
from leadrelay.domain.rules import Rules
from leadrelay.domain.touch import TouchDraft
from leadrelay.memory.clock import MemoryClock
from leadrelay.memory.rules import MemoryRules
from leadrelay.memory.store import MemoryStore
from leadrelay.memory.telemetry import MemoryTelemetry
from leadrelay.ports.enrich import AccountFound, Inquiry
from leadrelay.ports.errors import Misconfigured, Reject, Retry
from leadrelay.ports.records import Answered, Company, CompanyRecord, TouchRecord, company_key, touch_key
from leadrelay.ports.store import Change, Put
from leadrelay.workflows.companies import LATER, PAUSE, LookUp, known_of
from tests.domain.people import touch, words
from tests.system import MONDAY_NOON, System, default_rules
from tests.workflows.lives import draft

DOMAIN = "firma.example"
SAID = words(email=f"ada@{DOMAIN}")
ORDER = ("first", "second", "third")


@dataclass
class Fake:
    """A provider that takes its time."""

    clock: MemoryClock
    answer: AccountFound | None = None
    takes: float = 0.0
    trouble: Callable[[], Exception] | None = None
    given: list[float] = field(default_factory=list)

    def account(self, domain: str, seconds: float) -> AccountFound | None:
        assert domain == DOMAIN
        self.given.append(seconds)
        self.clock.advance(timedelta(seconds=min(self.takes, seconds)))
        if self.takes > seconds:
            raise Retry(30, "too slow", "outage")
        if self.trouble is not None:
            raise self.trouble()
        return self.answer


def rules_of(**policy: object) -> Rules:
    providers = tuple(ProviderPolicy(vendor="http_lookup", name=name) for name in ORDER)
    return Rules.of(default_rules().with_(enrichment=EnrichmentPolicy(providers=providers).with_(**policy)))


class Desk:
    """The step with three providers."""

    def __init__(self, rules: Rules | None = None) -> None:
        self.rules = rules or rules_of()
        self.clock, self.store, self.telemetry = MemoryClock(MONDAY_NOON), MemoryStore(), MemoryTelemetry()
        self.fakes = {name: Fake(self.clock) for name in (*ORDER, "hubspot")}
        self.number = 0
        self.step = LookUp(self.store, MemoryRules(self.rules), self._inquiry, self.clock, self.telemetry)

    def _inquiry(self, rules: Rules, provider: Provider) -> Inquiry:
        assert rules == self.rules
        return self.fakes[provider.name]

    def look(self) -> dict[str, object]:
        """One touch; what is known of its company afterwards."""
        self.number += 1
        self.step(touch(self.number), SAID)
        record = self.store.load(company_key(DOMAIN))
        found = {} if record is None else known_of(record, self.rules, "t")
        return {name: (value.value, value.source) for name, value in found.items()}

    def asked(self) -> tuple[int, ...]:
        return tuple(len(self.fakes[name].given) for name in ORDER)


def test_of_each_field_the_first_who_knows_it_counts() -> None:
    desk = Desk()
    desk.fakes["first"].answer = AccountFound(name="Firma", more={"account.revenue": "1200000"})
    desk.fakes["second"].answer = AccountFound(name="Other", employees=60, more={"account.revenue": "9"})
    desk.fakes["third"].answer = AccountFound(employees=900, country="PL", more={"account.technologies": "x, y"})
    assert desk.look() == {
        "account.name": ("Firma", "first"),
        "account.revenue": (1_200_000, "first"),
        "account.employees": (60, "second"),
        "account.country": ("PL", "third"),
        "account.technologies": ("x, y", "third"),
    }


def test_what_the_first_says_unreadably_the_second_may_say() -> None:
    desk = Desk()
    desk.fakes["first"].answer = AccountFound(
        country="Nowhere", more={"account.revenue": "much", "account.colour": "red"}
    )
    desk.fakes["second"].answer = AccountFound(country="Polska")
    assert desk.look() == {"account.country": ("PL", "second")}


def test_the_budget_is_for_all_of_them_together() -> None:
    desk = Desk(rules_of(budget_ms=2000))
    desk.fakes["first"].takes = 1.25
    desk.fakes["second"].takes = 5
    desk.look()
    assert (desk.clock.now() - MONDAY_NOON).total_seconds() == 2.0
    assert [desk.fakes[name].given for name in ORDER] == [[2.0], [0.75], []]
    assert desk.telemetry.total("LookUpsLeft", provider="third") == 1
    assert desk.telemetry.total("LookUpsFailed", provider="second", trouble="Retry") == 1
    desk.look()
    assert desk.asked() == (1, 1, 1), "who was not asked is asked with the next touch, and who is slow is left alone"


TROUBLE: list[tuple[Callable[[], Exception], bool]] = [
    (lambda: Retry(30, "away", "outage"), True),
    (lambda: Misconfigured("the key"), True),
    (lambda: Reject("no", "domain"), False),
    (lambda: RuntimeError("a defect"), False),
]


@pytest.mark.parametrize(("trouble", "paused"), TROUBLE)
def test_trouble_of_one_is_no_others(trouble: Callable[[], Exception], paused: bool) -> None:
    desk = Desk()
    desk.fakes["first"].trouble = trouble
    desk.fakes["second"].answer = AccountFound(name="Firma")
    assert desk.look() == {"account.name": ("Firma", "second")}
    desk.look()
    assert desk.asked() == ((1 if paused else 2), 1, 1)
    desk.clock.advance(PAUSE)
    desk.fakes["first"].trouble = None
    desk.fakes["first"].answer = AccountFound(name="First")
    assert desk.look() == {"account.name": ("First", "first")}
    name = type(trouble()).__name__
    assert desk.telemetry.total("LookUpsFailed", provider="first", trouble=name) == (1 if paused else 2)
    assert desk.telemetry.total("LookUps", provider="second", outcome="found") == 1
    assert desk.telemetry.total("LookUps", provider="third", outcome="unknown") == 1


def test_an_answer_is_good_for_as_long_as_its_provider_says() -> None:
    providers = (ProviderPolicy(vendor="http_lookup", name="first", fresh_hours=720), ProviderPolicy(vendor="crm"))
    desk = Desk(rules_of(providers=providers, fresh_hours=24))
    desk.look()
    for hours, asked in ((23, (1, 1)), (1, (1, 2)), (24 * 29, (2, 3))):
        desk.clock.advance(timedelta(hours=hours))
        desk.look()
        assert (len(desk.fakes["first"].given), len(desk.fakes["hubspot"].given)) == asked


def test_our_own_list_is_asked_each_time_and_written_when_it_changed() -> None:
    listed = ProviderPolicy(vendor="company_list", name="first", file="companies.csv")
    desk = Desk(rules_of(providers=(listed,)))
    desk.fakes["first"].answer = AccountFound(more={"account.key_account": True})
    for _ in range(3):
        assert desk.look() == {"account.key_account": (True, "first")}
    record = desk.store.load(company_key(DOMAIN))
    assert record is not None
    assert (record.version, desk.asked()[0]) == (1, 3)
    desk.fakes["first"].answer = None
    assert desk.look() == {}


def test_the_list_may_name_the_owner_and_a_crm_names_its_own_user() -> None:
    rep = default_rules().team.reps[0]
    record = CompanyRecord(
        domain=DOMAIN,
        answers={
            "first": Answered(vendor="x", at=MONDAY_NOON, company=Company(more={"account.owner": "ana"})),
            "second": Answered(
                vendor="hubspot", at=MONDAY_NOON, company=Company(owner=rep.crm["hubspot"], customer=False)
            ),
        },
    )
    found = known_of(record, rules_of(), "t")
    assert (found["account.owner"].value, found["account.owner"].source) == ("ana", "first")
    assert found["account.customer"].value is False
    alone = known_of(record.with_(answers={"second": record.answers["second"]}), rules_of(), "t")
    assert alone["account.owner"].value == rep.id


def test_the_owner_of_the_newest_deal_is_a_rep_of_ours_or_nobody() -> None:
    rep = default_rules().team.reps[3]
    for said, meant in ((rep.crm["hubspot"], rep.id), ("999", None)):
        company = Company(owner="70000001", open_deal=True, deal_owner=said)
        record = CompanyRecord(
            domain=DOMAIN, answers={"second": Answered(vendor="hubspot", at=MONDAY_NOON, company=company)}
        )
        found = known_of(record, rules_of(), "t")
        assert (found["account.deal_owner"].value if "account.deal_owner" in found else None) == meant
        assert found["account.owner"].value == "anna"


def test_a_provider_that_the_rules_no_longer_name_says_nothing() -> None:
    desk = Desk()
    desk.fakes["first"].answer = AccountFound(name="Firma")
    desk.look()
    record = desk.store.load(company_key(DOMAIN))
    assert record is not None
    assert known_of(record, default_rules(), "t") == {}


def test_another_vendor_under_the_same_name_is_asked_anew() -> None:
    desk = Desk(rules_of(providers=(ProviderPolicy(vendor="crm"),)))
    before = Answered(vendor="salesforce", at=MONDAY_NOON, company=None)
    desk.store.commit(Change("c", (Put(CompanyRecord(version=1, domain=DOMAIN, answers={"hubspot": before})),)))
    desk.look()
    assert len(desk.fakes["hubspot"].given) == 1


def test_a_record_of_the_former_release_is_read() -> None:
    old = {
        "version": 3,
        "domain": DOMAIN,
        "vendor": "hubspot",
        "at": "2026-03-02T11:00:00Z",
        "company": {"name": "Firma", "owner": "77", "customer": True},
    }
    at = datetime.fromisoformat("2026-03-02T11:00:00+00:00")
    company = Company(name="Firma", owner="77", customer=True)
    expected = CompanyRecord(
        version=3, domain=DOMAIN, answers={"hubspot": Answered(vendor="hubspot", at=at, company=company)}
    )
    assert CompanyRecord.model_validate(old) == expected
    assert CompanyRecord.model_validate_json(expected.model_dump_json()) == expected
    none = CompanyRecord.model_validate({**old, "company": None})
    assert none.answers["hubspot"].company is None


def test_nobody_is_asked_without_a_company() -> None:
    desk = Desk()
    desk.step(touch(), words(email="ada@gmail.com"))
    desk.step(touch(), words(phone="+48512345678"))
    assert desk.asked() == (0, 0, 0)


def test_with_nobody_to_ask_nothing_is_read() -> None:
    desk = Desk(rules_of(providers=()))
    desk.look()
    assert desk.store.load(company_key(DOMAIN)) is None


# -- what arrives late

DEMO = {"form": "demo", "email": f"ada@{DOMAIN}", "first_name": "Ada", "consent": "yes"}


def late_system(error: Callable[[], Exception] | None) -> System:
    system = System()
    system.companies.known[DOMAIN] = AccountFound(industry="software", employees=60)
    system.companies.error = error
    system.post(DEMO)
    system.settle()
    return system


def touches(system: System) -> list[TouchRecord]:
    """Every touch that was ever spoken of, as it is now."""
    ids = {said.data["touch_id"] for said in system.said if said.name == "TouchReceived"}
    return [record for one in sorted(map(str, ids)) if (record := system.store.load(touch_key(one))) is not None]


def after(system: System, wait: timedelta) -> None:
    """Time passes, and the sweep says what is due."""
    system.clock.advance(wait)
    system.sweep()
    system.settle()


def test_who_was_away_is_asked_later_and_the_lead_is_scored_again() -> None:
    system = late_system(lambda: Retry(30, "away", "outage"))
    (before,) = system.leads()
    assert len(system.companies.asked) == 1
    system.companies.error = None
    after(system, LATER - timedelta(minutes=2))
    assert len(system.companies.asked) == 1
    after(system, timedelta(minutes=2))
    (lead,) = system.leads()
    assert len(system.companies.asked) == 2
    assert lead.profile.values["account.employees"].source == "hubspot"
    assert lead.lead.score.fit == before.lead.score.fit + 25 + 15
    assert lead.lead.touches == before.lead.touches == 1, "what is found out is nobody's visit"
    assert (lead.lead.last, lead.lead.temperature) == (before.lead.last, before.lead.temperature)


def test_who_stays_away_is_asked_once_more_and_no_longer() -> None:
    system = late_system(lambda: Retry(30, "away", "outage"))
    for _ in range(40):
        after(system, timedelta(minutes=10))
    assert len(system.companies.asked) == 2
    assert not system.failed
    assert sorted((record.touch.kind, record.state) for record in touches(system)) == [
        ("enrichment", "done"),
        ("submission", "done"),
    ]


def test_a_refused_question_is_not_asked_again() -> None:
    system = late_system(lambda: Reject("no", "domain"))
    for _ in range(4):
        after(system, timedelta(minutes=10))
    assert len(system.companies.asked) == 1


def found_out(key: str, **fields: str) -> TouchDraft:
    return draft(key, **fields).with_(kind="enrichment")


def test_what_a_tool_found_out_is_learnt_below_what_was_said() -> None:
    system = late_system(None)
    (before,) = system.leads()
    system.clock.advance(timedelta(hours=1))
    said = {"first_name": "Adele", "job_title": "CEO", "phone": "+48512345678", "technologies": "x"}
    system.tell(found_out("e1", email=f"ada@{DOMAIN}", **said))
    system.settle()
    (lead,) = system.leads()
    values = lead.profile.values
    assert (values["lead.first_name"].value, values["lead.job_title"].value) == ("Ada", "CEO")
    assert (values["lead.job_title"].basis, values["account.technologies"].source) == ("enriched", "website")
    assert lead.lead.persona == "executive"
    assert {line.rule for line in lead.lead.score.lines} - {line.rule for line in before.lead.score.lines} == {
        "title_executive"
    }
    assert (lead.lead.touches, lead.lead.signals, lead.lead.standing) == (1, before.lead.signals, "live")
    system.tell(draft("other", first_name="Eva", phone="+48512345678"))
    system.settle()
    assert len(system.leads()) == 2, "a number that somebody found out names nobody"


def test_what_is_found_out_about_a_stranger_waits_and_is_set_aside() -> None:
    system = System()
    system.tell(found_out("e1", email="stranger@firma.example", job_title="CEO"))
    system.settle()
    (record,) = touches(system)
    assert (record.state, system.leads()) == ("ready", [])
    for _ in range(8):
        after(system, timedelta(minutes=1))
    (record,) = touches(system)
    assert (record.state, record.reason, system.leads()) == ("refused", "not_ours", [])
