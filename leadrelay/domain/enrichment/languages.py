"""In which language somebody wrote, in the four that our reps speak: by its commonest words and its own letters.

A few words are no evidence, and neither is a text that two languages could share: then nothing is said.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

_READ = 600
"""Characters that are read."""

_LEAST = 2
"""Common words that make a language, and how many more than the next one's."""

_COMMON: Mapping[str, frozenset[str]] = {
    language: frozenset(words.split())
    for language, words in {
        "en": "the and you your we our are is for with would like have this that please what how can could about not to"
        " of from it need looking interested price hello thanks thank",
        "pl": "i w nie na z że się jest do czy jak proszę dla jestem mamy chcę chciałbym chciałabym państwa dzień dobry"
        " oferta ofertę cena cenę ile są oraz nas lub może interesuje mnie pozdrawiam prosze chcialbym firma firmy",
        "sr": "je i u da na se za od smo sam što šta kako koliko molim vas nas ali ili imate imamo želim želeli bismo"
        " zanima me ponudu ponuda cena cenu hvala dobar dan pozdrav poslovanje firmu firma li su nije zelim zeleli sto"
        " interesuje",
        "de": "und die der das ist nicht wir sie ich mit für ein eine einen auf bitte haben wie von zu den dem im uns"
        " unsere guten tag möchten möchte angebot preis danke vielen können auch fur mochten konnen grüße",
    }.items()
}
_LETTERS: Mapping[str, str] = {"pl": "ąęłńśźż", "sr": "đš", "de": "äöüß"}
"""Letters that the others do not write; š also stands in other alphabets, whose words we do not know."""

_SERBIAN_CYRILLIC = re.compile(r"[ђјљњћџ]")
_CYRILLIC = re.compile(r"[\u0400-\u04ff]")
_NOT_SERBIAN = re.compile(r"[ыэёъьщюяйієїґ]")
_WORD = re.compile(r"[^\W\d_]+")

OF_COUNTRY: Mapping[str, str] = {
    **dict.fromkeys(("PL",), "pl"),
    **dict.fromkeys(("RS", "ME"), "sr"),
    **dict.fromkeys(("DE", "AT", "LI"), "de"),
    **dict.fromkeys(("GB", "US", "IE", "AU", "NZ"), "en"),
}
"""The language that nearly everybody writes in a country; not for countries with several."""


def written_in(text: str) -> str | None:
    """en, pl, sr or de; None where the text does not show it."""
    said = text[:_READ].casefold()
    if _CYRILLIC.search(said):
        return "sr" if _SERBIAN_CYRILLIC.search(said) and not _NOT_SERBIAN.search(said) else None
    words = _WORD.findall(said)
    counts = {language: sum(word in common for word in words) for language, common in _COMMON.items()}
    for language, letters in _LETTERS.items():
        counts[language] += sum(any(letter in word for letter in letters) for word in words)
    (best, most), (_, next_) = sorted(counts.items(), key=lambda one: -one[1])[:2]
    return best if most >= _LEAST and most - next_ >= _LEAST else None


def of_code(code: str) -> str | None:
    """The language (ISO 639-1) of a code such as `pl`, `pl-PL` or `sr_Latn_RS`."""
    found = re.fullmatch(r"([A-Za-z]{2})(?:[-_].*)?", code.strip())
    return found[1].lower() if found else None
