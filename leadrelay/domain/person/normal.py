"""Normal forms: how an e-mail address, a phone number or a company size is written once and for all.

Returns None where the text is not one, so that the sender's words stay and nobody is contacted at a guess.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tldextract import TLDExtract

_YES = frozenset({"yes", "true", "1", "on", "y", "tak", "t", "da", "ja", "oui", "si"})
_NO = frozenset({"no", "false", "0", "off", "n", "nie", "ne", "nein", "non"})
_TEXT_LIMIT = 5000
_SEPARATORS = re.compile(r"[\s_\-./]+")
_NAMED = re.compile(r"[^.]\.[a-z]+$")
_NUMBER = re.compile(r"\d[\d\s.,']*")


def plain_text(text: str) -> str | None:
    """Trimmed text of at most 5,000 characters, or None when nothing is left."""
    return text.strip()[:_TEXT_LIMIT] or None


def cut(text: str, longest: int) -> str | None:
    """The beginning of a text that fits so many bytes of UTF-8, or None when nothing is left."""
    return text.encode("utf-8", "ignore")[:longest].decode("utf-8", "ignore").strip() or None


def field_name(name: str) -> str:
    """A sender's field name in the form in which names are compared: "E-Mail_Address" and "e mail address" match."""
    return _SEPARATORS.sub(" ", unicodedata.normalize("NFKC", name)).strip(" *:?").casefold()


def email(text: str) -> str | None:
    """Lower-case address with its domain in ASCII, or None. No DNS is asked.

    Full-width letters are unified; look-alikes of other alphabets stay distinct on purpose.
    """
    from email_validator import EmailNotValidError, validate_email

    try:
        found = validate_email(
            unicodedata.normalize("NFKC", text.strip()),
            check_deliverability=False,
            test_environment=True,
        )
    except EmailNotValidError:
        return None
    return f"{found.local_part}@{found.ascii_domain or found.domain}".casefold()


def phone(text: str, country: str) -> str | None:
    """E.164 (`+48221234567`), reading numbers without a country code as of `country` (ISO 3166 alpha-2)."""
    import phonenumbers

    try:
        number = phonenumbers.parse(unicodedata.normalize("NFKC", text), country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number):
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def whole_number(text: str) -> int | None:
    """The number in the text; of a range ("51-200", "200+") the lower end, which never overstates a company."""
    found = _NUMBER.search(unicodedata.normalize("NFKC", text))
    if found is None:
        return None
    digits = re.sub(r"\D", "", found.group())
    return int(digits) if len(digits) <= 12 else None


def flag(text: str) -> bool | None:
    """Yes or no in the languages of our forms, or None."""
    word = text.strip().casefold()
    if word in _YES:
        return True
    return False if word in _NO else None


def country(text: str) -> str | None:
    """ISO 3166 alpha-2 in capitals when the text is already such a code; names are translated by `values`."""
    word = text.strip().upper()
    return word if len(word) == 2 and word.isascii() and word.isalpha() else None


def company_domain(address: str, nobodys: tuple[str, ...]) -> str | None:
    """The registrable domain of an address, or None where it is one of `nobodys` (free mail): nobody's company."""
    domain = registrable(address.rpartition("@")[2])
    return None if domain in nobodys else domain or None


def registrable(host: str) -> str:
    """The domain that somebody registered (`sales.example.co.uk` -> `example.co.uk`), the host where there is none."""
    return _public_suffixes()(host).top_domain_under_public_suffix or host


def site_domain(host: str) -> str | None:
    """As `registrable`, for the host of a website: at a builder of sites each customer's is their own
    (`acme.builder.example`). None for what is no name of a site: a number, a single word, a builder's own domain."""
    found = _public_suffixes()(host, include_psl_private_domains=True)
    bare = host.removeprefix("www.") if not found.suffix and _NAMED.search(host) else ""
    return found.top_domain_under_public_suffix or bare or None


def is_for_everybody(number: str) -> bool:
    """Whether an E.164 number is by its kind a company's, never one person's: toll-free, shared cost, premium, or a
    number for all of a company."""
    import phonenumbers

    kinds = phonenumbers.PhoneNumberType
    kind = phonenumbers.number_type(phonenumbers.parse(number))
    return kind in (kinds.TOLL_FREE, kinds.SHARED_COST, kinds.PREMIUM_RATE, kinds.UAN)


@cache
def _public_suffixes() -> TLDExtract:
    """The list that ships with the library: nothing is fetched. Reading it takes long, so it is read once."""
    import tldextract

    return tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)
