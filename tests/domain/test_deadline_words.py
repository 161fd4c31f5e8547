"""A deadline is told in every language, from the same value and in the same order."""

from __future__ import annotations

from datetime import date
from string import Formatter
from typing import get_args

import pytest

from leadrelay.domain.card.deadline import ENGLISH, told
from leadrelay.domain.clocks.reckoning import Closed, Reckoning
from leadrelay.domain.notices.policy import Language
from leadrelay.workflows.dictionary import dictionary
from tests.domain.test_business_time import utc


@pytest.mark.parametrize(
    ("language", "says"),
    [
        ("en", "Thu 12 Nov 09:10 Warsaw: 15 business minutes; holiday Wed 11 Nov; Sat–Sun closed"),
        ("pl", "czw. 12 lis 09:10 Warsaw: 15 min czasu pracy; święto: śr. 11 lis; sob.–niedz. nieczynne"),
        ("sr", "čet. 12. nov 09:10 Warsaw: 15 min radnog vremena; praznik: sre. 11. nov; sub.–ned. zatvoreno"),
    ],
)
def test_every_language_tells_the_same_in_the_same_order(language: Language, says: str) -> None:
    found = Reckoning(
        kind="first_contact",
        basis="business",
        zone="Europe/Warsaw",
        started_at=utc("2026-11-06T16:00+01:00"),
        due_at=utc("2026-11-12T09:10+01:00"),
        seconds=900,
        closed=(
            Closed(first=date(2026, 11, 11), last=date(2026, 11, 11), by="holiday"),
            Closed(first=date(2026, 11, 7), last=date(2026, 11, 8), by="week"),
        ),
    )
    assert told(found, dictionary()[language].phrases) == says


@pytest.mark.parametrize("language", get_args(Language))
def test_every_language_has_words_for_all_that_can_be_told(language: Language) -> None:
    """The same names are filled in, whatever comes between them; English in notices is that of the CRM."""
    phrases = dictionary()[language].phrases
    assert phrases.says.keys() == ENGLISH.says.keys()
    assert phrases.units.keys() == ENGLISH.units.keys()
    for name, said in phrases.says.items():
        assert _filled(said) == _filled(ENGLISH.says[name]), name
    if language == "en":
        assert (phrases.says, phrases.units) == (ENGLISH.says, ENGLISH.units)


def _filled(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}
