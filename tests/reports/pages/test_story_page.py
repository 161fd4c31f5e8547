"""One lead's story, told from the real log of a real life, in every language."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from leadrelay.domain.facts import Said
from leadrelay.domain.notices.policy import Language
from leadrelay.domain.reporting.access import Viewer
from leadrelay.domain.rules import Rules
from leadrelay.reports.pages import Frame, story_page
from leadrelay.reports.pages.story import timeline
from leadrelay.reports.pages.telling import QUIET, abouts, group_of, sentence
from leadrelay.workflows.shown_lead import ShownLead
from tests.reports.pages.reading import hrefs, read
from tests.reports.pages.samples import frame, text_of, words
from tests.system import System, default_rules
from tests.workflows import lives

FROZEN = Path(__file__).parents[2] / "corpus" / "facts" / "0.1.json"
RECORD = "https://crm.example/person/{id}/show"


@cache
def system() -> System:
    """A hot lead whom nobody called in time: it changed hands twice, asked again, and was called."""
    made = System(Rules.of(default_rules().with_(crm=default_rules().crm.with_(record_url=RECORD))))
    lives.whole_life(made)
    return made


def story(role: Any = "manager", rep: str | None = None) -> dict[str, Any]:
    lead_id = system().leads()[0].lead.lead_id
    return dict(ShownLead(system().store, system().rules)(lead_id, Viewer(role=role, rep=rep)).story)


def page(language: Language = "en", by_name: bool = True, **more: Any) -> str:
    return story_page(story(), _frame(language, **more), by_name)


def _frame(language: Language, **more: Any) -> Frame:
    made = frame(language, path="/dashboard/leads/x", page="", **more)
    return Frame(**{**made.__dict__, "words": words(language).__class__(
        language, system().rules.current(), made.words.zone, "EUR")})  # fmt: skip


def test_the_story_says_who_decided_what_and_why() -> None:
    told = text_of(page())
    for said in (
        "The story of Ada Example",
        "Submission from Website: Demo request",
        "Visitor → MQL: marketing says it is worth a call",
        "Given to Ivana (SDR) – rule “Asked for a demo or an offer”: new lead",
        "First contact: not done in time, was due 23 Nov 2026, 12:05",
        "There was no contact in time (the CRM has none)",
        "the previous owner did not make contact in time",
        "MQL → SQL: ready to buy; an account executive takes over",
        "Sales reached out: Call",
        "First contact: done in time, after 0 s of working time",
        "Written to HubSpot:",
        "+20 Asked for a demo",
        "New lead: told (team)",
    ):
        assert said in told, said


def test_it_is_told_in_its_order_and_every_line_has_its_place() -> None:
    entries = list(timeline(story(), words()))
    assert [each.at for each in entries] == sorted(each.at for each in entries)
    assert {each.group for each in entries} >= {
        "touch",
        "score",
        "decision",
        "clock",
        "sales",
        "crm",
        "person",
        "notice",
    }
    assert not [each.text for each in entries if re.search(r"[{}]|None|\bTrue\b|>=|lead\.", each.text)]


def test_deadlines_of_one_decision_stand_together() -> None:
    entries = [each for each in timeline(story(), words()) if each.text == "Deadlines"]
    assert len(entries) >= 2
    first = entries[0].details
    assert first[0] == "First contact: by 23 Nov 2026, 12:05"
    assert not [line for each in entries for line in each.details if "Find an owner" in line]


def test_the_person_and_the_record_are_there_for_who_may_see_them() -> None:
    shown = page()
    assert "ada@example.com" in text_of(shown)
    assert "https://crm.example/person/1001/show" in hrefs(shown)
    names = re.findall(r"<dt>([^<]+)</dt>", shown)
    assert names.index("First name") < names.index("E-mail") < names.index("Company")


def test_whoever_may_not_see_the_person_sees_codes_alone() -> None:
    veiled = story_page(story("rep", "milica"), _frame("en"), by_name=False)
    for shown in (veiled, page(by_name=False)):
        for personal in ("Ada", "ada@example.com", "Example Ltd", "crm.example", "48221234567"):
            assert personal not in shown
        assert "shown to who has this lead" in text_of(shown)
    assert "SQL" in text_of(veiled)
    assert "What happened" not in veiled


@pytest.mark.parametrize("language", ["pl", "sr"])
def test_no_word_is_left_in_english(language: Language) -> None:
    told, english = page(language), page("en")
    assert read(told).open == []
    ours = set(re.findall(r'<span class="said">([^<]+)', told))
    theirs = set(re.findall(r'<span class="said">([^<]+)', english))
    of_the_rules = tuple(abouts(system().rules.current()).values())
    assert not [line for line in ours & theirs if line.strip() and not line.strip().endswith(of_the_rules)]
    assert {"pl": "Historia: Ada Example", "sr": "Priča: Ada Example"}[language] in text_of(told)


@pytest.mark.parametrize("language", ["en", "pl", "sr"])
def test_every_fact_of_the_first_release_can_be_told(language: Language) -> None:
    for said in (Said.model_validate(each) for each in json.loads(FROZEN.read_text(encoding="utf-8"))):
        told = sentence(said, words(language))
        assert told.strip(), said.name
        assert "{" not in told, told
        if said.name not in QUIET:
            assert group_of(said.name)


def test_a_fact_that_nobody_knows_yet_is_told_by_its_name() -> None:
    said = Said.model_validate(json.loads(FROZEN.read_text(encoding="utf-8"))[0]).model_copy(
        update={"name": "something_new", "data": {}}
    )
    assert sentence(said, words()) == "Something new"
    assert group_of(said.name) == "other"


@pytest.mark.parametrize("name", ["LeadScored", "LeadAssigned", "ClockStarted", "SlaMet", "TouchIdentified", "DealWon"])
def test_a_fact_with_nothing_in_it_is_told_all_the_same(name: str) -> None:
    """Former releases said less; a story is never missing for it."""
    said = Said.model_validate(json.loads(FROZEN.read_text(encoding="utf-8"))[0]).model_copy(
        update={"name": name, "data": {}}
    )
    assert sentence(said, words())


def test_merged_and_erased_leads_say_so() -> None:
    told = story()
    lead = dict(told["lead"], merged_into="f" * 32, erased_at="2026-11-23T12:00:00Z")
    shown = story_page({**told, "lead": lead}, _frame("en"), by_name=True)
    assert "/dashboard/leads/" + "f" * 32 in hrefs(shown)
    assert "This person was removed on 23 Nov 2026, 13:00." in text_of(shown)
