"""The words: the same in every language, all of them used, for everything that may have to be said."""

from __future__ import annotations

import re
from pathlib import Path
from string import Formatter
from typing import Any, get_args

import pytest

import leadrelay.reports.pages
from leadrelay.domain.clocks.clock import ClockKind
from leadrelay.domain.notices.policy import Language
from leadrelay.domain.nurture.facts import Back, Ended
from leadrelay.domain.routing.facts import Kept, Looked
from leadrelay.domain.routing.ownership import Why
from leadrelay.domain.routing.skipped import TELLING, UNASSIGNABLE
from leadrelay.domain.sources.channel import CLASSES
from leadrelay.domain.touch import CONTACT_EVENTS, TouchKind
from leadrelay.domain.vocabulary import FACTS
from leadrelay.reports.filters import ATTRIBUTED, TEAM, TRAITS
from leadrelay.reports.pages.catalogue import LANGUAGES, Catalogue, catalogue, spoken
from leadrelay.reports.pages.telling import GROUPS, QUIET
from tests.system import default_rules

HERE = Path(leadrelay.reports.pages.__file__).parent
NEVER_A_LEADS = {"TouchReceived", "TouchReady", "SourceDue", "SourceGap", "RepAway", "RepBack", "RepCredited"}
"""Facts that stand in no lead's log."""


def _names(text: str) -> list[str]:
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name)


@pytest.mark.parametrize("language", ["pl", "sr"])
def test_every_language_says_the_same(language: Language) -> None:
    english, other = catalogue("en"), catalogue(language)
    for part in ("say", "facts", "units"):
        ours, theirs = getattr(english, part), getattr(other, part)
        assert set(ours) == set(theirs)
        for name, text in ours.items():
            assert _names(text) == _names(theirs[name]), name
    assert {name: set(codes) for name, codes in english.codes.items()} == {
        name: set(codes) for name, codes in other.codes.items()
    }
    for part in ("day", "moment", "month", "money", "percent"):
        assert _names(getattr(english, part)) == _names(getattr(other, part))


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_empty(language: Language) -> None:
    said = catalogue(language)
    texts = [
        *said.say.values(),
        *said.facts.values(),
        *(text for codes in said.codes.values() for text in codes.values()),
    ]
    assert all(text.strip() for text in texts)


_BY_CODE = ("weight.", "op.", "group.", "filter.", "period.", "message.", "nav.", "filters.by.", "filters.attribution.")
"""Beginnings of names whose end is a code."""

_BY_PART = ("opened.", "mine.", "story.", "today.", "quality.", "report.")
"""Beginnings to which a word is put."""


def test_every_sentence_is_said_somewhere() -> None:
    code = "\n".join(file.read_text() for file in (*HERE.rglob("*.py"), *HERE.rglob("*.html")))
    for name in catalogue("en").say:
        if not name.startswith(_BY_CODE):
            ends = name.partition(".")[2] if name.startswith(_BY_PART) else name
            assert re.search(rf"[\"'.{{}}]{re.escape(ends)}[\"']", code), name


def test_every_fact_of_a_lead_has_a_sentence_and_a_place() -> None:
    sentences, placed = set(catalogue("en").facts), {fact for facts in GROUPS.values() for fact in facts}
    assert set(FACTS) - NEVER_A_LEADS <= sentences
    assert placed <= set(FACTS)
    assert set(FACTS) - NEVER_A_LEADS - QUIET <= placed


def _codes(said: Catalogue, vocabulary: str) -> set[str]:
    return set(said.codes[vocabulary])


@pytest.mark.parametrize(
    ("vocabulary", "needed"),
    [
        ("stage", {rule.id for rule in default_rules().stages.lifecycle} | set(default_rules().stages.outside)),
        ("status", set(default_rules().stages.statuses)),
        ("reason", set(default_rules().stages.nurture.reasons)),
        ("intent", set(default_rules().sources.intents)),
        ("class", set(CLASSES)),
        ("source", set(default_rules().sources.sources)),
        ("channel", {each.channel for each in default_rules().sources.sources.values()}),
        ("clock", set(get_args(ClockKind))),
        ("touch", set(get_args(TouchKind))),
        ("event", set(CONTACT_EVENTS)),
        ("looked", set(get_args(Looked))),
        ("test", set(TELLING)),
        ("why", {*get_args(Why), *get_args(Ended), *get_args(Back), *get_args(Kept), *UNASSIGNABLE, *CONTACT_EVENTS}),
    ],
)
def test_every_code_that_we_make_ourselves_has_a_name(vocabulary: str, needed: set[str]) -> None:
    assert needed <= _codes(catalogue("en"), vocabulary)


def test_every_filter_has_a_name() -> None:
    assert {f"filter.{name}" for name in (*ATTRIBUTED, *TRAITS, TEAM)} <= set(catalogue("en").say)


@pytest.mark.parametrize(
    ("asked", "accepted", "language"),
    [
        ("pl", "sr", "pl"),
        (None, "sr-Latn-RS,sr;q=0.9,en;q=0.5", "sr"),
        (None, "de,pl;q=0.3,en;q=0.2", "pl"),
        (None, "de-DE", "en"),
        ("de", "pl", "pl"),
        (None, None, "en"),
        (None, "pl;q=0,en;q=0.1", "en"),
        (None, "pl;q=much", "en"),
        (None, ",;,q", "en"),
        ("../en", None, "en"),
    ],
)
def test_the_language_is_the_one_asked_for_or_the_best_that_is_accepted(
    asked: str | None, accepted: str | None, language: str
) -> None:
    assert spoken(asked, accepted) == language


def test_an_unknown_language_is_answered_in_the_first() -> None:
    anything: Any = "../../secrets"
    assert catalogue(anything) == catalogue("en")
