"""Fields that reports filter by travel as codes; nothing else of the profile does."""

from __future__ import annotations

from datetime import UTC, datetime

from leadrelay.domain.person.policy import FieldPolicy
from leadrelay.domain.person.profile import Profile, Value
from leadrelay.domain.rules import Rules
from leadrelay.domain.scoring.score import reported
from leadrelay.workflows.lake import row
from tests.system import System, default_rules
from tests.workflows import lives

_NOON = datetime(2026, 11, 23, 11, tzinfo=UTC)


def _known(**values: str | int) -> Profile:
    said = {
        name.replace("_", ".", 1): Value(value=value, basis="verified", source="website", touch_id="t", at=_NOON)
        for name, value in values.items()
    }
    return Profile(values=said)


def _rules(**fields: FieldPolicy) -> Rules:
    rules = default_rules()
    named = {name.replace("_", ".", 1): field for name, field in fields.items()}
    return rules.with_(fields=rules.fields.with_(fields={**rules.fields.fields, **named}))


def test_only_fields_marked_for_reports_are_told_and_never_a_personal_one() -> None:
    marked, personal = FieldPolicy(report=True), FieldPolicy(report=True, personal=True)
    policy = _rules(lead_topic=marked, lead_nick=personal, lead_shoe=FieldPolicy()).fields
    known = _known(lead_topic="boats", lead_nick="Zoe", lead_shoe="44", lead_email="zoe@example.com")
    assert reported(known, policy) == {"lead.topic": "boats"}


def test_a_value_is_told_as_a_code() -> None:
    policy = _rules(lead_topic=FieldPolicy(report=True), lead_size=FieldPolicy(kind="number", report=True)).fields
    assert reported(_known(lead_topic="Żagle & co", lead_size=7), policy) == {
        "lead.topic": "_agle _ co",
        "lead.size": "7",
    }
    assert reported(_known(lead_topic="ask zoe@example.com"), policy) == {}


def test_a_field_that_changes_is_told_although_the_score_stays() -> None:
    system = System(_rules(lead_topic=FieldPolicy(report=True, says=("topic",))))
    for number, topic in enumerate(("boats", "boats", "trains")):
        lives.send(system, lives.demo(submission=f"submission-{number}", topic=topic))
        system.later(minutes=1)  # of two values the newer one holds
    told = [row(said)["fields"] for said in system.said if said.name == "LeadScored"]
    assert '"lead.topic": "boats"' in str(told[0])
    assert '"lead.topic": "trains"' in str(told[-1])
    [record] = system.leads()
    assert record.lead.fields["lead.topic"] == "trains"
