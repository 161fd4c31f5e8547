"""Which company somebody belongs to, and what is nobody's company."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from leadrelay.domain.account.domain import account_domain
from tests.domain.people import heard, words
from tests.system import default_rules

FIELDS = default_rules().fields.with_(account_aliases={"acme-group.example": "acme.example", "acme.pl": "acme.example"})


@pytest.mark.parametrize(
    ("email", "website", "account"),
    [
        ("ada@firma.example", None, "firma.example"),
        ("ada@sales.firma.com.pl", "https://other.pl", "firma.com.pl"),
        ("ada@gmail.com", None, None),
        ("ada@gmail.com", "https://www.firma.pl/kontakt?x=1", "firma.pl"),
        ("ada@mailinator.com", "firma.pl", "firma.pl"),
        ("ada@mailinator.com", None, None),
        (None, "http://Firma.PL:8080", "firma.pl"),
        (None, "www.firma.example", "firma.example"),
        (None, "acme.wixsite.com/shop", "acme.wixsite.com"),
        (None, "wixsite.com", None),
        ("ada@gmail.com", "https://facebook.com/firma", None),
        ("ada@gmail.com", "https://pl-pl.facebook.com/firma", None),
        ("ada@gmail.com", "gmail.com", None),
        ("ada@gmail.com", "none yet", None),
        ("ada@gmail.com", "http://[broken", None),
        (None, "127.0.0.1", None),
        ("ada@acme-group.example", None, "acme.example"),
        ("ada@mail.acme.pl", None, "acme.example"),
        (None, "acme.pl", "acme.example"),
        (None, None, None),
    ],
)
def test_the_account_is_the_addresss_domain_else_the_websites(
    email: str | None, website: str | None, account: str | None
) -> None:
    said = {"lead.email": email, "account.website": website}
    assert account_domain({name: value for name, value in said.items() if value is not None}, FIELDS) == account


@given(st.text(max_size=80))
def test_no_website_breaks_it(text: str) -> None:
    found = account_domain({"account.website": text}, FIELDS)
    assert found is None or (found == found.casefold() and "/" not in found and "@" not in found)


def test_who_writes_from_free_mail_is_placed_by_the_website_they_gave() -> None:
    assert heard(words(email="ada@gmail.com", website="https://firma.pl")).values["account.domain"] == "firma.pl"
