"""What reports say of themselves: in every language, with words for everything they answer."""

from __future__ import annotations

from string import Formatter
from typing import get_args

import pytest

from leadrelay.reports.pages.catalogue import LANGUAGES, catalogue
from leadrelay.reports.pages.words import AS_WRITTEN
from leadrelay.reports.registry import names
from leadrelay.reports.result import Kind
from leadrelay.reports.wording import ReportText, report_text

NAMED_BY_RULES = {"rep", "owner", "pool", "queue", "source"}
"""Vocabularies whose words RevOps gives."""


def _specs(text: str) -> dict[str, str]:
    return {name: spec or "" for _, name, spec, _ in Formatter().parse(text) if name}


@pytest.mark.parametrize("name", names())
def test_every_language_says_the_same(name: str) -> None:
    english = report_text(name, "en")
    for language in LANGUAGES:
        other = report_text(name, language)
        for part in ("columns", "numbers", "tables", "charts", "remarks", "codes"):
            assert set(getattr(other, part)) == set(getattr(english, part)), (language, part)
        for each, sentence in english.remarks.items():
            assert set(_specs(other.remarks[each])) == set(_specs(sentence)), (language, each)
    titles = {report_text(name, language).definition for language in LANGUAGES}
    assert len(titles) == len(LANGUAGES), "a definition is not translated"


@pytest.mark.parametrize("name", names())
def test_what_a_remark_tells_reads_as_something_known(name: str) -> None:
    kinds = {*get_args(Kind), ""}
    for language in LANGUAGES:
        text = report_text(name, language)
        for sentence in text.remarks.values():
            for spec in _specs(sentence).values():
                known = spec in kinds or spec in catalogue("en").codes or spec in NAMED_BY_RULES | AS_WRITTEN
                assert known or text.codes, (language, spec)  # a report's own codes are told under any name


def test_titles_are_short_and_different() -> None:
    for language in LANGUAGES:
        titles = [report_text(name, language).title for name in names()]
        assert len(set(titles)) == len(titles)
        assert all(len(title) <= 40 for title in titles), titles


def test_a_report_without_words_is_called_by_its_name() -> None:
    assert report_text("nothing_like_that", "en") == ReportText(title="Nothing_like_that", definition="")
    assert report_text("../reports/funnel", "en").definition == ""
