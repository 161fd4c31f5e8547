"""What a job title says: how high somebody stands and in which department, in the four languages of our forms.

Titles are free text, so nothing here is a guess at a meaning: words are compared whole with a table, and a title that
the table does not know has no rank and no department.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import NamedTuple

from leadrelay.domain.person.title_words import ASSISTANTS, DEPARTMENT, NO_DEPARTMENT, SENIORITY

_LIMIT = 200
"""Characters that are read; nobody's title is longer, and somebody's text in the wrong field is."""

_CYRILLIC = "абвгдежзијклмнопрстуфхцчшђћљњџйыэёщюя"
_SPELLED = "a,b,v,g,d,e,z,z,i,j,k,l,m,n,o,p,r,s,t,u,f,h,c,c,s,dj,c,lj,nj,dz,j,i,e,e,sc,ju,ja"
_OTHERS = {"ł": "l", "đ": "dj", "ß": "ss", "ø": "o", "æ": "ae", "ъ": "", "ь": ""}
_LETTERS = str.maketrans({**dict(zip(_CYRILLIC, _SPELLED.split(","), strict=True)), **_OTHERS})
_ABBREVIATION = re.compile(r"\b(?:[a-z]\.){2,}|\b[a-z](?:\.[a-z])+\b")
_GERMAN_BOTH = re.compile(r"[*:_/]-?in(?:nen)?\b|\((?:in|ka|f|m|k|w|x|d|/)+\)|\b[mwdfx]/[mwdfx](?:/[mwdfx])?\b")
_WORD = re.compile(r"[a-z0-9]+")


_Stem = tuple[str, str]
"""How a word begins and ends."""


class _Phrase(NamedTuple):
    """Words, some of them only stems; `whole` means that nothing else stands in the title."""

    means: str
    words: tuple[str | _Stem, ...]
    whole: bool

    def stands(self, words: tuple[str, ...], start: int) -> bool:
        """Whether the title's words from here on are these."""
        here = words[start : start + len(self.words)]
        return len(here) == len(self.words) and not (self.whole and here != words) and all(map(_is, self.words, here))


class _Hit(NamedTuple):
    """A phrase found: which words it takes, and how many of them it spells out."""

    start: int
    length: int
    exact: int
    means: str

    def yields_to(self, other: _Hit) -> bool:
        """Whether a longer phrase takes this one's words, or one that says more exactly what they are."""
        ends, theirs = self.start + self.length, other.start + other.length
        inside = other.start <= self.start and ends <= theirs
        return inside and (other.length, other.exact) > (self.length, self.exact)


class _Table(NamedTuple):
    """Phrases by their first word, and those that begin with a stem by its first letter, "" where that may be any."""

    plain: Mapping[str, tuple[_Phrase, ...]]
    stems: Mapping[str, tuple[_Phrase, ...]]

    def beginning(self, word: str) -> Iterator[_Phrase]:
        """The phrases that this word may begin."""
        yield from self.plain.get(word, ())
        yield from self.stems.get(word[0], ())
        yield from self.stems.get("", ())


def seniority(title: str) -> str | None:
    """executive, director, manager, specialist or trainee; None where the table knows none of the words."""
    words = words_of(title)
    found = {hit.means for hit in _hits(words, _ranks())}
    if "trainee" in found:
        return "trainee"
    if "assistant" in found:
        return "specialist"
    return next((rank for rank in SENIORITY if rank in found), None)


def department(title: str) -> str | None:
    """it, finance, marketing, sales, operations, hr, legal, procurement, product or support; None where the table knows
    none of the words. Of several the first counts."""
    hits = sorted(_hits(words_of(title), _departments()))
    return next((hit.means for hit in hits if hit.means), None)


def words_of(title: str) -> tuple[str, ...]:
    """The words of a title in the form in which the table has them: `V.P.` is `vp`, `Руководилац` is `rukovodilac`,
    `Leiter*in` is `leiter`."""
    text = unicodedata.normalize("NFKC", title[:_LIMIT]).casefold().translate(_LETTERS)
    bare = "".join(letter for letter in unicodedata.normalize("NFD", text) if not unicodedata.combining(letter))
    joined = _ABBREVIATION.sub(lambda found: found.group().replace(".", ""), _GERMAN_BOTH.sub(" ", bare))
    return tuple(_WORD.findall(joined))


def _hits(words: tuple[str, ...], table: _Table) -> list[_Hit]:
    """Every phrase that the words hold, but for those inside a longer one."""
    found = [
        _Hit(start, len(phrase.words), sum(isinstance(part, str) for part in phrase.words), phrase.means)
        for start, word in enumerate(words)
        for phrase in table.beginning(word)
        if phrase.stands(words, start)
    ]
    return [hit for hit in found if not any(hit.yields_to(other) for other in found)]


def _is(part: str | _Stem, word: str) -> bool:
    return part == word if isinstance(part, str) else word.startswith(part[0]) and word.endswith(part[1])


@cache
def _ranks() -> _Table:
    return _table({**SENIORITY, "assistant": ASSISTANTS})


@cache
def _departments() -> _Table:
    return _table({**DEPARTMENT, "": NO_DEPARTMENT})


def _table(meanings: Mapping[str, Iterable[str]]) -> _Table:
    plain: dict[str, tuple[_Phrase, ...]] = {}
    stems: dict[str, tuple[_Phrase, ...]] = {}
    for phrase in (_phrase(means, text) for means, texts in meanings.items() for text in texts):
        first = phrase.words[0]
        if isinstance(first, str):
            plain[first] = (*plain.get(first, ()), phrase)
        else:
            letter = first[0][:1]
            stems[letter] = (*stems.get(letter, ()), phrase)
    return _Table(plain, stems)


def _phrase(means: str, text: str) -> _Phrase:
    words = text.removeprefix("=").split()
    return _Phrase(means, tuple(_part(word) for word in words), text.startswith("="))


def _part(word: str) -> str | _Stem:
    begins, star, ends = word.partition("*")
    return (begins, ends) if star else word
