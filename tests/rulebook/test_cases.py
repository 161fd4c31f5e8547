"""Golden leads: what the rules promise, decided by the functions that decide in production."""

from __future__ import annotations

import json
from io import StringIO
from pathlib import Path

import pytest
from rich.console import Console

from leadrelay.domain.routing.candidate import Candidate
from leadrelay.domain.routing.policy import RouteRule
from leadrelay.domain.routing.record import DecisionRecord
from leadrelay.domain.routing.skipped import Skip
from leadrelay.domain.rules import Rules
from leadrelay.rulebook.candidates import because
from leadrelay.rulebook.case import Case, CaseRep, read_case
from leadrelay.rulebook.explain import explain
from leadrelay.rulebook.explanation import Explanation
from leadrelay.rulebook.problems import RulesInvalid
from leadrelay.rulebook.show import shown
from tests.domain.people import failures
from tests.rulebook.editing import PROJECT, RULES, compiled

CASES = sorted((PROJECT / "infra" / "cases").glob("*.yaml"))
RULE_SET = compiled(RULES).rules


def _case(name: str) -> Case:
    return read_case(PROJECT / "infra" / "cases" / f"{name}.yaml")


def _printed(story: Explanation) -> str:
    out = StringIO()
    Console(width=120, file=out).print(shown(story, RULE_SET))
    return out.getvalue()


@pytest.mark.parametrize("path", CASES, ids=lambda path: path.stem)
def test_a_golden_lead_is_decided_as_promised(path: Path) -> None:
    case = read_case(path)
    assert len(case.expect.model_fields_set) >= 4, "a case that expects nothing proves nothing"
    assert explain(case, RULE_SET).differs == {}


def test_every_promise_has_its_case() -> None:
    routed = {(explain(read_case(path), RULE_SET).outcome.route or "").partition("/")[0] for path in CASES}
    unreached = {rule.id for rule in RULE_SET.routing.rules} - routed
    assert unreached == {"sql_enterprise", "support"}


@pytest.mark.parametrize("name", [path.stem for path in CASES if path.stem.startswith("mql_fails")])
def test_each_leg_of_an_mql_alone_is_missing_where_it_fails(name: str) -> None:
    chapter = explain(_case(name), RULE_SET).chapters[-1]
    (mql,) = [asked for asked in chapter.stages if asked.rule == "mql"]
    assert not mql.holds
    assert [part.holds for part in mql.parts].count(False) == 1


def test_a_changed_threshold_changes_the_decision_and_the_case_says_so(tmp_path: Path) -> None:
    thresholds = {**RULE_SET.segments.thresholds, "mql": 56}
    stricter = RULE_SET.with_(segments=RULE_SET.segments.with_(thresholds=thresholds))
    differs = explain(_case("mql"), stricter).differs
    assert differs["stage"] == ("mql", "lead")
    assert differs["route"] == ("mql", "nurture")


def test_an_explanation_names_every_point_rule_and_second() -> None:
    story = explain(_case("hot_on_friday_evening"), RULE_SET)
    (chapter,) = story.chapters
    assert {line.rule: line.kept for line in chapter.points} == {"demo": 20, "size_small": 10}
    deciding = [asked.rule for asked in chapter.routing if asked.decides]
    assert deciding == ["hot"]
    assert chapter.given is not None
    assert failures(chapter.given.decision.candidates) == dict.fromkeys(("anna", "marek", "ivana"), "off_hours")
    contact = next(clock for clock in chapter.deadlines if clock.kind == "first_contact")
    assert [part.seconds for part in contact.trace] == [120, 180]
    assert contact.trace[-1].end == contact.due_at == story.outcome.due_at
    assert contact.says.endswith(": 5 business minutes; Sat–Sun closed")
    assert f"first_contact (hot): due {contact.says}" in _printed(story)


def test_a_case_says_how_the_reps_are_and_the_table_why_each_has_it_or_not() -> None:
    case = _case("what_if_ivana_is_away")
    story = explain(case, RULE_SET)
    (chapter,) = story.chapters
    assert chapter.given is not None
    assert failures(chapter.given.decision.candidates) == {"anna": None, "marek": None, "ivana": "away"}
    assert chapter.given.decision.skipped == {"ivana": Skip(test="away", until=case.reps["ivana"].back)}
    text = _printed(story)
    for expected in (
        "candidates: Sales development (hot leads, weighted round robin)",
        "Marek (SDR)  may take it",
        "Ivana (SDR)  away until Mon 9 Mar 08:00",
        "Anna (SDR) has it: next to be a whole lead behind, of those who may take it",
    ):
        assert expected in text


def test_a_lead_that_nobody_accepted_is_not_told_as_accepted() -> None:
    given = DecisionRecord(rule="hot", rep="anna", pool="sdr", strategy="claim", candidates=(Candidate(rep="anna"),))
    assert because(given, RULE_SET).plain.startswith("Anna (SDR) has it: not offered (any more); next to be")


def test_nobody_there_is_told_in_words() -> None:
    case = _case("what_if_ivana_is_away")
    everybody = {rep: CaseRep(away=True) for rep in ("anna", "marek", "ivana")}
    text = _printed(explain(case.with_(reps=everybody), RULE_SET))
    assert "it waits in Sales development until somebody is free" in text


def test_lost_points_are_shown() -> None:
    (chapter,) = explain(_case("fit_is_clipped"), RULE_SET).chapters
    assert sum(line.points for line in chapter.points) - chapter.score == chapter.lost == 30


def test_names_that_nobody_maps_are_said() -> None:
    told = _case("mql").touches[0].with_(fields={"email": "ada@example.com", "Shoe size": 43})
    case = _case("mql").with_(touches=(told,))
    (chapter,) = explain(case, RULE_SET).chapters
    assert chapter.understood == {"lead.email": "ada@example.com", "account.domain": "example.com"}
    assert chapter.not_understood == ("Shoe size",)


def test_a_story_with_several_touches_keeps_the_owner_until_the_hand_over() -> None:
    story = explain(_case("sql_goes_to_an_account_executive"), RULE_SET)
    given = [chapter.given.to if chapter.given else None for chapter in story.chapters]
    assert given == ["sdr", None, None, "ae_poland"]
    assert story.chapters[1].deadlines == () or all(c.kind != "first_contact" for c in story.chapters[1].deadlines)


def test_what_is_known_of_the_company_is_part_of_a_case_and_must_be_a_field() -> None:
    case = _case("key_account_to_its_owner")
    assert explain(case.with_(company={"owner": "milica"}), RULE_SET).outcome.route == "enterprise"
    listed = RULE_SET.with_(routing=RULE_SET.routing.with_(key_accounts=("example.com",)))
    assert explain(case.with_(company={}), listed).outcome.route == "key_account"


def test_who_wrote_first_is_known_of_a_touch() -> None:
    sources = dict(RULE_SET.sources.sources)
    sources["google_ads"] = sources["google_ads"].with_(direction="outbound")
    replies = RouteRule.model_validate(
        {"id": "replies", "if": 'touch.direction == "outbound"', "pool": "sdr", "says": "Answers us"}
    )
    changed_rules = RULE_SET.with_(
        sources=RULE_SET.sources.with_(sources=sources),
        routing=RULE_SET.routing.with_(rules=(replies, *RULE_SET.routing.rules)),
    )
    assert explain(_case("enterprise_has_its_own_people"), Rules.of(changed_rules)).outcome.route == "replies"
    assert explain(_case("hot_on_friday_evening"), Rules.of(changed_rules)).outcome.route == "hot"


def test_an_explanation_is_readable_and_complete_as_json() -> None:
    story = explain(_case("polish_form"), RULE_SET)
    text = _printed(story)
    for expected in (
        "account.industry",
        "software",
        "score 60 (A3, warm_scored) = fit 40 + engagement 20, 23 lost to the caps",
        "+0 of 8",
        "criteria met: none; missing: budget (Is there money for it?)",
        "not yet sql: lead.score >= threshold.sql (lead.score = 60, threshold.sql = 75)",
        "as expected",
    ):
        assert expected in text
    assert json.loads(story.model_dump_json())["outcome"]["score"] == 60


def test_every_point_says_its_touch_and_when_it_fades() -> None:
    [offer] = [line for line in explain(_case("polish_form"), RULE_SET).chapters[0].points if line.rule == "offer"]
    assert str(offer.touched_at) == "2026-03-02 09:00:00+00:00"
    assert str(offer.fades_at) == "2026-03-03 09:00:00+00:00"
    text = _printed(explain(_case("polish_form"), RULE_SET))
    assert "2026-03-03 09:00 UTC" in text


def test_a_wrong_expectation_is_shown_beside_what_was_found() -> None:
    case = _case("mql")
    story = explain(case.with_(expect=case.expect.with_(score=99)), RULE_SET)
    assert story.differs == {"score": (99, 55)}
    assert "expected score 99, found 55" in _printed(story)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("touches: []\n", 1, "Tuple should have at least 1 item"),
        ("touches:\n  - source: website\n    at: 2026-03-02T09:00:00\n", 3, "a time without a zone"),
        ("touches:\n  - source: website\n    at: yesterday\n", 3, "Input should be a valid datetime"),
        ("touches:\n  - source: website\n    at: 2026-03-02T09:00:00Z\n    formm: demo\n", 4, "unknown key 'formm'"),
        ("touches:\n  - { source: a, at: 2026-03-02T09:00:00Z, event: x, activity: y }\n", 2, "give one of `event`"),
        (
            "touches:\n  - { source: a, at: 2026-03-02T09:00:00Z }\n  - { source: a, at: 2026-03-01T09:00:00Z }\n",
            1,
            "touches are written in the order they came",
        ),
    ],
)
def test_a_case_that_cannot_be_read_says_where(tmp_path: Path, text: str, line: int, message: str) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(RulesInvalid) as refused:
        read_case(path)
    (problem,) = refused.value.problems
    assert problem.line == line
    assert problem.message.startswith(message)


@pytest.mark.parametrize(
    ("text", "line", "message"),
    [
        ("touches:\n  - { source: webside, at: 2026-03-02T09:00:00Z }\n", 2, "sources.yaml has no source 'webside'"),
        (
            "touches:\n  - { source: website, at: 2026-03-02T09:00:00Z }\ncompany: { ownr: anna }\n",
            3,
            "fields.yaml has no field 'account.ownr'",
        ),
        (
            "touches:\n  - { source: website, at: 2026-03-02T09:00:00Z }\nreps:\n  ana: { away: true }\n",
            4,
            "team.yaml has no rep 'ana'",
        ),
    ],
)
def test_what_the_rules_do_not_know_is_refused_with_what_was_meant(
    tmp_path: Path, text: str, line: int, message: str
) -> None:
    path = tmp_path / "case.yaml"
    path.write_text(text, "utf-8")
    with pytest.raises(RulesInvalid) as refused:
        read_case(path, RULE_SET)
    (problem,) = refused.value.problems
    assert (problem.line, problem.message) == (line, message)
    assert problem.suggestion in ("website", "anna", "owner")


def test_a_case_may_be_json(tmp_path: Path) -> None:
    path = tmp_path / "case.json"
    touch = {"source": "website", "at": "2026-03-02T09:00:00Z", "form": "demo", "fields": {"email": "ada@example.com"}}
    path.write_text(json.dumps({"touches": [touch]}), "utf-8")
    assert explain(read_case(path), RULE_SET).outcome.temperature == "hot"
