"""Faults of scoring rules: each named at its character."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.rulebook.editing import changed, copied, problems

SILENT = "steps: [{ days: 120, points: -5 }, { days: 240, points: -10 }]"

FAULTS = [
    ("scoring", "from: direct_contact", "from: ‸direct_contct", "no threshold 'direct_contct'", "direct_contact"),
    ("scoring", "warm_scored, from: nurture", "‸warm_scored", "'warm_scored' takes every score; put it last", None),
    ("scoring", "kind: times_within", "kind: ‸times_withn", "unknown kind 'times_withn'", "times_within"),
    (
        "scoring",
        "count: 5, within_days: 10, points",
        "count: 5, points",
        "kind 'times_within' needs 'within_days'",
        None,
    ),
    ("scoring", "kind: condition, if: lead.deals_won >= 1,", "kind: condition,", "kind 'condition' needs 'if'", None),
    ("scoring", "id: price, signal: price_question,", "id: price,", "kind 'occurrence' needs 'signal'", None),
    (
        "scoring",
        "count: 5, within_days: 10, points: 5",
        "count: 5, within_days: 10, ‸most: 9, points: 5",
        "kind 'times_within' does not read 'most'",
        None,
    ),
    ("scoring", "count: 5, within_days", "count: ‸11, within_days", "the newest 10 times of a signal are kept", None),
    ("scoring", "pricing_page_viewed: 2, web", "pricing_page_viewed: ‸0, web", "how often is 1 to 10, not 0", None),
    (
        "scoring",
        "{ pricing_page_viewed: 2, web",
        "{ pricing_page_viewd: ‸2, web",
        "nothing gives the signal 'pricing_page_viewd'",
        "pricing_page_viewed",
    ),
    (
        "scoring",
        "points: 5, half_life_days: 10",
        "points: 5, fades_days: 9, ‸half_life_days: 10",
        "points fade linearly (fades_days) or by halves",
        None,
    ),
    ("scoring", "half_life_days: 10,", "half_life_days: ‸0,", "half_life_days is at least 1", None),
    ("scoring", "half_life_days: 10,", "half_life_days: ‸9999,", "half_life_days is at most 3650", None),
    ("scoring", "per_window: 10, window_days: 7", "‸per_window: 10", "'per_window' needs 'window_days'", None),
    ("scoring", "per_window: 10,", "per_window: ‸4,", "at most 4 points, but once is already worth 5", None),
    ("scoring", SILENT, SILENT.replace("days: 240", "days: ‸120"), "120 days come after 120", None),
    ("scoring", SILENT, SILENT.replace("points: -5", "points: 0").replace("-10", "0"), "'silent' never gives", None),
    ("scoring", "points: 5, says: Has a budget", "points: ‸0, says: Has a budget", "'bant_budget' never gives", None),
    ("scoring", "id: burst, group: visits", "id: burst, group: ‸visit", "unknown group 'visit'", "visits"),
    (
        "scoring",
        "says: Has a budget,",
        "says: Has a budget, segments: [‸enterprize],",
        "segments.yaml has no segment 'enterprize'",
        "enterprise",
    ),
    ("scoring", "- how much\n", '- ‸"?!"\n', "there is no word in '?!'", None),
    ("scoring", "  price_question:\n", "  ‸demo_request:\n", "'demo_request' is taken in sources.yaml", None),
    (
        "scoring",
        "- { id: need, if: known(lead.need)",
        "- { id: ‸budget, if: known(lead.need)",
        "'budget' is taken",
        None,
    ),
    (
        "scoring",
        "if: known(lead.need) or known(lead.product)",
        "if: known(lead.need) or ‸lead.bant >= 1",
        "'lead.bant' is not known yet here",
        None,
    ),
    (
        "segments",
        "if: account.employees >= 501\n",
        "if: account.employees >= 501\n    caps: ‸{ fit: 50, engagement: 60 }\n",
        "these caps add up to 110",
        None,
    ),
    (
        "segments",
        "if: account.employees >= 501\n",
        "if: account.employees >= 501\n    caps: { fit: 50, ‸engagment: 50 }\n",
        "unknown key 'engagment'",
        "engagement",
    ),
    (
        "segments",
        'if: lead.seniority == "director"\n',
        'if: lead.seniority == "director"\n    thresholds: { ‸sqll: 70 }\n',
        "no common threshold 'sqll' to override",
        "sql",
    ),
    (
        "stages",
        "lead.score >= threshold.sql",
        'lead.score >= 1 and ‸"budgt" in lead.criteria',
        "is never 'budgt'",
        "budget",
    ),
]


@pytest.mark.parametrize(("file", "old", "new", "message", "suggestion"), FAULTS, ids=lambda said: str(said)[:30])
def test_a_fault_of_points_is_named_at_its_place(
    tmp_path: Path, file: str, old: str, new: str, message: str, suggestion: str | None
) -> None:
    rules = copied(tmp_path)
    place = changed(rules, file, old, new)
    found = [problem for problem in problems(rules) if message in problem.message]
    assert found, [str(problem) for problem in problems(rules)]
    if place is not None:
        assert place in {(problem.line, problem.column) for problem in found}
    assert suggestion in {problem.suggestion for problem in found}
