"""A mail comes in once, at the source it was written to, or waits where a person finds it."""

from __future__ import annotations

from dataclasses import dataclass, field

import pytest

from connectors.email import mime, source
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.memory.mailbox import MemoryMailbox
from leadrelay.ports.errors import Misconfigured, Retry
from leadrelay.workflows.mail import READ_BYTES, TakeMail
from tests.connectors.email.mails import TO, WHO, block, delivery, sent
from tests.system import Faults, System, default_rules

OURS = "in.example.org"


@dataclass
class Office:
    """A LeadRelay with a mailbox."""

    faults: Faults = field(default_factory=Faults)
    rules: Rules = field(default_factory=default_rules)

    def __post_init__(self) -> None:
        self.system = System(rules_now=self.rules, faults=self.faults)
        self.mailbox = MemoryMailbox()
        self.take = TakeMail(
            self.mailbox, self.system.rules, self.system.ingest, source.recipients, self.system.telemetry
        )

    def receive(self, mail: str | bytes, name: str = "mail/one") -> None:
        self.mailbox.mails[name] = mail if isinstance(mail, bytes) else delivery(mail).body
        self.take(name)

    def sources(self) -> list[str]:
        return sorted(record.touch.source for record in self.system.touches())


def with_sources(**sources: SourcePolicy) -> Rules:
    rules = default_rules()
    known = {**rules.sources.sources, **sources}
    return Rules.of(rules.with_(sources=rules.sources.with_(sources=known)))


def test_a_mail_becomes_a_lead() -> None:
    office = Office()
    office.receive(block(to="contact+demo@in.example.org") + sent("We need 20 users", to="contact+demo@in.example.org"))
    office.system.settle()
    (record,) = office.system.leads()
    assert record.profile.text("lead.email") == "ana.kovac@example.com"
    assert record.profile.text("lead.message") == "Question\n\nWe need 20 users"
    assert record.lead.temperature == "hot", "what was written to +demo is the form demo"
    assert office.mailbox.aside == {}


def test_the_same_mail_again_is_the_same_touch() -> None:
    office = Office()
    office.receive(block() + sent(), "mail/one")
    office.receive(block() + sent(), "mail/one")
    office.receive(block(smtp_id="s2") + sent(), "mail/two")
    assert len(office.system.touches()) == 1


def test_a_mail_to_two_of_our_addresses_asks_once() -> None:
    office = Office(rules=with_sources(offers=SourcePolicy(vendor="email", intent="offer_request")))
    mail = sent(to=f"nobody@{OURS}, offers@{OURS}, {TO}")
    office.receive(block(to=f"offers@{OURS}") + mail, "mail/one")
    office.receive(block(to=TO) + mail, "mail/two")
    assert office.sources() == ["offers"]


def test_an_address_elsewhere_is_not_ours() -> None:
    office = Office(rules=with_sources(sales=SourcePolicy(vendor="email")))
    office.receive(block(to=TO) + sent(to="sales@company.example"))
    assert office.sources() == ["contact"]


@pytest.mark.parametrize("to", [f"nobody@{OURS}", f"website@{OURS}", f"trade_fair@{OURS}"])
def test_a_mail_for_nobody_we_know_is_set_aside(to: str) -> None:
    """Neither does mail open the door of a source that is made for webhooks."""
    office = Office()
    office.receive(block(to=to) + sent(to=to))
    assert office.sources() == []
    assert list(office.mailbox.aside) == ["mail/one"]
    assert office.system.telemetry.total("MailSetAside", reason="unknown_recipient") == 1


def test_an_address_that_only_looks_like_ours_is_not() -> None:
    office = Office()
    office.receive(block(to=f"nobody@{OURS}") + sent(to=f"{TO}.evil.example"))
    assert office.sources() == []


def test_a_source_that_is_not_enabled_takes_no_mail() -> None:
    office = Office(rules=with_sources(contact=SourcePolicy(vendor="email", enabled=False)))
    office.receive(block() + sent())
    assert office.sources() == []
    assert list(office.mailbox.aside) == ["mail/one"]


@pytest.mark.parametrize("mail", [b"", b"\r\n\r\n", b"no mail at all", b"X: y\r\n" * 5000 + b"\r\nx"])
def test_what_cannot_be_read_is_set_aside(mail: bytes) -> None:
    office = Office()
    office.receive(mail)
    assert office.sources() == []
    assert list(office.mailbox.aside) == ["mail/one"]


def test_a_mail_that_is_gone_is_no_trouble() -> None:
    office = Office()
    office.take("mail/none")
    assert office.system.telemetry.total("MailGone") == 1


@pytest.mark.parametrize("trouble", [Retry(1, "away"), Misconfigured("no table")], ids=["away", "misconfigured"])
@pytest.mark.parametrize("at", [0, 1, 2])
@pytest.mark.parametrize("when", ["before", "after"])
def test_a_mail_that_cannot_be_stored_comes_again(trouble: Exception, at: int, when: str) -> None:
    office = Office(faults=Faults(at, when, lambda: trouble))  # type: ignore[arg-type]
    try:
        office.receive(block() + sent())
    except Retry:
        office.take("mail/one")
    assert office.sources() == ["contact"]
    assert office.mailbox.aside == {}


def test_an_unproven_mail_is_stored_and_merges_nobody() -> None:
    office = Office()
    office.receive(block() + sent("Mine"), "mail/one")
    office.receive(block("dmarc=fail header.from=example.com;") + sent("Forged", who=f"Eve {WHO}"), "mail/two")
    office.system.settle()
    trusts = {record.touch.trust for record in office.system.touches()}
    assert trusts == {"verified", "unverified"}
    (record,) = [one for one in office.system.leads() if one.profile.text("lead.message") == "Question\n\nMine"]
    assert record.profile.text("lead.full_name") in {"Ana Kovac", None}
    assert record.profile.text("lead.email") == "ana.kovac@example.com"


@pytest.mark.parametrize("header", ["Auto-Submitted: auto-replied\n", "List-Id: <n.example.com>\n"])
def test_what_a_machine_wrote_makes_no_lead(header: str) -> None:
    office = Office()
    office.receive(block() + sent(more=header))
    office.system.settle()
    assert office.system.leads() == []
    (record,) = office.system.touches()
    assert record.state == "parked" or record.touch.suspicion


def test_nobody_can_post_a_mail() -> None:
    office = Office()
    body = delivery(block() + sent())
    reply = office.system.ingest("contact", type(body)("POST", {}, (), body.body))
    assert reply.status == 404
    assert office.sources() == []


def test_what_is_read_is_what_the_source_reads() -> None:
    assert READ_BYTES == mime.MAX_BYTES
