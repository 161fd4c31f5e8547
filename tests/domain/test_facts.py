"""Facts: every name the project speaks of exists, what was said stays readable, and the log is the lead."""

from __future__ import annotations

import json
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from leadrelay.domain.facts import Fact, Said
from leadrelay.domain.lead import Lead
from leadrelay.domain.touch import TouchDraft
from leadrelay.domain.vocabulary import ADDRESSED, FACTS, read
from leadrelay.rulebook.fact_schema import fact_schema, fact_schema_text
from tests.corpus import freeze
from tests.domain.people import NOW
from tests.system import System, noisy_rules
from tests.workflows import lives, promises

ROOT = Path(__file__).parents[2]
CORPORA = sorted(freeze.CORPUS.glob("*.json"))

NAMES = """
TouchReceived TouchReady OwnerNeeded CardChanged NoticeNeeded
LeadCreated LeadMerged LeadEnriched LeadScored StageChanged StatusChanged LeadAssigned LeadUnassignable OwnerOverridden
LeadAccepted LeadRejected ContactAttempted MeetingBooked ClockStarted SlaWarned SlaBreached SlaMet NextStepPlanned
NextStepMissed LeadRecycled DealOpened DealWon DealLost CrmSynced CrmRefused SourceGap LeadErased
"""


def test_every_name_of_the_architecture_is_a_fact() -> None:
    assert set(NAMES.split()) <= set(FACTS)
    assert set(ADDRESSED) <= set(FACTS)


@pytest.mark.parametrize("name", sorted(FACTS))
def test_a_fact_says_what_it_means_under_its_own_name(name: str) -> None:
    kind = FACTS[name]
    assert (kind.name(), kind.__name__) == (name, name)
    assert kind.__doc__ != Fact.__doc__
    assert kind.schema_version >= 1


def within(old: Any, new: Any) -> bool:
    """Whether everything that was said is said still; newer releases may say more."""
    if isinstance(old, dict) and isinstance(new, dict):
        return all(name in new and within(value, new[name]) for name, value in old.items())
    if isinstance(old, list) and isinstance(new, list):
        return len(old) == len(new) and all(map(within, old, new))
    return bool(old == new)


def stored(path: Path) -> list[Any]:
    found: list[Any] = json.loads(path.read_text("utf-8"))
    return found


@pytest.mark.parametrize("path", CORPORA, ids=lambda path: path.stem)
def test_what_a_release_said_is_still_understood(path: Path) -> None:
    lead = Lead(lead_id="1")
    envelopes = stored(path)
    assert envelopes
    for envelope in envelopes:
        said = Said.model_validate(envelope)
        fact = read(said)
        assert fact.name() == said.name
        assert within(envelope["data"], fact.model_dump(mode="json"))
        assert isinstance(fact.apply(lead, said.metadata.occurred_at), Lead)


def test_the_first_release_is_frozen_with_every_fact_it_knew() -> None:
    assert CORPORA[0].stem == "0.1"
    assert set(NAMES.split()) <= {envelope["name"] for envelope in stored(CORPORA[0])}


def test_this_release_says_facts_as_the_last_corpus_has_them() -> None:
    """A field that changes its name or disappears breaks listeners: it must come with a new schema version."""
    frozen = {envelope["name"]: envelope for envelope in stored(CORPORA[-1])}
    for name, now in freeze.said().items():
        if name in frozen and frozen[name]["metadata"]["schema"] == FACTS[name].schema_version:
            assert set(frozen[name]["data"]) <= set(now[0].data), name


def test_a_frozen_release_is_never_written_again() -> None:
    with pytest.raises(FileExistsError):
        freeze.freeze("0.1")


def test_an_unknown_fact_is_refused_by_name() -> None:
    said = Said.model_validate(stored(CORPORA[0])[0]).with_(name="NeverSaid")
    with pytest.raises(KeyError, match="NeverSaid"):
        read(said)


def test_the_schema_of_the_facts_is_up_to_date() -> None:
    assert (ROOT / "infra" / "schema" / "facts.json").read_text("utf-8") == fact_schema_text()


def test_the_schema_describes_what_is_really_said() -> None:
    definitions = fact_schema()["$defs"]
    assert set(definitions) == set(FACTS)
    assert "$ref" not in json.dumps(definitions)
    for envelope in stored(CORPORA[0]):
        for part in ("data", "metadata"):
            schema = definitions[envelope["name"]]["properties"][part]
            assert set(envelope[part]) <= set(schema["properties"])
            assert set(schema.get("required", ())) <= set(envelope[part])


PEOPLE = [
    {"email": "ada@example.com", "phone": "+48221234501", "anonymous_id": "cookie-a"},
    {"email": "bob@example.org", "phone": "+48221234502", "anonymous_id": "cookie-b"},
]


@st.composite
def touches(draw: st.DrawFn) -> list[tuple[TouchDraft, str]]:
    """Some touches of two people, each naming its person by some of their identities."""
    found = []
    for number in range(draw(st.integers(1, 6))):
        person = draw(st.sampled_from(PEOPLE))
        names = draw(st.sets(st.sampled_from(sorted(person)), min_size=1))
        fields: dict[str, Any] = {name: person[name] for name in names}
        fields |= draw(st.sampled_from([{}, {"industry": "Software"}, {"employees": "51-200"}, {"country": "PL"}]))
        form, event = draw(
            st.sampled_from(
                [("demo", None), ("newsletter", None), ("contact", None), (None, "pricing_page_viewed"), (None, "call")]
            )
        )
        kind = "submission" if form else "activity" if event == "call" else "behaviour"
        said = lives.draft(f"touch-{number}", form=form, event=event, kind=kind, **fields)
        found.append((said, draw(st.sampled_from(["verified", "verified", "unverified"]))))
    return found


@settings(max_examples=60)
@given(touches(), st.lists(st.sampled_from([0, 1, 4, 7, 200, 3000]), min_size=6, max_size=6))
def test_folding_the_whole_log_gives_the_stored_lead(said: list[tuple[TouchDraft, str]], minutes: list[int]) -> None:
    system = System(noisy_rules())
    for (touch, trust), wait in zip(said, minutes, strict=False):
        assert system.tell(touch, trust=trust).status == 200  # type: ignore[arg-type]
        system.settle()
        system.later(minutes=wait)
    lives.quieten(system)
    promises.kept(system)
    assert sum(record.lead.touches for record in system.leads()) == len(said)


def heard(said: list[TouchDraft]) -> list[tuple[object, ...]]:
    """The leads that these touches make, without what may depend on their order: ids, owners, clocks."""
    system = System(noisy_rules())
    for number, touch in enumerate(said):
        assert system.tell(touch).status == 200
        if number % 2:
            system.settle()
    system.settle()
    promises.kept(system)
    return sorted(
        (
            sorted(
                touch.touch.touch_id
                for touch in system.touches()
                if touch.lead_id in aliases(system, record.lead.lead_id)
            ),
            sorted((name, str(value)) for name, value in record.profile.values.items()),
            sorted((name, str(signal)) for name, signal in record.lead.signals.items()),
            record.lead.score.model_dump_json(),
            (
                record.lead.segment,
                record.lead.stage,
                record.lead.temperature,
                record.profile.text("account.domain"),
                record.lead.attempts,
            ),
        )
        for record in system.leads()
    )


def aliases(system: System, lead_id: str) -> set[str]:
    """The ids of a lead and of all that went into it."""
    into = {record.lead.lead_id: record.lead.merged_into for record in system.records() if record.kind == "lead"}
    found = {lead_id}
    while more := {alias for alias, winner in into.items() if winner in found} - found:
        found |= more
    return found


@settings(max_examples=25)
@given(touches(), st.permutations(range(6)))
def test_order_and_repeats_of_touches_change_nothing(said: list[tuple[TouchDraft, str]], order: list[int]) -> None:
    drafts = [touch.with_(occurred_at=NOW) for touch, _ in said]
    mixed = [drafts[place] for place in order if place < len(drafts)]
    assert heard(mixed) == heard(drafts) == heard([*drafts, *mixed])


def test_any_order_of_three_touches_that_meet_in_one_person() -> None:
    drafts = [
        lives.draft("one", form="newsletter", phone="+48221234501", country="PL"),
        lives.draft("two", form="case-study", email="ada@example.com", industry="Software"),
        lives.draft("three", form="contact", email="ada@example.com", phone="+48221234501", employees="51-200"),
    ]
    expected = heard(drafts)
    assert len(expected) == 1
    for order in permutations(drafts):
        assert heard(list(order)) == expected
