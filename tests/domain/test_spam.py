"""What is suspected, what is a test, what is counted: by words and addresses alone."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from ipaddress import IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.hearing import understood
from leadrelay.domain.person.throwaway import is_disposable
from leadrelay.domain.person.translate import names_of
from leadrelay.domain.rules import Rules
from leadrelay.domain.sources.limits import Counted, counted, network_of, window
from leadrelay.domain.sources.policy import SourcePolicy
from leadrelay.domain.sources.screening import is_test_value, screened
from leadrelay.domain.sources.spam import Limit, SpamPolicy
from leadrelay.domain.touch import Touch, TouchDraft, Trust
from tests.domain.people import NOW, touch, words
from tests.system import default_rules
from tests.workflows import lives

RULES = default_rules()


def _with(rules: Rules = RULES, **spam: object) -> Rules:
    """The default rules with another policy of spam."""
    sources = rules.sources
    return Rules.of(rules.with_(sources=sources.with_(spam=sources.spam.with_(**spam))))


def _judged(said: dict[str, str], rules: Rules = RULES, of: Touch | None = None) -> Touch:
    of = of or touch(trust="unverified")
    heard = understood(of, words(**said), rules, NOW)
    return screened(of, words(**said), heard.values, rules)


@pytest.mark.parametrize(
    ("address", "suspicion"),
    [
        ("zoe@firma.example", None),
        ("zoe@gmail.com", None),
        ("zoe@mailinator.com", "disposable_mail"),
        ("ZOE@Deep.Sub.Mailinator.COM", "disposable_mail"),
        ("zoe@guerrillamail.de", "disposable_mail"),
        ("zoe@temp-mail.io", "disposable_mail"),  # ours, beside the list
        ("zoe@mailinator.com.example", None),
        ("zoe@firmamailinator.com", None),
        ("no address at all", None),
    ],
)
def test_throw_away_mail_is_suspected(address: str, suspicion: str | None) -> None:
    assert _judged({"email": address}).suspicion == suspicion


def test_who_proved_themselves_is_not_suspected_unless_the_source_says_so() -> None:
    said = {"email": "zoe@mailinator.com"}
    assert _judged(said, of=touch(trust="verified")).suspicion is None
    for screen, suspicion in ((True, "disposable_mail"), (False, None)):
        website = RULES.sources.sources["website"].with_(screen=screen)
        sources = RULES.sources.with_(sources={**RULES.sources.sources, "website": website})
        rules = Rules.of(RULES.with_(sources=sources))
        for trust in ("verified", "unverified"):
            assert _judged(said, rules, touch(trust=trust)).suspicion == suspicion


def test_lists_of_our_own() -> None:
    seller = {"email": "zoe@mail.seo-offers.example"}
    assert _judged(seller).suspicion is None
    assert _judged(seller, _with(block=("seo-offers.example",))).suspicion == "blocked_mail"
    assert _judged(seller, _with(block=("offers.example",))).suspicion is None
    assert _judged(seller, _with(block=("seo-offers.example",), allow=("mail.seo-offers.example",))).suspicion is None
    thrown = {"email": "zoe@mailinator.com"}
    assert _judged(thrown, _with(allow=("mailinator.com",))).suspicion is None
    assert _judged(thrown, _with(disposable_mail=False)).suspicion is None


def test_what_the_list_has_wrongly_is_taken_off_for_everything() -> None:
    fields = RULES.fields.with_(lasting_mail=("staff.mailinator.com",))
    assert is_disposable("mailinator.com", fields)
    assert not is_disposable("staff.mailinator.com", fields)
    assert not is_disposable("a.staff.mailinator.com", fields)
    assert is_disposable("staff.mailinator.com", RULES.fields)
    assert not is_disposable("", RULES.fields)
    assert not is_disposable("com", RULES.fields)


def test_what_is_suspected_already_stays_so() -> None:
    robot = touch(trust="unverified").with_(suspicion="honeypot_filled")
    for address in ("zoe@firma.example", "zoe@mailinator.com", ""):
        assert _judged({"email": address}, of=robot).suspicion == "honeypot_filled"


def test_what_a_person_let_through_is_not_suspected_again() -> None:
    cleared = touch(trust="unverified").with_(cleared="disposable_mail")
    assert _judged({"email": "zoe@mailinator.com"}, of=cleared) == cleared


@pytest.mark.parametrize(
    ("said", "test"),
    [
        ("<test lead: dummy data for full_name>", True),
        ("<TEST LEAD: dummy data for email>", True),
        ("a <test lead: dummy data for full_name>", False),
        ("qa@test.leadrelay.example", True),
        ("qa@contest.leadrelay.example", False),
        ("Roboter 7", True),
        (" roboter 7 ", True),
        ("Roboter 77", False),
    ],
)
def test_what_only_a_test_says(said: str, test: bool) -> None:
    spam = RULES.sources.spam
    assert is_test_value(said, spam.with_(test_values=(*spam.test_values, "Roboter 7"))) is test


def test_a_test_is_one_whoever_sends_it_but_never_what_a_crm_shows() -> None:
    said = {"full_name": "<test lead: dummy data for full_name>", "email": "zoe@mailinator.com"}
    assert (_judged(said, of=touch(trust="verified")).test, _judged(said).suspicion) == (True, None)
    edited = touch(trust="verified").with_(kind="crm_change", event="edited")
    assert not _judged(said, of=edited).test


@pytest.mark.parametrize(
    ("address", "network"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"),
        ("2001:db8:1:2:bbbb::9", "2001:db8:1:2::/64"),
        ("2001:db8:1:3::1", "2001:db8:1:3::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("", None),
        ("192.0.2.7, 10.0.0.1", None),
        ("somewhere", None),
    ],
)
def test_a_network_address_stands_for_one_line(address: str, network: str | None) -> None:
    assert network_of(address) == network


@given(st.ip_addresses(v=6), st.integers(0, 2**64 - 1))
def test_who_changes_the_last_64_bits_stays_who_they_are(address: IPv6Address, host: int) -> None:
    if address.ipv4_mapped is None:
        other = IPv6Address(int(address) >> 64 << 64 | host)
        assert other.ipv4_mapped is not None or network_of(str(other)) == network_of(str(address))


@given(st.datetimes(timezones=st.just(UTC)), st.integers(1, 1440))
def test_every_instant_lies_in_one_window_of_its_length(now: datetime, minutes: int) -> None:
    limit = Limit(touches=1, minutes=minutes)
    if now.year >= 9999:
        return
    name, end = window(limit, now)
    begin = datetime.fromisoformat(name)
    assert begin <= now < end
    assert end - begin == timedelta(minutes=minutes)
    assert window(limit, begin) == (name, end)


def _counted(draft: TouchDraft, trust: Trust = "unverified", spam: SpamPolicy | None = None) -> list[Counted]:
    names = names_of(SourcePolicy(vendor="webform"), None, RULES.fields)
    return list(counted(draft, trust, "192.0.2.7", names, spam or SpamPolicy()))


def test_the_line_the_address_and_the_number_are_counted_each_once_in_one_spelling() -> None:
    draft = lives.draft("1", **{"E-Mail": " Zoe@Example.com ", "email": "zoe@example.com", "Telefon": "022 123 45 67"})
    assert [(each.kind, each.value) for each in _counted(draft)] == [
        ("submission_address", "192.0.2.7"),
        ("lead.email", "zoe@example.com"),
        ("lead.phone", "221234567"),
    ]
    abroad = lives.draft("2", phone="+48 22 123-45-67")
    assert _counted(abroad)[1] == _counted(draft)[2]


def test_a_proven_senders_own_line_is_nobodys() -> None:
    assert [each.kind for each in _counted(lives.draft("1", email="a@example.com"), "verified")] == ["lead.email"]


def test_events_have_a_limit_of_their_own_and_no_identity() -> None:
    event = lives.draft("1", event="pricing_page_viewed", kind="behaviour", email="a@example.com")
    [each] = _counted(event)
    assert (each.kind, each.limit) == ("behaviour_address", SpamPolicy().events_per_address)
    assert _counted(event, spam=SpamPolicy(events_per_address=None)) == []
    assert _counted(lives.draft("1", kind="activity", event="call", email="a@example.com")) == []


def test_no_limit_counts_nothing() -> None:
    draft = lives.draft("1", email="a@example.com")
    assert _counted(draft, spam=SpamPolicy(per_address=None, per_identity=None)) == []
    assert _counted(draft, spam=SpamPolicy(allow=("example.com",))) == []
    assert [each.kind for each in _counted(lives.draft("1", phone="none"))] == ["submission_address"]
