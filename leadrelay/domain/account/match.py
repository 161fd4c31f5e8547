"""Which known account a company name means, for people without a company address.

A name alone is no proof: two companies may share one, and people write it in their own way. So an equal or a close name
counts only with a second sign: the country, the postcode, the beginning of the phone number, or the domain's own word.
Two accounts that fit equally well are none. (Exact name, or close name and a second sign, free mail left out: the usual
practice of lead-to-account matching.)
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from difflib import SequenceMatcher

from leadrelay.domain.model import Model
from leadrelay.domain.person.profile import Plain

_FORMS = (
    "ab ad ag as bv co company corp corporation doo gmbh inc incorporated jsc kg limited llc ltd oo ohg oy plc sa sarl "
    "sc se sp spk spolka sro srl spzoo ug z zoo"
)
_LEGAL = frozenset(_FORMS.split())
"""Forms of companies, as they are left when full stops are: they say nothing about which company it is."""

_LETTERS = str.maketrans({"ł": "l", "đ": "d", "ß": "ss", "ø": "o", "æ": "ae"})
_CLOSE = 0.88
"""From this likeness on (0 to 1, Ratcliff and Obershelp) a name is close: one letter in eight may differ."""

_SHORTEST = 4
"""Shorter names are close to too many: of them only equal ones count."""

_PHONE = 7
"""Digits of a number that a company's lines have in common: country, area and exchange."""

KEPT = 200
"""So many accounts are kept under one beginning: those that were named last."""


_WAYS = 3
"""So many postcodes and numbers are kept of an account under one name: enough to know it by, and the row is not
written for everybody who works there."""


class Known(Model):
    """An account by a name that somebody of it gave; what else they said of the company, None where nothing."""

    domain: str
    name: str
    country: str | None = None
    postcode: str | None = None
    phone: str | None = None


class Match(Model):
    """An account and what showed it, strongest first: `name` or `close_name`, then the second signs."""

    domain: str
    by: tuple[str, ...]


def normal_name(name: str) -> str:
    """Small letters without accents, without the form of the company, words in alphabetical order: "ACME Polska Sp. z
    o.o." and "Polska Acme" are one. Empty where nothing is left."""
    plain = unicodedata.normalize("NFKD", unicodedata.normalize("NFKC", name).casefold())
    letters = "".join(each for each in plain if not unicodedata.combining(each)).translate(_LETTERS).replace(".", "")
    words = re.findall(r"[^\W_]+", letters)
    return " ".join(sorted(word for word in words if word not in _LEGAL) or sorted(words))


def beginning(name: str) -> str:
    """Under which beginning a normal name is kept: three letters of its longest word. A slip there is not found."""
    return max(name.split(), key=lambda word: (len(word), word), default="")[:3]


def known_as(values: Mapping[str, Plain], domain: str) -> Known | None:
    """An account as somebody of it says it is called; None for who gave no name."""
    name = normal_name(str(values.get("account.name", "")))
    if not name:
        return None
    country, postcode, phone = (values.get(f) for f in ("account.country", "lead.postcode", "lead.phone"))
    return Known(
        domain=domain,
        name=name,
        country=None if country is None else str(country),
        postcode=None if postcode is None else re.sub(r"\W", "", str(postcode)).casefold(),
        phone=None if phone is None else str(phone)[: _PHONE + 1],
    )


def is_news(accounts: Sequence[Known], new: Known) -> bool:
    """Whether the account can be known by this better than before."""
    ways = [each for each in accounts if (each.domain, each.name) == (new.domain, new.name)]
    return new not in ways and len(ways) < _WAYS


def with_known(accounts: Sequence[Known], new: Known) -> tuple[Known, ...]:
    """The accounts with this one, the newest last; each only once."""
    return (*(each for each in accounts if each != new), new)[-KEPT:]


def match(values: Mapping[str, Plain], accounts: Sequence[Known]) -> Match | None:
    """The account that these answers mean, of those whose names begin alike; None for none, and for several."""
    said = known_as(values, "")
    if said is None:
        return None
    found = [(rank, by, each.domain) for each in accounts for rank, by in _evidence(said, each)]
    best = max((rank for rank, _, _ in found), default=None)
    domains = {domain: by for rank, by, domain in found if rank == best}
    return Match(domain=next(iter(domains)), by=next(iter(domains.values()))) if len(domains) == 1 else None


def _evidence(said: Known, known: Known) -> Iterator[tuple[tuple[bool, int], tuple[str, ...]]]:
    """The rank of a candidate and what speaks for it; nothing for who is none."""
    exact = said.name == known.name
    close = exact or (len(said.name) >= _SHORTEST and _alike(said.name, known.name) >= _CLOSE)
    signs = tuple(name for name in ("postcode", "phone", "country") if _same(said, known, name))
    signs += ("domain",) if known.domain.partition(".")[0] in said.name.split() else ()
    if close and signs:
        yield (exact, len(signs)), ("name" if exact else "close_name", *signs)


def _alike(one: str, other: str) -> float:
    """The same whichever comes first, which the method is not by itself."""
    first, second = sorted((one, other))
    return SequenceMatcher(None, first, second, autojunk=False).ratio()


def _same(said: Known, known: Known, name: str) -> bool:
    value = getattr(said, name)
    return value is not None and value == getattr(known, name)
